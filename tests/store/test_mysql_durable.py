"""InnoDB shows commits that a crash would take back: nobody gets one of them."""

from __future__ import annotations

import asyncio
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from registan.model.commit import Put
from registan.store.mysql_connections import Session
from registan.store.protocol import Conflict, Unavailable, Unknown
from registan.testing.services.backend import Database
from registan.testing.services.shared import own, shared
from registan.testing.store_case import append_all, commit, config, opened, records_of
from registan.testing.tools import needed

KEPT = b"INSERT INTO forms VALUES (-"


@pytest.fixture
def said(monkeypatch):
    """What is sent to servers, in order."""
    query, sent = Session.query, []

    async def heard(self, text, **options):
        sent.append(text if isinstance(text, bytes) else text.encode())
        return await query(self, text, **options)

    monkeypatch.setattr(Session, "query", heard)
    return sent


def kept(said):
    """How often, since this was asked last, what was seen was made durable."""
    count = sum(KEPT in text for text in said)
    said.clear()
    return count


async def test_what_is_read_or_loaded_is_made_durable_where_the_server_may_lose_it(said):
    """MariaDB as it is by default, without a binary log. Only then, and never where nothing is new."""
    async with opened(Database(shared("mariadb").database()), 2) as (store, other):
        await other.load()
        assert kept(said) == 0
        await append_all(store, commit(1, Put(config("a"))), commit(2))
        said.clear()
        assert [each.seq for each in await other.read(0, 9)] == [1, 2]
        assert KEPT in said[-1], "after what it is to keep"
        assert kept(said) == 1
        assert await records_of(other) == [config("a")]
        assert KEPT in said[-1]
        assert kept(said) == 1
        await other.read(2, 9)
        await other.head()
        await other.look(2)
        await other.ping()
        assert kept(said) == 0
        async with store.connections.lend() as session:
            assert await session.run("SELECT number FROM forms") == [(1,)]


async def test_where_a_binary_log_is_synced_it_is_durable_already(said):
    """MySQL as it is by default."""
    async with opened(Database(shared("mysql").database()), 2) as (store, other):
        await store.append(commit(1))
        await other.read(0, 9)
        await other.load()
        assert kept(said) == 0


async def test_a_write_is_made_durable_where_the_binary_log_is_not_synced(said, tmp_path):
    """It is then the binary log that says after a crash what was committed, and its end is gone."""
    service = own("mariadb", tmp_path / "mariadb")
    service.options = ("--log-bin=log",)
    service.start()
    try:
        async with opened(Database(service.database())) as (store,):
            said.clear()
            await store.append(commit(1, Put(config("a"))))
            assert KEPT in said[-1], "before it is acknowledged"
            service.run("SET GLOBAL sync_binlog = 1")
        async with opened(Database(service.database())) as (store,):
            said.clear()
            await store.append(commit(1, Put(config("a"))))
            await store.read(0, 9)
            assert kept(said) == 0
    finally:
        service.kill()


async def test_a_server_that_takes_no_writes_has_none_to_lose(tmp_path):
    """Nobody who reads there needs to write, be it a replica from which a log is copied."""
    service = own("mariadb", tmp_path / "mariadb")
    service.start()
    try:
        async with opened(Database(service.database())) as (store,):
            await store.append(commit(1, Put(config("a"))))
            service.run("SET GLOBAL read_only = 1")
            for _ in range(2):
                assert [each.seq for each in await store.read(0, 9)] == [1]
                assert await records_of(store) == [config("a")]
    finally:
        service.kill()


async def test_what_cannot_be_made_durable_is_not_given():
    async with opened(Database(shared("mariadb").database()), 2) as (store, other):
        await store.append(commit(1))
        async with store.connections.lend() as session:
            await session.run("DROP TABLE forms")
        for ask in (lambda: other.read(0, 9), other.load):
            with pytest.raises(Unavailable, match="forms"):
                await ask()


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
