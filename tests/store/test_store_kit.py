"""Every store of this project passes the kit."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from registan.model.commit import Drop, Put
from registan.store.memory import MemoryStore
from registan.store.observed import ObservedStore
from registan.store.protocol import Conflict
from registan.store.sqlite import SqliteStore
from registan.testing.services.backend import Database
from registan.testing.services.shared import each_service, shared
from registan.testing.services.table import SERVICES
from registan.testing.store_case import commit, config, opened
from registan.testing.store_kit import CASES


class InMemory:
    def __init__(self):
        self.shared = MemoryStore()

    def store(self):
        return self.shared

    async def wipe(self):
        vars(self.shared).update(vars(MemoryStore()))
        self.shared.head_now = lambda: None  # that nobody can do this is what it builds on


class InFile:
    def __init__(self, path):
        self.path = path

    def store(self):
        return SqliteStore(self.path / "new" / "registan.db")

    async def wipe(self):
        with closing(sqlite3.connect(self.path / "new" / "registan.db")) as connection:
            connection.executescript("DELETE FROM commits; DELETE FROM records")


class Observed(InFile):
    def store(self):
        return ObservedStore(super().store(), lambda *seen: None)


class OnServer(Database):
    async def wipe(self):
        async with opened(self) as (store,):
            if store.name == "cassandra":
                for table in ("commits", "commit_bodies", "records", "schemas"):
                    await store._bridge.define(f"TRUNCATE KS.{table}")
            elif store.name == "mysql":
                async with store.connections.lend() as session:
                    await session.run("DELETE FROM commits", "DELETE FROM records")
            else:
                async with store._pool.lent() as connection:
                    await connection.execute("DELETE FROM commits; DELETE FROM records")


@pytest.fixture(params=["memory", "sqlite", "observed", *each_service("cassandra41")])
def backend(request, tmp_path):
    name = request.param
    if name in SERVICES:
        return OnServer(shared(name).database())
    return {"memory": InMemory, "sqlite": lambda: InFile(tmp_path), "observed": lambda: Observed(tmp_path)}[
        name
    ]()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_store(case, backend):
    await case(backend)


async def test_nothing_is_built_on_another_commit(backend):
    """Though its seq is the known one. Cassandra cannot see that in the same step."""
    async with opened(backend, 2) as (store, other):
        before = commit(1)
        await store.append(before)
        stranger = commit(1)
        if store.name == "cassandra":
            await other.append(commit(2), stranger.id)
            return
        with pytest.raises(Conflict):
            await other.append(commit(2), stranger.id)
        assert await store.head() == 1
        with pytest.raises(Conflict):
            await other.append(commit(1), stranger.id)
        with pytest.raises((Conflict, ValueError)):
            await other.append(commit(3), before.id)
        await other.append(commit(2, Put(config("a"))), before.id)
        await other.append(commit(3, Drop(config("a"))))
        assert await store.head() == 3
