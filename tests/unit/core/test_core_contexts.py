"""Contexts: which are listed, and when one may go (docs/wire.md, contexts)."""

from __future__ import annotations

import pytest

from registan.model.commit import Drop
from registan.model.fault import Fault, Refusal
from registan.model.subject import Subject
from registan.testing.core_kit import Core


def contexts(core: Core, **args):
    return core.call("context.list", **args)


def emptied(core: Core, subject: str) -> None:
    entry = core.state.subject(Subject.parse(subject))
    core.state.apply(core.state.seq + 1, [Drop(version) for version in entry.versions.values()])


def test_a_context_appears_with_a_registration_not_with_a_config():
    core = Core()
    core.call("config.put", subject=":.a:", body={})
    core.call("mode.put", subject=":.a:", body={"mode": "READWRITE"})
    assert contexts(core) == ["."]
    core.register(":.b:s")
    assert contexts(core) == [".", ".b"]


def test_pages_and_prefixes():
    core = Core()
    for name in ("b", "a", "ab"):
        core.register(f":.{name}:s")
    assert contexts(core) == [".", ".a", ".ab", ".b"]
    assert contexts(core, context_prefix=".a") == [".a", ".ab"]
    assert contexts(core, context_prefix="a") == []
    assert contexts(core, offset=1, limit=2) == [".a", ".ab"]
    assert contexts(core, offset=-3, limit=0) == [".", ".a", ".ab", ".b"]


@pytest.mark.parametrize("name", ["c", ".c", ":.c:"])
def test_a_context_with_subjects_stays(name):
    core = Core()
    core.register(":.c:s")
    with pytest.raises(Refusal) as info:
        core.call("context.delete", context=name)
    assert info.value.message == "The specified context ':.c:' is not empty."


def test_an_empty_context_goes_and_its_ids_are_not_given_out_again():
    core = Core()
    core.register(":.c:s")
    emptied(core, ":.c:s")
    core.call("context.delete", context="c")
    assert contexts(core) == ["."]
    core.call("context.delete", context="c")
    core.register(":.c:s", 'syntax = "proto3"; message Other {}')
    assert contexts(core) == [".", ".c"]
    assert core.state.next_id(".c") == 3


def test_an_absent_context_can_be_deleted_and_the_one_above_all_cannot():
    core = Core()
    core.call("context.delete", context="never")
    with pytest.raises(Refusal) as info:
        core.call("context.delete", context="__GLOBAL")
    assert info.value.fault is Fault.CONTEXT_NOT_EMPTY


def test_a_colon_inside_a_name_is_refused():
    with pytest.raises(Refusal) as info:
        Core().call("context.delete", context="a:b")
    assert info.value.fault is Fault.COLON_IN_CONTEXT
