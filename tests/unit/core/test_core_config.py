"""Configs: what an update changes, what is told, and what counts (docs/wire.md, config)."""

from __future__ import annotations

import pytest

from registan.model.fault import Fault, Refusal
from registan.testing.core_kit import Core, proto


def refused(core: Core, name: str, **args) -> Refusal:
    with pytest.raises(Refusal) as info:
        core.call(name, **args)
    return info.value


def get(core: Core, subject: str, *, effective: bool = False):
    return core.call("config.get", subject=subject, default_to_global=effective)


def put(core: Core, subject: str, **body):
    return core.call("config.put", subject=subject, body=body)


def test_nothing_set_is_refused_for_a_subject_and_a_context():
    core = Core()
    assert refused(core, "config.get", subject="s").fault is Fault.SUBJECT_LEVEL_NOT_SET
    assert refused(core, "config.get", subject=":.c:").fault is Fault.SUBJECT_LEVEL_NOT_SET


@pytest.mark.parametrize("scope", [":.:", ":.__GLOBAL:"])
def test_the_top_scopes_always_answer(scope):
    assert get(Core(), scope) == {"compatibilityLevel": "BACKWARD"}


def test_absent_keeps_null_clears_value_sets():
    core = Core()
    put(core, "s", alias="a", normalize=True, compatibility="FULL")
    assert put(core, "s", alias=None, validateFields=False) == {
        "normalize": True,
        "validateFields": False,
        "compatibility": "FULL",
    }


def test_an_update_answers_in_its_own_order_and_form():
    body = {
        "overrideMetadata": {},
        "compatibilityGroup": "g",
        "compatibility": "full",
        "compatibilityPolicy": "lenient",
        "aliasForDeks": "d",
        "defaultMetadata": {"sensitive": ["b", "a"], "properties": {"k": "v"}},
    }
    assert list(put(Core(), "s", **body).items()) == [
        ("aliasForDeks", "d"),
        ("compatibility", "FULL"),
        ("compatibilityPolicy", "LENIENT"),
        ("compatibilityGroup", "g"),
        ("defaultMetadata", {"properties": {"k": "v"}, "sensitive": ["a", "b"]}),
        ("overrideMetadata", {}),
    ]


def test_an_empty_text_is_answered_once_and_then_unset():
    core = Core()
    assert put(core, "s", alias="", compatibilityGroup="") == {"alias": "", "compatibilityGroup": ""}
    assert put(core, "s", normalize=True) == {"normalize": True}
    assert core.state.configs[next(iter(core.state.configs))].alias is None


def test_an_unknown_policy_clears_it():
    core = Core()
    put(core, "s", compatibilityPolicy="STRICT")
    assert put(core, "s", compatibilityPolicy="other") == {}


@pytest.mark.parametrize("level", [" FULL", "", "BACKWARDS", 5, True])
def test_a_bad_level_is_refused_and_nothing_else_applied(level):
    core = Core()
    assert (
        refused(core, "config.put", subject="s", body={"alias": "a", "compatibility": level}).fault
        is Fault.INVALID_LEVEL
    )
    assert not core.state.configs


def test_a_level_is_judged_before_a_name():
    core = Core()
    body = {"compatibility": "x"}
    assert refused(core, "config.put", subject="__GLOBAL", body=body).fault is Fault.INVALID_LEVEL
    assert refused(core, "config.put", subject="__GLOBAL", body={}).fault is Fault.INVALID_SUBJECT


@pytest.mark.parametrize("name", ["__EMPTY", ":.c:__GLOBAL", "a\u0085b", ":.__GLOBAL:x"])
def test_names_that_can_have_no_config(name):
    assert refused(Core(), "config.put", subject=name, body={}).fault is Fault.INVALID_SUBJECT


def test_contexts_can_be_refused_by_setting():
    core = Core(reject_empty_subject=True)
    assert refused(core, "config.put", subject=":.c:", body={}).fault is Fault.INVALID_SUBJECT
    assert put(core, ":.:", normalize=True) == {"normalize": True}


def test_rule_sets_are_kept_and_validated():
    core = Core()
    rules = {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL"}]}
    told = {"domainRules": [{**rules["domainRules"][0], "disabled": False}]}
    assert put(core, "s", defaultRuleSet=rules) == {"defaultRuleSet": told}
    rules["domainRules"][0]["mode"] = "UPGRADE"
    refusal = refused(core, "config.put", subject="s", body={"overrideRuleSet": rules})
    assert refusal.fault is Fault.INVALID_RULE_SET


def test_a_record_without_a_level_tells_the_default_not_the_next_scope():
    core = Core()
    put(core, ":.:", compatibility="FULL")
    put(core, "s", normalize=True)
    assert get(core, "s") == {"normalize": True, "compatibilityLevel": "BACKWARD"}
    assert get(core, "s", effective=True)["compatibilityLevel"] == "BACKWARD"


def test_without_a_record_the_nearest_one_counts_whole():
    core = Core()
    put(core, ":.__GLOBAL:", normalize=True, compatibility="FULL")
    put(core, ":.c:", validateFields=True)
    assert get(core, ":.c:s", effective=True) == {"validateFields": True, "compatibilityLevel": "BACKWARD"}
    assert get(core, "s", effective=True) == {"normalize": True, "compatibilityLevel": "FULL"}


def test_the_default_context_is_no_parent_of_others():
    core = Core()
    put(core, ":.:", compatibility="NONE")
    assert get(core, ":.c:s", effective=True) == {"compatibilityLevel": "BACKWARD"}


def test_a_record_is_filled_from_the_default_context_in_some_fields():
    core = Core()
    put(core, ":.:", normalize=True, alias="x", compatibility="NONE", compatibilityGroup="g")
    put(core, ":.c:", validateFields=True)
    put(core, ":.c:s", validateRules=False)
    assert get(core, ":.c:s", effective=True) == {
        "normalize": True,
        "validateRules": False,
        "compatibilityLevel": "BACKWARD",
        "compatibilityGroup": "g",
    }


def test_deleting_answers_what_was_and_refuses_what_is_not():
    core = Core()
    put(core, "s", compatibility="FULL", alias="a")
    assert core.call("config.delete", subject="s") == {"alias": "a", "compatibilityLevel": "FULL"}
    assert refused(core, "config.delete", subject="s").fault is Fault.SUBJECT_NOT_FOUND
    assert core.call("config.deletetop") == {"compatibilityLevel": "BACKWARD"}


def test_read_only_forbids_changes_but_first_tells_what_is_not_there():
    core = Core()
    put(core, "s", normalize=True)
    core.call("mode.puttop", body={"mode": "READONLY"})
    assert refused(core, "config.delete", subject="t").fault is Fault.SUBJECT_NOT_FOUND
    refusal = refused(core, "config.delete", subject="s")
    assert refusal.message == "Subject s in context  is in read-only mode"
    refusal = refused(core, "config.deletetop")
    assert refusal.message == "Subject null in context  is in read-only mode"


def test_an_update_that_changes_nothing_writes_nothing():
    core = Core()
    put(core, "s", normalize=True)
    seq = core.state.seq
    put(core, "s", normalize=True)
    assert core.state.seq == seq


def test_only_versions_of_the_group_are_compared():
    core = Core()
    put(core, "s", compatibilityGroup="major")
    core.register("s", proto("int32 a"), metadata={"properties": {"major": "1"}})
    with pytest.raises(Refusal) as info:
        core.register("s", proto("string a"), metadata={"properties": {"major": "1"}})
    assert info.value.fault is Fault.INCOMPATIBLE_SCHEMA
    assert core.register("s", proto("string a"), metadata={"properties": {"major": "2"}})["version"] == 2


def test_reserved_fields_are_checked_where_asked_for_even_under_none():
    core = Core()
    put(core, "s", validateFields=True, compatibility="NONE")
    metadata = {"properties": {"confluent:reserved": "a"}}
    with pytest.raises(Refusal) as info:
        core.register("s", proto("int32 a"), metadata=metadata)
    assert "conflicts with the reserved field a." in info.value.message
    assert core.register("t", proto("int32 a"), metadata=metadata)["version"] == 1


def test_fields_are_validated_by_the_format_where_asked_for():
    core = Core()
    twice = 'syntax = "proto3"; message P { int32 a = 1; int32 b = 1; }'
    assert core.register("t", twice)["version"] == 1
    put(core, "s", validateFields=True)
    with pytest.raises(Refusal) as info:
        core.register("s", twice)
    assert info.value.fault is Fault.INVALID_SCHEMA
