"""One SQLite file: durable without a server, and one place to back up.

One connection writes, in a thread of its own; another, on the event loop, reads, which costs
microseconds. Several processes may share the file: who is first at a seq is decided by its primary
key under the write lock.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar
from uuid import UUID

from registan.model.commit import Commit
from registan.model.record import Record
from registan.store.codec import decode_commit, decode_records, encode_commit, encode_row
from registan.store.migrations import Migration, pending
from registan.store.protocol import Conflict, Glance, Loaded, Truncated, Unavailable, Unknown
from registan.store.wal_index import WalIndex

T = TypeVar("T")

MIGRATIONS = (
    Migration(
        1,
        (
            """CREATE TABLE commits (
                seq INTEGER PRIMARY KEY, id TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL,
                cause TEXT NOT NULL, level INTEGER NOT NULL, body TEXT NOT NULL)""",
            # REPLACE gives a row the highest position, so their order is that of the last writes.
            """CREATE TABLE records (
                position INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL,
                seq INTEGER NOT NULL, level INTEGER NOT NULL, value TEXT NOT NULL, UNIQUE (kind, key))""",
            """CREATE VIEW schemas AS SELECT
                json_extract(v.value, '$.subject[0]') AS context,
                json_extract(v.value, '$.subject[1]') AS subject,
                json_extract(v.value, '$.version') AS version,
                json_extract(v.value, '$.schema_id') AS id,
                json_extract(s.value, '$.source.type') AS type,
                json_extract(v.value, '$.deleted') AS deleted,
                json_extract(s.value, '$.source.text') AS schema
            FROM records v LEFT JOIN records s ON s.kind = 'schema' AND s.key =
                json_extract(v.value, '$.subject[0]') || '/' || json_extract(v.value, '$.schema_id')
            WHERE v.kind = 'version'""",
        ),
    ),
)

READ_BYTES_MAX = 8 * 1024 * 1024
"""`read` gives fewer commits than asked for once it has so much; it runs on the event loop."""

_HEAD = "SELECT coalesce(max(seq), 0) FROM commits"
_NEWEST = "SELECT seq, id FROM commits ORDER BY seq DESC LIMIT 1"
_WHO = "SELECT id FROM commits WHERE seq = ?"
_READ = "SELECT seq, id, at, actor, cause, level, body FROM commits WHERE seq > ? ORDER BY seq LIMIT ?"
_COMMIT = "INSERT INTO commits (seq, id, at, actor, cause, level, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
_DROP = "DELETE FROM records WHERE kind = ? AND key = ?"
_PUT = "REPLACE INTO records (kind, key, seq, level, value) VALUES (?, ?, ?, ?, ?)"
_PRUNE = "DELETE FROM commits WHERE seq <= ? AND seq < (SELECT max(seq) FROM commits)"
_RECORDS = "SELECT kind, level, value FROM records ORDER BY position"

_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL})
"""Errors after which the connection is as good as before."""


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


class SqliteStore:
    """See `registan.store.protocol.Store`. A locked file is waited for `busy_timeout_s` seconds."""

    name = "sqlite"

    def __init__(self, path: str | Path, *, busy_timeout_s: float = 5.0) -> None:
        self._path = Path(path).absolute()
        self._busy_timeout_s = busy_timeout_s
        self._thread = ThreadPoolExecutor(1, "registan-sqlite")
        self._inode = 0
        self._closed = False
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Cursor | None = None
        self._index = WalIndex(self._path)
        self._seen: bytes | None = None
        """The index when `_newest` was read: while it is the same, so is that."""
        self._data_version = -1
        self._newest: tuple[int, bytes] = (0, b"")
        """Seq and id of the newest commit."""
        self._put_back = False
        """The log was seen to be another one than before, and nobody has looked since."""
        # It may be seen in the file, and so read, before its writer hears that it has landed.
        self._appending: Commit | None = None

    async def open(self) -> None:
        """Make the directory, the file and the tables where they are missing."""
        await self._write(self._create)

    async def close(self) -> None:
        """Wait for what is being written; closing twice does no harm."""
        if not self._closed:
            await self._write(self._drop_writer)
            self._closed = True
            self._thread.shutdown()
            self._drop_reader()
            self._index.close()

    async def load(self) -> Loaded:
        """The records, read while they are taken, from one snapshot."""
        try:
            connection = self._connect()
            connection.execute("BEGIN")
            newest = connection.execute(_NEWEST).fetchone()
        except sqlite3.Error as error:
            raise self._unavailable(error) from error
        seq, commit_id = (newest[0], UUID(newest[1].decode())) if newest else (0, None)
        return Loaded(seq, self._records(connection), commit_id)

    async def head(self) -> int:
        """The newest seq in the file."""
        return self._seq()

    def head_now(self) -> int | None:
        """The newest seq in the file, in microseconds; None where the file cannot be read."""
        try:
            seq = self._seq()
        except Unavailable:
            return None
        return None if self._put_back else seq

    async def look(self, known: int) -> Glance:
        """At the file as it is now; a commit is seen there once it is synced."""
        seq = self._seq()
        self._put_back = False
        try:
            found = self._cursor().execute(_WHO, (known,)).fetchone()
        except sqlite3.Error as error:
            self._drop_reader()
            raise self._unavailable(error) from error
        return Glance(seq, UUID(found[0].decode()) if found else None)

    async def read(self, after: int, limit: int) -> Sequence[Commit]:
        """At most `limit` commits behind `after`, or some 8 MiB of them."""
        commits: list[Commit] = []
        size = 0
        own = self._appending
        try:
            rows = self._cursor().execute(_READ, (after, limit))
            for seq, commit_id, at, actor, cause, level, body in rows:
                if own is not None and commit_id.decode() == str(own.id):
                    commits.append(own)
                else:
                    names = (commit_id.decode(), at, actor.decode(), cause.decode())
                    commits.append(decode_commit(seq, *names, level, body))
                size += len(body)
                if size > READ_BYTES_MAX:
                    break
        except sqlite3.Error as error:
            self._drop_reader()
            raise self._unavailable(error) from error
        if commits and commits[0].seq != after + 1:
            raise Truncated(f"history up to {commits[0].seq - 1} was pruned")
        return commits

    async def append(self, commit: Commit, after: UUID | None = None) -> None:
        """Write the commit and its records in one transaction, synced to the disk."""
        self._appending = commit
        try:
            await self._write(lambda: self._append(commit, after))
        finally:
            self._appending = None

    async def begin(self, commit: Commit, records: Iterable[Record]) -> None:
        """Write the first commit and the records in one transaction."""
        await self._write(lambda: self._begin(commit, records))

    async def wait(self, after: int, timeout_s: float) -> None:
        """Sleep, unless there is something to read."""
        if (self.head_now() or 0) <= after:
            await asyncio.sleep(timeout_s)

    async def prune(self, through: int) -> None:
        """Delete old commits."""
        await self._write(lambda: self._transact(lambda c: c.execute(_PRUNE, (through,))))

    async def ping(self) -> None:
        """Take the write lock and let it go."""
        await self._write(lambda: self._transact(lambda _: None))

    # the writer's thread

    async def _write(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise Unavailable(f"{self._path}: closed")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _create(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._index.hold()
            connection = self._connect(create=True)
        except (OSError, sqlite3.Error) as error:
            raise self._unavailable(error) from error
        self._drop_writer()
        self._writer = connection
        self._inode = self._path.stat().st_ino
        self._transact(_migrate)

    def _append(self, commit: Commit, after: UUID | None) -> None:
        encoded = encode_commit(commit)
        seq = commit.seq
        row = (seq, str(commit.id), commit.at, encoded.actor, encoded.cause, commit.level, encoded.body)

        def write(connection: sqlite3.Connection) -> None:
            head = connection.execute(_HEAD).fetchone()[0]
            if head >= seq:
                raise Conflict(seq)
            if head != seq - 1:
                raise ValueError(f"commit {seq} would leave a hole behind {head}")
            if after is not None and connection.execute(_WHO, (head,)).fetchone()[0].decode() != str(after):
                raise Conflict(seq)
            connection.execute(_COMMIT, row)
            connection.executemany(_DROP, encoded.drops)
            puts = ((put.kind, put.key, seq, put.level, put.value) for put in encoded.puts)
            connection.executemany(_PUT, puts)

        self._transact(write)

    def _begin(self, commit: Commit, records: Iterable[Record]) -> None:
        encoded, seq = encode_commit(commit), commit.seq
        row = (seq, str(commit.id), commit.at, encoded.actor, encoded.cause, commit.level, encoded.body)

        def write(connection: sqlite3.Connection) -> None:
            if connection.execute(_HEAD).fetchone()[0]:
                raise Conflict(seq)
            connection.execute(_COMMIT, row)
            puts = map(encode_row, records)
            connection.executemany(_PUT, ((put.kind, put.key, seq, put.level, put.value) for put in puts))

        self._transact(write)

    def _transact(self, work: Callable[[sqlite3.Connection], Any]) -> None:
        """Work under the write lock; all of it or nothing is in the file afterwards.

        Raises `Unknown` only where the disk failed while the commit was on its way to it.
        """
        connection: sqlite3.Connection | None = None
        committing = False
        try:
            connection = self._writer or self._connect()
            self._writer = connection
            self._check_file()
            connection.execute("BEGIN IMMEDIATE")
            work(connection)
            committing = True
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._abandon(connection, keep=_code(error) in _PASSING)
            if committing and _code(error) not in _PASSING:
                raise Unknown(str(error)) from error
            raise self._unavailable(error) from error
        except BaseException:
            self._abandon(connection, keep=True)
            raise

    def _abandon(self, connection: sqlite3.Connection | None, *, keep: bool) -> None:
        """Roll back, and let the connection go unless it is sound."""
        try:
            if connection is not None and connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            keep = False
        if not keep:
            self._drop_writer()

    def _check_file(self) -> None:
        """Refuse to write to a file that no longer has a name: at the next start it would be gone."""
        try:
            moved = self._path.stat().st_ino != self._inode
        except OSError as error:
            raise self._unavailable(error) from error
        if moved:
            self._drop_writer()
            raise Unavailable(f"{self._path}: the file was replaced; start again to use the new one")

    def _drop_writer(self) -> None:
        connection, self._writer = self._writer, None
        if connection is not None:
            connection.close()

    # the reader, on the event loop

    def _cursor(self) -> sqlite3.Cursor:
        if self._reader is None:
            connection = self._connect(busy_timeout_s=0.05)
            connection.execute("PRAGMA query_only = ON")
            self._data_version = -1
            self._reader = connection.cursor()
            self._reader.execute("PRAGMA data_version").fetchone()  # or the index need not be there yet
            self._index.open()
        return self._reader

    def _seq(self) -> int:
        try:
            cursor = self._reader or self._cursor()
            index = self._index.look()
            if index is None or index != self._seen:
                version = cursor.execute("PRAGMA data_version").fetchone()[0]
                if version != self._data_version:
                    newest = cursor.execute(_NEWEST).fetchone() or (0, b"")
                    if newest[0] <= self._newest[0] and newest != self._newest:
                        self._put_back = True
                    self._newest = newest
                    self._data_version = version
                self._seen = index
        except sqlite3.Error as error:
            self._drop_reader()
            raise self._unavailable(error) from error
        return self._newest[0]

    def _records(self, connection: sqlite3.Connection) -> Iterator[Record]:
        try:
            yield from decode_records(connection.execute(_RECORDS))
        except sqlite3.Error as error:
            raise self._unavailable(error) from error
        finally:
            connection.close()

    def _drop_reader(self) -> None:
        cursor, self._reader, self._seen = self._reader, None, None
        if cursor is not None:
            cursor.connection.close()

    # both

    def _connect(self, *, create: bool = False, busy_timeout_s: float | None = None) -> sqlite3.Connection:
        wait = self._busy_timeout_s if busy_timeout_s is None else busy_timeout_s
        if self._closed or not (create or self._inode):
            raise Unavailable(f"{self._path}: not open")
        uri = f"{self._path.as_uri()}?mode={'rwc' if create else 'rw'}"
        connection = sqlite3.connect(
            uri, timeout=wait, isolation_level=None, check_same_thread=False, uri=True
        )
        try:
            connection.text_factory = bytes
            _use_wal(connection, wait)
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _unavailable(self, error: Exception) -> Unavailable:
        return Unavailable(f"{self._path}: {error}")


def _use_wal(connection: sqlite3.Connection, timeout_s: float) -> None:
    """Write ahead, so that readers and the writer do not wait for each other."""
    end = monotonic() + timeout_s
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != b"wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # SQLite does not wait for this lock by itself.
            if _code(error) not in _PASSING or monotonic() > end:
                raise
            sleep(0.01)


def _migrate(connection: sqlite3.Connection) -> None:
    done = connection.execute("PRAGMA user_version").fetchone()[0]
    for migration in pending(MIGRATIONS, done):
        for statement in migration.statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {migration.number}")
