"""Lists of subjects and of schemas, and the look-up by metadata."""

from __future__ import annotations

import pytest

from registan.contract.routes.schemas import Lifecycle
from registan.model.fault import Fault
from registan.testing.core_kit import Core, proto

A, B = proto("int32 a"), proto("int32 a", "int32 b")


def filled() -> Core:
    """`a` and `b` with two versions (b's second one soft-deleted), `gone` soft-deleted, `:.c:a`."""
    core = Core()
    for subject in ("b", "a", "gone", ":.c:a"):
        core.register(subject, A)
        core.register(subject, B)
    core.call("version.delete", subject="b", version="2")
    core.call("subject.delete", subject="gone")
    return core


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, [":.c:a", "a", "b"]),
        ({"subject_prefix": ""}, ["a", "b"]),
        ({"subject_prefix": ":*:a"}, [":.c:a", "a"]),
        ({"deleted": True}, [":.c:a", "a", "b", "gone"]),
        ({"deleted_only": True}, ["gone"]),
        ({"deleted": True, "deleted_only": True}, ["gone"]),
        ({"offset": 1}, ["a", "b"]),
        ({"offset": 1, "limit": 1}, ["a"]),
        ({"limit": 0}, [":.c:a", "a", "b"]),
    ],
)
def test_which_subjects_are_listed(args: dict, expected: list[str]) -> None:
    assert filled().call("subject.list", **args) == expected


def rows(core: Core, **args) -> list[tuple[str, int]]:
    return [(row["subject"], row["version"]) for row in core.call("schema.list", **args)]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, [("a", 1), ("a", 2), ("b", 1)]),
        ({"subject_prefix": ":*:"}, [(":.c:a", 1), (":.c:a", 2), ("a", 1), ("a", 2), ("b", 1)]),
        ({"subject_prefix": ":.c:"}, [(":.c:a", 1), (":.c:a", 2)]),
        ({"subject_prefix": "b"}, [("b", 1)]),
        ({"deleted": True, "subject_prefix": "b"}, [("b", 1), ("b", 2)]),
        ({"deleted": True, "subject_prefix": "gone"}, [("gone", 1), ("gone", 2)]),
        ({"latest_only": True}, [("a", 2), ("b", 1)]),
        ({"latest_only": True, "deleted": True}, [("a", 2), ("b", 2), ("gone", 2)]),
        ({"latest_only": True, "offset": 1, "limit": 1}, [("b", 1)]),
        ({"offset": 1, "limit": 1}, [("a", 2)]),
        ({"offset": 3}, []),
        ({"rule_type": "CEL"}, []),
        ({"resource_type": "topic"}, []),
        ({"association_type": ("value",)}, []),
        ({"lifecycle": (Lifecycle.STRONG,)}, []),
        ({"lifecycle": (Lifecycle.NONE,), "subject_prefix": "b"}, [("b", 1)]),
    ],
)
def test_which_schemas_are_listed(args: dict, expected: list[tuple[str, int]]) -> None:
    assert rows(filled(), **args) == expected


def test_a_limit_beyond_the_most_counts_as_the_default() -> None:
    core = Core(search_limit_default=2, search_limit_max=3)
    for subject in "abcd":
        core.register(subject)
    assert len(rows(core)) == 2
    assert len(rows(core, limit=3)) == 3
    assert len(rows(core, limit=4)) == 2


def test_rules_of_a_type_are_found() -> None:
    core = Core()
    rule = {"name": "r", "type": "CEL", "kind": "CONDITION", "mode": "WRITE"}
    core.register("plain", A)
    core.register("ruled", A, ruleSet={"domainRules": [rule]})
    assert rows(core, rule_type="CEL") == [("ruled", 1)]
    assert rows(core, rule_type="CEL", latest_only=True) == [("ruled", 1)]
    assert rows(core, rule_type="JSONATA") == []


def test_aliases_are_told_and_found_by_their_own_prefix() -> None:
    core = Core()
    core.register("real", A)
    for alias in ("nick", "name"):
        core.call("config.put", subject=alias, body={"alias": "real"})
    core.call("config.put", subject="lost", body={"alias": "nobody"})
    assert core.call("schema.list", aliases=True)[0]["aliases"] == ["name", "nick"]
    assert core.call("schema.list", aliases=True, subject_prefix="ni")[0]["aliases"] == ["nick"]
    assert rows(core, aliases=True, subject_prefix="lost") == []
    assert rows(core, subject_prefix="ni") == []
    assert "aliases" not in core.call("schema.list")[0]


def with_owners(core: Core, *owners: str) -> None:
    for number, owner in enumerate(owners, 1):
        text = proto(*(f"int32 f{i}" for i in range(number)))
        core.register("s", text, metadata={"properties": {"owner": owner, "all": "x"}})


def found(core: Core, **args) -> int:
    return core.call("subject.metadata", subject="s", **args)["version"]


def test_the_newest_version_with_all_properties_is_found() -> None:
    core = Core()
    with_owners(core, "ann", "bob", "ann", "eve")
    assert found(core, key=("owner",), value=("ann",)) == 3
    assert found(core, key=("all", "owner"), value=("x", "bob")) == 2
    assert found(core) == 4
    assert found(core, key=("owner", "surplus"), value=("bob",)) == 2


def test_deleted_versions_are_found_by_metadata_when_asked_for() -> None:
    core = Core()
    with_owners(core, "ann", "bob")
    core.call("version.delete", subject="s", version="2")
    wanted = {"key": ("owner",), "value": ("bob",)}
    assert core.refusal("subject.metadata", subject="s", **wanted).fault is Fault.SCHEMA_NOT_FOUND
    assert found(core, deleted=True, **wanted) == 2
    core.call("version.delete", subject="s", version="1")
    assert core.refusal("subject.metadata", subject="s").fault is Fault.SUBJECT_NOT_FOUND
