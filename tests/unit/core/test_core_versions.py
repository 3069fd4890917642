"""Lists of versions, single versions, and look-ups that cross contexts."""

from __future__ import annotations

import pytest

from registan.model.fault import Fault
from registan.testing.core_kit import Core, proto

TEXTS = [proto(*(f"int32 f{i}" for i in range(count))) for count in range(1, 5)]


def four(subject: str = "s") -> Core:
    """Versions 1 to 4; 2 and 4 are soft-deleted."""
    core = Core()
    for text in TEXTS:
        core.register(subject, text)
    for number in ("2", "4"):
        core.call("version.delete", subject=subject, version=number)
    return core


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, [1, 3]),
        ({"deleted": True}, [1, 2, 3, 4]),
        ({"deleted_only": True}, [2, 4]),
        ({"deleted": True, "deleted_only": True}, [2, 4]),
        ({"deleted_as_negative": True}, [1, -2, 3, -4]),
        ({"deleted_as_negative": True, "deleted_only": True}, [1, -2, 3, -4]),
        ({"deleted_as_negative": True, "offset": 1, "limit": 2}, [-2, 3]),
        ({"offset": 1}, [3]),
        ({"limit": 0}, [1, 3]),
    ],
)
def test_which_versions_are_listed(args: dict, expected: list[int]) -> None:
    assert four().call("version.list", subject="s", **args) == expected


def test_only_some_switches_show_the_versions_of_a_deleted_subject() -> None:
    core = four()
    core.call("subject.delete", subject="s")
    assert core.call("version.list", subject="s", deleted=True) == [1, 2, 3, 4]
    assert core.call("version.list", subject="s", deleted_only=True) == [1, 2, 3, 4]
    assert core.refusal("version.list", subject="s", deleted_as_negative=True).fault is (
        Fault.SUBJECT_NOT_FOUND
    )


def test_nothing_deleted_is_an_empty_list_not_a_miss() -> None:
    core = Core()
    core.register("s")
    assert core.call("version.list", subject="s", deleted_only=True) == []
    assert core.refusal("version.list", subject="t", deleted_only=True).fault is Fault.SUBJECT_NOT_FOUND


def test_a_version_is_told_with_its_schema() -> None:
    core = four()
    assert core.call("version.get", subject="s", version="3") == {
        "subject": "s",
        "version": 3,
        "id": 3,
        "guid": core.state.schema(".", 3).guid,
        "schemaType": "PROTOBUF",
        "schema": TEXTS[2],
        "ts": core.now,
        "deleted": False,
    }
    assert core.call("version.text", subject="s", version="3") == TEXTS[2]


@pytest.mark.parametrize("number", ["latest", "LATEST", " latest ", "-1", "3", "+3", "03"])
def test_spellings_of_a_version(number: str) -> None:
    assert four().call("version.get", subject="s", version=number)["version"] == 3


@pytest.mark.parametrize("number", ["0", "-2", "x", "", "1.0", "2147483648", "1 2"])
def test_what_is_no_version(number: str) -> None:
    assert four().refusal("version.get", subject="s", version=number).fault is Fault.INVALID_VERSION


def test_latest_is_live_even_where_deleted_ones_are_asked_for() -> None:
    core = four()
    assert core.call("version.get", subject="s", version="latest", deleted=True)["version"] == 3
    core.call("subject.delete", subject="s")
    assert core.refusal("version.get", subject="s", version="latest").fault is Fault.SUBJECT_NOT_FOUND
    refusal = core.refusal("version.get", subject="s", version="latest", deleted=True)
    assert refusal.message == "Version -1 not found."


def test_a_soft_deleted_version_is_a_miss_unless_asked_for() -> None:
    core = four()
    assert core.refusal("version.get", subject="s", version="2").fault is Fault.VERSION_NOT_FOUND
    assert core.call("version.get", subject="s", version="2", deleted=True)["deleted"] is True


def test_an_unqualified_version_is_looked_for_in_every_context_by_name() -> None:
    core = Core()
    core.register(":.b:s", TEXTS[0])
    core.register(":.a:s", TEXTS[1])
    assert core.call("version.get", subject="s", version="1")["subject"] == ":.a:s"
    assert core.call("version.text", subject="s", version="latest") == TEXTS[1]
    assert core.call("version.referencedby", subject="s", version="1") == []


def test_the_unit_of_the_search_is_the_version_and_a_deleted_one_hides_nothing() -> None:
    core = Core()
    core.register("s", TEXTS[0])
    for text in TEXTS[:2]:
        core.register(":.k:s", text)
    assert core.call("version.get", subject="s", version="1")["subject"] == "s"
    assert core.call("version.get", subject="s", version="2")["subject"] == ":.k:s"
    core.call("subject.delete", subject="s")
    assert core.call("version.get", subject="s", version="1")["subject"] == ":.k:s"


def test_a_miss_names_the_subject_as_asked() -> None:
    core = Core()
    core.register(":.k:s")
    assert core.refusal("version.get", subject="s", version="9").message == "Subject 's' not found."


def test_qualified_subjects_and_lists_stay_in_their_context() -> None:
    core = Core()
    core.register(":.k:s")
    assert core.refusal("version.get", subject=":.j:s", version="1").fault is Fault.SUBJECT_NOT_FOUND
    assert core.refusal("version.list", subject="s").fault is Fault.SUBJECT_NOT_FOUND


def refer(core: Core, subject: str, target: str, message: str) -> int:
    text = f'syntax = "proto3";\n\nimport "m.proto";\n\nmessage {message} {{}}\n'
    reference = {"name": "m.proto", "subject": target, "version": 1}
    return core.register(subject, text, references=[reference])["id"]


def test_referrers_are_told_by_context_then_id_each_id_once() -> None:
    core = Core()
    for index in range(3):
        core.register(f":.z:fill{index}", TEXTS[index])
    core.register(":.k:s")
    assert refer(core, ":.z:u", ":.k:s", "U") == 4
    assert refer(core, ":.k:u", "s", "U") == 2
    assert refer(core, "b", ":.k:s", "B") == 1
    assert refer(core, "a", ":.k:s", "A") == 2
    assert refer(core, "a2", ":.k:s", "A") == 2
    assert core.call("version.referencedby", subject=":.k:s", version="1") == [1, 2, 2, 4]
    assert core.call("version.referencedby", subject=":.k:s", version="1", offset=1, limit=2) == [2, 2]


def test_deleted_referrers_are_told_only_when_asked_for() -> None:
    core = Core()
    core.register("s")
    held = refer(core, "u", "s", "U")
    core.call("subject.delete", subject="u")
    assert core.call("version.referencedby", subject="s", version="1") == []
    assert core.call("version.referencedby", subject="s", version="1", deleted=True) == [held]


def test_the_target_of_references_may_be_soft_deleted() -> None:
    core = Core()
    core.register("s")
    core.call("subject.delete", subject="s")
    assert core.call("version.referencedby", subject="s", version="1") == []


def test_qualified_references_name_the_context_but_the_guid_stays() -> None:
    core = Core()
    core.register(":.k:s")
    refer(core, ":.k:u", "s", "U")
    plain = core.call("version.get", subject=":.k:u", version="1")
    told = core.call("version.get", subject=":.k:u", version="1", reference_format="qualified")
    assert plain["references"][0]["subject"] == "s"
    assert told["references"][0]["subject"] == ":.k:s"
    assert told["guid"] == plain["guid"]


def test_a_format_shapes_the_text_and_an_unknown_one_does_not() -> None:
    core = Core()
    core.register("s")
    told = core.call("version.get", subject="s", version="1", format="serialized")
    assert told["schema"] == core.call("version.text", subject="s", version="1", format="serialized")
    assert "message" not in told["schema"]
    assert "message" in core.call("version.get", subject="s", version="1", format="bogus")["schema"]
