"""Cassandra without what stood there: tables that went under a registry are the server's state, no defect."""

from __future__ import annotations

import asyncio
from unittest.mock import AsyncMock

import pytest

from registan.model.commit import Put
from registan.store import cassandra_records
from registan.store.protocol import Unavailable
from registan.testing.process import RegistryProcess
from registan.testing.services.backend import Database
from registan.testing.services.shared import shared
from registan.testing.store_case import append_all, commit, config, opened, records_of


@pytest.fixture
def backend():
    return Database(shared("cassandra").database())


async def define(backend, *statements):
    """As somebody else does it. `KS` is the keyspace."""
    async with opened(Database(shared("cassandra").database())) as (other,):
        for statement in statements:
            keyspace = backend.settings.storage.cassandra.keyspace
            await other._bridge.define(statement.replace("KS", f'"{keyspace}"'))


GONE = {
    "keyspace": ("DROP KEYSPACE KS",),
    "log": ("DROP TABLE KS.commits",),
    "bodies": ("DROP TABLE KS.commit_bodies",),
}


@pytest.mark.parametrize("what", GONE)
async def test_writes_are_unavailable_without_their_tables(backend, what):
    async with opened(backend) as (store,):
        await store.append(commit(1, Put(config("a"))))
        await store._records.settle()
        await define(backend, *GONE[what])
        with pytest.raises(Unavailable):
            await store.append(commit(2, Put(config("x" * 200_000))))


async def test_all_that_asks_the_log_is_unavailable_without_it(backend):
    async with opened(backend) as (store,):
        await append_all(store, commit(1, Put(config("a"))), commit(2))
        await store._records.settle()
        await define(backend, "DROP KEYSPACE KS")
        for ask in (
            store.head,
            store.load,
            store.ping,
            lambda: store.read(0, 9),
            lambda: store.wait(2, 0.01),
            lambda: store.prune(1),
        ):
            with pytest.raises(Unavailable):
                await ask()


@pytest.mark.parametrize("table", ["records", "schemas"])
async def test_a_table_that_is_gone_is_told_at_the_start(backend, table):
    """Made anew it would be empty, and the log may be pruned."""
    async with opened(backend) as (store,):
        await store.append(commit(1, Put(config("a"))))
    await define(backend, f"DROP TABLE KS.{table}")
    with pytest.raises(Unavailable, match=rf"\.{table} is missing"):
        await backend.store().open()


@pytest.mark.parametrize("seq", [3, 64])
async def test_a_log_that_went_back_gets_no_hole(backend, seq):
    """Its tables were made anew by another instance, while this one knows what stood there before."""
    async with opened(backend) as (store,):
        await append_all(store, *(commit(number) for number in range(1, seq)))
        await store._records.settle()
        await define(backend, "DROP KEYSPACE KS")
        async with opened(backend) as (other,):
            with pytest.raises(Unavailable, match="went back"):
                await store.append(commit(seq, Put(config("a"))))
            assert await other.head() == 0
            await other.append(commit(1, Put(config("b"))))
            with pytest.raises(Unavailable, match="went back"):
                await store.append(commit(seq, Put(config("a"))))
            assert await records_of(other) == [config("b")]


async def empty(backend):
    """As before a backup is put back."""
    tables = "commits", "commit_bodies", "records", "schemas"
    await define(backend, *(f"TRUNCATE KS.{table}" for table in tables))


def named(prefix, count):
    """Commits with a record each."""
    return [commit(seq, Put(config(f"{prefix}{seq}"))) for seq in range(1, count + 1)]


@pytest.mark.parametrize("count", [5, 7])
async def test_another_log_is_loaded_whole_where_its_records_are_behind(backend, monkeypatch, count):
    monkeypatch.setattr(cassandra_records, "PATIENCE_S", 3600)
    async with opened(backend) as (store,):
        await append_all(store, *named("old", 5))
        await store._records.settle()
        await empty(backend)
        async with opened(backend) as (other,):
            other._records.add = AsyncMock()
            await append_all(other, *named("new", count))
            assert await records_of(store) == [config(f"new{seq}") for seq in range(1, count + 1)]
            assert store._records.watermark == 0


@pytest.mark.parametrize("written", [False, True], ids=["records behind", "records written"])
async def test_what_waited_to_be_written_is_not_where_the_log_is_another_one(backend, monkeypatch, written):
    async with opened(backend) as (store,):
        write = store._records._write

        async def fail(commits):
            raise Unavailable("full")

        store._records._write = fail
        await append_all(store, *named("old", 2))
        await empty(backend)
        monkeypatch.setattr(cassandra_records, "PATIENCE_S", 3600)
        async with opened(backend) as (other,):
            if not written:
                other._records.add = AsyncMock()
            await append_all(other, *named("new", 3))
            if written:
                await other._records.settle()
            expected = [config(f"new{seq}") for seq in range(1, 4)]
            assert await records_of(store) == expected
            store._records._write = write
            store._records.heard(3)
            await store._records.settle()
            assert store._records._pending == {}
            assert await records_of(store) == expected
            assert store._records.watermark == 3


def test_a_registry_whose_keyspace_was_dropped_says_so(backend, tmp_path):
    """Writes are told to come again, reads go on with a warning: as with a database that is away."""
    with RegistryProcess(tmp_path, backend.environment) as registry:
        assert registry.ask("POST", "/subjects/s/versions", {"schema": '"int"'}).status == 200
        asyncio.run(define(backend, "DROP KEYSPACE KS"))
        for subject in ("t", "u"):
            answered = registry.ask("POST", f"/subjects/{subject}/versions", {"schema": '"int"'})
            assert (answered.status, answered.body["error_code"]) == (503, 50001), answered
        listed = registry.ask("GET", "/subjects")
        assert (listed.status, listed.body) == (200, ["s"])
        assert listed.headers["warning"].startswith("110")
        assert not registry.ready()
