"""What is Cassandra's own: lost answers, records that follow the log, and who is asked."""

from __future__ import annotations

import asyncio
import gc
from unittest.mock import AsyncMock

import cassandra as driver
import pytest
from cassandra import ConsistencyLevel
from cassandra.cluster import NoHostAvailable

from registan.model.commit import Drop, Put
from registan.model.policy import CompatibilityLevel
from registan.model.record import ContextEntry
from registan.runtime.examination import examine
from registan.store import cassandra_records, cassandra_session
from registan.store.cassandra_session import _endpoint
from registan.store.cassandra_tables import KEY_CHARS, Levels, short
from registan.store.protocol import Conflict, Unavailable, Unknown
from registan.testing.services.backend import Database
from registan.testing.services.shared import shared
from registan.testing.store_case import append_all, commit, config, opened, records_of, schema, until, version

FULL, NONE = CompatibilityLevel.FULL, CompatibilityLevel.NONE


@pytest.fixture
def backend():
    return Database(shared("cassandra").database())


async def rows(store, text, *values):
    return await store._bridge.ask(text, values, "QUORUM")


async def die(store):
    """Leave as a killed process does: whatever was not written yet never is."""
    task, store._records._task = store._records._task, None
    task.cancel()
    await asyncio.wait([task])
    await store._bridge.close()


@pytest.mark.parametrize(
    "error",
    [
        driver.WriteTimeout("", write_type=driver.WriteType.CAS, consistency=ConsistencyLevel.SERIAL),
        driver.WriteTimeout("", write_type=driver.WriteType.SIMPLE, consistency=ConsistencyLevel.QUORUM),
        driver.WriteFailure("", consistency=ConsistencyLevel.SERIAL),
        driver.OperationTimedOut({}, None),
        driver.Unavailable("", consistency=ConsistencyLevel.QUORUM),
        ConnectionError("reset by peer"),
    ],
    ids=lambda error: f"{type(error).__name__}-{getattr(error, 'consistency', '')}",
)
async def test_a_transaction_whose_answer_is_lost_is_unknown(backend, error):
    async with opened(backend) as (store,):
        run = store._bridge._run

        async def lose(statement):
            answer = await run(statement)
            if getattr(statement, "serial_consistency_level", None):
                raise error
            return answer

        store._bridge._run = lose
        with pytest.raises(Unknown):
            await store.append(commit(1, Put(config("a"))))
        store._bridge._run = run
        with pytest.raises(Conflict):
            await store.append(commit(1, Put(config("b"))))
        assert await records_of(store) == [config("a")]


@pytest.mark.parametrize(
    "error",
    [
        driver.Unavailable("", consistency=ConsistencyLevel.SERIAL),
        driver.Unavailable("", consistency=ConsistencyLevel.LOCAL_SERIAL),
        NoHostAvailable("none", {}),
        NoHostAvailable("none", ["127.0.0.1"]),
    ],
    ids=lambda error: f"{type(error).__name__}-{getattr(error, 'consistency', '')}",
)
async def test_a_transaction_that_cannot_begin_is_not_written(backend, error):
    async with opened(backend) as (store,):
        run = store._bridge._run

        async def refuse(statement):
            if getattr(statement, "serial_consistency_level", None):
                raise error
            return await run(statement)

        store._bridge._run = refuse
        with pytest.raises(Unavailable):
            await store.append(commit(1, Put(config("a"))))
        store._bridge._run = run
        assert await store.head() == 0


async def test_what_a_dead_writer_left_undone_is_loaded_all_the_same(backend, monkeypatch):
    monkeypatch.setattr(cassandra_records, "PATIENCE_S", 3600)  # nobody stands in meanwhile
    async with opened(backend) as (store,):
        await store.append(commit(1, Put(config("a")), Put(config("b"))))
    dead = backend.store()
    await dead.open()
    dead._records.add = AsyncMock()  # it dies before they are written
    await append_all(dead, commit(2, Put(config("c")), Drop(config("a"))), commit(3, Put(config("b", FULL))))
    await die(dead)
    async with opened(backend) as (store,):
        assert store._records.watermark == 1
        assert await records_of(store) == [config("c"), config("b", FULL)]


async def test_the_next_instance_writes_the_records_of_a_dead_writer(backend, monkeypatch):
    monkeypatch.setattr(cassandra_records, "PATIENCE_S", 0.05)
    monkeypatch.setattr(cassandra_records, "LOOK_S", 0.02)
    dead = backend.store()
    await dead.open()
    dead._records.add = AsyncMock()  # it dies before they are written
    await append_all(dead, commit(1, Put(config("a"))), commit(2, Put(config("b"))))
    await die(dead)
    async with opened(backend) as (store,):
        await store.load()
        await until(lambda: store._records.watermark == 2)
        written = await rows(store, "SELECT kind FROM KS.records")
        assert [kind for (kind,) in written] == ["config", "config"]


async def test_writers_wait_for_each_other_and_the_watermark_passes_both(backend, monkeypatch):
    monkeypatch.setattr(cassandra_records, "LOOK_S", 0.02)
    monkeypatch.setattr(cassandra_records, "PATIENCE_S", 3600)
    async with opened(backend, 2) as (store, other):
        for seq in range(1, 9):
            await (store if seq % 2 else other).append(commit(seq, Put(config(f"s{seq}"))))
        await until(lambda: store._records.watermark >= 7 and other._records.watermark == 8)
        assert len(await rows(store, "SELECT kind FROM KS.records")) == 8


async def test_records_that_cannot_be_written_are_told_of_once(backend, monkeypatch, caplog):
    monkeypatch.setattr(cassandra_records, "LOOK_S", 0.01)
    async with opened(backend) as (store,):
        write, tried = store._records._write, []

        async def fail(commits):
            tried.append(commits)
            raise Unavailable("full")

        for _ in range(2):
            store._records._write = fail
            await store.append(commit(await store.head() + 1))
            await until(lambda: len(tried) > 3)
            store._records._write = write
            await store._records.settle()
            await until(lambda: not store._records._pending)
            tried.clear()
        assert caplog.messages == ["records are behind the log: full"] * 2


async def test_a_late_writer_does_not_undo_what_is_newer(backend):
    old = commit(1, Put(config("a", NONE)), Put(config("b")), Put(schema(1, "x" * 200_000)))
    new = commit(2, Put(config("a", FULL)), Drop(config("b")), Put(schema(1, "y")))
    async with opened(backend) as (store,):
        await append_all(store, old, new)
        await store._records.settle()
        await store._records._write([old])
        assert store._records.watermark == 2
        assert await records_of(store) == [config("a", FULL), schema(1, "y")]


async def test_a_mark_never_goes_back(backend):
    async with opened(backend) as (store,):
        await append_all(store, *(commit(seq) for seq in range(1, 6)))
        await store._records.settle()
        records = store._records
        records.watermark, records._written = 1, {2: commit(2).id}
        await records._move()
        await records._look()
        assert records.watermark == 5


@pytest.mark.parametrize("slept_at", [1, 62, 63, 64])
async def test_a_writer_that_slept_while_history_was_pruned_is_refused(backend, slept_at):
    async with opened(backend, 2) as (store, sleeper):
        await append_all(store, *(commit(seq) for seq in range(1, slept_at + 1)))
        assert await sleeper.head() == slept_at
        await append_all(store, *(commit(seq) for seq in range(slept_at + 1, 131)))
        await store.prune(129)
        assert await rows(store, "SELECT seq FROM KS.commits WHERE bucket = ? AND seq > 0", 0) == []
        with pytest.raises(Conflict):
            await sleeper.append(commit(slept_at + 1, Put(config("late"))))
        assert await sleeper.head() == 130
        assert await records_of(sleeper) == []


@pytest.mark.parametrize("page_rows", [1, 2, 3])
async def test_records_are_whole_wherever_a_page_ends(backend, monkeypatch, page_rows):
    """Also where parts stand behind them that an older, longer value left."""
    monkeypatch.setattr(cassandra_session, "PAGE_ROWS", page_rows)
    monkeypatch.setattr("registan.store.cassandra_rows.BUCKETS", 1)
    expected = [config("a"), *(schema(n, f"{n}" * 66_000 * (n % 3)) for n in range(1, 8)), config("b")]
    async with opened(backend) as (store,):
        await store.append(commit(1, *(Put(schema(n, "old" * 66_000)) for n in range(1, 8))))
        await store.append(commit(2, *map(Put, expected)))
        await store._records.settle()
        assert await records_of(store) == expected


@pytest.mark.parametrize(
    "error",
    [driver.ReadTimeout(""), driver.WriteTimeout("", write_type=driver.WriteType.CAS)],
    ids=lambda error: type(error).__name__,
)
async def test_a_page_that_a_node_gave_up_on_is_asked_for_again(backend, monkeypatch, error):
    monkeypatch.setattr(cassandra_session, "PAGE_ROWS", 2)
    async with opened(backend) as (store,):
        await append_all(store, *(commit(seq, Put(config(f"s{seq}"))) for seq in range(1, 6)))
        send, behind = store._bridge._send, []

        async def give_up_once(statement, after=None):
            if after is not None:
                behind.append(after)
                if len(behind) == 1:
                    raise error
            return await send(statement, after)

        store._bridge._send = give_up_once
        read = await store.read(0, 10)
        assert [each.seq for each in read] == [1, 2, 3, 4, 5]
        assert behind[0] == behind[1]


def is_row(values: tuple[object, ...]) -> bool:
    """Whether it is a row of these records; other tests' libraries have tuples of all kinds."""
    return values[:1] == ("config",) and any(type(v) is str and "of-nobody-" in v for v in values)


async def test_nothing_holds_the_rows_that_a_load_has_read(backend):
    """The driver keeps a response until it would have timed out, and a start does not collect rings."""
    async with opened(backend) as (store,):
        await store.append(commit(1, *(Put(config(f"of-nobody-{n}")) for n in range(100))))
        await store._records.settle()
        gc.collect()
        gc.disable()
        try:
            loaded = await store.load()
            rows = [each for each in gc.get_objects() if type(each) is tuple and is_row(each)]
        finally:
            gc.enable()
        assert len(list(loaded.records)) == 100
        assert rows == []


async def test_the_body_of_a_big_commit_goes_with_it(backend):
    async with opened(backend, 2) as (store, other):
        text = "x" * 200_000
        await store.append(commit(1, Put(schema(1, text))))
        with pytest.raises(Conflict):
            await other.append(commit(1, Put(schema(1, "y" * 200_000))))
        assert len(await rows(store, "SELECT part FROM KS.commit_bodies WHERE seq = ?", 1)) > 1
        assert (await other.read(0, 1))[0].changes == (Put(schema(1, text)),)
        ids = {row[0] for row in await rows(store, "SELECT id FROM KS.commit_bodies")}
        assert len(ids) == 1
        await store.append(commit(2))
        await store.prune(1)
        assert await rows(store, "SELECT part FROM KS.commit_bodies") == []


async def bodies(store):
    """The seqs and ids of commits that have a body beside the log."""
    return sorted(set(await rows(store, "SELECT seq, id FROM KS.commit_bodies")))


@pytest.mark.parametrize(
    ("error", "told"),
    [(driver.OperationTimedOut({}, None), Unknown), (NoHostAvailable("none", {}), Unavailable)],
    ids=["lost", "refused"],
)
async def test_the_body_of_a_commit_that_never_stood_goes(backend, error, told):
    """As soon as another one stands at its seq, and not before: it may be tried again."""
    async with opened(backend) as (store,):
        run = store._bridge._run

        async def fail(statement):
            if getattr(statement, "serial_consistency_level", None):
                raise error
            return await run(statement)

        store._bridge._run = fail
        with pytest.raises(told):
            await store.append(commit(1, Put(schema(1, "x" * 200_000))))
        assert len(await bodies(store)) == 1
        store._bridge._run = run
        second = commit(1, Put(schema(1, "y" * 200_000)))
        await store.append(second)
        await until(lambda: not store._bodies)
        assert await bodies(store) == [(1, second.id)]
        assert (await store.read(0, 1))[0].changes == second.changes


async def test_the_body_of_a_commit_whose_answer_was_lost_stays(backend):
    async with opened(backend) as (store,):
        run = store._bridge._run

        async def lose(statement):
            answer = await run(statement)
            if getattr(statement, "serial_consistency_level", None):
                raise driver.OperationTimedOut({}, None)
            return answer

        first = commit(1, Put(schema(1, "x" * 200_000)))
        store._bridge._run = lose
        with pytest.raises(Unknown):
            await store.append(first)
        store._bridge._run = run
        await store.append(commit(2))
        await until(lambda: not store._bodies)
        assert (await store.read(0, 1))[0].changes == first.changes


async def test_pruning_removes_bodies_of_dead_writers_whatever_its_clock_says(backend):
    """A clock that is behind that of the writer must not make the deletion void."""
    dead = backend.store()
    await dead.open()
    run = dead._bridge._run

    async def die_there(statement):
        if getattr(statement, "serial_consistency_level", None):
            raise asyncio.CancelledError
        return await run(statement)

    await dead.append(commit(1, Put(schema(1, "x" * 200_000))))
    dead._bridge._run = die_there
    with pytest.raises(asyncio.CancelledError):
        await dead.append(commit(2, Put(schema(2, "y" * 200_000))))
    dead._bridge._run = run
    await die(dead)
    async with opened(backend) as (store,):
        store._bridge._session.timestamp_generator = lambda: 1
        await append_all(store, commit(2), commit(3))
        assert [seq for seq, _ in await bodies(store)] == [1, 2]
        await store.prune(1)
        assert [seq for seq, _ in await bodies(store)] == [2]
        await store.prune(2)
        assert await bodies(store) == []
        assert await records_of(store) == [schema(1, "x" * 200_000)]


async def test_people_find_a_table_of_schemas(backend):
    shown = 'SELECT context, subject, version, id, type, deleted, "schema" FROM KS.schemas'
    async with opened(backend, 2) as (store, other):
        await append_all(
            store,
            commit(1, Put(schema(1, '"string"')), Put(version("a", 1, 1))),
            commit(2, Put(version("a", 1, 1, deleted=True)), Put(version("b", 1, 1))),
        )
        await store._records.settle()
        # The text is looked up where another commit brought it.
        await other.append(commit(3, Put(version("c", 1, 1)), Drop(version("b", 1, 1))))
        await other._records.settle()
        assert sorted(await rows(store, shown)) == [
            (".", "a", 1, 1, "AVRO", True, '"string"'),
            (".", "c", 1, 1, "AVRO", False, '"string"'),
        ]


SHOWN = (
    commit(
        1, Put(ContextEntry(".", 2)), *(Put(schema(n, f'"{name}"')) for n, name in ((1, "int"), (2, "long")))
    ),
    commit(2, *(Put(version(name, 1, 1)) for name in "abc")),
)


async def test_people_may_read_what_the_registry_shows_them(backend):
    async with opened(backend) as (store,):
        await append_all(
            store, *SHOWN, commit(3, Put(version("a", 1, 1, deleted=True)), Drop(version("b", 1, 1)))
        )
        assert (await examine(store)).findings == ()


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (
            "INSERT INTO KS.schemas (context, subject, version, id) VALUES ('.', 'x', 1, 1)",
            "schemas-row . x 1: there is no such version",
        ),
        (
            "UPDATE KS.schemas SET id = 2, type = '' WHERE context = '.' AND subject = 'a' AND version = 1",
            "schemas-row . a 1: id, type is not what the version has",
        ),
        (
            "DELETE FROM KS.schemas WHERE context = '.' AND subject = 'b'",
            "schemas-row . b 1: the version is not shown",
        ),
    ],
    ids=["foreign", "edited", "deleted"],
)
async def test_a_row_of_schemas_that_somebody_wrote_is_a_damage(backend, edit, found):
    """It hides what the registry writes there, whose time-stamps are numbers of commits."""
    async with opened(backend) as (store,):
        await append_all(store, *SHOWN)
        await store._records.settle()
        await store._bridge.write(edit, (), "QUORUM")
        assert [str(each) for each in (await examine(store)).findings] == [found]
        # What is written while one looks is no damage.
        seq, records = 2, await records_of(store)
        await append_all(
            store, commit(3, *(Drop(version(name, 1, 1)) for name in "abc"), Put(version("x", 1, 1)))
        )
        assert await store.astray(seq, records) == []


async def test_a_new_keyspace_is_spread_over_data_centres(backend):
    async with opened(backend) as (store,):
        found = await rows(
            store,
            "SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?",
            backend.settings.storage.cassandra.keyspace,
        )
        assert dict(found[0][0]) == {
            "class": "org.apache.cassandra.locator.NetworkTopologyStrategy",
            "datacenter1": "1",
        }


@pytest.mark.parametrize(
    ("configured", "serial", "read", "write"),
    [
        ("LOCAL_QUORUM", "SERIAL", "QUORUM", "QUORUM"),
        ("ONE", "SERIAL", "QUORUM", "QUORUM"),
        ("ALL", "SERIAL", "ALL", "ALL"),
        ("EACH_QUORUM", "SERIAL", "QUORUM", "EACH_QUORUM"),
        ("LOCAL_QUORUM", "LOCAL_SERIAL", "LOCAL_QUORUM", "LOCAL_QUORUM"),
        ("EACH_QUORUM", "LOCAL_SERIAL", "LOCAL_QUORUM", "EACH_QUORUM"),
        ("LOCAL_ONE", "LOCAL_SERIAL", "LOCAL_QUORUM", "LOCAL_QUORUM"),
    ],
)
def test_readers_meet_writers(configured, serial, read, write):
    most = "LOCAL_QUORUM" if serial == "LOCAL_SERIAL" else "QUORUM"
    assert Levels.of(configured, serial) == (read, write, most)


@pytest.mark.parametrize(
    ("host", "endpoint"),
    [
        ("c1", ("c1", 9042)),
        ("c1:19042", ("c1", 19042)),
        ("10.0.0.1:1", ("10.0.0.1", 1)),
        ("fd00::1", ("fd00::1", 9042)),
        ("[fd00::1]:1", ("fd00::1", 1)),
        ("[fd00::1]", ("fd00::1", 9042)),
    ],
)
def test_hosts_may_name_a_port(host, endpoint):
    assert _endpoint(host, 9042) == endpoint


def test_long_keys_are_cut_and_kept_apart():
    long = "k" * KEY_CHARS
    assert short(long) == long
    assert len({short(long + "a"), short(long + "b"), long}) == 3
