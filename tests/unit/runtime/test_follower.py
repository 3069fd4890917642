"""The follower: one instance's copy of the log."""

from __future__ import annotations

import asyncio
import gc
from uuid import uuid4

import pytest

from registan.core.state import State
from registan.model.commit import Drop, Put
from registan.runtime.follower import READ_MAX, Follower
from registan.runtime.gauges import Silent
from registan.store.protocol import Loaded, TooNew, Unavailable
from registan.testing.compare import view
from registan.testing.scripted_store import SILENCE, Gate, ScriptedStore
from registan.testing.simulate_loop import in_virtual_time
from registan.testing.store_case import append_all, commit, config


class Told(Silent):
    """Remembers."""

    def __init__(self):
        self.reloads = []
        self.back = []
        self.seqs = []

    def reloaded(self, why):
        self.reloads.append(why)

    def went_back(self, why):
        self.back.append(why)

    def learnt(self, seq):
        self.seqs.append(seq)


class Following:
    """A follower with what it needs."""

    def __init__(self, store):
        self.store = store
        self.state = State()
        self.told = Told()
        self.follower = Follower(store, self.state, self.told, poll_interval_s=1.0, timeout_s=2.0)

    def names(self):
        return {scope.name for scope in self.state.configs}


def commits(first, last):
    return [commit(seq, Put(config(f"s{seq}"))) for seq in range(first, last + 1)]


async def filled(last, **options):
    store = ScriptedStore(**options)
    await append_all(store, *commits(1, last))
    store.calls.clear()
    return Following(store)


@in_virtual_time
async def test_loading_is_becoming_what_the_store_holds():
    following = await filled(3)
    await following.follower.load()
    assert (following.state.seq, following.names()) == (3, {"s1", "s2", "s3"})


@in_virtual_time
async def test_loading_forgets_what_was_known_before():
    following = await filled(2)
    following.state.apply(1, [Put(config("elsewhere"))])
    await following.follower.load()
    assert following.names() == {"s1", "s2"}


@in_virtual_time
async def test_a_frozen_load_leaves_the_garbage_collector_on():
    following = await filled(1)
    await following.follower.load(freeze=True)
    try:
        assert gc.isenabled()
        assert following.state.seq == 1
    finally:
        gc.unfreeze()


@in_virtual_time
async def test_a_failed_frozen_load_leaves_the_garbage_collector_on():
    following = await filled(1)
    following.store.next("load", Unavailable("down"))
    with pytest.raises(Unavailable):
        await following.follower.load(freeze=True)
    assert gc.isenabled()


@in_virtual_time
async def test_syncing_learns_every_commit():
    following = await filled(3)
    await following.follower.sync()
    assert (following.state.seq, following.names()) == (3, {"s1", "s2", "s3"})
    assert following.told.seqs == [3]


@in_virtual_time
async def test_syncing_reads_in_parts():
    following = await filled(READ_MAX * 2 + 1)
    await following.follower.sync()
    assert following.state.seq == READ_MAX * 2 + 1
    assert following.store.calls == ["head", "read", "read", "read"]


@in_virtual_time
async def test_syncing_over_pruned_history_loads():
    following = await filled(5, history_max=2)
    await following.follower.sync()
    assert (following.state.seq, len(following.names())) == (5, 5)
    assert following.store.calls == ["head", "read", "load"]
    assert len(following.told.reloads) == 1


@in_virtual_time
async def test_a_commit_that_cannot_be_applied_makes_it_load():
    """The records are right, whatever is wrong with the commit."""
    following = await filled(1)
    await append_all(following.store, commit(2, Drop(config("never there"))), *commits(3, 3))
    await following.follower.sync()
    assert (following.state.seq, following.names()) == (3, {"s1", "s3"})
    assert "commit 2 cannot be applied: KeyError" in following.told.reloads[0]


@in_virtual_time
async def test_a_commit_is_applied_once():
    following = await filled(0)
    each = commit(1, Put(config("a")))
    assert following.follower.learn(each) is None
    before = view(following.state)
    assert following.follower.learn(each) is None
    assert view(following.state) == before


@in_virtual_time
async def test_a_commit_out_of_order_is_not_applied():
    following = await filled(0)
    assert "does not follow" in following.follower.learn(commit(5, Put(config("a"))))
    assert following.state.seq == 0


@in_virtual_time
async def test_the_state_never_goes_back_while_it_loads():
    """Somebody learns more while the load is under way: what was loaded is thrown away."""
    following = await filled(2)
    gate = Gate()
    load = following.store.load

    async def slow():
        loaded = await load()
        await gate.pass_through()
        return loaded

    following.store.load = slow
    task = asyncio.ensure_future(following.follower.reload("for a reason"))
    await gate.reached()
    await append_all(following.store, *commits(3, 3))
    await following.follower.sync()
    assert following.state.seq == 3
    gate.open()
    await task
    assert (following.state.seq, len(following.names())) == (3, 3)
    assert following.told.reloads == []


async def put_back(following, *seqs):
    """The log is another one, in which commits of these seqs stand."""
    vars(following.store).update(vars(ScriptedStore()))
    await append_all(following.store, *(commit(seq, Put(config(f"t{seq}"))) for seq in seqs))


@in_virtual_time
@pytest.mark.parametrize(
    ("last", "why"),
    [
        (1, "the log went back from 3 to 1"),
        (3, "the log went back and went on: another commit stands at 3, the newest is 3"),
        (5, "the log went back and went on: another commit stands at 3, the newest is 5"),
    ],
)
async def test_a_log_that_went_back_is_loaded_and_told_of(last, why):
    """What the store holds is the truth, and nothing of it is laid on what was known."""
    following = await filled(3)
    await following.follower.sync()
    await put_back(following, *range(1, last + 1))
    await following.follower.sync()
    assert (following.state.seq, following.names()) == (last, {f"t{seq}" for seq in range(1, last + 1)})
    assert (following.told.reloads, following.told.back) == ([why], [why])
    await following.follower.sync()
    assert len(following.told.back) == 1


@in_virtual_time
async def test_the_tail_notices_a_log_that_went_back():
    """Though nobody reads or writes."""
    following = await filled(3)
    task = await running(following)
    await settle(lambda: following.state.seq == 3)
    await put_back(following, 1)
    await settle(lambda: following.state.seq == 1)
    assert len(following.told.back) == 1
    await stop(task)


@in_virtual_time
async def test_an_own_commit_that_lands_while_the_log_is_looked_at_is_no_step_back():
    following = await filled(1)
    await following.follower.sync()
    gate = Gate()
    look = following.store.look

    async def slow(known):
        seen = await look(known)
        await gate.pass_through()
        return seen

    following.store.look = slow
    task = asyncio.ensure_future(following.follower.sync())
    await gate.reached()
    following.follower.learn(commit(2, Put(config("own"))))
    gate.open()
    await task
    assert (following.state.seq, following.told.back) == (2, [])


@in_virtual_time
async def test_where_the_known_commit_was_pruned_nobody_can_tell_and_all_is_loaded():
    following = await filled(3)
    await following.follower.sync()
    await append_all(following.store, *commits(4, 6))
    await following.store.prune(3)
    await following.follower.sync()
    assert (following.state.seq, len(following.names())) == (6, 6)
    assert (following.told.reloads, following.told.back) == (["history up to 3 was pruned"], [])


# watching


@in_virtual_time
async def test_a_watched_commit_is_seen_when_it_is_learnt():
    following = await filled(0)
    each = commit(1, Put(config("a")))
    following.follower.watch(each.id)
    assert following.follower.seen(each.id) is False
    await append_all(following.store, each)
    await following.follower.sync()
    assert following.follower.seen(each.id) is True


@in_virtual_time
async def test_a_watched_commit_is_seen_although_it_is_known_already():
    following = await filled(0)
    each = commit(1, Put(config("a")))
    following.follower.learn(each)
    following.follower.watch(each.id)
    following.follower.learn(each)
    assert following.follower.seen(each.id) is True


@in_virtual_time
async def test_after_a_load_nobody_can_tell_whether_a_watched_commit_stands():
    following = await filled(5, history_max=1)
    unknown, seen = uuid4(), commit(6, Put(config("a")))
    following.follower.watch(unknown)
    following.follower.watch(seen.id)
    following.follower.learn(seen)
    await following.follower.sync()
    assert following.follower.seen(unknown) is None


@in_virtual_time
async def test_what_was_seen_before_a_load_stays_seen():
    following = await filled(1)
    each = (await following.store.read(0, 1))[0]
    following.follower.watch(each.id)
    await following.follower.sync()
    await following.follower.reload("for a reason")
    assert following.follower.seen(each.id) is True


# running


async def running(following):
    return asyncio.ensure_future(following.follower.run())


async def settle(condition):
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come to that")


async def stop(task):
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@in_virtual_time
async def test_the_tail_follows():
    following = await filled(1)
    task = await running(following)
    await settle(lambda: following.state.seq == 1)
    await append_all(following.store, *commits(2, 4))
    await settle(lambda: following.state.seq == 4)
    await stop(task)


@in_virtual_time
async def test_the_tail_tells_its_trouble_and_goes_on():
    following = await filled(1)
    following.store.next("read", Unavailable("down"), TooNew("level 9"))
    task = await running(following)
    await settle(lambda: following.follower.trouble == "down")
    await settle(lambda: following.follower.trouble == "level 9")
    assert following.state.seq == 0
    await settle(lambda: following.state.seq == 1)
    await settle(lambda: following.follower.trouble is None)
    await stop(task)


@in_virtual_time
@pytest.mark.parametrize("operation", ["read", "load"])
async def test_one_answer_that_never_comes_does_not_end_the_following(operation):
    following = await filled(5, history_max=1)
    following.store.next(operation, SILENCE)
    task = await running(following)
    await asyncio.sleep(200)
    assert following.state.seq == 5
    await stop(task)


@in_virtual_time
async def test_a_hint_that_never_comes_does_not_end_the_following():
    following = await filled(0)

    async def wait(after, timeout_s):
        await asyncio.get_running_loop().create_future()

    following.store.wait = wait
    task = await running(following)
    await append_all(following.store, *commits(1, 1))
    await settle(lambda: following.follower.trouble is not None)
    assert following.follower.trouble == "the store did not answer within 3 s"
    await stop(task)


@in_virtual_time
async def test_a_load_that_breaks_off_leaves_what_was_known():
    """Reads go on from there, and the next try begins anew."""
    following = await filled(5, history_max=1)
    following.state.apply(1, [Put(config("known"))])
    load = following.store.load

    async def torn():
        loaded = await load()

        def records():
            yield next(iter(loaded.records))
            raise Unavailable("the connection broke")

        following.store.load = load
        return Loaded(loaded.seq, records())

    following.store.load = torn
    with pytest.raises(Unavailable):
        await following.follower.sync()
    assert (following.state.seq, following.names()) == (1, {"known"})
    await following.follower.sync()
    assert (following.state.seq, len(following.names())) == (5, 5)


@in_virtual_time
@pytest.mark.parametrize("freeze", [False, True])
async def test_a_start_does_not_wait_for_ever(freeze):
    """For a store that let one in and then fell silent."""
    following = await filled(5)
    following.store.next("load", SILENCE)
    with pytest.raises(Unavailable, match="did not answer within 120 s"):
        await following.follower.load(freeze=freeze)
    assert gc.isenabled()
