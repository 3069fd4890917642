"""What only PostgreSQL does: rights, the view, NOTIFY, connections that are cut, odd servers."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from registan.model.commit import Put
from registan.store.protocol import Conflict, TooNew, Unavailable, Unknown
from registan.testing.services.backend import Database
from registan.testing.services.postgres import PASSWORD
from registan.testing.services.shared import shared
from registan.testing.store_case import commit, config, opened, records_of, schema, version

pytestmark = [
    pytest.mark.usefixtures("abandoned_sockets"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]
LISTENING = """SELECT pid FROM pg_stat_activity
    WHERE datname = '{}' AND query LIKE 'LISTEN%' AND state = 'idle'"""
WAITING = """SELECT pid FROM pg_stat_activity
    WHERE datname = '{}' AND wait_event_type = 'Lock' AND backend_type = 'client backend'"""


@pytest.fixture
def server():
    return shared("postgresql")


class On:
    """One database of a server, for stores and for the superuser."""

    def __init__(self, server, **more):
        self.server = server
        self.environment = {**server.database(), **more}
        self.name = self.environment["POSTGRES_DATABASE"]

    def store(self, **more):
        return Database({**self.environment, **more}).store()

    def run(self, *statements):
        return self.server.run(*statements, database=self.name)

    async def until(self, statement, count=1):
        """Ask until there are so many rows."""
        async with asyncio.timeout(30):
            while True:
                rows = await asyncio.to_thread(self.run, statement)
                if len(rows) >= count:
                    return rows
                await asyncio.sleep(0.02)

    async def waiting(self):
        """Until a process waits for a lock; its pid."""
        return (await self.until(WAITING.format(self.name)))[0][0]

    async def connect(self):
        return await asyncpg.connect(
            host="127.0.0.1", port=self.server.port, user="postgres", password=PASSWORD, database=self.name
        )


@pytest.fixture
def database(server):
    return On(server)


async def failure(store):
    """Why it cannot be opened."""
    try:
        with pytest.raises(Unavailable) as raised:
            await store.open()
    finally:
        await store.close()
    return str(raised.value)


# rows


async def test_people_find_schemas_in_a_view(database):
    """The view of the operations guide: one row for each version."""
    async with opened(database) as (store,):
        await store.append(
            commit(1, Put(schema(7)), Put(version("a", 1, 7)), Put(version("b/c", 2, 7, deleted=True)))
        )
    columns = "context, subject, version, id, type, deleted, schema"
    rows = database.run(f"SELECT {columns} FROM schemas ORDER BY subject")
    assert [tuple(row) for row in rows] == [
        (".", "a", 1, 7, "AVRO", False, '"string"'),
        (".", "b/c", 2, 7, "AVRO", True, '"string"'),
    ]


async def test_the_view_shows_text_that_cannot_be_shown(database):
    """One schema with NUL or half a character does not hide the others; the row itself keeps it."""
    texts = ["a\0b", "\ud800c", "\\u0000", "\\\0", "ä"]
    written = [schema(number, text) for number, text in enumerate(texts, 1)]
    async with opened(database) as (store,):
        await store.append(commit(1, *map(Put, written), *(Put(version("s", i, i)) for i in range(1, 6))))
        assert (await records_of(store))[:5] == written
    rows = database.run("SELECT schema FROM schemas ORDER BY version")
    assert [row[0] for row in rows] == ["a\ufffdb", "\ufffdc", "\\u0000", "\\\ufffd", "ä"]


async def test_rows_are_plain(database):
    """A person reads the tables without this program."""
    async with opened(database) as (store,):
        await store.append(commit(1, Put(config("ä")), actor="Zoë \0"))
    assert [tuple(row) for row in database.run("SELECT seq, actor, cause, level FROM commits")] == [
        (1, "Zoë \\x00", "test", 1)
    ]
    assert [tuple(row) for row in database.run("SELECT kind, key, seq FROM records")] == [
        ("config", ":.:ä", 1)
    ]


async def test_any_key_has_a_row_of_its_own(database):
    """Keys longer than an index can hold, with NUL, and such as look like the names those get."""
    names = ["x" * 8000, "x" * 8001, "ä" * 4000, "a\0", "a", "a\ufffd"]
    async with opened(database) as (store,):
        await store.append(commit(1, *(Put(config(name)) for name in names)))
        spelt = [row[0].removeprefix(":.:") for row in database.run("SELECT key FROM records")]
        await store.append(commit(2, *(Put(config(name)) for name in spelt if name not in names)))
        found = [record.scope.name for record in await records_of(store)]
    assert found == [*names, *(name for name in spelt if name not in names)]
    assert len(found) > len(names)


# rights


async def test_a_role_that_may_not_make_tables_is_told_what_is_missing(database):
    role = f"limited_{uuid4().hex[:8]}"
    database.run(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
    limited = {"POSTGRES_USER": role}
    said = await failure(database.store(**limited))
    assert f"GRANT USAGE, CREATE ON SCHEMA public TO {role}" in said
    async with opened(database):
        pass  # the owner makes the tables
    said = await failure(database.store(**limited))
    assert f"GRANT SELECT, INSERT, UPDATE, DELETE ON records TO {role}" in said
    database.run(f"GRANT SELECT ON migrations TO {role}", f"GRANT SELECT, DELETE ON commits TO {role}")
    database.run(f"GRANT SELECT, INSERT, DELETE ON records TO {role}")
    said = await failure(database.store(**limited))
    assert said.endswith(f"GRANT INSERT ON commits TO {role}; GRANT UPDATE ON records TO {role}")
    database.run(f"GRANT INSERT ON commits TO {role}", f"GRANT UPDATE ON records TO {role}")
    store = database.store(**limited)
    await store.open()
    await store.append(commit(1, Put(config("a"))))
    await store.prune(1)
    assert await records_of(store) == [config("a")]
    await store.close()


async def test_tables_of_a_later_release_are_left_alone(database):
    async with opened(database):
        database.run("INSERT INTO migrations (number) VALUES (99)")
    store = database.store()
    with pytest.raises(TooNew, match="99"):
        await store.open()
    await store.close()


async def test_a_database_that_is_not_unicode_is_refused(database):
    name = f"{database.name}_ascii"
    database.run(f"CREATE DATABASE {name} OWNER registan ENCODING 'SQL_ASCII' TEMPLATE template0")
    assert "SQL_ASCII, it must be UTF8" in await failure(database.store(POSTGRES_DATABASE=name))


@pytest.mark.parametrize(
    "wrong",
    [
        {"POSTGRES_PORT": "1"},
        {"POSTGRES_HOST": "no..host"},
        {"POSTGRES_PASSWORD": "other"},
        {"POSTGRES_DATABASE": "none"},
        {"POSTGRES_USER": "nobody"},
        {"POSTGRES_SSLMODE": "require"},
        {"POSTGRES_SSLMODE": "verify-full", "POSTGRES_SSLROOTCERT": "/none"},
    ],
    ids=lambda wrong: "-".join(wrong),
)
async def test_what_is_wrong_is_said_without_the_password(database, wrong):
    said = await failure(database.store(**wrong))
    assert said.startswith("postgresql://")
    assert PASSWORD not in said


async def test_commits_are_durable_whatever_the_role_says(database):
    database.run(f"ALTER DATABASE {database.name} SET synchronous_commit = off")
    async with opened(database) as (store,):
        assert await store._value("SHOW synchronous_commit") == "on"


async def test_strict_transactions_of_the_role_fail_no_writer(database):
    """Who is second at a seq is told so, not that the store is out of order."""
    database.run(f"ALTER DATABASE {database.name} SET default_transaction_isolation = 'serializable'")
    async with opened(database, 2) as stores:
        assert await stores[0]._value("SHOW transaction_isolation") == "read committed"
        for seq in range(1, 20):
            told = await asyncio.gather(*(s.append(commit(seq)) for s in stores), return_exceptions=True)
            assert sorted(map(type, told), key=str) == sorted([type(None), Conflict], key=str)


async def test_backslashes_are_no_escapes_whatever_the_role_says(database):
    """The view is made, and means the same."""
    database.run(f"ALTER DATABASE {database.name} SET standard_conforming_strings = off")
    async with opened(database) as (store,):
        await store.append(commit(1, Put(schema(7, "a\0b")), Put(version("a", 1, 7))))
    assert [row[0] for row in database.run("SELECT schema FROM schemas")] == ["a\ufffdb"]


async def test_a_server_that_only_reads_is_not_written_to(database):
    """As a primary that became a standby; what was open stops at the next write, too."""
    async with opened(database) as (store,):
        await store.append(commit(1))
        await store.ping()
        await store._value("SELECT set_config('default_transaction_read_only', 'on', false)")
        with pytest.raises(Unavailable, match="read-only"):
            await store.ping()
        await store.ping()  # what was raised let the connection go
        await store._value("SELECT set_config('default_transaction_read_only', 'on', false)")
        with pytest.raises(Unavailable, match="read-only"):
            await store.append(commit(2))
        await store.append(commit(2))
    database.run(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
    assert "read-write" in await failure(database.store())


# NOTIFY


async def listening(database, *stores):
    """Both listen; the process ids of their listeners."""
    for store in stores:
        await store.wait(0, 0)
    return {row[0] for row in await database.until(LISTENING.format(database.name), len(stores))}


async def learns(waiting, writing, seq):
    """`waiting` sleeps for an hour, unless it is told that `writing` wrote."""

    async def learnt():
        while await waiting.head() < seq:
            await waiting.wait(seq - 1, 3600)

    task = asyncio.create_task(learnt())
    await asyncio.sleep(0)
    await writing.append(commit(seq))
    async with asyncio.timeout(30):
        await task
    assert await waiting.head() == seq


async def test_another_instance_s_commit_ends_the_wait(database):
    async with opened(database, 2) as (store, other):
        await listening(database, store, other)
        await learns(store, other, 1)
        await learns(other, store, 2)


async def test_a_listener_that_was_cut_off_comes_back(database):
    async with opened(database, 2) as (store, other):
        before = await listening(database, store, other)
        for pid in before:
            database.run(f"SELECT pg_terminate_backend({pid})")
        gone = " AND pid <> ".join(map(str, before))
        await database.until(f"{LISTENING.format(database.name)} AND pid <> {gone}", 2)
        await learns(store, other, 1)


async def test_one_s_own_commit_is_no_news(database):
    async with opened(database, 2) as (store, other):
        await listening(database, store, other)
        mine, theirs = store._news.next(), other._news.next()
        await store.append(commit(1))
        async with asyncio.timeout(30):
            await theirs
        await store.head()
        assert not mine.done()


# connections that are cut


async def test_idle_connections_that_were_cut_are_replaced(database):
    """Nothing but the words of the port is raised, and no reopening is needed."""
    async with opened(database) as (store,):
        await asyncio.gather(*(store.head() for _ in range(5)))
        cut = (
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{}' AND pid <> {}"
        )
        database.run(cut.format(database.name, "pg_backend_pid()"))
        for _ in range(10):
            try:
                await store.append(commit(1))
            except (Unknown, Unavailable):
                continue
            break
        assert await store.head() == 1


async def test_an_append_that_is_cut_off_is_unknown(database):
    """The server never said what became of it."""
    async with opened(database) as (store,):
        await store.append(commit(1))
        blocking = await database.connect()
        transaction = blocking.transaction()
        await transaction.start()
        await blocking.execute("LOCK TABLE commits IN SHARE MODE")
        task = asyncio.create_task(store.append(commit(2)))
        pid = await database.waiting()
        database.run(f"SELECT pg_terminate_backend({pid})")
        with pytest.raises(Unknown):
            await task
        await transaction.rollback()
        await blocking.close()
        assert await store.head() == 1
        await store.append(commit(2))


async def test_a_cancelled_append_was_not_written(database):
    """The server says so itself: nothing is in doubt."""
    async with opened(database) as (store,):
        await store.append(commit(1))
        blocking = await database.connect()
        async with blocking.transaction():
            await blocking.execute("LOCK TABLE commits IN SHARE MODE")
            task = asyncio.create_task(store.append(commit(2)))
            pid = await database.waiting()
            database.run(f"SELECT pg_cancel_backend({pid})")
            with pytest.raises(Unavailable):
                await task
        await blocking.close()
        assert await store.head() == 1


async def test_who_gave_up_leaves_no_session_that_waits(database, monkeypatch):
    """A table that somebody locks for an hour does not take all connections of the server."""
    monkeypatch.setattr("registan.store.postgres.LOCK_WAIT_S", 1)
    async with opened(database) as (store,):
        await store.append(commit(1))
        blocking = await database.connect()
        async with blocking.transaction():
            await blocking.execute("LOCK TABLE commits IN ACCESS EXCLUSIVE MODE")
            for work in (store.head, lambda: store.read(0, 1), lambda: store.append(commit(2))):
                task = asyncio.create_task(work())
                await database.waiting()
                task.cancel()
                await asyncio.wait([task])
            await database.until(f"SELECT 1 WHERE NOT EXISTS ({WAITING.format(database.name)})")
            with pytest.raises(Unavailable, match="lock timeout"):
                await store.append(commit(2))
        await blocking.close()
        assert await store.head() == 1


async def test_a_server_that_falls_silent_once_it_let_one_in(database, monkeypatch):
    """Neither a start nor the one who listens waits for ever."""
    monkeypatch.setattr("registan.store.postgres._SESSION", "SELECT pg_sleep(3600)")
    said = await failure(database.store(POSTGRES_CONNECTION_TIMEOUT="500ms"))
    assert said.endswith("TimeoutError")


async def test_connections_are_bounded_and_replaced_when_old(server):
    """No more than `max_connections`, and none beyond its lifetime."""
    few = On(server, POSTGRES_MAX_CONNECTIONS="2", POSTGRES_MAX_CONNECTION_LIFETIME="1us")
    pids = set()
    async with opened(few) as (store,):
        for _ in range(3):
            pids.add(await store._value("SELECT pg_backend_pid()"))
        assert len(pids) == 3
        heads = await asyncio.gather(*(store.head() for _ in range(20)))
        assert heads == [0] * 20
        assert store.pool().in_use == 0
