"""The tables in Cassandra: how they are made by several instances at once, and what numbers they hold.

What lives here: the definitions, and rules that hold for all of them. What never does: a row.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple, TypeVar
from uuid import NAMESPACE_OID, UUID, uuid5

from registan.store.cassandra_session import Bridge, Forbidden, Options
from registan.store.migrations import Migration, pending
from registan.store.protocol import Unavailable

T = TypeVar("T")

log = logging.getLogger("registan.store")

WATERMARK, FORM, FLOOR = -1, -2, -3
"""Partitions of `commits` that hold no commits but a number, in `last`: up to which seq the records
are written; the form of the tables; up to which seq history was pruned. Each only grows."""

PIECE_CHARS = 64 * 1024
"""Longest text in one cell: a node refuses a write of more than half a segment of its commit log."""

PAUSE_S = 0.1
"""Between two attempts; grows with them."""

KEY_CHARS = 4096
"""Longest key in full (a node takes 64 KiB); a longer one is cut and gets a digest."""

ATTEMPTS = 8
"""How often making a table is tried: instances that start together get in each other's way."""

MIGRATIONS = (
    Migration(
        1,
        (
            """CREATE TABLE IF NOT EXISTS KS.commits (
                bucket bigint, seq bigint, last bigint STATIC, id uuid, at bigint, actor text, cause text,
                level int, body text, parts int, PRIMARY KEY (bucket, seq))
                WITH CLUSTERING ORDER BY (seq DESC) AND {id}""",
            """CREATE TABLE IF NOT EXISTS KS.commit_bodies (
                seq bigint, id uuid, part int, body text, PRIMARY KEY (seq, id, part)) WITH {id}""",
            """CREATE TABLE IF NOT EXISTS KS.records (
                bucket int, kind text, key text, part int, parts int, seq bigint, position int, level int,
                value text, PRIMARY KEY (bucket, kind, key, part)) WITH {id}""",
            """CREATE TABLE IF NOT EXISTS KS.schemas (
                context text, subject text, version int, id int, type text, deleted boolean, "schema" text,
                PRIMARY KEY ((context, subject), version)) WITH {id}""",
        ),
    ),
)


_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS KS\.(\w+)")
_COLUMN = re.compile(r'(\w+)"? (?:bigint|int|text|uuid|boolean)\b')
_KEYSPACE = "SELECT durable_writes FROM system_schema.keyspaces WHERE keyspace_name = ?"
_LOG = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = 'commits'"
_COLUMNS = "SELECT table_name, column_name FROM system_schema.columns WHERE keyspace_name = ?"

# Where nothing is: no commit, record or version is in these places.
_NOWHERE = UUID(int=0)
_READS = (
    ("SELECT part FROM KS.commit_bodies WHERE seq = ? LIMIT 1", (-1,)),
    ("SELECT seq FROM KS.records WHERE bucket = ? LIMIT 1", (-1,)),
)
_WRITES = (
    ("DELETE FROM KS.commit_bodies USING TIMESTAMP 1 WHERE seq = ? AND id = ?", (-1, _NOWHERE)),
    ("DELETE FROM KS.records USING TIMESTAMP 1 WHERE bucket = ? AND kind = ?", (-1, "")),
    ("DELETE FROM KS.schemas USING TIMESTAMP 1 WHERE context = ? AND subject = ?", ("", "")),
)

COLUMNS = {
    _TABLE.findall(statement)[0]: frozenset(_COLUMN.findall(statement))
    for migration in MIGRATIONS
    for statement in migration.statements
}
"""What each table has at least."""

LAST = "SELECT last FROM KS.commits WHERE bucket = ? LIMIT 1"
MARK = "UPDATE KS.commits USING TIMESTAMP ? SET last = ? WHERE bucket = ?"


class Levels(NamedTuple):
    """How many copies answer what is read and written beside the transactions."""

    read: str
    write: str
    most: str
    """What any two readers and writers need to meet, whatever was configured."""

    @classmethod
    def of(cls, configured: str, serial: str) -> Levels:
        """The configured level, or the lowest one above it by which a reader meets every writer.

        Readers of any data centre must find what writers of any other wrote, as transactions do.
        """
        least = "QUORUM" if serial == "SERIAL" else "LOCAL_QUORUM"
        enough = {least, "QUORUM", "EACH_QUORUM", "ALL"}
        write = configured if configured in enough else least
        return cls(least if write == "EACH_QUORUM" else write, write, least)


def mark(what: int, number: int) -> tuple[int, int, int]:
    """Values of `MARK`: the number is its own time-stamp, so that a lower one never replaces it."""
    return (number, number, what)


def pieces(text: str) -> Iterator[str]:
    """A text in parts that fit a cell; at least one."""
    for start in range(0, len(text) or 1, PIECE_CHARS):
        yield text[start : start + PIECE_CHARS]


def short(key: str) -> str:
    """A key that a node takes; as it is where it can be."""
    if len(key) <= KEY_CHARS:
        return key
    return f"{key[:KEY_CHARS]}~{hashlib.sha256(key.encode()).hexdigest()}"


class Tables:
    """Makes the tables of one keyspace."""

    newest = MIGRATIONS[-1].number

    def __init__(self, bridge: Bridge, options: Options) -> None:
        self._bridge = bridge
        self._keyspace = options.keyspace
        self._factor = options.replication_factor
        self._levels = Levels.of(options.consistency_level, options.serial_consistency)

    async def make(self) -> None:
        """Make what is missing; needs no right to where nothing is. Raises `Unavailable`, `TooNew`."""
        found = await self._bridge.ask(_KEYSPACE, (self._keyspace,), "LOCAL_ONE")
        if not found:
            await _patiently(self._make_keyspace)
        elif found[0][0] is False:
            log.warning(
                "Cassandra: the keyspace %s has durable_writes = false: "
                "what is acknowledged is lost where nodes stop before it is flushed",
                self._keyspace,
            )
        done = await _patiently(self._form) if await self._has_log() else 0
        for migration in pending(MIGRATIONS, done):
            for statement in migration.statements:
                await self._define(self._table_text(statement))
            await self._bridge.write(MARK, mark(FORM, migration.number), self._levels.write)
        await _patiently(self._look_at_columns)
        await self._look_at_rights()

    async def _has_log(self) -> bool:
        return bool(await self._bridge.ask(_LOG, (self._keyspace,), "LOCAL_ONE"))

    async def _form(self) -> int:
        rows = await self._bridge.ask(LAST, (FORM,), self._levels.read)
        return int(rows[0][0] or 0) if rows else 0

    async def _define(self, statement: str) -> None:
        await _patiently(lambda: self._bridge.define(statement))

    async def _make_keyspace(self) -> None:
        """Raises `Unavailable` where it would be one that nothing could be read from."""
        centres = sorted(self._bridge.data_centres().items())
        for name, nodes in centres:
            if nodes < self._factor // 2 + 1:
                raise Unavailable(
                    f"Cassandra: the keyspace {self._keyspace} is not made with {self._factor} copies for "
                    f"each data centre (replication_factor): {name} has nodes for {nodes} of them"
                )
        copies = ", ".join(f"'{name}': {self._factor}" for name, _ in centres)
        await self._bridge.define(
            f'CREATE KEYSPACE IF NOT EXISTS "{self._keyspace}" '
            f"WITH replication = {{'class': 'NetworkTopologyStrategy', {copies}}}"
        )

    async def _look_at_columns(self) -> None:
        """Raises `Unavailable` where a table is gone, or one of the same name is somebody else's."""
        there: dict[str, set[str]] = {}
        for table, column in await self._bridge.ask(_COLUMNS, (self._keyspace,), "LOCAL_ONE"):
            there.setdefault(table, set()).add(column)
        for table, columns in COLUMNS.items():
            if table not in there:
                raise Unavailable(f"Cassandra: the table {self._keyspace}.{table} is missing")
            lacks = sorted(columns - there.get(table, set()))
            if lacks:
                raise Unavailable(
                    f"Cassandra: the table {self._keyspace}.{table} is not the registry's: "
                    f"it has no {', '.join(lacks)}; set storage.cassandra.keyspace to one of its own"
                )

    async def _look_at_rights(self) -> None:
        """Raises `Forbidden` with all rights that lack, not each at the first use of it."""
        levels = self._levels
        said = await asyncio.gather(
            *(self._bridge.ask(text, values, levels.read) for text, values in _READS),
            *(self._bridge.write(text, values, levels.write) for text, values in _WRITES),
            self._bridge.write(MARK, mark(FORM, self.newest), levels.write),
            return_exceptions=True,
        )
        # That a node is away is another matter: what is there may be read all the same.
        lacks = sorted(
            {str(error).removeprefix("Cassandra: ") for error in said if isinstance(error, Forbidden)}
        )
        if lacks:
            raise Forbidden(
                f"Cassandra: GRANT SELECT, MODIFY on the keyspace {self._keyspace}: {'; '.join(lacks)}"
            )

    def _table_text(self, statement: str) -> str:
        # Nodes that are asked at once would each give the table an id of their own.
        name = statement.split("(", 1)[0].rsplit(maxsplit=1)[-1]
        table_id = f"id = {uuid5(NAMESPACE_OID, f'registan/{self._keyspace}/{name}')}"
        return statement.format(id=table_id)


async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Try again what fails while other instances make the tables: nodes hear of them one by one."""
    for attempt in range(1, ATTEMPTS):
        try:
            return await work()
        except Forbidden:
            raise
        except Unavailable:
            await asyncio.sleep(random.uniform(0.5, 1.5) * PAUSE_S * attempt)  # noqa: S311
    return await work()
