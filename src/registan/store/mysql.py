"""MySQL 8.0 and MariaDB 10.6, or later: for any number of instances on one database.

An append is one packet of several statements, so it costs one round trip, and the server has either
all of it or none. Who is first at a seq is decided by the primary key of `commits`, which a second
writer waits for. No key is compared as text, because every collation there is folds something (the
binary one too: it ignores trailing blanks); a record is found by the digest of its kind and key.

InnoDB shows a commit to others before it is on the disk, and a crash takes it back then. So a writer
holds a lock from before COMMIT until it is answered, and who has read something new waits for that
lock before anybody gets it: then all that was seen is durable.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import aclosing
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from asyncmy.constants.ER import BAD_NULL_ERROR, DUP_ENTRY, LOCK_DEADLOCK

from registan.model.commit import Commit
from registan.model.record import Record
from registan.store.codec import Encoded, decode_commit, decode_records, encode_commit, encode_row
from registan.store.migrations import MIGRATE_WITHIN_S, pending
from registan.store.mysql_connections import (
    FAILURES,
    LOCK_WAIT_S,
    Connections,
    Rows,
    Server,
    Session,
    code_of,
    from_server,
    never_sent,
    words,
)
from registan.store.mysql_tables import MIGRATIONS
from registan.store.protocol import Conflict, Glance, Loaded, Pooling, Truncated, Unavailable, Unknown

log = logging.getLogger("registan")

READ_BYTES_MAX = 8 * 1024 * 1024
"""`read` gives fewer commits than asked for once it has so much."""

POLL_S = 0.5
"""How often `wait` looks: nobody tells when another instance wrote."""

PRUNE_ROWS = 1000
"""Commits deleted by one statement, so that no transaction is long."""

PACKET_MARGIN = 1024
"""Bytes of `max_allowed_packet` that are left alone."""

_HEAD = "SELECT COALESCE(MAX(seq), 0) FROM commits"
_NEWEST = "SELECT seq, id FROM commits ORDER BY seq DESC LIMIT 1"
_WHO = "SELECT seq, id FROM commits WHERE seq = {seq}"
_READ = """SELECT seq, id, at, actor, cause, level, body FROM commits
    WHERE seq > {after} ORDER BY seq LIMIT {limit}"""
# The seq is NULL, and so refused, unless the newest commit is the one before, and the one that is known.
_COMMIT = (
    "INSERT INTO commits (seq, id, at, actor, cause, level, body)"
    " SELECT IF({condition}, {seq}, NULL), '{id}', {at}, {actor}, {cause}, {level}, {body}"
    " FROM (SELECT COALESCE(MAX(seq), 0) AS seq, {known} AS known FROM commits) AS newest"
)
_KNOWN = "(SELECT COUNT(*) FROM commits WHERE seq = {before} AND id = '{after}')"
_DROP = "DELETE FROM records WHERE place IN ("
_PUT = "REPLACE INTO records (seq, number, place, kind, `key`, level, value) VALUES "
_RECORDS = "SELECT kind, level, value FROM records ORDER BY seq, number"
_PRUNE = "DELETE FROM commits WHERE seq <= {through} ORDER BY seq LIMIT {rows}"
# Refused where this role, or the server, may not write; there is no such row.
_PING = "DELETE FROM commits WHERE seq = 0"
# `at` is NULL, and so refused, where the lock cannot be had. A lock belongs to the session: one that
# ends lets go of it, and only when a flush under way has come to its end.
_LOCK = "UPDATE commits SET at = IF(GET_LOCK('{lock}', {wait_s}) = 1, at, NULL) WHERE seq = {seq}"
_UNLOCK = "DO RELEASE_ALL_LOCKS()"
_WAITED = "SELECT IF(GET_LOCK('{lock}', {wait_s}) = 1, RELEASE_ALL_LOCKS() > 0, 0)"
# A transaction that leaves nothing: to prepare it flushes all that InnoDB did before.
_KEEP = (
    "START TRANSACTION",
    "INSERT INTO forms VALUES (-1)",
    "DELETE FROM forms WHERE number = -1",
    "COMMIT",
)
_MADE = (
    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'forms'"
)
_FORM = "REPLACE INTO forms (number) VALUES ({number})"
_SNAPSHOT = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    _NEWEST,
)


class _Packet(NamedTuple):
    """Statements that are sent at once."""

    text: bytes
    statements: int
    doubtful: int = 0
    """How many of its last statements may fail although the transaction was committed."""


class _Refused(Exception):  # noqa: N818
    """The server refused an append; nothing was written, and the transaction is still open."""


class MysqlStore:
    """See `registan.store.protocol.Store`."""

    name = "mysql"

    def __init__(self, server: Server) -> None:
        self._server = server
        self.connections = Connections(server)
        name = sha256(server.database.encode()).hexdigest()[:32]
        self._lock_open, self._lock_commit = f"registan {name}", f"registan commit {name}"

    def pool(self) -> Pooling:
        """Its connections, for the gauges."""
        return self.connections.counts

    async def open(self) -> None:
        """Connect, and make or migrate the tables; a role without that right may open what is there.

        One that may not write there, or a server that takes no writes, is told of: reads go on.
        """
        await self.connections.open()
        await self._prepare()
        try:
            await self.ping()
        except Unavailable as error:
            log.warning("writes will be refused: %s", error)

    async def _prepare(self) -> None:
        async with self.connections.lend() as session:
            if await session.value("SELECT @@innodb_flush_log_at_trx_commit") != 1:
                log.warning("innodb_flush_log_at_trx_commit is not 1: a crash there may lose newest writes")
            if not pending(MIGRATIONS, await _form(session)):
                return
            lock = self._lock_open
            locked = await session.value(f"SELECT COALESCE(GET_LOCK('{lock}', {MIGRATE_WITHIN_S}), 0)")
            if locked != 1:
                raise Unavailable(f"{self._server}: another instance has been making the tables for too long")
            # What is done here is undone by no rollback, so each statement may be run again.
            for migration in pending(MIGRATIONS, await _form(session)):
                for statement in migration.statements:
                    await session.run(statement)
                await session.run(_FORM.format(number=migration.number))
            await session.run(f"SELECT RELEASE_LOCK('{lock}')")

    async def close(self) -> None:
        """Close the connections; closing twice does no harm."""
        await self.connections.close()

    async def load(self) -> Loaded:
        """The records of one snapshot, fetched before this returns, decoded while they are taken."""
        chunks: deque[Rows] = deque()
        async with self.connections.lend() as session:
            newest = await session.run(*_SNAPSHOT)
            async with aclosing(session.stream(_RECORDS, 1000)) as stream:
                async for rows in stream:
                    chunks.append(rows)
            await session.run("ROLLBACK")
        if not newest:
            return Loaded(0, _records(chunks))
        await self._pass()
        ((seq, commit_id),) = newest
        return Loaded(int(seq), _records(chunks), UUID(commit_id.decode()))

    async def head(self) -> int:
        """The newest seq, read outside any snapshot."""
        async with self.connections.lend() as session:
            return await session.value(_HEAD)

    async def look(self, known: int) -> Glance:
        """Read outside any snapshot; a second statement where `known` is not the newest."""
        async with self.connections.lend() as session:
            rows = await session.run(_NEWEST)
            seq = int(rows[0][0]) if rows else 0
            if seq != known:
                rows = await session.run(_WHO.format(seq=known))
        return Glance(seq, UUID(rows[0][1].decode()) if rows else None)

    def head_now(self) -> int | None:
        """None: the server must be asked."""
        return None

    async def read(self, after: int, limit: int) -> Sequence[Commit]:
        """At most `limit` commits behind `after`, or some 8 MiB of them."""
        found: Rows = []
        size = 0
        async with self.connections.lend() as session:
            query = _READ.format(after=after, limit=limit)
            async with aclosing(session.stream(query, 20)) as stream:
                async for rows in stream:
                    for row in rows:
                        if size <= READ_BYTES_MAX:
                            found.append(row)
                            size += len(row[6])
                    if size > READ_BYTES_MAX:
                        session.close()  # quicker than to hear the rest of it out
                        break
        if found and found[0][0] != after + 1:
            raise Truncated(f"history up to {found[0][0] - 1} was pruned")
        if found:
            await self._pass()
        return [
            decode_commit(seq, commit_id.decode(), at, actor.decode(), cause.decode(), level, body)
            for seq, commit_id, at, actor, cause, level, body in found
        ]

    async def append(self, commit: Commit, after: UUID | None = None) -> None:
        """Write the commit and its records in one transaction; the server's settings tell what is durable."""
        await self._write(commit, commit.seq - 1, encode_commit(commit), after)

    async def begin(self, commit: Commit, records: Iterable[Record]) -> None:
        """Write the first commit and the records in one transaction, of as many packets as it takes."""
        encoded = encode_commit(commit)._replace(puts=[encode_row(record) for record in records], drops=[])
        await self._write(commit, 0, encoded)

    async def _write(self, commit: Commit, before: int, encoded: Encoded, after: UUID | None = None) -> None:
        """Write what a commit is and leaves, if `before` is the newest seq, and `after` stands there."""
        room = self.connections.packet_max - PACKET_MARGIN
        statements = _statements(commit, before, after, encoded, room)
        async with self.connections.lend() as session:
            packets = self._packets(commit.seq, statements, room, keep=not session.answered_is_durable)
            try:
                await _send(session, packets)
            except _Refused as refused:
                why = refused.__cause__
                head = await session.value("ROLLBACK", _UNLOCK, _HEAD)
            else:
                return
        # MariaDB refuses a second row a moment before it shows the first one to anybody else.
        if head > before or (why is not None and code_of(why) == DUP_ENTRY):
            raise Conflict(commit.seq) from why
        if head == before and after is not None and why is not None and code_of(why) == BAD_NULL_ERROR:
            raise Conflict(commit.seq) from why
        if head < before:
            raise ValueError(f"commit {commit.seq} would leave a hole behind {head}") from why
        raise Unavailable(f"{self._server}: {words(why) if why else 'refused'}") from why

    async def wait(self, after: int, timeout_s: float) -> None:
        """Look every so often. Raises `Unavailable`."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        while await self.head() <= after:
            left = end - loop.time()
            if left <= 0:
                return
            await asyncio.sleep(min(POLL_S, left))

    async def prune(self, through: int) -> None:
        """Delete old commits, some at a time."""
        async with self.connections.lend() as session:
            last = min(through, await session.value(_HEAD) - 1)
            while await session.query(_PRUNE.format(through=last, rows=PRUNE_ROWS)) == PRUNE_ROWS:
                pass

    async def ping(self) -> None:
        """Delete a row that never was."""
        async with self.connections.lend() as session:
            await session.run(_PING)

    async def _pass(self) -> None:
        """Return once all that was seen is durable: no commit is between being shown and being answered.

        Raises `Unavailable` where the server's disk takes too long.
        """
        async with self.connections.lend() as session:
            if not await session.value(_WAITED.format(lock=self._lock_commit, wait_s=LOCK_WAIT_S)):
                raise Unavailable(f"{self._server}: a commit has been on its way to the disk for too long")

    def _packets(self, seq: int, statements: Sequence[bytes], room: int, *, keep: bool) -> Sequence[_Packet]:
        """The transaction that writes commit `seq`: one packet, or as few as the server's limit allows.

        With `keep` the server is made to flush it. Raises `Unavailable` where the commit's own row, or a
        record, is more than the server takes.
        """
        longest = max(map(len, statements))
        if longest > room:
            raise Unavailable(
                f"{self._server}: commit {seq} needs a statement of {longest} bytes, "
                f"the server's max_allowed_packet allows {room}"
            )
        lock = _LOCK.format(lock=self._lock_commit, wait_s=LOCK_WAIT_S, seq=seq)
        ending = [text.encode() for text in (lock, "COMMIT", *(_KEEP if keep else ()), _UNLOCK)]
        packets: list[_Packet] = []
        parts: list[bytes] = []
        size = 0
        for statement in (b"START TRANSACTION", *statements):
            if parts and size + len(statement) + 1 > room:
                packets.append(_Packet(b";".join(parts), len(parts)))
                parts, size = [], 0
            parts.append(statement)
            size += len(statement) + 1
        if size + sum(map(len, ending)) + len(ending) > room:
            packets.append(_Packet(b";".join(parts), len(parts)))
            parts = []
        parts += ending
        packets.append(_Packet(b";".join(parts), len(parts), len(ending) - 1))
        return packets


def _statements(commit: Commit, before: int, after: UUID | None, encoded: Encoded, room: int) -> list[bytes]:
    """What the commit does to the tables; none longer than `room` but one of a single row."""
    first = _COMMIT.format(
        condition=f"newest.seq = {before} AND newest.known",
        known="1" if after is None else _KNOWN.format(before=before, after=after),
        seq=commit.seq,
        id=commit.id,
        at=commit.at,
        actor=_text(encoded.actor),
        cause=_text(encoded.cause),
        level=commit.level,
        body=_text(encoded.body),
    )
    drops = [_place(kind, key).encode() for kind, key in encoded.drops]
    puts = [
        f"({commit.seq},{number},{_place(put.kind, put.key)},'{put.kind}',{_text(put.key)},"
        f"{put.level},{_text(put.value)})".encode()
        for number, put in enumerate(encoded.puts)
    ]
    return [
        first.encode(),
        *_gathered(_DROP.encode(), drops, b")", room),
        *_gathered(_PUT.encode(), puts, b"", room),
    ]


def _gathered(start: bytes, items: Sequence[bytes], end: bytes, room: int) -> Iterator[bytes]:
    """Statements that list the items, each of as many as there is room for."""
    listed: list[bytes] = []
    size = 0
    for item in items:
        if listed and size + len(item) + 1 > room - len(start) - len(end):
            yield start + b",".join(listed) + end
            listed, size = [], 0
        listed.append(item)
        size += len(item) + 1
    if listed:
        yield start + b",".join(listed) + end


def _text(text: str) -> str:
    """The text as a literal of a session whose mode is ours, many times quicker than the driver makes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _place(kind: str, key: str) -> str:
    """The digest of kind and key, as a literal; the view `schemas` makes it as well."""
    return f"X'{sha256(f'{kind}/{key}'.encode()).hexdigest()}'"


async def _send(session: Session, packets: Sequence[_Packet]) -> None:
    """Run the packets of a transaction.

    Raises `_Refused` where the server refused one of its statements, `Unknown` where COMMIT or what is behind
    it failed, or the connection was lost once it was sent.
    """
    for packet in packets:
        last = packet is packets[-1]
        left = packet.statements
        try:
            await session.query(packet.text)
            left -= 1
            while left:
                await session.next_result()
                left -= 1
        except FAILURES as error:
            if not from_server(error):
                if last and not never_sent(error):
                    raise Unknown(words(error)) from error
                raise
            if left <= packet.doubtful and code_of(error) != LOCK_DEADLOCK:
                raise Unknown(words(error)) from error
            raise _Refused from error


async def _form(session: Session) -> int:
    """The number that the tables carry, 0 where there are none."""
    made = await session.value(_MADE)
    return await session.value("SELECT COALESCE(MAX(number), 0) FROM forms") if made else 0


def _records(chunks: deque[Rows]) -> Iterator[Record]:
    """Records, decoded as they are taken; what was taken is forgotten."""
    while chunks:
        yield from decode_records(chunks.popleft())
