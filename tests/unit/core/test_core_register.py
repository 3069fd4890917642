"""Registration: ids, versions, metadata, references, what is refused (docs/wire.md, register flow)."""

from __future__ import annotations

import pytest

from registan.model.fault import Fault
from registan.testing.core_kit import PROTO, Core, proto

A, B, C = proto("int32 a"), proto("int32 a", "int32 b"), proto("int32 a", "int32 b", "int32 c")
WRONG = proto("string a")


def at(reply: dict) -> tuple[int, int]:
    """Id and version of a reply."""
    return reply["id"], reply["version"]


def refusal(core: Core, subject: str, schema: str = A, **body):
    return core.refusal(
        "schema.register", subject=subject, body={"schemaType": "PROTOBUF", "schema": schema, **body}
    )


def test_the_same_content_has_one_id_in_a_context_and_a_version_in_each_subject() -> None:
    core = Core()
    assert at(core.register("s", A)) == (1, 1)
    assert at(core.register("t", A)) == (1, 1)
    assert at(core.register("s", B)) == (2, 2)
    assert at(core.register("s", A)) == (1, 1)
    assert at(core.register(":.c:s", B)) == (1, 1)


def test_a_registration_echoes_the_schema_without_a_time() -> None:
    reply = Core().register("s", A)
    assert list(reply) == ["id", "version", "guid", "schemaType", "schema"]


def test_a_version_found_by_its_meaning_is_told_with_its_time() -> None:
    core = Core()
    core.register("s", A, metadata={"properties": {"confluent:version": "1"}})
    again = core.register("s", A, metadata={})
    assert again["ts"] == core.now
    assert again["deleted"] is False


def test_the_schemas_compatibility_is_checked_unless_forced() -> None:
    core = Core()
    core.register("s", A)
    assert refusal(core, "s", WRONG).fault is Fault.INCOMPATIBLE_SCHEMA
    body = {"schemaType": "PROTOBUF", "schema": WRONG}
    assert at(core.call("schema.register", subject="s", body=body, force=True)) == (2, 2)


def test_soft_deleted_versions_are_not_compared_with_and_lend_no_metadata() -> None:
    core = Core()
    core.register("s", A, metadata={"properties": {"k": "v"}})
    core.call("subject.delete", subject="s")
    reply = core.register("s", WRONG)
    assert reply["version"] == 2
    assert "metadata" not in reply


@pytest.mark.parametrize(
    "subject", ["__GLOBAL", "__EMPTY", ":.c:__EMPTY", ":.__GLOBAL:s", ":*:s", "", "a\x85b"]
)
def test_names_under_which_nothing_can_stand(subject: str) -> None:
    assert refusal(Core(), subject).fault is Fault.INVALID_SUBJECT


def test_an_empty_name_is_one_in_other_contexts_unless_the_operator_says_no() -> None:
    assert at(Core().register(":.c:")) == (1, 1)
    assert refusal(Core(reject_empty_subject=True), ":.c:").fault is Fault.INVALID_SUBJECT


# versions


def test_a_version_must_be_the_next_one() -> None:
    core = Core()
    core.register("s", A)
    assert refusal(core, "s", B, version=3).message == "Version is not one more than previous version"
    assert at(core.register("s", B, version=2)) == (2, 2)


def test_a_version_makes_the_property_of_that_name_which_then_sticks() -> None:
    core = Core()
    core.register("s", A)
    assert core.register("s", B, version=-1)["metadata"] == {"properties": {"confluent:version": "2"}}
    assert core.register("s", C)["metadata"] == {"properties": {"confluent:version": "3"}}
    assert core.register("s", proto("int32 a", "int32 z"), metadata={})["metadata"] == {}


def test_minus_one_appends_unless_the_latest_is_the_same() -> None:
    core = Core()
    core.register("s", A)
    core.register("s", B)
    assert at(core.register("s", B, version=-1)) == (2, 2)
    assert core.register("s", A, version=-1)["version"] == 3


def test_minus_one_looks_at_the_latest_version_alone_even_if_an_older_one_is_nearer() -> None:
    core = Core()
    core.register("s", A)
    core.register("s", A, metadata={"properties": {"confluent:version": "9"}})
    assert at(core.register("s", A)) == (1, 1)
    assert at(core.register("s", A, version=-1)) == (2, 2)


def test_an_id_is_taken_only_as_confirmation() -> None:
    core = Core()
    core.register("s", A)
    core.register("t", B)
    assert at(core.register("s", A, id=1)) == (1, 1)
    assert at(core.register("s", A, id=1, version=1)) == (1, 1)
    for body in ({"id": 2}, {"id": 1, "version": 2}):
        assert refusal(core, "s", A, **body).message == "Subject s in context  is not in import mode"
    assert refusal(core, "s", B, id=2).fault is Fault.OPERATION_NOT_PERMITTED


# metadata


def test_left_out_metadata_is_inherited_and_sent_empty_it_is_cleared() -> None:
    core = Core()
    core.register("s", A, metadata={"properties": {"k": "v"}})
    assert core.register("s", B)["metadata"] == {"properties": {"k": "v"}}
    assert core.register("s", C, metadata={})["metadata"] == {}


def test_defaults_and_overrides_of_the_config_are_merged_key_by_key() -> None:
    core = Core()
    core.call(
        "config.put",
        subject="s",
        body={
            "defaultMetadata": {
                "properties": {"d": "1", "o": "def"},
                "tags": {"a": ["X"]},
                "sensitive": ["d"],
            },
            "overrideMetadata": {"properties": {"z": "9"}},
        },
    )
    sent = {"properties": {"o": "me"}, "tags": {"a": ["Y"], "b": ["Q"]}, "sensitive": ["o"]}
    assert core.register("s", A, metadata=sent)["metadata"] == {
        "tags": {"a": ["Y"], "b": ["Q"]},
        "properties": {"d": "1", "o": "me", "z": "9"},
        "sensitive": ["d", "o"],
    }


def test_an_empty_schema_stands_for_the_latest_one() -> None:
    core = Core()
    core.register("s", A)
    reply = core.register("s", "", metadata={"properties": {"k": "v"}})
    assert (reply["version"], reply["schema"]) == (2, A)
    assert refusal(core, "t", " ").message == "Empty schema"


def test_rule_sets_are_kept_inherited_and_checked() -> None:
    core = Core()
    rule = {"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}
    core.register("s", A, ruleSet={"domainRules": [rule]})
    kept = core.register("s", B)["ruleSet"]
    assert kept == {"domainRules": [{**rule, "disabled": False}]}
    bad = refusal(core, "s", C, ruleSet={"migrationRules": [rule]})
    assert bad.message == "Migration rules can only be UPGRADE, DOWNGRADE, UPDOWN"


def test_another_content_of_the_same_hash_is_refused() -> None:
    """Nothing separates the parts that are hashed."""
    core = Core()
    core.register("s", A, metadata={"properties": {"k": ""}})
    twin = refusal(core, "t", A, metadata={"sensitive": ["k"]})
    assert twin.message == "Overwrite new schema with id 1 in context  is not permitted."


# references

USER = 'syntax = "proto3";\n\nimport "m.proto";\n\nmessage U {}\n'


def reference(subject: str = "t", version: int = 1) -> list[dict]:
    return [{"name": "m.proto", "subject": subject, "version": version}]


def test_latest_in_a_reference_becomes_a_number_before_it_is_stored() -> None:
    core = Core()
    core.register("t", A)
    assert core.register("s", USER, references=reference(version=-1))["references"] == reference()
    core.register("t", B)
    assert core.register("s", USER, references=reference(version=-1))["version"] == 2


@pytest.mark.parametrize(
    "target", [{"subject": "none"}, {"version": 2}, {"version": 0}, {"subject": ":.c:t"}]
)
def test_a_reference_must_lead_somewhere(target: dict) -> None:
    core = Core()
    core.register("t", A)
    assert refusal(core, "s", USER, references=reference(**target)).fault is Fault.INVALID_SCHEMA


def test_a_soft_deleted_target_is_not_there_even_for_what_was_registered_before() -> None:
    core = Core()
    core.register("t", A)
    core.register("s", USER, references=reference())
    core.call("subject.delete", subject="s")
    core.call("subject.delete", subject="t")
    assert refusal(core, "s", USER, references=reference()).fault is Fault.INVALID_SCHEMA


def test_another_context_cannot_refer_to_the_default_one() -> None:
    core = Core()
    core.register("t", A)
    for subject in ("t", ":.:t"):
        assert refusal(core, ":.c:s", USER, references=reference(subject)).fault is Fault.INVALID_SCHEMA


def test_a_missing_part_of_a_reference_is_named() -> None:
    told = refusal(Core(), "s", USER, references=[{"name": "m.proto"}])
    assert "Invalid reference: {name='m.proto', subject='null', version=null}" in told.message


def test_a_reference_without_a_name_is_taken_once_and_then_blocks_the_subject() -> None:
    core = Core()
    core.register("t", A)
    unnamed = [{"name": "", "subject": "t", "version": 1}]
    assert core.register("s", USER, references=unnamed)["references"] == [{"subject": "t", "version": 1}]
    told = refusal(core, "s", C)
    assert told.message.endswith("Invalid reference: {name='null', subject='t', version=1}")


# Modes and imports.


def importing(scope: str = "s") -> Core:
    core = Core()
    core.call("mode.put", subject=scope, body={"mode": "IMPORT"})
    return core


def test_read_only_refuses_what_is_new_but_not_what_is_there() -> None:
    core = Core()
    core.register("s", A)
    core.call("mode.put", subject="s", body={"mode": "READONLY"})
    assert at(core.register("s", A)) == (1, 1)
    assert refusal(core, "s", B).message == "Subject s in context  is in read-only mode"


def test_an_import_needs_an_id() -> None:
    assert refusal(importing(), "s").message == "Subject s in context  is not in read-write mode"


def test_ids_and_versions_of_an_import_are_the_callers() -> None:
    core = importing()
    assert at(core.register("s", A, id=100, version=5)) == (100, 5)
    assert at(core.register("s", B, id=50, version=2)) == (50, 2)
    assert at(core.register("s", C, id=0)) == (0, 6)
    assert core.call("version.list", subject="s") == [2, 5, 6]
    assert core.register("t", proto("bool x"))["id"] == 101


def test_an_import_is_neither_compared_nor_merged_but_must_parse() -> None:
    core = importing()
    core.register("s", A, id=1, metadata={"properties": {"k": "v"}})
    assert "metadata" not in core.register("s", WRONG, id=2)
    assert refusal(core, "s", "message {", id=3).fault is Fault.INVALID_SCHEMA
    assert refusal(core, "s", USER, id=3, references=reference()).fault is Fault.INVALID_SCHEMA


def test_an_id_cannot_be_given_to_another_content() -> None:
    core = importing()
    core.register("s", A, id=7)
    told = refusal(core, "s", B, id=7)
    assert told.message == "Overwrite new schema with id 7 in context  is not permitted."


def test_an_occupied_version_is_replaced_and_the_pair_sent_again_changes_nothing() -> None:
    core = importing()
    core.register("s", A, id=1, version=1)
    core.register("s", B, id=2, version=1)
    before = core.state.seq
    assert at(core.register("s", B, id=2, version=1)) == (2, 1)
    assert core.state.seq == before
    assert core.call("version.get", subject="s", version="1")["id"] == 2


def test_one_content_may_have_several_ids_and_the_last_one_written_is_given_out() -> None:
    core = importing()
    core.register("s", A, id=5)
    core.register("s", A, id=3)
    assert at(core.register("t", A)) == (3, 1)


def test_an_empty_schema_is_imported_as_such() -> None:
    core = importing()
    assert core.register("s", "", id=1)["guid"] == "d41d8cd9-8f00-b204-e980-0998ecf8427e"


def test_beyond_the_last_version_the_first_gap_is_used_and_beyond_the_last_id_negative_ones() -> None:
    core = importing()
    core.register("s", A, id=2**31 - 1, version=2**31 - 1)
    assert core.register("s", B, id=2)["version"] == 1
    assert core.register("t", C)["id"] == -(2**31)


def test_a_context_comes_into_being_with_its_first_registration_only() -> None:
    core = Core()
    refusal(core, ":.c:s", "message {")
    core.call("config.put", subject=":.c:s", body={"compatibility": "NONE"})
    assert core.call("context.list") == ["."]
    core.register(":.c:s")
    assert core.call("context.list") == [".", ".c"]


def test_a_schema_beyond_the_limit_is_refused() -> None:
    assert refusal(Core(schema_bytes_max=10), "s", PROTO).fault is Fault.SCHEMA_TOO_LARGE
