"""Modes: what sets them, what they inherit, and the switch to IMPORT (docs/wire.md, mode)."""

from __future__ import annotations

import pytest

from registan.model.commit import Put
from registan.model.fault import Fault, Refusal
from registan.model.record import Version
from registan.model.subject import Subject
from registan.testing.core_kit import PROTO, Core, proto


def refused(core: Core, name: str, **args) -> Refusal:
    with pytest.raises(Refusal) as info:
        core.call(name, **args)
    return info.value


def put(core: Core, subject: str, mode, **args):
    return core.call("mode.put", subject=subject, body={"mode": mode}, **args)


def get(core: Core, subject: str, *, effective: bool = False):
    return core.call("mode.get", subject=subject, default_to_global=effective)["mode"]


def soft_delete(core: Core, subject: str) -> None:
    entry = core.state.subject(Subject.parse(subject))
    changes = [Put(Version(v.subject, v.version, v.schema_id, True, v.at)) for v in entry.versions.values()]
    core.state.apply(core.state.seq + 1, changes)


def test_the_answer_is_what_was_sent_and_the_mode_in_upper_case():
    core = Core()
    assert put(core, "s", "readonly") == {"mode": "readonly"}
    assert get(core, "s") == "READONLY"


def test_a_bare_text_is_a_mode():
    core = Core()
    core.call("mode.put", subject="s", body='"READONLY"')
    assert get(core, "s") == "READONLY"


def test_null_unsets():
    core = Core()
    put(core, "s", "READONLY")
    assert put(core, "s", None) == {"mode": None}
    assert refused(core, "mode.get", subject="s").fault is Fault.SUBJECT_MODE_NOT_SET


@pytest.mark.parametrize("body", ["{}", '{"Mode":"READONLY"}', '{"mode":""}', '{"mode":5}'])
def test_a_missing_or_unknown_mode_is_refused(body):
    assert refused(Core(), "mode.put", subject="s", body=body).fault is Fault.INVALID_MODE


def test_a_name_is_judged_before_a_mode():
    refusal = refused(Core(), "mode.put", subject="__EMPTY", body={"mode": "x"})
    assert refusal.fault is Fault.INVALID_SUBJECT


@pytest.mark.parametrize("scope", ["s", ":.:", ":.c:"])
def test_forward_belongs_above_all_contexts(scope):
    refusal = refused(Core(), "mode.put", subject=scope, body={"mode": "FORWARD"})
    assert refusal.fault is Fault.FORWARD_ONLY_GLOBAL
    core = Core()
    put(core, ":.__GLOBAL:", "FORWARD")
    assert get(core, "s", effective=True) == "FORWARD"


def test_modes_can_be_frozen():
    core = Core(mode_mutability=False)
    assert refused(core, "mode.put", subject="s", body={"mode": "x"}).fault is Fault.INVALID_MODE
    refusal = refused(core, "mode.put", subject="s", body={"mode": "READONLY"})
    assert refusal.message == "Mode changes are not allowed"
    assert refused(core, "mode.delete", subject="s").fault is Fault.SUBJECT_NOT_FOUND
    assert refused(core, "mode.deletetop").fault is Fault.OPERATION_NOT_PERMITTED


def test_the_first_mode_of_the_chain_counts():
    core = Core()
    put(core, ":.__GLOBAL:", "READONLY")
    put(core, ":.c:", "READWRITE")
    assert get(core, ":.c:s", effective=True) == "READWRITE"
    assert get(core, ":.d:s", effective=True) == "READONLY"
    assert core.call("mode.gettop") == {"mode": "READWRITE"}
    assert core.call("mode.gettop", default_to_global=True) == {"mode": "READONLY"}


def test_the_mode_of_the_default_context_stays_there():
    core = Core()
    core.call("mode.puttop", body={"mode": "READONLY"})
    assert get(core, "s", effective=True) == "READONLY"
    assert get(core, ":.c:s", effective=True) == "READWRITE"


def test_read_only_override_is_read_only_and_yields_to_a_subjects_own_mode():
    core = Core()
    core.call("mode.puttop", body={"mode": "READONLY_OVERRIDE"})
    with pytest.raises(Refusal) as info:
        core.register("s")
    assert info.value.message == "Subject s in context  is in read-only mode"
    put(core, "t", "READWRITE")
    assert core.register("t")["id"] == 1


def test_deleting_tells_the_old_mode():
    core = Core()
    put(core, "s", "READONLY")
    assert core.call("mode.delete", subject="s") == {"mode": "READONLY"}
    assert refused(core, "mode.delete", subject="s").fault is Fault.SUBJECT_NOT_FOUND
    assert core.call("mode.delete", subject="s", recursive=True) == {}
    assert core.call("mode.delete", subject=":.__GLOBAL:") == {"mode": "READWRITE"}


def test_a_recursive_delete_stays_in_its_context():
    core = Core()
    for scope in ("a", ":.c:", ":.c:a", ":.d:a"):
        put(core, scope, "READONLY")
    assert core.call("mode.delete", subject=":.c:", recursive=True) == {"mode": "READONLY"}
    core.call("mode.deletetop", recursive=True)
    core.call("mode.delete", subject=":.__GLOBAL:", recursive=True)
    assert [str(scope) for scope in core.state.modes] == [":.d:a"]


def test_an_import_needs_an_empty_scope_or_force():
    core = Core()
    core.register("s")
    for scope in ("s", ":.:", ":.__GLOBAL:"):
        refusal = refused(core, "mode.put", subject=scope, body={"mode": "IMPORT"})
        assert refusal.message == "Cannot import since found existing subjects"
    put(core, "other", "IMPORT")
    put(core, ":.c:", "IMPORT")
    put(core, "s", "IMPORT", force=True)
    assert put(core, "s", "import") == {"mode": "import"}, "it is one already"


def test_the_switch_to_import_removes_what_is_soft_deleted():
    core = Core()
    core.register(":.c:s")
    core.register("s")
    soft_delete(core, ":.c:s")
    put(core, ":.c:", "IMPORT")
    assert core.state.subject(Subject(".c", "s")) is None
    assert core.state.schema(".c", 1) is None
    assert core.state.subject(Subject(".", "s")) is not None


def test_a_forced_switch_removes_nothing():
    core = Core()
    core.register("s")
    soft_delete(core, "s")
    put(core, "s", "IMPORT", force=True)
    assert core.state.subject(Subject(".", "s")) is not None


def test_the_switch_is_refused_where_others_refer_to_what_would_go():
    core = Core()
    core.register("base", PROTO)
    user = 'syntax = "proto3"; import "base.proto"; message U { p.M m = 1; }'
    references = [{"name": "base.proto", "subject": "base", "version": 1}]
    core.register("user", user, references=references)
    soft_delete(core, "base")
    refusal = refused(core, "mode.put", subject="base", body={"mode": "IMPORT"})
    assert refusal.fault is Fault.REFERENCE_EXISTS
    soft_delete(core, "user")
    core.call("mode.puttop", body={"mode": "IMPORT"})
    assert core.state.counts["schemas"] == 0, "together they may go"


def test_a_content_that_others_hold_stays():
    core = Core()
    core.register("s", proto("int32 a"))
    core.register("t", proto("int32 a"))
    soft_delete(core, "s")
    put(core, "s", "IMPORT")
    assert core.state.schema(".", 1) is not None
