"""Offering a commit, and finding out what became of one whose answer was lost."""

from __future__ import annotations

import asyncio

import pytest

from registan.core.state import State
from registan.model.commit import Drop, Put
from registan.runtime.follower import Follower
from registan.runtime.gauges import Silent
from registan.runtime.offer import Failed, Landed, Lost, Offer
from registan.store.protocol import Conflict, Unavailable, Unknown
from registan.testing.scripted_store import FINE, SILENCE, Done, Gate, ScriptedStore
from registan.testing.simulate_loop import in_virtual_time
from registan.testing.store_case import commit, config

LOST = Unknown("connection lost")
DOWN = Unavailable("down")
NOT_WRITTEN = Failed("the store cannot be written to just now; nothing was written")
NOT_KNOWN = Failed("the store did not answer; whether the write took place is not known")


class Doubts(Silent):
    """Counts doubts."""

    count = 0

    def doubt(self):
        self.count += 1


class Shell:
    """An offer with what it needs."""

    def __init__(self, store, *, append_timeout_s=1.0, doubt_timeout_s=4.0):
        self.store = store
        self.state = State()
        self.gauges = Doubts()
        self.follower = Follower(store, self.state, timeout_s=1.0)
        self.offer = Offer(store, self.state, self.follower, self.gauges, append_timeout_s, doubt_timeout_s)

    async def land(self, offered):
        return await self.offer.land(offered)

    def stands(self):
        """Ids in the log."""
        return [each.id for each in self.store._commits.values()]


def ours():
    return commit(1, Put(config("ours")))


def theirs(seq=1):
    return commit(seq, Put(config("theirs")))


@in_virtual_time
async def test_a_commit_lands_and_is_in_the_state():
    shell = Shell(ScriptedStore())
    offered = ours()
    assert await shell.land(offered) == Landed()
    assert shell.state.seq == 1
    assert shell.store.calls == ["append"]
    assert shell.gauges.count == 0


@in_virtual_time
async def test_who_comes_second_has_learnt_what_came_first():
    shell = Shell(ScriptedStore())
    await shell.store.append(theirs())
    assert await shell.land(ours()) == Lost()
    assert shell.state.seq == 1


@in_virtual_time
async def test_what_was_refused_was_not_written():
    shell = Shell(ScriptedStore())
    shell.store.next("append", DOWN)
    assert await shell.land(ours()) == NOT_WRITTEN
    assert shell.stands() == []


@in_virtual_time
async def test_who_comes_second_and_cannot_read_why_was_not_written():
    shell = Shell(ScriptedStore())
    await shell.store.append(theirs())
    shell.store.next("read", DOWN)
    assert await shell.land(ours()) == NOT_WRITTEN


@in_virtual_time
async def test_a_commit_that_took_place_before_its_answer_was_lost_is_found():
    shell = Shell(ScriptedStore())
    shell.store.next("append", Done(LOST))
    offered = ours()
    assert await shell.land(offered) == Landed()
    assert shell.stands() == [offered.id]
    assert shell.state.seq == 1
    assert shell.gauges.count == 1


@in_virtual_time
async def test_a_commit_that_did_not_take_place_is_offered_again():
    shell = Shell(ScriptedStore())
    shell.store.next("append", LOST, LOST, FINE)
    offered = ours()
    assert await shell.land(offered) == Landed()
    assert shell.store.calls.count("append") == 3
    assert shell.stands() == [offered.id]


@in_virtual_time
async def test_another_at_its_seq_settles_that_it_lost():
    shell = Shell(ScriptedStore())
    await shell.store.append(theirs())
    shell.store.next("append", LOST)
    assert await shell.land(ours()) == Lost()
    assert shell.state.seq == 1


@in_virtual_time
async def test_an_own_commit_in_the_way_of_itself_has_landed():
    """The first offer took place late, the second met it there."""
    shell = Shell(ScriptedStore())
    offered = ours()
    look = shell.store.look

    async def look_too_early(known):
        seen = await look(known)
        if not shell.stands():
            await shell.store.append(offered)
        return seen

    shell.store.look = look_too_early
    shell.store.next("append", LOST)
    assert await shell.land(offered) == Landed()
    assert shell.stands() == [offered.id]


@in_virtual_time
async def test_a_conflict_with_itself_at_the_first_offer_is_a_landing():
    """The tail may read a commit before its writer hears that it landed."""
    shell = Shell(ScriptedStore())
    offered = ours()
    shell.store.next("append", Done(Conflict(1)))
    assert await shell.land(offered) == Landed()


@in_virtual_time
async def test_silence_is_a_lost_answer():
    shell = Shell(ScriptedStore())
    shell.store.next("append", SILENCE)
    before = asyncio.get_running_loop().time()
    assert await shell.land(ours()) == Landed()
    assert asyncio.get_running_loop().time() == pytest.approx(before + 1.0)


@in_virtual_time
async def test_a_store_that_is_down_after_an_answer_was_lost_leaves_the_fate_open():
    shell = Shell(ScriptedStore(), doubt_timeout_s=1.0)
    shell.store.next("append", Done(LOST))
    shell.store.next("head", *[DOWN] * 100)
    assert await shell.land(ours()) == NOT_KNOWN


@in_virtual_time
async def test_a_refusal_after_an_answer_was_lost_settles_nothing():
    """The second offer is refused, but the first may have taken place."""
    shell = Shell(ScriptedStore(), doubt_timeout_s=1.0)
    shell.store.next("append", LOST, *[DOWN] * 100)
    assert await shell.land(ours()) == NOT_KNOWN


@in_virtual_time
async def test_history_pruned_over_a_doubt_leaves_the_fate_open():
    """The state was loaded anew, and the commits that told are gone."""
    shell = Shell(ScriptedStore(history_max=1))
    shell.store.next("append", LOST)
    look = shell.store.look

    async def look_after_others(known):
        if shell.store._seq < 3:
            for seq in (1, 2, 3):
                await ScriptedStore.append(shell.store, theirs(seq))
        return await look(known)

    shell.store.look = look_after_others
    assert await shell.land(ours()) == NOT_KNOWN
    assert shell.state.seq == 3


@in_virtual_time
async def test_finding_out_takes_no_longer_than_the_time_outs():
    shell = Shell(ScriptedStore(), append_timeout_s=1.0, doubt_timeout_s=3.0)
    shell.store.next("append", *[SILENCE] * 100)
    shell.store.next("head", *[SILENCE] * 100)
    before = asyncio.get_running_loop().time()
    assert await shell.land(ours()) == NOT_KNOWN
    assert asyncio.get_running_loop().time() - before < 1.0 + 3.0 + 1.0 + 0.1


@in_virtual_time
async def test_a_commit_that_stands_but_cannot_be_applied_is_loaded():
    """A defect of its command must not stop the instance: the records are right."""
    shell = Shell(ScriptedStore())
    assert await shell.land(commit(1, Drop(config("never there")))) == Landed()
    assert (shell.state.seq, shell.state.configs) == (1, {})
    assert shell.store.calls == ["append", "load"]


@in_virtual_time
async def test_a_defect_of_the_store_is_raised():
    shell = Shell(ScriptedStore())
    with pytest.raises(ValueError, match="hole"):
        await shell.land(theirs(seq=5))


@in_virtual_time
async def test_the_tail_may_apply_a_commit_before_its_writer_hears_of_it():
    shell = Shell(ScriptedStore())
    gate = Gate()
    offered = ours()
    append = shell.store.append

    async def slow(each, after=None):
        await append(each, after)
        await gate.pass_through()

    shell.store.append = slow
    task = asyncio.ensure_future(shell.land(offered))
    await gate.reached()
    await shell.follower.sync()
    assert shell.state.seq == 1
    gate.open()
    assert await task == Landed()
    assert shell.state.seq == 1


@in_virtual_time
async def test_nobody_is_watched_once_the_fate_is_settled():
    shell = Shell(ScriptedStore())
    shell.store.next("append", FINE, DOWN)
    await shell.land(ours())
    await shell.land(theirs(seq=2))
    assert shell.follower._watched == {}
