"""Schemas by id and guid: in which context, and who is named."""

from __future__ import annotations

import pytest

from registan.core.owners import OWNERS_IN_TUPLE
from registan.model.fault import Fault
from registan.testing.core_kit import PROTO, Core, proto

OTHER = proto("string x")


def named(core: Core, schema_id: int, subject: str | None = None) -> tuple[str, int]:
    told = core.call("schema.get", id=schema_id, subject=subject)
    return told["subject"], told["version"]


def test_an_unknown_id_is_a_miss_on_every_route() -> None:
    core = Core()
    for name in ("schema.get", "schema.text"):
        assert core.refusal(name, id=1).message == "Schema 1 not found"
    for name in ("schema.subjects", "schema.versions"):
        assert core.refusal(name, id=1).message == "Schema not found"


def test_owners_are_told_in_the_order_of_a_hash_map() -> None:
    """The order of the recorded server: buckets of a string hash, not names and not age."""
    core = Core()
    for subject in ("id-a", "id-b"):
        core.register(subject)
    assert core.call("schema.subjects", id=1) == ["id-b", "id-a"]
    assert core.call("schema.versions", id=1, offset=1) == [{"subject": "id-a", "version": 1}]
    assert named(core, 1) == ("id-b", 1)


def test_of_very_many_owners_all_are_listed() -> None:
    core = Core()
    subjects = {f"s{i}" for i in range(3 * OWNERS_IN_TUPLE)}
    for subject in subjects:
        core.register(subject)
    told = core.call("schema.subjects", id=1)
    assert len(told) == len(subjects)
    assert set(told) == subjects
    assert named(core, 1)[0] in subjects


def test_the_first_owner_is_named_even_when_it_is_soft_deleted() -> None:
    core = Core()
    for subject in ("id-a", "id-b"):
        core.register(subject)
    core.call("subject.delete", subject="id-b")
    assert core.call("schema.get", id=1)["deleted"] is True
    assert core.call("schema.subjects", id=1) == ["id-a"]
    assert core.call("schema.subjects", id=1, deleted=True) == ["id-b", "id-a"]


def test_an_id_of_deleted_versions_only_has_no_owner_but_is_known() -> None:
    core = Core()
    core.register("s")
    core.call("subject.delete", subject="s")
    assert core.call("schema.versions", id=1) == []


def test_a_subject_names_itself_and_a_wrong_one_in_the_default_context_is_no_miss() -> None:
    core = Core()
    for subject in ("id-a", "id-b"):
        core.register(subject)
    assert named(core, 1, "id-a") == ("id-a", 1)
    assert named(core, 1, "nobody") == ("id-b", 1)


def test_a_subject_of_another_context_must_hold_the_id() -> None:
    core = Core()
    core.register("s")
    core.register(":.c:t", OTHER)
    assert named(core, 1, ":.c:t") == (":.c:t", 1)
    assert named(core, 1, ":.c:") == (":.c:t", 1)
    for subject in (":.c:s", ":.d:", ":*:", ":*:t"):
        assert core.refusal("schema.get", id=1, subject=subject).fault is Fault.SCHEMA_ID_NOT_FOUND


def test_an_unqualified_subject_leads_to_another_context_that_has_it_with_the_id() -> None:
    core = Core()
    core.register("s")
    core.register(":.c:t", OTHER)
    assert named(core, 1, "t") == (":.c:t", 1)
    assert core.call("schema.subjects", id=1, subject="t") == [":.c:t"]
    assert core.call("schema.text", id=1, subject="t") == OTHER


def test_the_highest_id_is_that_of_the_context_deleted_ones_included() -> None:
    core = Core()
    core.register("s")
    core.register("t", OTHER)
    for permanent in (False, True):
        core.call("subject.delete", subject="t", permanent=permanent)
    assert core.call("schema.get", id=1, fetch_max_id=True)["maxId"] == 2
    assert "maxId" not in core.call("schema.get", id=1)


def test_an_id_whose_version_an_import_replaced_stays_readable_and_names_nobody() -> None:
    core = Core()
    core.call("mode.put", subject="s", body={"mode": "IMPORT"})
    core.register("s", PROTO, id=10, version=1)
    core.register("s", OTHER, id=11, version=1)
    told = core.call("schema.get", id=10)
    assert told["schema"] == PROTO
    assert "subject" not in told
    assert core.call("schema.versions", id=10) == []


GUID = "2bab24b9-afe2-3005-66ca-7d9ab62d495b"
OF_GUID = 'syntax = "proto3";\n\nmessage GuidP {}\n'


@pytest.mark.parametrize("text", [GUID, GUID.upper(), GUID.replace("-", "")])
def test_spellings_of_a_guid(text: str) -> None:
    core = Core()
    core.register("s", OF_GUID)
    assert core.call("guid.get", guid=text) == {
        "guid": GUID,
        "schemaType": "PROTOBUF",
        "schema": OF_GUID,
        "ts": core.now,
        "deleted": False,
    }


@pytest.mark.parametrize("text", ["", "x", GUID[:-1], GUID + "0"])
def test_what_is_no_guid_is_a_miss_that_names_it(text: str) -> None:
    core = Core()
    core.register("s", OF_GUID)
    assert core.refusal("guid.get", guid=text).message == f"Schema {text} not found"
    assert core.call("guid.ids", guid=text) == []


def test_ids_of_a_guid_are_told_by_context_the_last_written_one_each() -> None:
    core = Core()
    core.register(":.b:s", PROTO)
    for subject in (":.b:s2", "s"):
        core.register(subject, OF_GUID)
    core.call("mode.put", subject=":.a:s", body={"mode": "IMPORT"})
    for number in (7, 5):
        core.register(":.a:s", OF_GUID, id=number)
    assert core.call("guid.ids", guid=GUID) == [
        {"context": ".", "id": 1},
        {"context": ".a", "id": 5},
        {"context": ".b", "id": 2},
    ]


def test_a_content_that_is_deleted_for_good_is_forgotten() -> None:
    core = Core()
    core.register("s", OF_GUID)
    for permanent in (False, True):
        core.call("subject.delete", subject="s", permanent=permanent)
    assert core.refusal("guid.get", guid=GUID).fault is Fault.SCHEMA_ID_NOT_FOUND
    assert core.call("guid.ids", guid=GUID) == []
    assert core.register("s", OF_GUID)["id"] == 2


def test_the_types_stand_in_the_order_clients_know() -> None:
    assert Core().call("schema.types") == ["JSON", "PROTOBUF", "AVRO"]
