"""PostgreSQL: any number of instances on one database; the primary key of `commits` decides who was first.

A commit, its records and the word to others are one statement, hence one transaction and one round
trip. Errors of the driver stay in here: a failed answer to `append` is `Unknown` unless the server itself
said that nothing was written.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any
from uuid import UUID

import asyncpg

from registan.model.commit import Commit
from registan.model.record import Record
from registan.store.codec import Encoded, Row, decode_commit, decode_records, encode_commit, encode_row
from registan.store.pool import Pool, Size
from registan.store.postgres_news import CHANNEL, News
from registan.store.postgres_pooler import refuse_shared
from registan.store.postgres_tables import prepare
from registan.store.protocol import Conflict, Glance, Loaded, Pooling, Truncated, Unavailable, Unknown
from registan.store.tls import client_context

READ_BYTES_MAX = 8 * 1024 * 1024
"""`read` gives fewer commits than asked for once it has so much."""
LOAD_ROWS = 1000
"""Records fetched at once by `load`."""
BEGIN_ROWS = 500
"""Records written at once by `begin`."""
KEY_BYTES_MAX = 1000
"""A longer key stands in its row by its digest: PostgreSQL cannot index it."""
LOCK_WAIT_S = 5
"""A statement that waits longer for a lock fails; its sender gave up by then, unknown to the server."""
_MARK = "\x01"

# Every query goes by an index, and a plan made while the tables were small must not last into a time when
# they are not. Whoever switched synchronous_commit off for the role, made its transactions stricter (two
# writers then fail by each other, rather than one being told of the other) or had backslashes in texts
# read as escapes, did not know of this user.
_SESSION = """
    SET enable_seqscan = off; SET enable_sort = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
    SET jit = off; SET client_min_messages = warning;
    SET default_transaction_isolation = 'read committed'; SET standard_conforming_strings = on;
    SET lock_timeout = '{lock_wait_s}s';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""
_HEAD = "SELECT coalesce((SELECT seq FROM commits ORDER BY seq DESC LIMIT 1), 0)"
_NEWEST = "SELECT seq, id FROM commits ORDER BY seq DESC LIMIT 1"
_LOOK = f"SELECT ({_HEAD}), (SELECT id FROM commits WHERE seq = $1)"  # noqa: S608
_READ = """SELECT seq, id::text, at, actor, cause, level, body FROM
    (SELECT *, sum(octet_length(body)) OVER (ORDER BY seq) - octet_length(body) AS before
        FROM (SELECT * FROM commits WHERE seq > $1 ORDER BY seq LIMIT $2) AS behind) AS measured
    WHERE before < $3 ORDER BY seq"""
_RECORDS = "SELECT kind, level, value FROM records ORDER BY seq, position"
_PRUNE = "DELETE FROM commits WHERE seq <= $1 AND seq < (SELECT max(seq) FROM commits)"
_READ_ONLY = "SELECT current_setting('transaction_read_only')"

_APPEND = f"""WITH head AS ({_HEAD}),
    landed AS (INSERT INTO commits (seq, id, at, actor, cause, level, body)
        SELECT $1::bigint, $2::uuid, $3::bigint, $4, $5, $6::integer, $7
        FROM head WHERE coalesce = $1::bigint - 1 AND ($12::uuid IS NULL
            OR EXISTS (SELECT FROM commits WHERE seq = $1::bigint - 1 AND id = $12)) RETURNING seq),
    put AS (INSERT INTO records (kind, key, seq, position, level, value)
        SELECT kind, key, landed.seq, position, level, value
        FROM landed, unnest($8::text[], $9::text[], $10::integer[], $11::text[])
            WITH ORDINALITY AS rows (kind, key, level, value, position)
        ON CONFLICT (kind, key) DO UPDATE SET seq = excluded.seq, position = excluded.position,
            level = excluded.level, value = excluded.value){{more}}
    SELECT head.coalesce, landed.seq,
        CASE WHEN landed.seq IS NOT NULL THEN pg_notify('{CHANNEL}', '')::text END
    FROM head LEFT JOIN landed ON true"""  # noqa: S608
_PUT = _APPEND.format(more="")
_PUT_AND_DROP = _APPEND.format(
    more=""", dropped AS (DELETE FROM records
        USING landed, unnest($13::text[], $14::text[]) AS gone (kind, key)
        WHERE records.kind = gone.kind AND records.key = gone.key)"""
)

# Both run under a lock that keeps writers out, in the one transaction of `begin`.
_FIRST = """INSERT INTO commits (seq, id, at, actor, cause, level, body)
    SELECT $1::bigint, $2::uuid, $3::bigint, $4, $5, $6::integer, $7
    WHERE NOT EXISTS (SELECT FROM commits) RETURNING seq"""
_FILL = """INSERT INTO records (kind, key, seq, position, level, value)
    SELECT kind, key, $1::bigint, $2::bigint + position, level, value
    FROM unnest($3::text[], $4::text[], $5::integer[], $6::text[])
        WITH ORDINALITY AS rows (kind, key, level, value, position)"""

_CLIENT = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""What is raised where no answer came."""
_ANY = (asyncpg.PostgresError, *_CLIENT)
_DOUBTFUL = ("08", "57P", "58", "XX", "40003")
"""Beginnings of SQLSTATEs after which the transaction may have been committed (57014, cancelled, is none)."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the database is, and how to get in."""

    host: str
    port: int
    user: str
    password: str
    database: str
    sslmode: str = "disable"
    """disable | require | verify-ca | verify-full."""
    sslrootcert: str = ""
    """File of authorities; empty means those of the system."""
    sslcert: str = ""
    sslkey: str = ""
    connection_timeout_s: float = 30.0


class PostgresStore:
    """See `registan.store.protocol.Store`."""

    name = "postgresql"

    def __init__(self, server: Server, size: Size | None = None) -> None:
        self._server = server
        size = size or Size()
        self._pool: Pool[Any] = Pool(self._member, lambda c: not c.is_closed(), _end, size)
        self._news = News(self._connect, size.lifetime_s)

    def pool(self) -> Pooling:
        """Its connections, for the gauges; the one that listens for news is not among them."""
        return self._pool.counts

    async def open(self) -> None:
        """Connect, and make or migrate the tables. Raises `Unavailable`, `TooNew`."""
        await self._pool.open()
        async with self._pool.lent() as connection:
            try:
                await refuse_shared(connection, self._connect)
                await prepare(connection)
            except _ANY as error:
                raise self._unavailable(error) from error

    async def close(self) -> None:
        """Finish what is being written; closing twice does no harm."""
        await self._news.stop()
        await self._pool.close()

    async def load(self) -> Loaded:
        """All records from one snapshot."""
        records: list[Record] = []
        async with self._pool.lent() as connection:
            try:
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    newest = await connection.fetchrow(_NEWEST)
                    cursor = await connection.cursor(_RECORDS)
                    while rows := await cursor.fetch(LOAD_ROWS):
                        records.extend(decode_records(rows))
            except _ANY as error:
                raise self._unavailable(error) from error
        return Loaded(newest[0], records, newest[1]) if newest else Loaded(0, records)

    async def head(self) -> int:
        """The newest seq, asked of the primary."""
        return int(await self._value(_HEAD))

    async def look(self, known: int) -> Glance:
        """Both in one statement. What is seen is durable: commits are shown only then."""
        async with self._pool.lent() as connection:
            try:
                return Glance(*await connection.fetchrow(_LOOK, known))
            except _ANY as error:
                raise self._unavailable(error) from error

    def head_now(self) -> int | None:
        """Not without waiting."""
        return None

    async def read(self, after: int, limit: int) -> Sequence[Commit]:
        """At most `limit` commits behind `after`, or some 8 MiB of them."""
        async with self._pool.lent() as connection:
            try:
                rows = await connection.fetch(_READ, after, limit, READ_BYTES_MAX)
            except _ANY as error:
                raise self._unavailable(error) from error
        if rows and rows[0][0] != after + 1:
            raise Truncated(f"history up to {rows[0][0] - 1} was pruned")
        return [decode_commit(*row) for row in rows]

    async def append(self, commit: Commit, after: UUID | None = None) -> None:
        """Write the commit and its records in one statement, durable when it is answered."""
        statement, values = _statement(commit, after)
        async with self._pool.lent() as connection:
            with self._writing(commit.seq):
                found = await connection.fetchrow(statement, *values)
        if found[0] >= commit.seq or (found[1] is None and found[0] == commit.seq - 1):
            raise Conflict(commit.seq)
        if found[1] is None:
            raise ValueError(f"commit {commit.seq} would leave a hole behind {found[0]}")

    async def begin(self, commit: Commit, records: Iterable[Record]) -> None:
        """Write the first commit and the records in one transaction."""
        rows = map(encode_row, records)
        async with self._pool.lent() as connection:
            with self._writing(commit.seq):
                async with connection.transaction():
                    await connection.execute("LOCK TABLE commits IN EXCLUSIVE MODE")
                    if await connection.fetchval(_FIRST, *_row(commit, encode_commit(commit))) is None:
                        raise Conflict(commit.seq)
                    position = 0
                    while some := list(islice(rows, BEGIN_ROWS)):
                        await connection.execute(_FILL, commit.seq, position, *_columns(some))
                        position += len(some)

    @contextmanager
    def _writing(self, seq: int) -> Iterator[None]:
        """What the errors of a write mean."""
        try:
            yield
        except asyncpg.UniqueViolationError as error:
            raise Conflict(seq) from error
        except asyncpg.PostgresError as error:
            if str(error.sqlstate).startswith(_DOUBTFUL):
                raise Unknown(str(error)) from error
            raise self._unavailable(error) from error
        except _CLIENT as error:
            raise Unknown(str(error) or type(error).__name__) from error

    async def wait(self, after: int, timeout_s: float) -> None:
        """Until another instance tells of a commit, if the connection that listens is there."""
        news = self._news.next()
        try:
            if await self.head() > after:
                return
        except Unavailable:
            await asyncio.sleep(timeout_s)
            return
        self._news.start()  # only for who waits: tools that look once need no second connection
        await asyncio.wait([news], timeout=timeout_s)

    async def prune(self, through: int) -> None:
        """Delete old commits."""
        await self._value(_PRUNE, through)

    async def ping(self) -> None:
        """Ask whether this is a server that takes writes; one that became a standby is let go of."""
        async with self._pool.lent() as connection:
            try:
                read_only = await connection.fetchval(_READ_ONLY)
            except _ANY as error:
                raise self._unavailable(error) from error
            if read_only != "off":
                raise Unavailable(f"{self._place()}: the server is read-only")

    async def _value(self, query: str, *values: object) -> Any:  # noqa: ANN401
        async with self._pool.lent() as connection:
            try:
                return await connection.fetchval(query, *values)
            except _ANY as error:
                raise self._unavailable(error) from error

    async def _member(self) -> Any:  # noqa: ANN401
        """A connection for the pool; what it tells to others is no news here."""
        connection = await self._connect()
        pid = connection.get_server_pid()
        self._news.own.add(pid)
        connection.add_termination_listener(lambda _: self._news.own.discard(pid))
        return connection

    async def _connect(self) -> Any:  # noqa: ANN401
        server = self._server
        try:
            connection = await asyncpg.connect(
                host=server.host,
                port=server.port,
                user=server.user,
                password=server.password or None,
                database=server.database,
                ssl=_tls(server),
                timeout=server.connection_timeout_s,
                target_session_attrs="read-write",
                server_settings={"application_name": "registan"},
            )
        except (*_ANY, UnicodeError) as error:
            raise self._unavailable(error) from error
        try:
            async with asyncio.timeout(server.connection_timeout_s):
                await connection.execute(_SESSION.format(lock_wait_s=LOCK_WAIT_S))
        except BaseException as error:
            connection.terminate()
            if isinstance(error, _ANY):
                raise self._unavailable(error) from error
            raise
        return connection

    def _place(self) -> str:
        return f"postgresql://{self._server.host}:{self._server.port}/{self._server.database}"

    def _unavailable(self, error: BaseException) -> Unavailable:
        return Unavailable(f"{self._place()}: {str(error) or type(error).__name__}")


def _end(connection: Any) -> None:  # noqa: ANN401
    connection.terminate()


def _tls(server: Server) -> ssl.SSLContext | bool:
    """What the sslmode means. Raises `OSError` where a file cannot be read."""
    if server.sslmode == "disable":
        return False
    return client_context(
        server.sslrootcert,
        server.sslcert,
        server.sslkey,
        verify=server.sslmode != "require",
        host=server.sslmode == "verify-full",
    )


def _statement(commit: Commit, after: UUID | None) -> tuple[str, list[object]]:
    encoded = encode_commit(commit)
    values = [*_row(commit, encoded), *_columns(encoded.puts), after]
    if not encoded.drops:
        return _PUT, values
    values += [[kind for kind, _ in encoded.drops], [_key(key) for _, key in encoded.drops]]
    return _PUT_AND_DROP, values


def _row(commit: Commit, encoded: Encoded) -> list[object]:
    return [
        commit.seq,
        commit.id,
        commit.at,
        encoded.actor.replace("\0", "\\x00"),
        encoded.cause.replace("\0", "\\x00"),
        commit.level,
        encoded.body,
    ]


def _columns(puts: Sequence[Row]) -> list[object]:
    return [
        [put.kind for put in puts],
        [_key(put.key) for put in puts],
        [put.level for put in puts],
        [put.value for put in puts],
    ]


def _key(key: str) -> str:
    """The key as a row can have it: one with NUL, or too long, by its beginning and its digest.

    Keys that contain the mark go the same way, so that no key can be spelt to meet another.
    """
    if len(key) * 4 <= KEY_BYTES_MAX and "\0" not in key and _MARK not in key:
        return key
    raw = key.encode()
    if len(raw) <= KEY_BYTES_MAX and "\0" not in key and _MARK not in key:
        return key
    return f"{key[:100].replace(chr(0), chr(0xFFFD))}{_MARK}{sha256(raw).hexdigest()}"
