"""The key registry: KEKs, DEKs, their deletes, and what only a key service could do (docs/wire.md)."""

from __future__ import annotations

import pytest

from registan.model.fault import Fault, Refusal
from registan.model.keys import DekFormat
from registan.model.subject import Subject
from registan.testing.core_kit import Core

AWS = "arn:aws:kms:eu-west-1:1:key/1"


def kek(core: Core, name="k", kms_type="local-kms", kms_key_id="x", test_sharing=False, **more):
    body = {"name": name, "kmsType": kms_type, "kmsKeyId": kms_key_id, **more}
    return core.call("kek.create", body=body, test_sharing=test_sharing)


def dek(core: Core, subject="s", name="k", material="eA==", **more):
    body = {"subject": subject, "encryptedKeyMaterial": material, **more}
    return core.call("dek.create", name=name, body=body)


def refused(call, *args, **kwargs) -> tuple[Fault, str]:
    with pytest.raises(Refusal) as info:
        call(*args, **kwargs)
    return info.value.fault, info.value.message


@pytest.fixture
def core() -> Core:
    core = Core()
    kek(core)
    return core


def test_a_kek_is_answered_with_all_it_has(core):
    made = kek(core, "k2", kmsProps={"b": "2", "a": "1"}, doc="")
    assert list(made.items()) == [
        ("name", "k2"),
        ("kmsType", "local-kms"),
        ("kmsKeyId", "x"),
        ("kmsProps", {"a": "1", "b": "2"}),
        ("doc", ""),
        ("shared", False),
        ("ts", core.now),
    ]
    assert core.call("kek.get", name="k2") == made


@pytest.mark.parametrize(
    ("given", "stored", "key_id"),
    [
        ("AWS", "aws-kms", AWS),
        ("azure", "azure-kms", "https://v/keys/k/1"),
        ("gcp-kms-2", "gcp-kms", "projects/p"),
        ("hcvault", "hcvault", "http://h"),
        ("HCVAULT", "HCVAULT", "whatever"),
        ("", "", "whatever"),
    ],
)
def test_types_are_known_by_their_beginning(given, stored, key_id):
    assert kek(Core(), kms_type=given, kms_key_id=key_id)["kmsType"] == stored


@pytest.mark.parametrize("kms_type", ["aws", "azure-kms", "gcp", "hcvault"])
def test_key_ids_have_the_form_of_their_type(kms_type):
    fault, message = refused(kek, Core(), kms_type=kms_type, kms_key_id="nope")
    assert fault is Fault.INVALID_KEY
    assert message == "Invalid or missing value for field 'kmsKeyId' of key"


@pytest.mark.parametrize("name", ["", "1k", "-k", "a b", "k.1", "k/1", "n" * 257, None, 5, "²"])
def test_names_that_are_none(name):
    assert refused(kek, Core(), name)[1] == "Invalid or missing value for field 'name' of key"


@pytest.mark.parametrize("name", ["_", "é1", "k-1", "日本_", "n" * 256])
def test_names_of_any_script(name):
    assert kek(Core(), name)["name"] == name


def test_missing_fields_are_named(core):
    assert "'kmsType'" in refused(kek, core, "m", None)[1]
    assert "'kmsKeyId'" in refused(kek, core, "m", "t", None)[1]
    assert "'subject'" in refused(dek, core, subject="")[1]
    assert "'encryptedKeyMaterial'" in refused(dek, core, material=None)[1]
    assert "'version'" in refused(dek, core, version=0)[1]


def test_a_key_that_exists_is_refused_even_if_it_is_the_same(core):
    assert refused(kek, core)[0] is Fault.KEY_EXISTS
    dek(core)
    fault, message = refused(dek, core)
    assert fault is Fault.KEY_EXISTS
    assert message == "Key 's' already exists; use a different value"


def test_creating_the_same_again_takes_back_a_soft_delete(core):
    core.call("kek.delete", name="k")
    assert refused(kek, core, doc="other")[0] is Fault.KEY_EXISTS
    core.now += 1
    assert kek(core)["ts"] == core.now
    dek(core)
    core.call("dek.delete", name="k", subject="s")
    assert refused(dek, core, material="b3RoZXI=")[0] is Fault.KEY_EXISTS
    assert "deleted" not in dek(core)


def test_a_key_can_be_made_deleted():
    core = Core()
    assert kek(core, deleted=True)["deleted"] is True
    assert core.call("kek.list") == []
    assert core.call("kek.list", deleted=True) == ["k"]


def test_changes_keep_clear_and_set(core):
    core.call("kek.put", name="k", body={"doc": "d", "kmsProps": {"a": "1"}})
    made = core.call("kek.put", name="k", body={"kmsProps": None, "name": "other", "kmsKeyId": "y"})
    assert (made["doc"], made["kmsProps"], made["kmsKeyId"]) == ("d", {}, "x")
    assert "doc" not in core.call("kek.put", name="k", body={"doc": None})
    assert refused(core.call, "kek.put", name="k", body={"shared": None})[0] is Fault.INVALID_KEY


def test_the_time_moves_only_with_a_change(core):
    before = core.now
    core.now += 1
    assert core.call("kek.put", name="k", body={"kmsProps": {}})["ts"] == before
    assert core.call("kek.put", name="k", body={"doc": "d"})["ts"] == core.now


def test_kek_deletes(core):
    assert refused(core.call, "kek.delete", name="k", permanent=True)[0] is Fault.KEY_NOT_SOFT_DELETED
    core.call("kek.delete", name="k")
    core.call("kek.delete", name="k")
    assert refused(core.call, "kek.get", name="k")[0] is Fault.KEY_NOT_FOUND
    assert refused(core.call, "kek.put", name="k", body={})[0] is Fault.KEY_NOT_FOUND
    assert core.call("kek.get", name="k", deleted=True)["deleted"] is True
    core.call("kek.undelete", name="k")
    core.call("kek.undelete", name="k")
    core.call("kek.delete", name="k")
    core.call("kek.delete", name="k", permanent=True)
    assert refused(core.call, "kek.undelete", name="k")[0] is Fault.KEY_NOT_FOUND


def test_a_kek_that_wraps_something_stays(core):
    dek(core)
    assert refused(core.call, "kek.delete", name="k")[0] is Fault.KEY_IN_USE
    core.call("dek.delete", name="k", subject="s")
    core.call("kek.delete", name="k")
    assert refused(core.call, "kek.delete", name="k", permanent=True)[0] is Fault.KEY_IN_USE


def test_a_soft_deleted_kek_hides_its_deks(core):
    dek(core)
    core.call("dek.delete", name="k", subject="s")
    core.call("kek.delete", name="k")
    fault, message = refused(core.call, "dek.get", name="k", subject="s")
    assert (fault, message) == (Fault.KEY_NOT_FOUND, "Key 'k' not found")
    fault, message = refused(core.call, "dek.undelete", name="k", subject="s")
    assert (fault, message) == (Fault.KEY_SOFT_DELETED, "Key 'k' must be undeleted first")
    assert core.call("dek.get", name="k", subject="s", deleted=True)["deleted"] is True


def test_deks_are_told_apart_by_subject_version_and_algorithm(core):
    for subject, version, algorithm in (
        ("s", 1, "AES256_GCM"),
        ("s", 9, "AES256_GCM"),
        ("s", 1, "AES256_SIV"),
    ):
        dek(core, subject, version=version, algorithm=algorithm)
    dek(core, ":.c:s")
    assert core.call("dek.list", name="k") == [":.c:s", "s"]
    assert core.call("dek.versions", name="k", subject="s") == [1, 9]
    siv = {"name": "k", "subject": "s", "algorithm": DekFormat.AES256_SIV}
    assert core.call("dek.versions", **siv) == [1]
    assert core.call("dek.versions", name="k", subject="none") == []
    assert core.call("dek.get", **siv)["algorithm"] == "AES256_SIV"
    assert core.call("dek.getversion", name="k", subject="s", version="latest")["version"] == 9
    fault, _ = refused(core.call, "dek.getversion", name="k", subject="s", version="0")
    assert fault is Fault.INVALID_VERSION
    fault, message = refused(core.call, "dek.getversion", name="k", subject=":.c:s", version="2")
    assert (fault, message) == (Fault.KEY_NOT_FOUND, "Key ':.c:s' not found")


def test_the_subject_of_the_path_wins(core):
    body = {"subject": "other", "encryptedKeyMaterial": "eA=="}
    assert core.call("dek.createof", name="k", subject="s", body=body)["subject"] == "s"


def test_dek_deletes(core):
    dek(core)
    dek(core, version=2)
    at = {"name": "k", "subject": "s"}
    assert refused(core.call, "dek.deleteversion", **at, version="2", permanent=True)[0] is (
        Fault.KEY_NOT_SOFT_DELETED
    )
    core.call("dek.deleteversion", **at, version="latest")
    core.call("dek.deleteversion", **at, version="2")
    assert core.call("dek.versions", **at) == [1]
    assert core.call("dek.versions", **at, deleted=True) == [1, 2]
    core.call("dek.undeleteversion", **at, version="2")
    core.call("dek.delete", **at)
    core.call("dek.delete", **at)
    assert refused(core.call, "dek.get", **at)[0] is Fault.KEY_NOT_FOUND
    core.call("dek.undelete", **at)
    assert core.call("dek.versions", **at) == [1, 2]
    core.call("dek.delete", **at)
    core.call("dek.delete", **at, permanent=True)
    assert refused(core.call, "dek.undelete", **at)[0] is Fault.KEY_NOT_FOUND
    assert refused(core.call, "dek.delete", **at)[0] is Fault.KEY_NOT_FOUND


def test_keks_by_the_subjects_they_wrap_for(core):
    kek(core, "unused")
    kek(core, "other")
    dek(core, "orders")
    dek(core, ":.c:orders", name="other")

    def listed(*prefixes: str):
        return core.call("kek.list", subject_prefix=tuple(map(Subject.parse, prefixes)))

    assert listed() == ["k", "other", "unused"]
    assert listed("") == ["k", "other"]
    assert listed("ord") == ["k"]
    assert listed(":.c:") == ["other"]
    assert listed(":*:ord") == ["k", "other"]
    assert listed("x", ":.c:o") == ["other"]


def test_aliases_lead_to_the_keys_of_another_subject(core):
    core.call("config.put", subject="a", body={"alias": "not-this", "aliasForDeks": "s"})
    core.call("config.put", subject="b", body={"alias": "s"})
    dek(core)
    for alias in ("a", "b"):
        assert core.call("dek.get", name="k", subject=alias)["subject"] == "s"
        assert core.call("dek.versions", name="k", subject=alias) == [1]
    fault, message = refused(core.call, "dek.getversion", name="k", subject="a", version="7")
    assert (fault, message) == (Fault.KEY_NOT_FOUND, "Key 's' not found")


def test_an_alias_of_an_alias_leads_to_no_keys(core):
    core.call("config.put", subject="a", body={"alias": "b"})
    core.call("config.put", subject="b", body={"alias": "s"})
    dek(core)
    fault, message = refused(core.call, "dek.getversion", name="k", subject="a", version="latest")
    assert (fault, message) == (Fault.KEY_NOT_FOUND, "Key 'b' not found")


def test_a_raw_slash_in_an_alias_for_keys_makes_a_path_that_is_no_route(core):
    core.call("config.put", subject="a", body={"alias": "s", "aliasForDeks": "s/t"})
    assert refused(core.call, "dek.get", name="none", subject="a")[0] is Fault.NOT_FOUND


def test_what_only_a_key_service_could_do_is_refused_clearly():
    core = Core()
    kek(core, "shared", shared=True)
    assert refused(core.call, "kek.test", name="shared")[0] is Fault.NO_KMS_DRIVER
    fault, message = refused(dek, core, name="shared", material=None)
    assert fault is Fault.NO_KMS_DRIVER
    assert fault.status < 500
    assert message == "Could not generate encrypted dek for s: No KMS driver supports: local-kms://x"
    assert "Could not generate raw dek for s" in refused(dek, core, name="shared")[1]
    assert refused(kek, core, "k2", shared=True, test_sharing=True)[0] is Fault.NO_KMS_DRIVER
    kek(core)
    assert refused(core.call, "kek.test", name="k")[1].endswith("field 'shared' of key")


def test_there_is_a_limit_of_keys():
    core = Core(keys_max=2)
    kek(core)
    dek(core)
    fault, message = refused(dek, core, version=2)
    assert (fault, message) == (Fault.TOO_MANY_KEYS, "A maximum of 2 keys already exist")
    core.call("dek.delete", name="k", subject="s")
    assert dek(core)["version"] == 1


def test_modes_do_not_matter(core):
    core.call("mode.puttop", body={"mode": "READONLY"})
    assert dek(core)["version"] == 1
