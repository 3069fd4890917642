"""What only SQLite does: files, locks, disks, processes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from registan.model.commit import LEVEL, Put
from registan.store.protocol import TooNew, Unavailable
from registan.store.sqlite import MIGRATIONS, SqliteStore
from registan.testing.store_case import commit, config, records_of, schema, version


@pytest.fixture
async def store(tmp_path):
    store = SqliteStore(tmp_path / "registan.db", busy_timeout_s=0.05)
    await store.open()
    yield store
    await store.close()


def other(tmp_path):
    return closing(sqlite3.connect(tmp_path / "registan.db", isolation_level=None))


async def test_people_find_schemas_in_a_view(store, tmp_path):
    """The view of the operations guide: one row for each version."""
    await store.append(
        commit(
            1,
            Put(schema(7, '{"type":"string"}')),
            Put(version("a", 1, 7)),
            Put(version("b/c", 2, 7, deleted=True)),
        )
    )
    with other(tmp_path) as db:
        rows = db.execute(
            "SELECT context, subject, version, id, type, deleted, schema FROM schemas ORDER BY subject"
        ).fetchall()
    assert rows == [
        (".", "a", 1, 7, "AVRO", 0, '{"type":"string"}'),
        (".", "b/c", 2, 7, "AVRO", 1, '{"type":"string"}'),
    ]


async def test_rows_are_plain(store, tmp_path):
    """A person reads the tables without this program."""
    await store.append(commit(1, Put(config("ä")), actor="Zoë"))
    with other(tmp_path) as db:
        assert db.execute("SELECT seq, actor, cause, level FROM commits").fetchall() == [
            (1, "Zoë", "test", 1)
        ]
        assert db.execute("SELECT kind, key, seq FROM records").fetchall() == [("config", ":.:ä", 1)]
        assert db.execute("SELECT json_extract(body, '$[0][2].scope[1]') FROM commits").fetchone() == ("ä",)


async def test_commits_are_synced(store):
    """Write-ahead log and a sync for each commit, or an acknowledgement would mean little."""
    assert store._writer.execute("PRAGMA journal_mode").fetchone() == (b"wal",)
    assert store._writer.execute("PRAGMA synchronous").fetchone() == (2,)


async def test_a_locked_file_is_unavailable_until_it_is_free(store, tmp_path):
    with other(tmp_path) as db:
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            await store.append(commit(1, Put(config("a"))))
        with pytest.raises(Unavailable):
            await store.ping()
        assert await store.head() == 0
        db.execute("ROLLBACK")
    await store.append(commit(1, Put(config("a"))))
    assert await records_of(store) == [config("a")]


async def test_a_full_disk_is_unavailable_until_there_is_room(store):
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Unavailable, match="full"):
        await store.append(commit(1, Put(schema(1, "x" * 100_000))))
    assert await store.head() == 0
    assert await records_of(store) == []
    store._writer.execute("PRAGMA max_page_count = 1000000")
    await store.append(commit(1, Put(schema(1, "x" * 100_000))))
    assert await store.head() == 1


async def test_a_file_that_cannot_be_written_is_unavailable(store):
    store._writer.execute("PRAGMA query_only = ON")
    with pytest.raises(Unavailable, match="readonly"):
        await store.append(commit(1))
    # The connection was let go; the next one may write again.
    await store.append(commit(1))
    assert await store.head() == 1


async def test_a_file_that_was_removed_is_not_written_to(store, tmp_path):
    """A deleted file takes writes that nobody would ever find again."""
    await store.append(commit(1, Put(config("a"))))
    assert await store.head() == 1
    (tmp_path / "registan.db").rename(tmp_path / "away.db")
    with pytest.raises(Unavailable):
        await store.append(commit(2))
    assert await store.head() == 1
    (tmp_path / "away.db").rename(tmp_path / "registan.db")
    await store.append(commit(2))
    assert await store.head() == 2


async def test_a_file_that_was_replaced_is_not_written_to(store, tmp_path):
    (tmp_path / "registan.db").rename(tmp_path / "away.db")
    sqlite3.connect(tmp_path / "registan.db").close()
    (tmp_path / "registan.db").write_bytes(b"")
    with pytest.raises(Unavailable, match="replaced"):
        await store.append(commit(1))


async def test_a_file_of_something_else_is_unavailable(tmp_path):
    (tmp_path / "registan.db").write_bytes(b"no database " * 1000)
    store = SqliteStore(tmp_path / "registan.db")
    with pytest.raises(Unavailable, match="not a database"):
        await store.open()
    await store.close()


async def test_a_missing_directory_is_made(tmp_path):
    store = SqliteStore(tmp_path / "a" / "b" / "registan.db")
    await store.open()
    assert await store.head() == 0
    await store.close()


async def test_a_directory_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    store = SqliteStore(tmp_path / "file" / "registan.db")
    with pytest.raises(Unavailable, match="file"):
        await store.open()
    with pytest.raises(Unavailable):
        await store.append(commit(1))
    assert store.head_now() is None
    await store.close()


async def test_opening_can_be_tried_again(tmp_path):
    """Starting while something is in the way is no dead end."""
    (tmp_path / "dir").write_text("")
    store = SqliteStore(tmp_path / "dir" / "registan.db")
    with pytest.raises(Unavailable):
        await store.open()
    (tmp_path / "dir").unlink()
    await store.open()
    await store.append(commit(1))
    await store.close()


async def test_odd_paths_are_taken_as_they_are(tmp_path):
    store = SqliteStore(tmp_path / "a b?mode=memory#%41é.db")
    await store.open()
    assert (tmp_path / "a b?mode=memory#%41é.db").is_file()
    await store.close()


async def test_tables_of_a_later_release_are_not_touched(store, tmp_path):
    with other(tmp_path) as db:
        db.execute(f"PRAGMA user_version = {MIGRATIONS[-1].number + 1}")
    late = SqliteStore(tmp_path / "registan.db")
    with pytest.raises(TooNew):
        await late.open()
    await late.close()


@pytest.mark.parametrize("change", [f"level = {LEVEL + 1}", "kind = 'hologram'"])
async def test_a_record_of_a_later_level_stops_the_load(store, tmp_path, change):
    await store.append(commit(1, Put(config("a"))))
    with other(tmp_path) as db:
        db.execute(f"UPDATE records SET {change}")
    with pytest.raises(TooNew):
        await records_of(store)


async def test_a_commit_of_a_later_level_stops_reading(store, tmp_path):
    await store.append(commit(1, Put(config("a"))))
    with other(tmp_path) as db:
        db.execute("UPDATE commits SET level = ?", (LEVEL + 1,))
    with pytest.raises(TooNew):
        await store.read(0, 10)


async def test_migrations_are_numbered_without_gaps():
    assert [migration.number for migration in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


async def test_big_commits_are_read_in_parts(store, monkeypatch):
    monkeypatch.setattr("registan.store.sqlite.READ_BYTES_MAX", 1000)
    for seq in range(1, 5):
        await store.append(commit(seq, Put(schema(seq, "x" * 600))))
    assert [c.seq for c in await store.read(0, 10)] == [1, 2]
    assert [c.seq for c in await store.read(2, 10)] == [3, 4]


WRITER = """
import asyncio, sys
from registan.model.commit import Put
from registan.store.sqlite import SqliteStore
from registan.testing.store_case import append_forever, config

changes = lambda seq: [Put(config(f"s{seq}")), Put(config("last"))]
asyncio.run(append_forever(SqliteStore(sys.argv[1]), changes, lambda seq: print(seq, flush=True)))
"""


@pytest.mark.parametrize("after", [1, 7, 40])
async def test_acknowledged_commits_survive_a_kill(tmp_path, after):
    """SIGKILL in the middle of writing: everything that was acknowledged is there, nothing is torn."""
    path = tmp_path / "registan.db"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, str(path), stdout=subprocess.PIPE, env=environment
        )
        for _ in range(after):
            assert await process.stdout.readline()
        process.kill()
        acknowledged = (await process.stdout.read()).split()
        await process.wait()
        store = SqliteStore(path)
        await store.open()
        head = await store.head()
        assert head >= (int(acknowledged[-1]) if acknowledged else after)
        commits = await store.read(0, 10_000)
        assert [c.seq for c in commits] == list(range(1, head + 1))
        names = {record.scope.name for record in await records_of(store)}
        assert names == {f"s{seq}" for seq in range(1, head + 1)} | {"last"}
        await store.close()


RACER = """
import asyncio, sys
from registan.model.commit import Put
from registan.store.protocol import Conflict
from registan.store.sqlite import SqliteStore
from registan.testing.store_case import commit, config

async def main():
    store = SqliteStore(sys.argv[1], busy_timeout_s=120)  # SQLite is not fair, and the disk may be busy
    await store.open()
    for number in range(30):
        while True:
            try:
                await store.append(commit(store.head_now() + 1, Put(config(f"{sys.argv[2]}{number}"))))
                break
            except Conflict:
                pass
    await store.close()

asyncio.run(main())
"""


async def test_processes_share_a_file(store, tmp_path):
    """Three of them race; this one sees each of their commits, and none is lost."""
    path = tmp_path / "registan.db"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    racers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", RACER, str(path), name, env=environment)
        for name in "abc"
    ]
    assert [await racer.wait() for racer in racers] == [0, 0, 0]
    assert store.head_now() == 90
    assert {r.scope.name for r in await records_of(store)} == {f"{n}{i}" for n in "abc" for i in range(30)}


def test_the_path_may_be_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = SqliteStore("registan.db")
    assert store._path == Path.cwd() / "registan.db"
