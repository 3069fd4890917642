"""MySQL and MariaDB beyond the kit: keys, the view for people, rights, limits, and servers that go away."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from registan.model.commit import Put
from registan.model.subject import Subject
from registan.store import mysql, mysql_connections
from registan.store.protocol import Conflict, TooNew, Unavailable, Unknown
from registan.testing.services.backend import Database
from registan.testing.services.shared import own, shared
from registan.testing.store_case import append_all, commit, config, opened, records_of, schema, version


@pytest.fixture(params=["mariadb", "mysql"])
def kind(request):
    return request.param


@pytest.fixture
def service(kind):
    return shared(kind)


@pytest.fixture
def database(service):
    return Database(service.database())


@pytest.fixture
async def store(database):
    store = database.store()
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def own_service(kind, tmp_path):
    """A server that the test may stop, kill and set up."""
    service = own(kind, tmp_path / kind)
    yield service
    service.kill()


def name_of(database):
    return database.environment["MYSQL_DATABASE"]


def shown(service, database, query):
    """What people see: the lines of the answer without its heading."""
    return service.run(f"USE {name_of(database)}; {query}").splitlines()[1:]


def lock_wait(monkeypatch, seconds):
    """How long statements of connections that are made from here on wait for a lock."""
    variables = f"SET SESSION innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}"
    monkeypatch.setattr(
        mysql_connections, "SESSION", (*mysql_connections.SESSION, variables, "SELECT 1000000, 0, 1")
    )


@asynccontextmanager
async def blocked(store, seq):
    """Somebody else, who does not come to an end, is at this seq."""
    async with store.connections.lend() as session:
        await session.run(
            "START TRANSACTION",
            f"INSERT INTO commits VALUES ({seq}, '', 0, '', '', 1, '[]')",
        )
        yield
        await session.run("ROLLBACK")


async def waiting_append(service, database):
    """The session in which an append to this database waits; other tests have theirs on the same server."""
    query = (
        "SELECT id FROM information_schema.processlist "
        f"WHERE db = '{name_of(database)}' AND info LIKE '%INSERT INTO commits%'"
    )
    async with asyncio.timeout(30):
        while True:
            found = await asyncio.to_thread(service.run, f"{query} AND id <> CONNECTION_ID()")
            if found:
                return found.split()[1]


# keys


async def test_names_longer_than_any_index_are_kept_apart(store):
    """They differ in the last letter only, be it in case, accent or a trailing blank."""
    names = ["日" * 9000 + end for end in ("a", "A", "ä", "a ", "a\0", "'", "\\", "\\'", '"', "%s", ";")]
    written = [config(name) for name in names]
    await store.append(commit(1, *map(Put, written)))
    assert await records_of(store) == written
    await store.append(commit(2, Put(config(names[0]))))
    assert await records_of(store) == [*written[1:], written[0]]


async def test_texts_that_look_like_statements_are_texts(store):
    """Quotes, backslashes, NUL and semicolons, in every column of text."""
    odd = "'; DROP TABLE commits; -- \\' \\\\ \0 \x1a \n \r \" ` %s {}"
    written = commit(1, Put(config(odd)), Put(schema(1, odd)), actor=odd)
    await store.append(written)
    assert list(await store.read(0, 1)) == [written]
    assert await records_of(store) == [change.record for change in written.changes]


# the view


async def test_people_see_schemas(service, database, store):
    """One row a version, deleted ones too, and none mixed up for its name."""
    await store.append(
        commit(
            1,
            Put(schema(1, '{"type":"string","doc":"é\\n"}')),
            Put(schema(2, '"int"', ".other")),
            Put(version("orders", 1, 1)),
            Put(version("Orders", 1, 1, deleted=True)),
            Put(version("orders ", 3, 9)),
        )
    )
    rows = shown(service, database, "SELECT * FROM `schemas`")
    assert [row.split("\t") for row in rows] == [
        [".", "orders", "1", "1", "AVRO", "0", '{"type":"string","doc":"é\\\\n"}'],
        [".", "Orders", "1", "1", "AVRO", "1", '{"type":"string","doc":"é\\\\n"}'],
        [".", "orders ", "3", "9", "NULL", "0", "NULL"],
    ]


async def test_the_view_bears_text_that_is_no_unicode(service, database, store):
    """MySQL does not take it for JSON; the other rows are shown."""
    await store.append(
        commit(
            1,
            Put(schema(1, "\ud800")),
            Put(version("odd", 1, 1)),
            Put(version("\ud800", 1, 1)),
            Put(schema(2)),
            Put(version("even", 1, 2)),
        )
    )
    rows = [row.split("\t") for row in shown(service, database, "SELECT * FROM `schemas`")]
    assert [row[1] for row in (rows[0], rows[2])] == ["odd", "even"]
    assert rows[2][6] == '"string"'


# tables and rights


async def test_a_start_that_broke_off_is_taken_up(service, database):
    """Statements that make tables cannot be rolled back, so they may be there in part."""
    service.run(f"USE {name_of(database)}; CREATE TABLE forms (number INT NOT NULL PRIMARY KEY)")
    store = database.store()
    await store.open()
    await store.append(commit(1, Put(config("a"))))
    await store.close()
    assert shown(service, database, "SELECT number FROM forms") == ["1"]


async def test_tables_of_a_later_release_are_refused(service, database, store):
    """What they mean is not known."""
    service.run(f"USE {name_of(database)}; INSERT INTO forms VALUES (99)")
    with pytest.raises(TooNew, match="form 99"):
        await database.store().open()


async def test_a_role_without_the_right_to_make_tables(service, database):
    """It is told what it lacks, and works on tables that somebody else made."""
    name = name_of(database)
    user = f"r{name[-12:]}"
    service.run(
        f"CREATE USER '{user}'@'%' IDENTIFIED BY 'x';"
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.* TO '{user}'@'%'"
    )
    narrow = Database({**database.environment, "MYSQL_USER": user, "MYSQL_PASSWORD": "x"})
    refused = narrow.store()
    with pytest.raises(Unavailable, match="CREATE command denied"):
        await refused.open()
    await refused.close()
    maker = database.store()
    await maker.open()
    await maker.close()
    store = narrow.store()
    await store.open()
    await append_all(store, commit(1, Put(config("a"))), commit(2, Put(config("a"))))
    await store.ping()
    await store.prune(1)
    assert [c.seq for c in await store.read(1, 10)] == [2]
    await store.close()


# limits


async def test_a_long_commit_takes_several_packets(own_service):
    """Whole or not at all, whatever the server takes at once."""
    own_service.options = ("--max-allowed-packet=1M",)
    own_service.start()
    store = Database(own_service.database()).store()
    await store.open()
    fits = [Put(schema(number, "'" * 70_000)) for number in range(1, 7)]
    await store.append(commit(1, *fits))
    assert len(await records_of(store)) == 6
    with pytest.raises(Unavailable, match="max_allowed_packet"):
        await store.append(commit(2, Put(schema(9, "x" * 1_100_000))))
    with pytest.raises(Conflict):
        await store.append(commit(1, *fits))
    await store.append(commit(2, Put(schema(9))))
    assert len(await records_of(store)) == 7
    await store.close()


async def test_odd_settings_of_the_server_change_nothing(own_service):
    """A limit of rows for all sessions would load a part of the state; others end sessions with a commit."""
    own_service.start()
    database = Database(own_service.database())
    own_service.run(
        "SET GLOBAL sql_select_limit = 2, completion_type = 2, autocommit = 0, sql_safe_updates = 1,"
        " sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'"
    )
    written = [config(name) for name in ("a", "A", "á", "a ", "\\", "'", '"', "😀")]
    async with opened(database) as (store,):
        session = await store_session(store)
        await store.append(commit(1, *map(Put, written)))
        assert await store_session(store) == session
    async with opened(database) as (store,):
        assert await records_of(store) == written


async def store_session(store):
    """The id of the server's session that is lent next."""
    async with store.connections.lend() as session:
        return await session.value("SELECT CONNECTION_ID()")


async def test_a_server_that_may_lose_what_it_acknowledged(own_service, caplog):
    """The operator hears of it at the start."""
    for value, told in ((2, True), (1, False)):
        own_service.options = (f"--innodb-flush-log-at-trx-commit={value}",)
        own_service.start()
        store = Database(own_service.database()).store()
        await store.open()
        await store.close()
        assert ("innodb_flush_log_at_trx_commit" in caplog.text) == told
        caplog.clear()
        own_service.kill()


async def test_a_read_ends_where_there_is_much(store, monkeypatch):
    """The rest is left to the next one, and the store goes on."""
    monkeypatch.setattr(mysql, "READ_BYTES_MAX", 1000)
    await append_all(store, *(commit(seq, Put(schema(seq, "x" * 400))) for seq in range(1, 61)))
    seen = []
    while commits := await store.read(len(seen), 1000):
        assert len(commits) <= 3
        seen += commits
    assert [c.seq for c in seen] == list(range(1, 61))


async def test_pruning_goes_in_steps(store, monkeypatch):
    """No transaction is long."""
    monkeypatch.setattr(mysql, "PRUNE_ROWS", 2)
    await append_all(store, *(commit(seq) for seq in range(1, 9)))
    await store.prune(7)
    assert [c.seq for c in await store.read(7, 10)] == [8]


# what others do


async def test_whoever_waits_for_a_lock_too_long_gives_up(store, monkeypatch):
    """Nothing was written then, and the commit fits as soon as the other has gone."""
    lock_wait(monkeypatch, 1)
    async with blocked(store, 1):
        with pytest.raises(Unavailable, match="Lock wait timeout"):
            await store.append(commit(1, Put(config("a"))))
    await store.append(commit(1, Put(config("b"))))
    assert await records_of(store) == [config("b")]


async def test_tables_that_a_backup_locks(database, store, monkeypatch):
    """A write does not wait until the backup is done."""
    lock_wait(monkeypatch, 1)
    backup = database.store()
    await backup.open()
    async with backup.connections.lend() as session:
        await session.run("LOCK TABLES commits READ, records READ")
        with pytest.raises(Unavailable, match="Lock wait timeout"):
            await store.append(commit(1, Put(config("a"))))
        assert await store.head() == 0
        await session.run("UNLOCK TABLES")
    await backup.close()
    await store.append(commit(1, Put(config("a"))))


async def test_a_connection_cut_in_an_append(service, database, store, monkeypatch):
    """The answer is lost or the commit refused, and the store recovers by itself."""
    lock_wait(monkeypatch, 60)  # until it was found, and that may take a while
    async with blocked(store, 1):
        task = asyncio.ensure_future(store.append(commit(1, Put(config("a")))))
        service.run(f"KILL {await waiting_append(service, database)}")
        with pytest.raises((Unknown, Unavailable)):
            await task
    assert await store.head() == 0
    await store.append(commit(1, Put(config("b"))))
    assert await records_of(store) == [config("b")]


async def test_a_query_cut_in_an_append(service, database, store, monkeypatch):
    """Only the statement is ended; nothing of the commit stays."""
    lock_wait(monkeypatch, 60)
    async with blocked(store, 1):
        task = asyncio.ensure_future(store.append(commit(1, Put(config("a")))))
        service.run(f"KILL QUERY {await waiting_append(service, database)}")
        with pytest.raises(Unavailable):
            await task
    await store.append(commit(1, Put(config("b"))))
    assert await records_of(store) == [config("b")]


async def test_idle_connections_that_were_cut(service, database, store):
    """They are found out before or while they are used, and others are made."""
    await asyncio.gather(*(store.head() for _ in range(5)))
    name = name_of(database)
    query = f"SELECT id FROM information_schema.processlist WHERE db = '{name}'"
    for number in service.run(query).split()[1:]:
        service.run(f"KILL {number}")
    async with asyncio.timeout(30):
        while True:
            try:
                await store.append(commit(1, Put(config("a"))))
            except (Unavailable, Unknown):
                continue
            except Conflict:
                pass
            break
    assert await store.head() == 1
    assert await records_of(store) == [config("a")]


async def test_a_server_that_only_reads(own_service, caplog):
    """Who starts there is told, the readiness check tells, and a write is refused, not lost."""
    own_service.start()
    database = Database(own_service.database())
    store = database.store()
    await store.open()
    await store.append(commit(1, Put(config("a"))))
    own_service.run("SET GLOBAL read_only = 1")
    for attempt in (store.ping(), store.append(commit(2))):
        with pytest.raises(Unavailable, match="read-only"):
            await attempt
    assert await store.head() == 1
    assert not caplog.text
    async with opened(database) as (late,):
        assert "writes will be refused" in caplog.text
        assert await late.head() == 1
    own_service.run("SET GLOBAL read_only = 0")
    await store.ping()
    await store.append(commit(2))
    await store.close()


async def test_a_server_that_restarts(own_service):
    """What asks meanwhile hears so; afterwards the same handle goes on."""
    own_service.start()
    store = Database(own_service.database()).store()
    await store.open()
    await store.append(commit(1, Put(config("a"))))
    own_service.stop()
    for attempt in (store.head, store.load, store.ping, lambda: store.read(0, 1), lambda: store.wait(1, 9)):
        with pytest.raises(Unavailable):
            await attempt()
    with pytest.raises(Unavailable):
        await store.append(commit(2))
    own_service.start()
    await store.append(commit(2, Put(config("b"))))
    assert await records_of(store) == [config("a"), config("b")]
    await store.close()


async def test_acknowledged_commits_survive_a_kill(own_service):
    """Whatever was in flight is there whole or not at all."""
    own_service.start()
    store = Database(own_service.database()).store()
    await store.open()
    acknowledged = 0
    enough = asyncio.Event()

    async def write():
        nonlocal acknowledged
        while True:
            seq = acknowledged + 1
            await store.append(commit(seq, Put(version("a", seq, seq)), Put(version("b", seq, seq))))
            acknowledged = seq
            if seq == 50:
                enough.set()

    task = asyncio.ensure_future(write())
    await enough.wait()
    await asyncio.to_thread(own_service.kill)
    with pytest.raises((Unknown, Unavailable)):
        await task
    own_service.start()
    loaded = await store.load()
    assert loaded.seq in (acknowledged, acknowledged + 1)
    kept = {(record.subject, record.version) for record in loaded.records}
    assert kept == {(Subject(".", name), n) for n in range(1, loaded.seq + 1) for name in "ab"}
    await store.close()
