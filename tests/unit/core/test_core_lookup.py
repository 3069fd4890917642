"""Looking schemas up by content (docs/wire.md, look-up)."""

from __future__ import annotations

from registan.model.fault import Fault
from registan.testing.core_kit import Core, proto

A, B = proto("int32 a"), proto("int32 a", "int32 b")


def body(schema: str, **more) -> dict:
    return {"schemaType": "PROTOBUF", "schema": schema, **more}


def lookup(core: Core, subject: str, schema: str = A, *, deleted: bool = False, **more) -> dict:
    return core.call("schema.lookup", subject=subject, body=body(schema, **more), deleted=deleted)


def fault(core: Core, subject: str, schema: str = A, *, deleted: bool = False, **more) -> Fault:
    return core.refusal("schema.lookup", subject=subject, body=body(schema, **more), deleted=deleted).fault


def test_a_schema_is_found_however_it_is_written_and_told_without_a_time() -> None:
    core = Core()
    core.register("s", A)
    found = lookup(core, "s", A.replace("\n", " "))
    assert (found["subject"], found["version"], found["id"]) == ("s", 1, 1)
    assert "ts" not in found


def test_a_subject_with_versions_but_not_this_schema_is_another_miss_than_none() -> None:
    core = Core()
    core.register("s", A)
    assert fault(core, "s", B) is Fault.SCHEMA_NOT_FOUND
    assert fault(core, "t", B) is Fault.SUBJECT_NOT_FOUND
    assert fault(core, "s", "") is Fault.SCHEMA_NOT_FOUND


def test_what_does_not_parse_is_told_even_of_an_absent_subject() -> None:
    assert fault(Core(), "s", "message {") is Fault.INVALID_SCHEMA


def test_deleted_versions_are_found_when_asked_for() -> None:
    core = Core()
    core.register("s", A)
    core.call("subject.delete", subject="s")
    assert fault(core, "s") is Fault.SUBJECT_NOT_FOUND
    assert lookup(core, "s", deleted=True)["version"] == 1


def test_a_bare_schema_finds_the_metadata_of_the_latest_version_only() -> None:
    core = Core()
    core.register("s", A, metadata={"properties": {"a": "1"}})
    core.register("s", B, metadata={"properties": {"a": "2"}})
    assert lookup(core, "s", B)["version"] == 2
    assert fault(core, "s", A) is Fault.SCHEMA_NOT_FOUND
    assert lookup(core, "s", A, metadata={"properties": {"a": "1"}})["version"] == 1


def test_the_version_property_does_not_count_where_only_one_side_has_it() -> None:
    core = Core()
    core.register("s", A, version=1)
    found = lookup(core, "s", A, metadata={})
    assert (found["version"], found["ts"]) == (1, core.now)


def test_the_version_property_must_be_right_where_only_the_request_has_it() -> None:
    core = Core()
    core.register("s", A)
    assert lookup(core, "s", A, metadata={"properties": {"confluent:version": "1"}})["version"] == 1
    wrong = {"properties": {"confluent:version": "2"}}
    assert fault(core, "s", A, metadata=wrong) is Fault.SCHEMA_NOT_FOUND
    assert core.register("s", A, metadata=wrong)["version"] == 2


def test_every_context_is_searched_for_an_unqualified_subject() -> None:
    core = Core()
    core.register("s", B)
    core.register(":.b:s", A)
    core.register(":.a:s", A)
    assert lookup(core, "s", A)["subject"] == ":.a:s"
    assert lookup(core, "s", B)["subject"] == "s"
    assert fault(core, ":.c:s", A) is Fault.SUBJECT_NOT_FOUND


def test_version_and_id_of_the_request_do_not_count() -> None:
    core = Core()
    core.register("s", A)
    assert lookup(core, "s", A, version=9, id=9)["version"] == 1


def test_a_reference_to_a_deleted_version_is_resolved() -> None:
    core = Core()
    user = 'syntax = "proto3";\n\nimport "m.proto";\n\nmessage U {}\n'
    references = [{"name": "m.proto", "subject": "t", "version": 1}]
    core.register("t", A)
    core.register("s", user, references=references)
    core.call("subject.delete", subject="s")
    core.call("subject.delete", subject="t")
    assert lookup(core, "s", user, deleted=True, references=references)["version"] == 1
