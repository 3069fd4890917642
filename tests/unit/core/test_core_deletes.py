"""Soft and permanent deletes, and what refuses them."""

from __future__ import annotations

import pytest

from registan.model.fault import Fault
from registan.testing.core_kit import Core, proto

A, B, C = proto("int32 a"), proto("int32 a", "int32 b"), proto("int32 a", "int32 b", "int32 c")


def core(*texts: str, subject: str = "s") -> Core:
    made = Core()
    for text in texts:
        made.register(subject, text)
    return made


def refer(made: Core, subject: str, target: str, number: int = 1) -> int:
    """Register a schema that refers to a version; its id."""
    text = (
        f'syntax = "proto3";\n\nimport "m.proto";\n\nmessage {subject.strip(":.").replace(":", "_")} {{}}\n'
    )
    reference = {"name": "m.proto", "subject": target, "version": number}
    return made.register(subject, text, references=[reference])["id"]


def versions(made: Core, subject: str = "s", **args) -> list[int]:
    return made.call("version.list", subject=subject, **args)


def delete(made: Core, subject: str = "s", *, permanent: bool = False):
    return made.call("subject.delete", subject=subject, permanent=permanent)


def delete_version(made: Core, number: str, subject: str = "s", *, permanent: bool = False):
    return made.call("version.delete", subject=subject, version=number, permanent=permanent)


def test_a_soft_delete_tells_what_was_live_and_a_permanent_one_what_was_left() -> None:
    made = core(A, B, C)
    delete_version(made, "2")
    assert delete(made) == [1, 3]
    assert delete(made, permanent=True) == [1, 2, 3]


def test_an_absent_subject_cannot_be_deleted() -> None:
    for permanent in (False, True):
        assert core().refusal("subject.delete", subject="s", permanent=permanent).fault is (
            Fault.SUBJECT_NOT_FOUND
        )


def test_a_second_soft_delete_is_refused() -> None:
    made = core(A)
    delete(made)
    assert made.refusal("subject.delete", subject="s").fault is Fault.SUBJECT_SOFT_DELETED
    assert made.refusal("version.delete", subject="s", version="1").fault is Fault.VERSION_SOFT_DELETED


def test_a_permanent_delete_needs_a_soft_one_first() -> None:
    made = core(A, B)
    assert made.refusal("subject.delete", subject="s", permanent=True).fault is (
        Fault.SUBJECT_NOT_SOFT_DELETED
    )
    refusal = made.refusal("version.delete", subject="s", version="1", permanent=True)
    assert refusal.fault is Fault.VERSION_NOT_SOFT_DELETED


def test_one_live_version_forbids_the_permanent_delete_of_the_subject() -> None:
    made = core(A, B)
    delete_version(made, "1")
    assert made.refusal("subject.delete", subject="s", permanent=True).fault is (
        Fault.SUBJECT_NOT_SOFT_DELETED
    )


def test_latest_is_a_live_version_so_it_is_never_deleted_for_good() -> None:
    made = core(A, B)
    assert delete_version(made, "latest") == 2
    assert delete_version(made, "-1") == 1
    refusal = made.refusal("version.delete", subject="s", version="latest", permanent=True)
    assert (refusal.fault, refusal.message) == (Fault.VERSION_NOT_FOUND, "Version -1 not found.")


@pytest.mark.parametrize(("number", "fault"), [("0", Fault.INVALID_VERSION), ("9", Fault.VERSION_NOT_FOUND)])
def test_a_version_that_is_none(number: str, fault: Fault) -> None:
    assert core(A).refusal("version.delete", subject="s", version=number).fault is fault


def test_deleting_versions_one_by_one_deletes_the_subject() -> None:
    made = core(A, B)
    delete_version(made, "1")
    delete_version(made, "2")
    assert made.refusal("version.list", subject="s").fault is Fault.SUBJECT_NOT_FOUND
    assert made.call("subject.list") == []
    assert made.call("subject.list", deleted=True) == ["s"]


def test_a_soft_deleted_schema_stays_readable_by_id_and_keeps_its_id() -> None:
    made = core(A)
    delete(made)
    assert made.call("schema.get", id=1)["deleted"] is True
    again = made.register("s", A)
    assert (again["id"], again["version"]) == (1, 2)
    assert versions(made, deleted=True) == [2]


def test_after_a_permanent_delete_ids_are_new_and_numbers_begin_again() -> None:
    made = core(A, B)
    delete(made)
    delete(made, permanent=True)
    assert made.refusal("schema.get", id=1).fault is Fault.SCHEMA_ID_NOT_FOUND
    again = made.register("s", A)
    assert (again["id"], again["version"]) == (3, 1)


def test_the_number_of_a_last_version_deleted_for_good_is_used_again_but_no_other() -> None:
    made = core(A, B, C)
    for number in ("3", "1"):
        delete_version(made, number)
        delete_version(made, number, permanent=True)
    assert versions(made) == [2]
    assert made.register("s", C)["version"] == 3


def test_an_id_in_use_elsewhere_survives_a_permanent_delete() -> None:
    made = core(A)
    made.register("t", A)
    delete(made)
    delete(made, permanent=True)
    assert made.call("schema.subjects", id=1) == ["t"]


def test_config_and_mode_go_with_the_last_version_deleted_for_good() -> None:
    made = core(A)
    made.call("config.put", subject="s", body={"compatibility": "FULL"})
    made.call("mode.put", subject="s", body={"mode": "READWRITE"})
    delete(made)
    assert made.call("config.get", subject="s") == {"compatibilityLevel": "FULL"}
    delete(made, permanent=True)
    assert made.refusal("config.get", subject="s").fault is Fault.SUBJECT_LEVEL_NOT_SET
    assert made.refusal("mode.get", subject="s").fault is Fault.SUBJECT_MODE_NOT_SET


def test_a_read_only_subject_keeps_its_versions_but_absence_is_told_first() -> None:
    made = core(A)
    made.call("mode.put", subject="s", body={"mode": "READONLY"})
    assert made.refusal("subject.delete", subject="s").fault is Fault.OPERATION_NOT_PERMITTED
    assert made.refusal("version.delete", subject="s", version="1").fault is Fault.OPERATION_NOT_PERMITTED
    assert made.refusal("version.delete", subject="s", version="2").fault is Fault.VERSION_NOT_FOUND


def test_what_a_live_schema_refers_to_cannot_be_deleted() -> None:
    made = core(A)
    refer(made, "u", "s")
    for name, args in (("subject.delete", {}), ("version.delete", {"version": "1"})):
        refusal = made.refusal(name, subject="s", **args)
        assert refusal.fault is Fault.REFERENCE_EXISTS
        assert refusal.message == (
            "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=s,version=1}."
        )


def test_a_soft_deleted_referrer_forbids_only_the_permanent_delete() -> None:
    made = core(A)
    refer(made, "u", "s")
    delete(made, "u")
    assert delete(made) == [1]
    assert made.refusal("subject.delete", subject="s", permanent=True).fault is Fault.REFERENCE_EXISTS
    delete(made, "u", permanent=True)
    assert delete(made, permanent=True) == [1]


def test_a_referrer_of_another_context_counts() -> None:
    made = core(A, subject=":.c:s")
    refer(made, "u", ":.c:s")
    assert made.refusal("subject.delete", subject=":.c:s").fault is Fault.REFERENCE_EXISTS


def test_references_within_a_subject_forbid_deleting_a_version_but_not_the_subject() -> None:
    made = core(A)
    made.call("config.put", subject="s", body={"compatibility": "NONE"})
    refer(made, "s", "s")
    assert made.refusal("version.delete", subject="s", version="1").fault is Fault.REFERENCE_EXISTS
    assert delete(made) == [1, 2]


def test_a_referred_version_stays_when_its_schema_is_registered_again() -> None:
    """Otherwise the reference would dangle."""
    made = core(A)
    refer(made, "u", "s")
    delete(made, "u")
    delete(made)
    assert made.register("s", A)["version"] == 2
    assert versions(made, deleted=True) == [1, 2]
