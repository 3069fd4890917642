"""A store seen from outside. That it is a store is told by the kit."""

from __future__ import annotations

import asyncio

import pytest

from registan.model.commit import Put
from registan.store.observed import ObservedStore
from registan.store.protocol import Conflict, Unavailable
from registan.testing.scripted_store import SILENCE, ScriptedStore
from registan.testing.simulate_loop import in_virtual_time
from registan.testing.store_case import commit, config


class Watched:
    def __init__(self):
        self.seen = []
        self.inner = ScriptedStore(embedded=True)
        self.store = ObservedStore(self.inner, self._watch)

    def _watch(self, operation, seconds, outcome):
        assert seconds >= 0
        self.seen.append((operation, outcome))


@in_virtual_time
async def test_every_operation_is_told_with_its_outcome():
    watched = Watched()
    store = watched.store
    await store.open()
    await store.append(commit(1, Put(config("a"))))
    assert await store.head() == 1
    assert len(await store.read(0, 10)) == 1
    assert (await store.load()).seq == 1
    await store.prune(0)
    await store.ping()
    await store.close()
    operations = ("open", "append", "head", "read", "load", "prune", "ping", "close")
    assert watched.seen == [(operation, "ok") for operation in operations]


@in_virtual_time
async def test_what_is_raised_is_told_and_raised():
    watched = Watched()
    await watched.store.append(commit(1))
    with pytest.raises(Conflict):
        await watched.store.append(commit(1))
    watched.inner.next("head", Unavailable("down"))
    with pytest.raises(Unavailable):
        await watched.store.head()
    assert watched.seen[1:] == [("append", "Conflict"), ("head", "Unavailable")]


@in_virtual_time
async def test_what_is_given_up_is_told():
    watched = Watched()
    watched.inner.next("head", SILENCE)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await watched.store.head()
    assert watched.seen == [("head", "CancelledError")]


def test_what_only_looks_or_waits_is_not_told():
    watched = Watched()
    assert watched.store.name == "memory"
    assert watched.store.head_now() == 0
    assert watched.seen == []
