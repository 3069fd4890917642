"""Damage planted in the tables of real databases is found by its name, whatever the database."""

import asyncio
import hashlib
import json

import pytest

from registan.model.commit import Drop, Put
from registan.model.record import ContextEntry, Schema
from registan.model.schema import Reference, SchemaType, Source
from registan.runtime.examination import examine
from registan.runtime.moving import Refused, copy
from registan.store.cassandra_rows import bucket_of
from registan.store.cassandra_tables import WATERMARK
from registan.store.sqlite import SqliteStore
from registan.testing.services.backend import Database
from registan.testing.services.shared import each_service, shared
from registan.testing.store_case import append_all, commit, config, schema, version

PATIENCE_S = 60.0

NEWEST = 70
"""In the second partition of a log in Cassandra."""

BIG = Source(
    SchemaType.AVRO, json.dumps({"type": "enum", "name": "E", "symbols": ["a"], "doc": "x" * 200_000})
)


def healthy():
    """A log in which everything is in order."""
    named = Source(SchemaType.AVRO, '{"type":"record","name":"B","namespace":"a","fields":[]}')
    user = Source(SchemaType.AVRO, '"a.B"', (Reference("a.B", "b", 1),))
    return [
        commit(1, Put(Schema(".", 1, named, named.guid)), Put(version("b", 1, 1))),
        commit(2, Put(Schema(".", 2, user, user.guid)), Put(version("r", 1, 2))),
        commit(3, Put(Schema(".", 3, BIG, BIG.guid)), Put(version("big", 1, 3))),
        commit(4, Put(schema(4, '"int"')), Put(version("gone", 1, 4))),
        commit(5, Drop(version("gone", 1, 4)), Drop(schema(4, '"int"')), Put(ContextEntry(".", 4))),
        *(commit(seq, Put(config(f"s{seq}"))) for seq in range(6, NEWEST + 1)),
    ]


class Sql:
    """The tables of a database that speaks SQL, as somebody with a client of it sees them."""

    def __init__(self, kind, environment):
        self._service = shared(kind)
        self._mysql = kind in ("mariadb", "mysql")
        self._database = environment["MYSQL_DATABASE" if self._mysql else "POSTGRES_DATABASE"]

    def _run(self, statement):
        if self._mysql:
            self._service.run(f"USE {self._database}; {statement}")
        else:
            self._service.run(statement, database=self._database)

    async def rewrite(self, kind, key, value):
        quoted = "key" if not self._mysql else "`key`"
        self._run(f"UPDATE records SET value = '{value}' WHERE kind = '{kind}' AND {quoted} = '{key}'")

    async def double(self, kind, key, other):
        if self._mysql:
            place = hashlib.sha256(f"{kind}/{other}".encode()).hexdigest()
            self._run(
                f"INSERT INTO records SELECT seq, 99, X'{place}', kind, '{other}', level, value "
                f"FROM records WHERE kind = '{kind}' AND `key` = '{key}'"
            )
        else:
            self._run(
                f"INSERT INTO records SELECT kind, '{other}', seq, 99, level, value "
                f"FROM records WHERE kind = '{kind}' AND key = '{key}'"
            )

    async def forget(self, seq):
        self._run(f"DELETE FROM commits WHERE seq = {seq}")

    async def garble(self, seq):
        self._run(f"UPDATE commits SET body = '[[' WHERE seq = {seq}")


class Cassandra:
    """The tables of Cassandra, as cqlsh shows them."""

    def __init__(self, store):
        self.run = lambda text, *values: store._bridge.write(text, values, "QUORUM")
        self.ask = lambda text, *values: store._bridge.ask(text, values, "QUORUM")

    async def rewrite(self, kind, key, value):
        where = (bucket_of(kind, key), kind, key)
        text = "UPDATE KS.records SET value = ? WHERE bucket = ? AND kind = ? AND key = ? AND part = 0"
        await self.run(text, value, *where)

    async def double(self, kind, key, other):
        columns = "part, parts, seq, position, level, value"
        where = (bucket_of(kind, key), kind, key)
        text = f"SELECT {columns} FROM KS.records WHERE bucket = ? AND kind = ? AND key = ?"
        for row in await self.ask(text, *where):
            put = f"INSERT INTO KS.records (bucket, kind, key, {columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            await self.run(put, bucket_of(kind, other), kind, other, *row)

    async def forget(self, seq):
        await self.run("DELETE FROM KS.commits WHERE bucket = ? AND seq = ?", seq // 64, seq)

    async def garble(self, seq):
        await self.run("UPDATE KS.commits SET body = '[[' WHERE bucket = ? AND seq = ?", seq // 64, seq)


class Filled:
    """A database with a healthy log, and its tables."""

    def __init__(self, kind):
        self.database = Database(shared(kind).database())
        self._kind = kind

    async def __aenter__(self):
        store = self.database.store()
        await store.open()
        await append_all(store, *healthy())
        if store.name == "cassandra":
            await store._records.settle()
        self._store = store
        environment = self.database.environment
        self.tables = Cassandra(store) if store.name == "cassandra" else Sql(self._kind, environment)
        return self

    async def __aexit__(self, *_):
        await self._store.close()

    async def told(self):
        """What an examination by another process says."""
        store = self.database.store()
        await store.open()
        try:
            found = await examine(store)
            return [str(finding) for finding in found.findings], found.compared
        finally:
            await store.close()

    async def copied(self, target):
        """Copy it elsewhere."""
        store = self.database.store()
        await store.open()
        try:
            await copy(store, target, lambda done, of: None)
        finally:
            await store.close()


@pytest.fixture(params=each_service())
async def filled(request):
    async with Filled(request.param) as made:
        yield made


async def test_a_healthy_store_has_no_findings(filled):
    assert await filled.told() == ([], True)


async def test_a_record_that_cannot_be_read_is_named(filled):
    await filled.tables.rewrite("version", ":.:r/1", '{"subject":[".","r"],"version":"one"}')
    (line,), compared = await filled.told()
    assert line.startswith("record-unreadable behind ")
    assert 'a record of kind version, `{"subject":[".","r"],"version":"one"}` cannot be read: ' in line
    assert not compared


async def test_a_record_that_is_there_twice_is_named(filled):
    await filled.tables.double("schema", "./1", "./77")
    lines, _ = await filled.told()
    assert "record-doubled schema ./1: it is there a second time, under another key" in lines


async def test_commits_that_cannot_be_read_are_named_each(filled):
    await filled.tables.garble(7)
    await filled.tables.garble(68)
    lines, compared = await filled.told()
    assert [line.partition(": ")[0] for line in lines] == ["log-unreadable 7", "log-unreadable 68"]
    assert "commit 7 cannot be read: " in lines[0]
    assert not compared


HOLES = {
    (8,): ["log-hole 8"],
    (8, 9, 63, 64, 65): ["log-hole 8-9", "log-hole 63-65"],
    (1,): [],  # as if it had been pruned
}


@pytest.mark.parametrize("missing", HOLES, ids=repr)
async def test_commits_that_are_missing_are_named(filled, missing):
    for seq in missing:
        await filled.tables.forget(seq)
    lines, compared = await filled.told()
    assert [line.partition(": ")[0] for line in lines] == HOLES[missing]
    assert compared == (not HOLES[missing])


async def test_a_newest_commit_that_is_missing_is_found(filled):
    """Where the log tells its length otherwise it is a hole, else a record that nobody put."""
    await filled.tables.forget(NEWEST)
    lines, _ = await filled.told()
    assert [line.partition(": ")[0] for line in lines] in (
        [f"log-hole {NEWEST}"],
        [f"record-stray config :.:s{NEWEST}"],
    )


async def test_a_copy_of_a_log_with_a_hole_is_refused(filled, tmp_path):
    await filled.tables.forget(8)
    target = SqliteStore(tmp_path / "target.db")
    await target.open()
    with pytest.raises(Refused, match="hole"):
        await filled.copied(target)
    await target.close()


@pytest.fixture
async def cassandra():
    async with Filled("cassandra") as made:
        yield made


async def test_a_part_of_a_record_that_is_missing_is_found(cassandra):
    text = "DELETE FROM KS.records WHERE bucket = ? AND kind = ? AND key = ? AND part = 1"
    await cassandra.tables.run(text, bucket_of("schema", "./3"), "schema", "./3")
    (line,), _ = await cassandra.told()
    assert "Cassandra: the record schema ./3 is not whole" in line


async def test_a_part_of_a_commit_that_is_missing_is_found(cassandra):
    rows = await cassandra.tables.ask("SELECT id FROM KS.commits WHERE bucket = ? AND seq = ?", 0, 3)
    text = "DELETE FROM KS.commit_bodies WHERE seq = ? AND id = ? AND part = 1"
    await cassandra.tables.run(text, 3, rows[0][0])
    (line,), _ = await cassandra.told()
    assert line == "log-unreadable 3: Cassandra: commit 3 is not whole"


async def test_a_hole_where_records_are_not_written_yet_is_told(cassandra):
    """Nobody can say what they were; it must not be looked for again and again."""
    await cassandra.tables.run("DELETE last FROM KS.commits WHERE bucket = ?", WATERMARK)
    await cassandra.tables.forget(8)
    async with asyncio.timeout(PATIENCE_S):
        lines, _ = await cassandra.told()
    assert [line.partition(": ")[0] for line in lines] == [
        "record-unreadable behind 0 others",
        "log-hole 8",
    ]
