"""The engine: decide, append, apply, reply."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from registan.core.decision import Decision
from registan.model.commit import Drop, Put
from registan.model.fault import Refusal
from registan.model.identity import Principal
from registan.model.subject import Subject
from registan.runtime.command import Answered
from registan.runtime.engine import NAMES_MAX
from registan.runtime.instance import Reading
from registan.store.protocol import Unavailable
from registan.testing.scripted_store import FINE, Gate, ScriptedStore
from registan.testing.shell_kit import (
    NOW,
    ask,
    ensure,
    execute,
    outcomes,
    put,
    put_once,
    refuse,
    started,
    written,
)
from registan.testing.simulate_loop import in_virtual_time
from registan.testing.store_case import commit, config, schema


def break_down(state, args, facts):
    raise ZeroDivisionError


def drop_nothing(state, args, facts):
    """A defect: a change that cannot be made."""
    return Decision((Drop(config(args)),), None)


def store_text(state, args, facts):
    """A schema of so many characters."""
    schema_id = state.next_id(".")
    return Decision((Put(schema(schema_id, "x" * args)),), schema_id)


# one command


@in_virtual_time
async def test_a_reply_comes_with_the_change():
    store = ScriptedStore()
    instance = await started(store)
    assert await execute(instance, put, "a") == 0
    assert instance.state.seq == await store.head() == 1
    assert instance.state.configs == {Subject(".", "a"): config("a")}


@in_virtual_time
async def test_a_commit_tells_who_asked_for_what_and_when():
    store = ScriptedStore()
    instance = await started(store)
    await execute(instance, put, "a", principal=Principal("zoe", frozenset(), "test"))
    found = (await store.read(0, 1))[0]
    assert (found.seq, found.at, found.actor, found.cause) == (1, NOW, "zoe", "config.put")


@in_virtual_time
async def test_a_refusal_reaches_the_caller_and_nothing_is_written():
    store = ScriptedStore()
    instance = await started(store)
    with pytest.raises(Refusal, match="40403"):
        await execute(instance, refuse, None)
    assert await store.head() == 0


@in_virtual_time
async def test_a_defect_reaches_the_caller_and_the_engine_goes_on():
    instance = await started(ScriptedStore())
    with pytest.raises(ZeroDivisionError):
        await execute(instance, break_down, None)
    assert await execute(instance, put, "a") == 0


@in_virtual_time
async def test_a_change_that_cannot_be_made_fails_alone():
    store = ScriptedStore()
    instance = await started(store)
    broken, fine = ask(instance, drop_nothing, "a") + ask(instance, put, "b")
    assert isinstance((await outcomes([broken]))[0], KeyError)
    assert await fine == 0
    assert written(store) == [["b"]]


@in_virtual_time
async def test_a_command_without_changes_writes_nothing():
    store = ScriptedStore()
    instance = await started(store)
    await execute(instance, ensure, "a")
    assert await execute(instance, ensure, "a") is True
    assert await store.head() == 1


@in_virtual_time
async def test_a_command_without_changes_is_answered_on_the_spot_where_the_state_is_known_to_be_fresh():
    instance = await started(ScriptedStore(embedded=True))
    await execute(instance, put, "a")
    assert instance.engine.try_now(ensure, "a", cause="x") == Answered(True, seq=instance.state.seq)


@in_virtual_time
async def test_a_refusal_on_the_spot_is_raised():
    instance = await started(ScriptedStore(embedded=True))
    with pytest.raises(Refusal):
        instance.engine.try_now(refuse, None, cause="x")


@in_virtual_time
async def test_a_command_without_changes_sees_what_others_wrote():
    """It is decided again when the check of freshness finds news."""
    store = ScriptedStore()
    instance = await started(store)
    await store.append(commit(1, Put(config("a"))))
    assert await execute(instance, ensure, "a") is True
    assert written(store) == [["a"]]


@in_virtual_time
async def test_a_reply_that_may_be_stale_says_so():
    store = ScriptedStore()
    instance = await started(store)
    await execute(instance, put, "a")
    store.next("head", Unavailable("down"))
    assert await instance.engine.try_now(ensure, "a", cause="x") == Answered(True, stale=True)


@in_virtual_time
async def test_a_refusal_that_may_be_stale_says_so():
    store = ScriptedStore()
    instance = await started(store)
    store.next("head", Unavailable("down"))
    answered = await instance.engine.try_now(refuse, None, cause="x")
    assert answered.stale
    assert "40403" in str(answered.refusal)


@in_virtual_time
async def test_a_write_is_never_stale():
    """It landed, whatever is thought of the store; and so it is asked again whether it is back."""
    store = ScriptedStore()
    instance = await started(store)
    store.next("head", Unavailable("down"))
    assert not await instance.freshness.fresh()
    assert await instance.engine.try_now(put, "a", cause="x") == Answered(0)
    await asyncio.sleep(0.1)
    assert not instance.freshness.stale


@in_virtual_time
@pytest.mark.parametrize("serve", [True, False])
async def test_what_was_learnt_from_the_log_is_not_stale(serve):
    """Another instance wrote it first: to lose a race is to hear of the newest commit."""
    store = ScriptedStore()
    instance = await started(store, Reading(serve=serve))
    down = Unavailable("down")
    store.next("head", down, FINE, down, FINE, *[down] * 9)  # it tells whoever lost, and no check
    with suppress(Refusal):
        await instance.freshness.fresh()
    await store.append(commit(1, Put(config("a"))))
    assert await instance.engine.try_now(ensure, "a", cause="x") == Answered(True, seq=1)
    await store.append(commit(2, Put(config("b"))))
    answered = await instance.engine.try_now(put_once, "b", cause="x")
    assert "40401" in str(answered.refusal)
    assert not answered.stale
    assert instance.freshness.stale


@in_virtual_time
async def test_what_one_command_learnt_another_did_not():
    """It was asked later, and somebody may have written since."""
    store = ScriptedStore()
    instance = await started(store)
    store.next("head", Unavailable("down"))
    await instance.freshness.fresh()
    await store.append(commit(1, Put(config("a"))))
    gate = Gate()
    store.next("append", gate)
    first = instance.engine.try_now(ensure, "a", cause="x")
    await gate.reached()
    second = instance.engine.try_now(ensure, "a", cause="x")
    gate.open()
    assert (await first, await second) == (Answered(True, seq=1), Answered(True, stale=True))


@in_virtual_time
async def test_without_stale_reads_a_command_without_changes_is_refused_while_the_store_is_down():
    store = ScriptedStore()
    instance = await started(store, Reading(serve=False))
    store.next("head", Unavailable("down"))
    with pytest.raises(Refusal, match=r"50001 the store does not answer$"):
        await execute(instance, refuse, None)


# several


@in_virtual_time
async def test_commands_that_arrive_during_an_append_leave_as_one_commit():
    store = ScriptedStore()
    instance = await started(store)
    gate = Gate()
    store.next("append", gate)
    first = ask(instance, put, "a")
    await gate.reached()
    rest = ask(instance, put, "b", "c", "d")
    await asyncio.sleep(0)
    gate.open()
    assert await outcomes(first + rest) == [0, 1, 2, 3]
    assert written(store) == [["a"], ["b", "c", "d"]]


@in_virtual_time
async def test_each_command_sees_what_those_before_it_would_leave():
    store = ScriptedStore()
    instance = await started(store)
    results = await outcomes(ask(instance, put_once, "a", "a", "b"))
    assert results[0] == 0
    assert isinstance(results[1], Refusal)
    assert results[2] == 1


@in_virtual_time
async def test_nobody_sees_a_change_before_it_is_durable():
    store = ScriptedStore()
    instance = await started(store)
    gate = Gate()
    store.next("append", gate)
    tasks = ask(instance, put, "a", "b")
    await gate.reached()
    assert (instance.state.seq, instance.state.configs) == (0, {})
    assert not any(task.done() for task in tasks)
    gate.open()
    await outcomes(tasks)
    assert len(instance.state.configs) == 2


@in_virtual_time
async def test_a_commit_holds_at_most_so_many_commands():
    store = ScriptedStore()
    instance = await started(store, batch_max=2)
    await outcomes(ask(instance, put, *"abcde"))
    assert written(store) == [["a", "b"], ["c", "d"], ["e"]]


@in_virtual_time
async def test_a_commit_holds_at_most_so_much_text():
    store = ScriptedStore()
    instance = await started(store, batch_bytes_max=1000)
    await outcomes(ask(instance, store_text, 300, 300, 300, 5000, 10))
    assert [len(c.changes) for c in await store.read(0, 10)] == [2, 1, 1, 1]


@in_virtual_time
async def test_a_command_bigger_than_a_commit_may_be_goes_alone():
    store = ScriptedStore()
    instance = await started(store, batch_bytes_max=1000)
    assert await outcomes(ask(instance, store_text, 10_000, 20_000)) == [1, 2]
    assert await store.head() == 2


@in_virtual_time
async def test_too_many_waiting_commands_are_refused():
    instance = await started(ScriptedStore(), queue_max=2)
    results = await outcomes(ask(instance, put, *"abcd"))
    assert results[:2] == [0, 1]
    assert [str(r) for r in results[2:]] == ["50001 too many writes are waiting"] * 2
    assert await execute(instance, put, "e") == 2


@in_virtual_time
async def test_the_queue_can_be_looked_at():
    store = ScriptedStore()
    instance = await started(store)
    gate = Gate()
    store.next("append", gate)
    tasks = ask(instance, put, "a")
    await gate.reached()
    tasks += ask(instance, put, "b", "c")
    await asyncio.sleep(0)
    assert instance.engine.queue_length == 2
    gate.open()
    await outcomes(tasks)
    assert instance.engine.queue_length == 0


@in_virtual_time
async def test_a_commit_names_who_and_what_once_each():
    store = ScriptedStore()
    instance = await started(store)
    tasks = []
    for name in "zoe", "adam", "zoe":
        tasks += ask(instance, put, name, principal=Principal(name, frozenset(), "test"))
    await outcomes(tasks)
    found = (await store.read(0, 1))[0]
    assert (found.actor, found.cause) == ("zoe, adam", "config.put")


@in_virtual_time
async def test_a_commit_names_only_so_many():
    store = ScriptedStore()
    instance = await started(store)
    tasks = []
    for number in range(NAMES_MAX + 1):
        tasks += ask(instance, put, str(number), principal=Principal(str(number), frozenset(), "test"))
    await outcomes(tasks)
    assert (await store.read(0, 1))[0].actor == "0, 1, 2, 3, 4, 5, 6, 7, …"


@in_virtual_time
async def test_who_changed_nothing_is_not_named():
    store = ScriptedStore()
    instance = await started(store)
    writer = ask(instance, put, "a", principal=Principal("writer", frozenset(), "test"))
    reader = ask(instance, ensure, "a", principal=Principal("reader", frozenset(), "test"))
    assert await outcomes(writer + reader) == [0, True]
    assert (await store.read(0, 1))[0].actor == "writer"
