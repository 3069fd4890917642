"""Changing tags, metadata and rules of a version makes a new one."""

from __future__ import annotations

import pytest

from registan.model.fault import Fault
from registan.testing.core_kit import PROTO, Core

RULE = {"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL"}
PII = {"schemaEntity": {"entityPath": "M.a", "entityType": "sr_field"}, "tags": ["PII"]}


def tagged(core: Core, version: str = "latest", **body) -> dict:
    return core.call("version.tag", subject="s", version=version, body=body)


def core(**body) -> Core:
    made = Core()
    made.register("s", PROTO, **body)
    return made


def tags(made: Core, names: tuple[str, ...] = ("*",)) -> list:
    return made.call("version.get", subject="s", version="latest", find_tags=names).get("schemaTags", [])


def test_tags_are_added_then_removed_and_found_again() -> None:
    made = core()
    assert tagged(made, tagsToAdd=[PII])["version"] == 2
    assert tags(made) == [PII]
    assert tags(made, ("PII",)) == [PII]
    assert tags(made, ("X",)) == []
    tagged(made, tagsToRemove=[PII])
    assert tags(made) == []


def test_even_nothing_makes_a_new_version_with_its_number() -> None:
    made = core()
    assert tagged(made)["metadata"] == {"properties": {"confluent:version": "2"}}
    assert tagged(made)["version"] == 3


def test_the_source_is_the_version_named() -> None:
    made = core()
    tagged(made, tagsToAdd=[PII])
    assert "PII" not in tagged(made, "1")["schema"]


def test_metadata_replaces_that_of_the_source() -> None:
    made = core(metadata={"properties": {"k": "v"}})
    assert tagged(made)["metadata"]["properties"]["k"] == "v"
    assert "k" not in tagged(made, metadata={"properties": {"n": "1"}})["metadata"]["properties"]


def test_rules_are_merged_by_name_and_removed_by_name_and_stay() -> None:
    made = core()
    tagged(made, rulesToMerge={"domainRules": [RULE]})
    stored = made.call("version.get", subject="s", version="latest")
    assert stored["ruleSet"]["domainRules"][0]["name"] == "r"
    assert tagged(made, rulesToRemove=["r"])["ruleSet"] == {}


def test_rules_are_checked() -> None:
    made = core()
    broken = {"domainRules": [{**RULE, "name": "1a"}]}
    told = made.refusal("version.tag", subject="s", version="1", body={"rulesToMerge": broken})
    assert told.message == "Illegal initial character in rule name: 1a"
    both = {"ruleSet": {}, "rulesToRemove": ["r"]}
    assert made.refusal("version.tag", subject="s", version="1", body=both).fault is Fault.INVALID_RULE_SET


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"newVersion": 3}, Fault.INVALID_SCHEMA),
        ({"tagsToAdd": [{"tags": ["X"]}]}, Fault.BAD_REQUEST),
        ({"tagsToAdd": [{"schemaEntity": PII["schemaEntity"]}]}, Fault.BAD_REQUEST),
        (
            {"tagsToAdd": [{**PII, "schemaEntity": {"entityPath": "no.f", "entityType": "sr_field"}}]},
            Fault.INVALID_SCHEMA,
        ),
        (
            {"tagsToAdd": [{**PII, "schemaEntity": {"entityPath": "M.a", "entityType": "x"}}]},
            Fault.BAD_REQUEST,
        ),
    ],
)
def test_what_is_refused(body: dict, fault: Fault) -> None:
    assert core().refusal("version.tag", subject="s", version="1", body=body).fault is fault


def test_a_soft_deleted_version_is_no_source() -> None:
    made = core()
    made.call("subject.delete", subject="s")
    told = made.refusal("version.tag", subject="s", version="1", body={})
    assert told.fault is Fault.SUBJECT_NOT_FOUND


def test_a_read_only_subject_takes_no_tags() -> None:
    made = core()
    made.call("mode.put", subject="s", body={"mode": "READONLY"})
    assert (
        made.refusal("version.tag", subject="s", version="1", body={}).fault is Fault.OPERATION_NOT_PERMITTED
    )
