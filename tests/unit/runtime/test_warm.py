"""Warming up: what is worth it is done aside, and decides nothing."""

from __future__ import annotations

import asyncio
import os
import threading

import pytest

from registan.runtime.warm import WAITING_MAX, Warmth


@pytest.fixture
def warmth():
    warmth = Warmth(worth_bytes=100)
    yield warmth
    warmth.close()


async def test_big_work_is_done_in_another_thread(warmth):
    seen = []
    await warmth.run(100, lambda: seen.append(threading.current_thread().name))
    assert seen[0].startswith("registan-warm")


async def test_small_work_is_not_done(warmth):
    seen = []
    await warmth.run(99, seen.append, 1)
    assert seen == []


async def test_arguments_are_handed_on(warmth):
    seen = {}
    await warmth.run(100, seen.update, {"a": 1}, b=2)
    assert seen == {"a": 1, "b": 2}


async def test_what_it_raises_is_left_to_the_decision(warmth):
    def fail():
        raise ZeroDivisionError

    await warmth.run(100, fail)
    assert warmth.worth(100)


async def test_without_threads_nothing_is_warmed():
    warmth = Warmth(threads=0, worth_bytes=100)
    seen = []
    await warmth.run(10_000, seen.append, 1)
    assert seen == []
    warmth.close()


async def test_beyond_a_number_that_wait_nothing_more_is_warmed(warmth):
    """Commands are then decided cold rather than queued twice."""
    release = threading.Event()
    tasks = [asyncio.ensure_future(warmth.run(100, release.wait)) for _ in range(WAITING_MAX)]
    await asyncio.sleep(0)
    assert not warmth.worth(100)
    seen = []
    await warmth.run(100, seen.append, 1)
    assert seen == []
    release.set()
    await asyncio.gather(*tasks)
    assert warmth.worth(100)


async def test_a_caller_that_gives_up_makes_room(warmth):
    release = threading.Event()
    task = asyncio.ensure_future(warmth.run(100, release.wait))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    release.set()
    assert warmth._waiting == 0


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="this system has no class of idle threads")
@pytest.mark.parametrize(
    ("priority", "policy", "niceness"),
    [("idle", "SCHED_IDLE", 0), ("low", "SCHED_OTHER", 15), ("normal", "SCHED_OTHER", 0)],
)
async def test_a_warming_thread_steps_back_as_told(priority, policy, niceness):
    """The loop's own thread stays as it is."""
    warmth = Warmth(worth_bytes=1, priority=priority)
    seen = []
    before = os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0)

    def look():
        seen.append((os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))

    await warmth.run(1, look)
    warmth.close()
    assert seen == [(getattr(os, policy), niceness if priority == "low" else before[1])]
    assert (os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0)) == before
