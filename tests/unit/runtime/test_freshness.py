"""Freshness: that a read misses nothing acknowledged before it began."""

from __future__ import annotations

import asyncio

import pytest

from registan.core.state import State
from registan.model.commit import Put
from registan.model.fault import Refusal
from registan.runtime.follower import Follower
from registan.runtime.freshness import Freshness
from registan.runtime.gauges import Silent
from registan.store.protocol import TooNew, Unavailable
from registan.testing.scripted_store import SILENCE, Gate, ScriptedStore
from registan.testing.simulate_loop import in_virtual_time
from registan.testing.store_case import append_all, commit, config

DOWN = Unavailable("down")


class Flags(Silent):
    """Remembers what was told about staleness."""

    def __init__(self):
        self.told = []

    def stale(self, stale):
        self.told.append(stale)


class Guarded:
    """A guard with what it needs."""

    def __init__(self, *, embedded=False, **options):
        self.store = ScriptedStore(embedded=embedded)
        self.state = State()
        self.flags = Flags()
        self.follower = Follower(self.store, self.state)
        self.guard = Freshness(self.store, self.state, self.follower, self.flags, **options)

    async def write(self, *seqs):
        await append_all(self.store, *(commit(seq, Put(config(f"s{seq}"))) for seq in seqs))
        self.store.calls.clear()

    def read(self):
        """A read begins; gives the seq it sees."""

        async def reading():
            await self.guard.fresh()
            return self.state.seq

        return asyncio.ensure_future(reading())


# knowing at once


def test_an_embedded_store_tells_at_once():
    guarded = Guarded(embedded=True)
    assert guarded.guard.fresh_now()


@in_virtual_time
async def test_news_in_an_embedded_store_are_noticed_at_once():
    guarded = Guarded(embedded=True)
    await guarded.write(1)
    assert not guarded.guard.fresh_now()
    assert await guarded.guard.fresh()
    assert guarded.state.seq == 1
    assert guarded.guard.fresh_now()


def test_a_store_behind_a_network_cannot_tell_at_once():
    assert not Guarded().guard.fresh_now()


@in_virtual_time
async def test_local_reads_check_nothing():
    guarded = Guarded(local=True)
    await guarded.write(1)
    assert guarded.guard.fresh_now()
    assert await guarded.guard.fresh()
    assert (guarded.state.seq, guarded.store.calls) == (0, [])


# checking


@in_virtual_time
async def test_a_check_learns_what_is_new():
    guarded = Guarded()
    await guarded.write(1, 2, 3)
    assert await guarded.guard.fresh()
    assert guarded.state.seq == 3


@in_virtual_time
async def test_a_check_without_news_reads_nothing():
    guarded = Guarded()
    assert await guarded.guard.fresh()
    assert guarded.store.calls == ["head"]


@in_virtual_time
async def test_reads_that_begin_together_share_a_check():
    guarded = Guarded()
    await guarded.write(1)
    assert await asyncio.gather(*(guarded.read() for _ in range(50))) == [1] * 50
    assert guarded.store.calls.count("head") == 1


@in_virtual_time
async def test_a_check_under_way_serves_no_newcomer():
    """It may have looked too early; all who come meanwhile share the next one."""
    guarded = Guarded()
    gate = Gate()
    look = guarded.store.look

    heads = []

    async def slow_answer(known):
        seen = await look(known)
        heads.append(seen.seq)
        if len(heads) == 1:
            await gate.pass_through()
        return seen

    guarded.store.look = slow_answer
    first = guarded.read()
    await gate.reached()
    await guarded.write(1)
    late = [guarded.read() for _ in range(3)]
    await asyncio.sleep(0)
    gate.open()
    await first
    assert await asyncio.gather(*late) == [1, 1, 1]
    assert heads == [0, 1]


@in_virtual_time
async def test_a_log_that_went_back_is_loaded():
    guarded = Guarded()
    await guarded.write(1, 2)
    await guarded.guard.fresh()
    guarded.store._seq, guarded.store._records = 0, {}
    assert await guarded.guard.fresh()
    assert (guarded.state.seq, guarded.state.configs) == (0, {})


@in_virtual_time
async def test_a_defect_in_a_check_reaches_those_who_wait_and_the_next_read_checks_again():
    guarded = Guarded()
    guarded.store.next("head", ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await guarded.guard.fresh()
    assert await guarded.guard.fresh()


# the store is down


@in_virtual_time
@pytest.mark.parametrize("trouble", [DOWN, TooNew("level 9"), SILENCE])
async def test_reads_go_on_while_the_store_is_down_and_say_so(trouble):
    guarded = Guarded()
    guarded.store.next("head", trouble)
    assert await guarded.guard.fresh() is False
    assert guarded.guard.stale
    assert guarded.flags.told == [True]


@in_virtual_time
async def test_a_check_takes_no_longer_than_its_time_out():
    guarded = Guarded(timeout_s=2.0)
    guarded.store.next("head", SILENCE)
    before = asyncio.get_running_loop().time()
    await guarded.guard.fresh()
    assert asyncio.get_running_loop().time() == before + 2.0


@in_virtual_time
async def test_reads_are_refused_while_the_store_is_down_where_that_is_wanted():
    guarded = Guarded(serve=False)
    guarded.store.next("head", DOWN)
    for _ in range(2):
        with pytest.raises(Refusal, match=r"50001 the store does not answer$"):
            await guarded.guard.fresh()


@in_virtual_time
async def test_a_refusal_without_words_still_says_something():
    guarded = Guarded(serve=False)
    guarded.store.next("head", Unavailable(""))
    with pytest.raises(Refusal, match="50001 the store does not answer"):
        await guarded.guard.fresh()


@in_virtual_time
async def test_while_it_is_down_nobody_waits_and_it_is_asked_only_now_and_then():
    guarded = Guarded(retry_s=1.0)
    guarded.store.next("head", DOWN)
    await guarded.guard.fresh()
    guarded.store.next("head", SILENCE)
    loop = asyncio.get_running_loop()
    before = loop.time()
    for _ in range(100):
        assert await guarded.guard.fresh() is False
    assert loop.time() == before
    assert guarded.store.calls == ["head"]
    await asyncio.sleep(1.0)
    for _ in range(100):
        assert await guarded.guard.fresh() is False
    await asyncio.sleep(0)
    assert loop.time() == before + 1.0
    assert guarded.store.calls == ["head", "head"]
    await guarded.guard.stop()


@in_virtual_time
async def test_when_it_is_back_reads_are_fresh_again():
    guarded = Guarded(retry_s=1.0)
    guarded.store.next("head", DOWN)
    await guarded.guard.fresh()
    await guarded.write(1)
    await asyncio.sleep(1.0)
    await guarded.guard.fresh()  # starts a check
    await asyncio.sleep(0.1)
    assert await guarded.guard.fresh()
    assert guarded.state.seq == 1
    assert guarded.flags.told == [True, False]


@in_virtual_time
async def test_an_embedded_store_that_is_back_is_noticed_at_once():
    guarded = Guarded(embedded=True)
    guarded.store.embedded = False
    guarded.store.next("head", DOWN)
    await guarded.guard.fresh()
    guarded.store.embedded = True
    assert guarded.guard.fresh_now()
    assert guarded.flags.told == [True, False]


# stopping


@in_virtual_time
async def test_stopping_refuses_those_who_wait():
    """Neither who is served by the check under way nor who came later may go on as if it were fresh."""
    guarded = Guarded()
    gate = Gate()
    guarded.store.next("head", gate)
    served = guarded.read()
    await gate.reached()
    late = guarded.read()
    await asyncio.sleep(0)
    await guarded.guard.stop()
    for read in (served, late):
        with pytest.raises(Refusal, match="50001 the instance is stopping"):
            await read


@in_virtual_time
async def test_stopping_without_a_check_is_no_work():
    await Guarded().guard.stop()


@in_virtual_time
async def test_a_reader_that_gave_up_does_no_harm():
    guarded = Guarded()
    gate = Gate()
    guarded.store.next("head", gate)
    gone, stays = guarded.read(), guarded.read()
    await gate.reached()
    gone.cancel()
    gate.open()
    assert await stays == 0
