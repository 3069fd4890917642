"""Records in Cassandra follow the log: what a commit did to them is written behind it, by whoever can.

What lives here: writing records and the readable table `schemas`, the watermark (up to which seq all
of that is done), and loading. What never does: the log itself. Each row carries the seq of its commit
as time-stamp, so that writing twice, late or out of order does no harm: the newest wins. A writer
that died between its commit and its records is stood in for by the next who sees the watermark stop.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import suppress
from time import monotonic
from typing import NamedTuple, Protocol
from uuid import UUID

from registan.model.commit import LEVEL, Commit, Put
from registan.model.record import Kind, Record, Schema, schema_key
from registan.store.cassandra_rows import Found, bucket_of, find, find_all
from registan.store.cassandra_schemas import astray, places, shown
from registan.store.cassandra_session import Bridge
from registan.store.cassandra_tables import LAST, MARK, PIECE_CHARS, WATERMARK, Levels, mark, pieces, short
from registan.store.codec import Row, decode_record, encode_commit, key_text
from registan.store.protocol import Damaged, Loaded, Truncated, Unavailable

PENDING_MAX = 64
"""Commits whose records wait to be written; then appends wait a moment."""

PATIENCE_S = 2.0
"""How long the watermark may stand still before others do a writer's work, and appends wait for room."""

LOOK_S = 0.5
"""Between two looks at the watermark, while it is behind."""

TOGETHER = 32
"""Rows of a partition written at once, at most."""

AT_ONCE = 16
"""Statements under way at once."""

_PUT = (
    "INSERT INTO KS.records (bucket, kind, key, part, parts, seq, position, level, value) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?"
)
_DROP = "DELETE FROM KS.records USING TIMESTAMP ? WHERE bucket = ? AND kind = ? AND key = ?"
Place = tuple[str, str]
_Statement = tuple[str, tuple[object, ...]]

log = logging.getLogger("registan.store")


class Log(Protocol):
    """What records follow."""

    async def head(self) -> int:
        """The newest seq."""
        ...

    async def read(self, after: int, limit: int) -> Sequence[Commit]:
        """Commits in order."""
        ...


class _Left(NamedTuple):
    """What a key holds after a commit; None is nothing."""

    seq: int
    position: int
    row: Row | None


class Records:
    """The records of one handle's log."""

    def __init__(self, bridge: Bridge, levels: Levels, log: Log) -> None:
        self._bridge = bridge
        self._levels = levels
        self._log = log
        self.watermark = 0
        """Up to which seq all records are written, as far as this handle knows."""
        self._head = 0
        self._pending: dict[int, Commit] = {}
        """Commits of this handle, by seq, whose records are not written yet."""
        self._written: dict[int, UUID] = {}
        """Commits above the watermark whose records this handle has written: seqs and ids."""
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Learn the watermark and follow from there."""
        await self._look()
        if self._task is None:
            self._stopping = False
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Write what waits, if it can be."""
        task, self._task = self._task, None
        if task is not None:
            self._stopping = True
            self._wake.set()
            _, late = await asyncio.wait([task], timeout=PATIENCE_S * 2)
            if late:
                task.cancel()
                await asyncio.wait([task])

    def heard(self, seq: int) -> None:
        """A commit stands at `seq`, whoever wrote it."""
        self._head = max(self._head, seq)
        self._wake.set()

    def forget(self) -> None:
        """The log is another one: what waits belongs to none, and the watermark is to be learnt anew."""
        self.watermark = self._head = 0
        self._pending, self._written = {}, {}
        self._room.set()

    async def add(self, commit: Commit) -> None:
        """Write its records soon. Where too many wait, wait a moment; then leave it to the log."""
        if len(self._pending) >= PENDING_MAX:
            self._room.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await self._room.wait()
        if len(self._pending) < PENDING_MAX:
            self._pending[commit.seq] = commit
            self._wake.set()

    async def fill(self, seq: int, records: Iterable[Record]) -> None:
        """Write records as what a commit at `seq` left, whatever it was."""
        puts = tuple(map(Put, records))
        await self._write(
            [Commit(seq=seq, id=UUID(int=0), at=0, actor="", cause="", level=LEVEL, changes=puts)]
        )

    async def begin(self, seq: int) -> None:
        """All records of a log that begins at `seq` are written."""
        await self._bridge.write(MARK, mark(WATERMARK, seq), self._levels.write)
        self.watermark = max(self.watermark, seq)

    async def settle(self) -> None:
        """Bring all records level with the log now, whoever wrote it."""
        head = await self._log.head()
        await self._look()
        while self.watermark < head:
            await self._stand_in()

    async def astray(self, seq: int, records: Sequence[Record]) -> list[tuple[str, str]]:
        """Rows of `schemas` that do not show what the records were at `seq`, and why."""
        await self.settle()
        found = await astray(self._bridge, self._levels.read, records)
        # What was written meanwhile may be shown already or not.
        later = places([commit async for commit in self._behind(seq, await self._log.head())])
        return [
            (" ".join(map(str, place)), why) for place, why in sorted(found.items()) if place not in later
        ]

    async def load(self) -> Loaded:
        """All records as of the newest commit, in the order of their last writes."""
        while True:
            # Lower than this handle knew where the log is another one.
            self.watermark = since = await self._marked()
            try:
                return await self._load(since)
            except Truncated as error:
                await self._look()
                if self.watermark == since:
                    # Nobody prunes what no record tells yet.
                    raise Damaged(
                        f"Cassandra: {error}, and records are written up to {since} only"
                    ) from error

    # loading

    async def _load(self, since: int) -> Loaded:
        found = await find_all(self._bridge, self._levels.read)
        # Asked for only now: no record that was read is newer than this.
        head = await self._log.head()
        if head < since:
            raise Truncated(f"the log went back from {since} to {head}")
        behind = [commit async for commit in self._behind(since, head)]
        self._own(since, behind)
        touched = _fold(behind)
        if touched:
            found = [each for each in found if (each.kind, each.key) not in touched]
            for (kind, key), left in touched.items():
                if left.row is not None:
                    record = decode_record(kind, left.row.level, left.row.value)
                    found.append(Found(left.seq, left.position, kind, key, record))
        found.sort(key=_order)
        return Loaded(head, _records(found))

    def _own(self, since: int, behind: Iterable[Commit]) -> None:
        """Forget what waits here where others have written it, or the log is another one."""
        stands = {commit.seq: commit.id for commit in behind}
        for seq, commit in list(self._pending.items()):
            if seq <= since or stands.get(seq, commit.id) != commit.id:
                del self._pending[seq]
        self._room.set()
        self._written = {seq: each for seq, each in self._written.items() if stands.get(seq, each) == each}

    async def _behind(self, since: int, through: int) -> AsyncIterator[Commit]:
        while since < through:
            commits = await self._log.read(since, through - since)
            if not commits:
                raise Unavailable(f"Cassandra: the log ends at {since}, not at {through}")
            for commit in commits:
                yield commit
            since += len(commits)

    # following

    async def _run(self) -> None:
        until = 0.0
        """Whoever has to move the watermark is waited for so long."""
        told = ""
        while not self._stopping or self._pending:
            behind = self.watermark < self._head
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S if behind else None):
                    await self._wake.wait()
            self._wake.clear()
            before = self.watermark
            try:
                await self._turn()
                if self.watermark != before or not behind:
                    # Not all handles should stand in at the same moment.
                    until = monotonic() + PATIENCE_S * random.uniform(1, 2)  # noqa: S311
                elif monotonic() > until:
                    await self._stand_in()
                told = ""
            except Exception as error:  # noqa: BLE001  (the log has it; a later turn writes it)
                if str(error) != told:  # or an outage would fill the log with one line
                    told = str(error)
                    log.warning("records are behind the log: %s", error)
                if self._stopping:
                    return
                await asyncio.sleep(LOOK_S)

    async def _turn(self) -> None:
        """Write what waits, and move the watermark as far as that goes."""
        waiting = self._pending
        pending = dict(waiting)
        if pending:
            await self._write(pending.values())
            if waiting is not self._pending:
                return  # they were of a log that is no more
            for seq, commit in pending.items():
                if self._pending.pop(seq, None) is commit:
                    self._written[seq] = commit.id
            self._room.set()
        if self._written or self.watermark < self._head:
            if self.watermark + 1 not in self._written:
                await self._look()
            await self._move()

    async def _move(self) -> None:
        through = self.watermark
        while through + 1 in self._written:
            through += 1
        if through > self.watermark:
            await self._bridge.write(MARK, mark(WATERMARK, through), self._levels.write)
            self.watermark = max(self.watermark, through)
        self._written = {seq: each for seq, each in self._written.items() if seq > through}

    async def _look(self) -> None:
        self.watermark = max(self.watermark, await self._marked())
        self._head = max(self._head, self.watermark)

    async def _marked(self) -> int:
        rows = await self._bridge.ask(LAST, (WATERMARK,), self._levels.read)
        return (rows[0][0] if rows else None) or 0

    async def _stand_in(self) -> None:
        """Write the records of the commits right behind the watermark, from the log."""
        commits = await self._log.read(self.watermark, PENDING_MAX)
        await self._write(commits)
        self._written.update((commit.seq, commit.id) for commit in commits)
        await self._move()

    # writing

    async def _write(self, commits: Iterable[Commit]) -> None:
        commits = sorted(commits, key=lambda commit: commit.seq)
        gate = asyncio.Semaphore(AT_ONCE)
        together: dict[int, list[_Statement]] = {}
        for (kind, key), left in _fold(commits).items():
            bucket = bucket_of(kind, key)
            together.setdefault(bucket, []).extend(self._statements(bucket, kind, key, left))

        async def put(statements: list[_Statement]) -> None:
            async with gate:
                await self._bridge.write_together(statements, self._levels.write)

        async def show(text: str, values: tuple[object, ...]) -> None:
            async with gate:
                await self._bridge.write(text, values, self._levels.write)

        groups = [group for statements in together.values() for group in _grouped(statements)]
        seen = await shown(commits, self._schema)
        await asyncio.gather(*map(put, groups), *(show(*each) for each in seen))

    def _statements(self, bucket: int, kind: str, key: str, left: _Left) -> Iterator[_Statement]:
        row = left.row
        if row is None:
            yield _DROP, (left.seq, bucket, kind, key)
            return
        parts = list(pieces(row.value))
        for number, part in enumerate(parts):
            where = (bucket, kind, key, number, len(parts), left.seq, left.position, row.level)
            yield _PUT, (*where, part, left.seq)

    async def _schema(self, context: str, schema_id: int, seq: int) -> Schema | None:
        """A schema that stood before `seq`, from its record or, where that is not written yet, the log."""
        kind, key = Kind.SCHEMA.value, short(key_text(schema_key(context, schema_id)))
        held = await find(self._bridge, self._levels.read, kind, key)
        if held is not None:
            return held if isinstance(held, Schema) else None
        found = None
        async for commit in self._behind(self.watermark, seq):
            for change in commit.changes:
                record = change.record
                if isinstance(record, Schema) and (record.context, record.id) == (context, schema_id):
                    found = record
        return found


def _grouped(statements: list[_Statement]) -> Iterator[list[_Statement]]:
    """Statements on one partition, in groups that a node takes at once."""
    group: list[_Statement] = []
    size = 0
    for statement in statements:
        chars = sum(len(value) for value in statement[1] if isinstance(value, str))
        if group and (len(group) >= TOGETHER or size + chars > PIECE_CHARS):
            yield group
            group, size = [], 0
        group.append(statement)
        size += chars
    if group:
        yield group


def _fold(commits: Iterable[Commit]) -> dict[Place, _Left]:
    """What commits in order leave behind at each key that they touch."""
    left: dict[Place, _Left] = {}
    for commit in commits:
        encoded = encode_commit(commit)
        for kind, key in encoded.drops:
            left[kind, short(key)] = _Left(commit.seq, 0, None)
        for position, row in enumerate(encoded.puts):
            left[row.kind, short(row.key)] = _Left(commit.seq, position, row)
    return left


def _order(each: Found) -> int:
    """One number, because numbers are sorted much quicker than tuples."""
    return each[0] << 32 | each[1]


def _records(found: list[Found]) -> list[Record]:
    """All of them. Raises `Damaged` where one is not whole."""
    records: list[Record] = []
    for _, _, kind, key, record in found:
        if record is None:
            raise Damaged(f"Cassandra: the record {kind} {key} is not whole")
        records.append(record)
    return records
