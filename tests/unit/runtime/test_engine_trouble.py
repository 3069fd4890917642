"""The engine when others are first, the store fails, callers go, or it must stop."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from registan.model.commit import Put
from registan.model.fault import Refusal
from registan.store.protocol import Unavailable, Unknown
from registan.testing.scripted_store import SILENCE, Done, Gate, ScriptedStore
from registan.testing.shell_kit import ask, execute, outcomes, put, put_once, started, written
from registan.testing.simulate_loop import in_virtual_time
from registan.testing.store_case import commit, config

# others are first


@in_virtual_time
async def test_who_comes_second_learns_and_decides_again():
    store = ScriptedStore()
    instance = await started(store)
    await store.append(commit(1, Put(config("other"))))
    assert await execute(instance, put, "a") == 1
    assert written(store) == [["other"], ["a"]]


@in_virtual_time
async def test_who_comes_second_may_be_refused_by_what_came_first():
    store = ScriptedStore()
    instance = await started(store)
    await store.append(commit(1, Put(config("a"))))
    with pytest.raises(Refusal, match="40401"):
        await execute(instance, put_once, "a")


@in_virtual_time
async def test_whoever_always_comes_second_gives_up():
    store = ScriptedStore()
    instance = await started(store, attempts_max=3)
    append, decided = store.append, []

    async def beaten(offered, after=None):
        await append(commit(offered.seq, Put(config(f"other{offered.seq}"))))
        await append(offered, after)

    store.append = beaten

    def counted(state, args, facts):
        decided.append(state.seq)
        return put(state, args, facts)

    with pytest.raises(Refusal, match="50001 other writers were first 3 times"):
        await execute(instance, counted, "a")
    assert decided == [0, 1, 2]


@in_virtual_time
async def test_who_comes_second_a_hundred_times_is_first_in_the_end():
    """Another process on the same file may be that quick; no client has to hear of it."""
    store = ScriptedStore()
    instance = await started(store)
    append, others = store.append, iter(range(1, 101))

    async def beaten(offered, after=None):
        for _ in zip([None], others, strict=False):
            await append(commit(offered.seq, Put(config(f"other{offered.seq}"))))
        await append(offered, after)

    store.append = beaten
    assert await execute(instance, put, "a") == 100


@in_virtual_time
async def test_who_loses_again_offers_fewer_at_once():
    """Or an instance that decides as many as it can would come second for ever beside another like it."""
    store = ScriptedStore()
    instance = await started(store, batch_max=8)
    append, offers = store.append, []

    async def beaten(offered, after=None):
        offers.append(len(offered.changes))
        if len(offers) <= 4:
            await append(commit(offered.seq, Put(config(f"other{offered.seq}"))))
        await append(offered, after)

    store.append = beaten
    await asyncio.gather(*(execute(instance, put, f"a{i}") for i in range(16)))
    assert offers[:5] == [8, 8, 4, 2, 1]


# the store fails


@in_virtual_time
async def test_an_unavailable_store_is_told_and_the_engine_goes_on():
    """In words of our own: the store's may name a path, or a host."""
    store = ScriptedStore()
    instance = await started(store)
    store.next("append", Unavailable("disk full"))
    with pytest.raises(Refusal, match=r"50001 the store cannot be written to just now; nothing was written$"):
        await execute(instance, put, "a")
    assert (instance.state.seq, await store.head()) == (0, 0)
    assert await execute(instance, put, "a") == 0


@in_virtual_time
async def test_what_stood_behind_a_write_that_did_not_happen_is_decided_anew():
    store = ScriptedStore()
    instance = await started(store)
    store.next("append", Unavailable("disk full"))
    first, second = await outcomes(ask(instance, put_once, "a", "a"))
    assert str(first) == "50001 the store cannot be written to just now; nothing was written"
    assert second == 0
    assert written(store) == [["a"]]


@in_virtual_time
async def test_a_lost_answer_is_found_out():
    store = ScriptedStore()
    instance = await started(store)
    store.next("append", Done(Unknown("connection lost")))
    assert await execute(instance, put, "a") == 0
    assert written(store) == [["a"]]


@in_virtual_time
async def test_a_fate_that_cannot_be_found_out_is_told():
    store = ScriptedStore()
    instance = await started(store, append_timeout_s=1, doubt_timeout_s=2)
    store.next("append", SILENCE)
    store.next("head", *[Unavailable("down")] * 100)
    with pytest.raises(Refusal, match="whether the write took place is not known"):
        await execute(instance, put, "a")


@in_virtual_time
async def test_a_commit_the_store_chokes_on_is_taken_apart():
    """Only the command that cannot be written fails; the others are written one by one."""
    store = ScriptedStore()
    instance = await started(store)
    append = store.append

    async def picky(offered, after=None):
        if any(change.record.scope.name == "poison" for change in offered.changes):
            raise ValueError("the store chokes")
        await append(offered, after)

    store.append = picky
    results = await outcomes(ask(instance, put, "a", "poison", "b"))
    assert (results[0], results[2]) == (0, 1)
    assert isinstance(results[1], ValueError)
    assert written(store) == [["a"], ["b"]]


@in_virtual_time
async def test_after_a_poisoned_commit_commands_share_commits_again():
    store = ScriptedStore()
    instance = await started(store)
    store.next("append", ValueError("once"))
    await outcomes(ask(instance, put, "a", "b"))
    await outcomes(ask(instance, put, "c", "d"))
    assert written(store) == [["a"], ["b"], ["c", "d"]]


@in_virtual_time
async def test_a_log_that_went_back_is_followed():
    """It was restored from a backup: the commit would leave a hole, the state is loaded anew."""
    store = ScriptedStore()
    instance = await started(store)
    for name in "abc":
        await execute(instance, put, name)
    del store._commits[3], store._commits[2]
    store._seq = 1
    store._records = dict(list(store._records.items())[:1])
    assert await execute(instance, put, "d") == 1
    assert written(store) == [["a"], ["d"]]
    assert {scope.name for scope in instance.state.configs} == {"a", "d"}


# callers go, the engine stops


@in_virtual_time
async def test_a_command_whose_caller_has_gone_before_it_was_decided_never_happens():
    store = ScriptedStore()
    instance = await started(store)
    gate = Gate()
    store.next("append", gate)
    tasks = ask(instance, put, "a")
    await gate.reached()
    tasks += ask(instance, put, "b", "c")
    await asyncio.sleep(0)
    tasks[1].cancel()
    gate.open()
    results = await outcomes(tasks)
    assert isinstance(results[1], asyncio.CancelledError)
    assert written(store) == [["a"], ["c"]]


@in_virtual_time
async def test_a_command_whose_caller_goes_during_the_append_happens():
    store = ScriptedStore()
    instance = await started(store)
    gate = Gate()
    store.next("append", gate)
    tasks = ask(instance, put, "a")
    await gate.reached()
    tasks[0].cancel()
    await outcomes(tasks)
    gate.open()
    assert await execute(instance, put, "b") == 1
    assert written(store) == [["a"], ["b"]]


@in_virtual_time
async def test_stopping_finishes_what_waits():
    store = ScriptedStore()
    instance = await started(store, batch_max=1)
    tasks = ask(instance, put, "a", "b", "c")
    await asyncio.sleep(0)
    await instance.engine.stop()
    assert await outcomes(tasks) == [0, 1, 2]
    with pytest.raises(Refusal, match="50001 the instance is stopping"):
        await execute(instance, put, "d")


@in_virtual_time
async def test_stopping_gives_up_at_the_time_out():
    store = ScriptedStore()
    instance = await started(store, batch_max=1)
    store.next("append", SILENCE)
    tasks = ask(instance, put, "a", "b")
    await asyncio.sleep(0)
    before = asyncio.get_running_loop().time()
    await instance.engine.stop(timeout_s=3)
    assert asyncio.get_running_loop().time() == before + 3
    first, second = await outcomes(tasks)
    assert "whether the write took place is not known" in str(first)
    assert str(second) == "50001 the instance is stopping"


@in_virtual_time
async def test_stopping_an_idle_engine_is_no_work():
    instance = await started(ScriptedStore())
    await instance.engine.stop()
    await instance.engine.stop()


@in_virtual_time
async def test_attempts_are_paused_between_but_for_the_first():
    """Whoever lost twice waits a random while, so that instances do not meet again."""
    store = ScriptedStore()
    instance = await started(store, backoff_s=1.0)
    append = store.append
    times = []

    async def beaten(offered, after=None):
        times.append(asyncio.get_running_loop().time())
        if len(times) < 4:
            await append(commit(offered.seq, Put(config("x"))))
        await append(offered, after)

    store.append = beaten
    await execute(instance, put, "a")
    pauses = [b - a for a, b in pairwise(times)]
    assert pauses[0] == 0
    assert 0 < pauses[1] <= 2
    assert 0 < pauses[2] <= 3


@in_virtual_time
async def test_nobody_waits_for_longer_than_twice_one_write_may_take():
    """However many wait while the store is silent, and however few fit into one commit."""
    store = ScriptedStore()
    instance = await started(store, batch_max=1, append_timeout_s=1, doubt_timeout_s=2)
    store.next("append", *[SILENCE] * 100)
    store.next("head", *[Unavailable("down")] * 10_000)
    before = asyncio.get_running_loop().time()
    told = await outcomes(ask(instance, put, *map(str, range(50))))
    assert asyncio.get_running_loop().time() - before <= 6
    assert {str(refusal) for refusal in told} == {
        "50001 the store did not answer; whether the write took place is not known",
        "50001 the store is slow or down; nothing was written",
    }


@in_virtual_time
async def test_a_look_at_a_doubtful_commit_ends_at_the_time_out():
    """Also where the store answers each question only after a while."""
    store = ScriptedStore()
    instance = await started(store, append_timeout_s=5, doubt_timeout_s=2)
    store.next("append", Unknown("lost"))
    store.next("head", SILENCE)
    before = asyncio.get_running_loop().time()
    with pytest.raises(Refusal, match="whether the write took place is not known"):
        await execute(instance, put, "a")
    assert asyncio.get_running_loop().time() == before + 2


# the log went back


@in_virtual_time
@pytest.mark.parametrize("last", [0, 1, 2, 3])
async def test_a_write_on_a_log_that_went_back_is_decided_on_what_the_log_holds(last):
    """Whether the seq is free, taken, or would leave a hole: nothing is built on what is gone."""
    store = ScriptedStore()
    instance = await started(store)
    await execute(instance, put, "a")
    await execute(instance, put, "b")
    vars(store).update(vars(ScriptedStore()))
    for seq in range(1, last + 1):
        await store.append(commit(seq, Put(config(f"other{seq}"))))
    decided = []

    def counted(state, args, facts):
        decided.append(state.seq)
        return put(state, args, facts)

    await execute(instance, counted, "c")
    assert decided == [2, last]
    assert written(store) == [*([f"other{seq}"] for seq in range(1, last + 1)), ["c"]]
    assert {scope.name for scope in instance.state.configs} == {
        *(f"other{n}" for n in range(1, last + 1)),
        "c",
    }
