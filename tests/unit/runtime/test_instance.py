"""An instance: the parts, wired."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from registan.model.fault import Refusal
from registan.model.identity import ANONYMOUS, Principal
from registan.model.policy import CompatibilityLevel, Defaults
from registan.runtime.engine import Limits
from registan.runtime.facts import system_facts
from registan.runtime.gauges import SILENT, Silent
from registan.runtime.instance import Instance, Reading
from registan.store.protocol import Unavailable
from registan.testing.compare import view
from registan.testing.scripted_store import ScriptedStore
from registan.testing.shell_kit import ask, execute, outcomes, put
from registan.testing.simulate_loop import in_virtual_time


@in_virtual_time
async def test_an_instance_starts_from_what_the_store_holds():
    store = ScriptedStore()
    first = Instance(store)
    await first.start()
    await execute(first, put, "a")
    await first.stop()
    second = Instance(store)
    await second.start()
    assert view(second.state) == view(first.state)
    await second.stop()


@in_virtual_time
async def test_instances_on_one_store_follow_each_other():
    store = ScriptedStore()
    one, other = Instance(store), Instance(store)
    await one.start()
    await other.start()
    results = await outcomes(ask(one, put, *"abc") + ask(other, put, *"xyz"))
    assert sorted(results) == [0, 1, 2, 3, 4, 5]
    await asyncio.sleep(2.0)
    assert view(one.state) == view(other.state)
    await one.stop()
    await other.stop()


@in_virtual_time
async def test_without_following_it_learns_only_when_asked():
    store = ScriptedStore()
    one, other = Instance(store), Instance(store)
    await one.start()
    await other.start(follow=False)
    await execute(one, put, "a")
    await asyncio.sleep(10.0)
    assert other.state.seq == 0
    assert await other.freshness.fresh()
    assert other.state.seq == 1
    await one.stop()
    await other.stop()


@in_virtual_time
async def test_a_store_that_is_down_stops_the_start():
    store = ScriptedStore()
    store.next("load", Unavailable("down"))
    with pytest.raises(Unavailable):
        await Instance(store).start()


@in_virtual_time
async def test_stopping_ends_all_it_started():
    store = ScriptedStore()
    instance = Instance(store)
    await instance.start()
    tasks = ask(instance, put, "a", "b")
    await asyncio.sleep(0)
    await instance.stop()
    assert await outcomes(tasks) == [0, 1]
    with pytest.raises(Refusal, match="stopping"):
        await execute(instance, put, "c")
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_virtual_time
async def test_settings_reach_the_parts():
    reading = Reading(serve=False, timeout_s=2.0)
    instance = Instance(
        ScriptedStore(),
        Defaults(level=CompatibilityLevel.FULL),
        limits=Limits(queue_max=0),
        reading=reading,
        random=Random(1),
    )
    await instance.start(follow=False)
    assert instance.state.defaults.level is CompatibilityLevel.FULL
    with pytest.raises(Refusal, match="too many writes"):
        await execute(instance, put, "a")
    instance.store.next("head", Unavailable("does not answer"))
    with pytest.raises(Refusal, match="does not answer"):
        await instance.freshness.fresh()


def test_the_systems_facts_are_now_and_never_twice_the_same():
    zoe = Principal("zoe", frozenset(), "test")
    one, other = system_facts(zoe), system_facts(ANONYMOUS)
    assert (one.principal, other.principal) == (zoe, ANONYMOUS)
    assert other.now >= one.now > 1_700_000_000_000
    assert one.new_id != other.new_id


def test_silence_takes_every_word():
    """Whoever listens may leave out what it does not care for."""
    assert isinstance(SILENT, Silent)
    SILENT.landed(1, 2, 3)
    SILENT.conflict()
    SILENT.doubt()
    SILENT.queued(1)
    SILENT.learnt(1)
    SILENT.reloaded("why")
    SILENT.went_back("why")
    assert SILENT.stale(True) is None
