"""The glance at SQLite's WAL index: it never misses what somebody wrote, be it in another process."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from registan.model.commit import Put
from registan.store import wal_index
from registan.store.sqlite import SqliteStore
from registan.store.wal_index import WalIndex
from registan.testing.store_case import commit, config

WRITE = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('INSERT INTO t VALUES (1)'); c.commit()"
)


def connect(path) -> sqlite3.Connection:
    made = sqlite3.connect(path, isolation_level=None)
    made.execute("PRAGMA journal_mode = WAL")
    return made


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.db"


@pytest.fixture
def keeper(path):
    """A connection that stays open, without which there may be nothing to look at."""
    made = connect(path)
    made.execute("CREATE TABLE t (x)")
    yield made
    made.close()


@pytest.fixture
def index(path, keeper):
    made = WalIndex(path)
    made.open()
    yield made
    keeper.close()
    made.close()


def test_it_is_the_same_as_long_as_nobody_writes(index, keeper):
    before = index.look()
    assert before is not None
    assert keeper.execute("SELECT count(*) FROM t").fetchone() == (0,)
    assert index.look() == before


def test_it_changes_with_every_commit_of_this_process_or_another(index, keeper, path):
    seen = [index.look()]
    keeper.execute("INSERT INTO t VALUES (1)")
    seen.append(index.look())
    other = connect(path)
    other.execute("INSERT INTO t VALUES (1)")
    other.close()
    seen.append(index.look())
    subprocess.run([sys.executable, "-c", WRITE, str(path)], check=True)
    seen.append(index.look())
    assert len(set(seen)) == 4


def test_whatever_happens_a_change_that_sqlite_sees_is_seen(index, keeper, path):
    """The index may change without need, but never stays when `PRAGMA data_version` moves."""
    chance = random.Random(7)
    reader, writer = connect(path), connect(path)
    version = reader.execute("PRAGMA data_version").fetchone()
    seen = index.look()
    moved = 0
    for _ in range(300):
        match chance.randrange(5):
            case 0:
                writer.execute("INSERT INTO t VALUES (randomblob(3000))")
            case 1:
                writer.execute("BEGIN")
                writer.execute("INSERT INTO t VALUES (1)")
                writer.execute(chance.choice(("COMMIT", "ROLLBACK")))
            case 2:
                writer.execute(f"PRAGMA wal_checkpoint({chance.choice(('PASSIVE', 'RESTART', 'TRUNCATE'))})")
            case 3:
                writer.close()
                writer = connect(path)
            case 4:
                pass
        now, told = index.look(), reader.execute("PRAGMA data_version").fetchone()
        assert now != seen or told == version
        moved += told != version
        seen, version = now, told
    assert moved > 50
    for connection in (reader, writer):
        connection.close()


def test_without_a_file_there_is_nothing_to_see(tmp_path):
    index = WalIndex(tmp_path / "none.db")
    index.open()
    assert index.look() is None
    index.close()


def test_a_file_that_was_replaced_is_looked_at_anew(index, keeper, path):
    keeper.execute("INSERT INTO t VALUES (1)")
    before = index.look()
    keeper.close()
    again = connect(path)
    again.execute("INSERT INTO t VALUES (1)")
    index.open()
    assert index.look() not in (None, before)
    again.close()


async def test_a_store_sees_what_another_process_s_store_appends(tmp_path):
    ours, theirs = SqliteStore(tmp_path / "r.db"), SqliteStore(tmp_path / "r.db")
    await ours.open()
    await theirs.open()
    for seq in range(1, 20):
        assert ours.head_now() == seq - 1
        await (ours, theirs)[seq % 2].append(commit(seq, Put(config("a"))))
        assert (ours.head_now(), theirs.head_now()) == (seq, seq)
    await ours.close()
    await theirs.close()


def locks(path) -> int:
    """How many locks this process has on the index."""
    inode = (path.parent / f"{path.name}-shm").stat().st_ino
    told = Path("/proc/locks")
    lines = told.read_text().splitlines() if told.exists() else ()
    return sum(f" {os.getpid()} " in line and f":{inode} " in line for line in lines)


async def test_a_store_that_is_closed_takes_no_lock_from_another_of_the_process(tmp_path):
    """Whoever came next would take the file for one that nobody uses, and cut it under our feet."""
    path = tmp_path / "r.db"
    stays, reads = SqliteStore(path), SqliteStore(path)
    await stays.open()
    for store in (reads, SqliteStore(path)):
        await store.open()
        assert store.head_now() == 0
        before = locks(path)
        if not before:
            pytest.skip("this system does not tell who has locks")
        await store.close()
        assert 0 < locks(path) <= before
    await stays.close()
    assert f"{path}-shm" not in {*wal_index._users, *wal_index._left}
