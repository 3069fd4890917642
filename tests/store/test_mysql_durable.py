"""InnoDB shows commits that a crash would take back: nobody gets one of them."""

from __future__ import annotations

import asyncio
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from registan.model.commit import Put
from registan.store import mysql
from registan.store.mysql_connections import Session
from registan.store.protocol import Conflict, Unavailable, Unknown
from registan.testing.services.backend import Database
from registan.testing.services.shared import own, shared
from registan.testing.store_case import append_all, commit, config, opened, records_of
from registan.testing.tools import needed

WAITED = b"SELECT IF(GET_LOCK("
KEPT = b"INSERT INTO forms VALUES (-1)"


@pytest.fixture
def said(monkeypatch):
    """What is sent to servers, in order."""
    query, sent = Session.query, []

    async def heard(self, text, **options):
        sent.append(text if isinstance(text, bytes) else text.encode())
        return await query(self, text, **options)

    monkeypatch.setattr(Session, "query", heard)
    return sent


def times(said, what):
    """How often this was said, since anything was asked last."""
    count = sum(what in text for text in said)
    said.clear()
    return count


@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
async def test_what_was_read_or_loaded_is_waited_for(kind, said):
    """After it was read, and never where nothing is new."""
    async with opened(Database(shared(kind).database()), 2) as (store, other):
        await other.load()
        assert times(said, WAITED) == 0
        await append_all(store, commit(1, Put(config("a"))), commit(2))
        assert times(said, KEPT) == 0
        assert [each.seq for each in await other.read(0, 9)] == [1, 2]
        assert WAITED in said[-1]
        assert times(said, WAITED) == 1
        assert await records_of(other) == [config("a")]
        assert WAITED in said[-1]
        assert times(said, WAITED) == 1
        await other.read(2, 9)
        await other.head()
        await other.look(2)
        await other.ping()
        assert times(said, WAITED) == 0


async def held(store):
    """How many hold the lock of writers."""
    async with store.connections.lend() as session:
        return await session.value(f"SELECT IS_USED_LOCK('{store._lock_commit}') IS NOT NULL")


@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
async def test_nobody_keeps_the_lock(kind):
    """However a write or a read ends."""
    async with opened(Database(shared(kind).database()), 2) as (store, other):
        await append_all(store, commit(1), commit(2))
        await other.read(0, 9)
        await other.load()
        for wrong in (commit(2), commit(5)):
            with pytest.raises((Conflict, ValueError)):
                await store.append(wrong)
        assert not await held(other)


@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
async def test_where_a_commit_never_gets_to_the_disk_nothing_is_given_or_written(kind, monkeypatch):
    """Nor is anything left half done."""
    monkeypatch.setattr(mysql, "LOCK_WAIT_S", 1)
    async with opened(Database(shared(kind).database()), 2) as (store, other):
        await append_all(store, commit(1, Put(config("a"))))
        async with store.connections.lend() as session:
            await session.run(f"SELECT GET_LOCK('{store._lock_commit}', 0)")
            for ask in (lambda: other.read(0, 9), other.load):
                with pytest.raises(Unavailable, match="on its way to the disk"):
                    await ask()
            with pytest.raises(Unavailable):
                await other.append(commit(2, Put(config("b"))))
            assert await other.head() == 1
            await session.run("DO RELEASE_ALL_LOCKS()")
        await other.append(commit(2, Put(config("c"))))
        assert await records_of(store) == [config("a"), config("c")]


async def test_a_write_is_made_durable_where_the_binary_log_is_not_synced(said, tmp_path):
    """After a crash it is the binary log that says what was committed, and its end is gone."""
    own_service = own("mariadb", tmp_path / "mariadb")
    own_service.options = ("--log-bin=log",)
    own_service.start()
    try:
        database = Database(own_service.database())
        async with opened(database) as (store,):
            said.clear()
            await store.append(commit(1, Put(config("a"))))
            assert times(said, KEPT) == 1
            async with store.connections.lend() as session:
                assert await session.run("SELECT number FROM forms") == [(1,)]
        own_service.run("SET GLOBAL sync_binlog = 1")
        async with opened(database) as (store,):
            said.clear()
            await store.append(commit(2))
            assert times(said, KEPT) == 0
    finally:
        own_service.kill()


@pytest.fixture
def server(request, tmp_path):
    """Writes to its redo log wait while the file beside it exists. Gives both."""
    needed("cc")
    library, file = tmp_path / "held_log.so", tmp_path / "held"
    source = Path(__file__).parent / "held_log.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    kind, options = request.param
    service = own(kind, tmp_path / kind)
    # Statistics of tables are kept in tables: that would wait for the log at moments of its own.
    service.options = ("--innodb-stats-persistent=OFF", *options)
    service.environment = {"LD_PRELOAD": str(library), "HELD": str(file)}
    service.start()
    yield service, file
    service.kill()


LOSING = [("mariadb", ()), ("mysql", ("--skip-log-bin",))]


@pytest.mark.parametrize("server", LOSING, ids=["mariadb", "mysql"], indirect=True)
async def test_a_commit_that_a_crash_takes_back_was_given_to_nobody(server):
    """It is seen while its writer waits for the disk; a look says so, and nothing of it is told."""
    service, file = server
    database = Database(service.database())
    async with opened(database, 2) as (store, other):
        await store.append(commit(1, Put(config("a"))))
        assert [each.seq for each in await other.read(0, 9)] == [1]
        file.touch()
        writing = asyncio.ensure_future(store.append(commit(2, Put(config("lost")))))
        await other.wait(1, 30)
        assert await other.head() == 2
        reading = [asyncio.ensure_future(other.read(1, 9)), asyncio.ensure_future(other.load())]
        done, _ = await asyncio.wait([writing, *reading], timeout=1)
        assert not done, "before the log is on the disk nobody hears of it"
        await asyncio.to_thread(service.kill)
        for task in reading:
            with pytest.raises(Unavailable):
                await task
        with pytest.raises((Unknown, Unavailable)):
            await writing
        file.unlink()
        service.start()
        with suppress(Unavailable):  # a connection that has gone
            await other.head()
        assert await other.head() == 1, "or this server does not show what it may lose"
        await other.append(commit(2, Put(config("b"))))
        with pytest.raises(Conflict):
            await store.append(commit(2))
        assert await records_of(store) == [config("a"), config("b")]


@pytest.mark.parametrize("server", LOSING, ids=["mariadb", "mysql"], indirect=True)
async def test_a_commit_is_given_as_soon_as_it_is_durable(server):
    service, file = server
    async with opened(Database(service.database()), 2) as (store, other):
        await store.append(commit(1))
        file.touch()
        written = commit(2, Put(config("a")))
        writing = asyncio.ensure_future(store.append(written))
        await other.wait(1, 30)
        assert await other.head() == 2
        reading = asyncio.ensure_future(other.read(1, 9))
        file.unlink()
        assert list(await reading) == [written]
        await writing
