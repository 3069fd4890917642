"""Apache Cassandra 4.1 and 5: instances in any number of data centres, each of them written to.

What lives here: the log. A commit takes its seq by one lightweight transaction on the partition that
seq is in, whose static column `last` says how far the log goes; so a partition never has a hole, and a
writer that slept is refused even where history was pruned. What never does: records, which follow the
log at their own pace (`cassandra_records.py`), and the driver (`cassandra_session.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any
from uuid import UUID

from registan.model.commit import Commit
from registan.model.record import Record
from registan.store.cassandra_records import Records
from registan.store.cassandra_session import Bridge, Options
from registan.store.cassandra_tables import FLOOR, FORM, LAST, MARK, Levels, Tables, mark, pieces
from registan.store.codec import decode_commit, encode_commit
from registan.store.protocol import Conflict, Damaged, Glance, Loaded, Pooling, Truncated, Unavailable

BUCKET_COMMITS = 64
"""Commits in one partition; never changed once there is a log."""

READ_CHARS_MAX = 8 * 1024 * 1024
"""`read` gives fewer commits than asked for once it has so much."""

PARTS_AT_ONCE = 8
"""Parts of a big body under way at once: a node may flush its disk for each."""

SEQS_AT_ONCE = 16
"""Partitions asked for by one statement; nodes may be set up to refuse one that asks for too many."""

BODIES_MAX = 1000
"""Bodies of failed commits that a handle remembers, to remove them; pruning removes the rest."""

POLL_S = 0.5
"""Between two looks for commits of others."""


_READ = (
    "SELECT seq, id, at, actor, cause, level, body, parts FROM KS.commits "
    "WHERE bucket = ? AND seq > ? ORDER BY seq ASC LIMIT ?"
)
_COMMIT = (
    "UPDATE KS.commits SET last = ?, id = ?, at = ?, actor = ?, cause = ?, level = ?, body = ?, parts = ? "
    "WHERE bucket = ? AND seq = ? IF last = ?"
)
_WHO = "SELECT id FROM KS.commits WHERE bucket = ? AND seq = ?"
# Rows of a partition are kept newest first.
_NEWEST = "SELECT last, seq, id FROM KS.commits WHERE bucket = ? LIMIT 1"
_NEWEST_OF = "SELECT last, seq, id FROM KS.commits WHERE bucket IN ? PER PARTITION LIMIT 1"
_OLD = "SELECT writetime(id) FROM KS.commits WHERE bucket = ? AND seq <= ?"
_FORGET = "DELETE FROM KS.commits USING TIMESTAMP ? WHERE bucket = ? AND seq <= ?"
_BODY = "SELECT body FROM KS.commit_bodies WHERE seq = ? AND id = ?"
_PUT_BODY = "INSERT INTO KS.commit_bodies (seq, id, part, body) VALUES (?, ?, ?, ?)"
_OLD_BODIES = "SELECT seq, writetime(body) FROM KS.commit_bodies WHERE seq IN ?"
_FORGET_BODIES = "DELETE FROM KS.commit_bodies USING TIMESTAMP ? WHERE seq = ?"
_DROP_BODY = "DELETE FROM KS.commit_bodies WHERE seq = ? AND id = ?"


def bucket_of(seq: int) -> int:
    """The partition that a seq is in."""
    return seq // BUCKET_COMMITS


class CassandraStore:
    """See `registan.store.protocol.Store`."""

    name = "cassandra"

    def __init__(self, options: Options) -> None:
        self._bridge = Bridge(options)
        self._tables = Tables(self._bridge, options)
        self._levels = Levels.of(options.consistency_level, options.serial_consistency)
        self._serial = options.serial_consistency
        self._known = 0
        """A seq that stands in the log for sure; the newest one that this handle heard of."""
        self._bodies: set[tuple[int, UUID]] = set()
        """Bodies that this handle wrote for commits which do not stand in the log, as far as it knows."""
        self._appending: set[asyncio.Task[None]] = set()
        self._records = Records(self._bridge, self._levels, self)

    def pool(self) -> Pooling | None:
        """Its connections, for the gauges; the one by which the driver hears of nodes is not among them."""
        return self._bridge.pool()

    async def open(self) -> None:
        """Connect, make what is missing of keyspace and tables, and begin to bring records level."""
        try:
            await self._bridge.connect()
            await self._tables.make()
            await self._records.start()
        except BaseException:
            await self._bridge.close()
            raise

    async def close(self) -> None:
        """Wait for what is being written, the records of it too."""
        if self._appending:
            await asyncio.wait(self._appending)
        await self._records.stop()
        await self._bridge.close()

    async def load(self) -> Loaded:
        """The records, and what the log has that they have not."""
        return await self._records.load()

    async def head(self) -> int:
        """The newest seq, by a serial read of the partition that it is in."""
        return (await self._find())[0]

    async def look(self, known: int) -> Glance:
        """One read of most copies where `known` is the newest, else serial ones.

        Why that misses nothing: docs/adr/0023-nothing-new-by-most-copies.md.
        """
        unchanged = await self._unchanged(known)
        if unchanged is not None:
            return unchanged
        seq, newest = await self._find()
        return Glance(seq, newest if newest and seq == known else await self._who(known))

    def head_now(self) -> int | None:
        """It cannot be told."""
        return None

    async def read(self, after: int, limit: int) -> Sequence[Commit]:
        """At most `limit` commits behind `after`, by serial reads."""
        commits: list[Commit] = []
        size = 0
        while len(commits) < limit and size < READ_CHARS_MAX:
            seq = after + len(commits)
            bucket = bucket_of(seq + 1)
            last = await self._last_in(bucket, self._serial) or 0
            self._heard(last)
            if last <= seq:
                if not commits and self._known > max(after, last):
                    raise Truncated(f"history up to {self._known} was pruned")
                break
            rows = await self._bridge.ask(_READ, (bucket, seq, limit - len(commits)), self._serial)
            for row in rows:
                if row[0] != after + len(commits) + 1:
                    break
                text = await self._text(row)
                size += len(text)
                commits.append(decode_commit(row[0], str(row[1]), row[2], row[3], row[4], row[5], text))
                if size >= READ_CHARS_MAX:
                    break
            if after + len(commits) == seq:
                raise Truncated(f"history behind {seq} was pruned")
        return commits

    async def append(self, commit: Commit, after: UUID | None = None) -> None:  # noqa: ARG002
        """Take the seq by one lightweight transaction; the records follow in a moment.

        Its condition sees which seq is the newest, not which commit.
        """
        # A transaction that is on its way goes on when nobody waits for it any more.
        await asyncio.shield(self._start(self._append(commit)))

    async def begin(self, commit: Commit, records: Iterable[Record]) -> None:
        """Write the records, then the commit, then that these are all up to it.

        Where the first try wrote the commit and no more, the next one finishes it and gets `Conflict`.
        """
        seq = commit.seq
        if await self.head():
            raise Conflict(seq)
        await self._records.fill(seq, records)
        await self._bridge.write(MARK, mark(FLOOR, seq - 1), self._levels.write)
        try:
            await self._take(commit, None)
        except Conflict:
            if await self._stands(seq, commit.id):
                await self._records.begin(seq)
            raise
        await self._records.begin(seq)
        self._heard(seq)

    async def wait(self, after: int, timeout_s: float) -> None:
        """Look from time to time, by reads that cost little and may miss the newest for a moment."""
        end = monotonic() + timeout_s
        while self._known <= after:
            self._heard(await self._last_in(bucket_of(self._known + 1), self._levels.read) or 0)
            left = end - monotonic()
            if self._known > after or left <= 0:
                return
            await asyncio.sleep(min(left, POLL_S))

    async def prune(self, through: int) -> None:
        """Delete old commits whose records are written, by one range of each partition."""
        head = await self.head()
        await self._records.settle()
        through = min(through, head - 1, self._records.watermark)
        floor = await self._marked(FLOOR)
        for bucket in range(bucket_of(floor), bucket_of(through) + 1):
            rows = await self._bridge.ask(_OLD, (bucket, through), self._levels.read)
            if rows:
                # Not by our clock: others gave these rows their times.
                at = max(row[0] for row in rows) + 1
                await self._bridge.write(_FORGET, (at, bucket, through), self._levels.write)
            await self._forget_bodies(bucket, through)
        if through > floor:
            await self._bridge.write(MARK, mark(FLOOR, through), self._levels.write)

    async def astray(self, seq: int, records: Sequence[Record]) -> Sequence[tuple[str, str]]:
        """See `registan.store.protocol.Showing`."""
        return await self._records.astray(seq, records)

    async def ping(self) -> None:
        """Write once more what stands there already."""
        await self._bridge.write(MARK, mark(FORM, self._tables.newest), self._levels.write)

    # what is left

    async def _unchanged(self, known: int) -> Glance | None:
        """What `look` tells where most copies know of nothing behind `known`; None where it may be else.

        A commit is on most copies before it is acknowledged, and before a serial read shows it. So this
        misses none of those; what it finds may not be decided yet, and is believed for nothing else.
        """
        first, behind = bucket_of(known), bucket_of(known + 1)
        if first == behind:
            rows = await self._bridge.ask(_NEWEST, (first,), self._levels.most)
        else:
            rows = await self._bridge.ask(_NEWEST_OF, ([first, behind],), self._levels.most)
            if len(rows) > 1:
                return None
        if not rows:
            return None if known else Glance(0, None)
        last, seq, newest = rows[0]
        return Glance(known, newest) if last == seq == known else None

    async def _find(self) -> tuple[int, UUID | None]:
        """The newest seq, and its id where that was read with it."""
        self._known = max(self._known, self._records.watermark)
        while True:
            known = self._known
            bucket = bucket_of(known + 1)
            rows = await self._bridge.ask(_NEWEST, (bucket,), self._serial)
            last, seq, newest = rows[0] if rows else (0, 0, None)
            last = last or 0
            if known and last < known and self._known == known and await self._gone(known):
                self._forget()
                continue
            self._heard(last)
            if self._known == known or bucket_of(self._known + 1) == bucket_of(self._known):
                return self._known, newest if seq == self._known else None

    async def _gone(self, known: int) -> bool:
        """Whether the log is shorter than it was: tables were made anew, or put back from a backup."""
        return (await self._last_in(bucket_of(known), self._serial) or 0) < known

    def _forget(self) -> None:
        """Know nothing, as at the start."""
        self._known = 0
        self._records.forget()

    async def _who(self, seq: int) -> UUID | None:
        rows = await self._bridge.ask(_WHO, (bucket_of(seq), seq), self._serial) if seq > 0 else ()
        return rows[0][0] if rows else None

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do it whoever waits; `close` does."""
        task = asyncio.get_running_loop().create_task(work)
        self._appending.add(task)
        task.add_done_callback(self._appended)
        return task

    async def _forget_bodies(self, bucket: int, through: int) -> None:
        """Delete the bodies that lie beside the log for these seqs, also of commits that lost."""
        seqs = range(bucket * BUCKET_COMMITS, min(through, (bucket + 1) * BUCKET_COMMITS - 1) + 1)
        newest: dict[int, int] = {}
        for start in range(0, len(seqs), SEQS_AT_ONCE):
            some = list(seqs[start : start + SEQS_AT_ONCE])
            for seq, at in await self._bridge.ask(_OLD_BODIES, (some,), self._levels.read):
                newest[seq] = max(newest.get(seq, 0), at)
        for seq, at in newest.items():
            await self._bridge.write(_FORGET_BODIES, (at + 1, seq), self._levels.write)

    async def _append(self, commit: Commit) -> None:
        seq = commit.seq
        if self._known < seq - 1:
            await self.head()
        if self._known >= seq:
            raise Conflict(seq)
        if self._known < seq - 1:
            raise ValueError(f"commit {seq} would leave a hole behind {self._known}")
        if bucket_of(seq - 1) == bucket_of(seq) and seq > 1:
            await self._take(commit, seq - 1)
        else:
            # What the transaction cannot see: the partition before.
            if seq > 1 and await self._last_in(bucket_of(seq - 1), self._serial) != seq - 1:
                raise _went_back(seq - 1)
            await self._take(commit, None)
        self._heard(seq)
        if self._bodies:
            self._start(self._sweep())
        await self._records.add(commit)

    async def _take(self, commit: Commit, before: int | None) -> None:
        """Take the seq in its partition if `before` is the last one there."""
        seq = commit.seq
        encoded = encode_commit(commit)
        parts = list(pieces(encoded.body))
        big = len(parts) > 1
        if big:
            if len(self._bodies) < BODIES_MAX:
                self._bodies.add((seq, commit.id))
            await self._put_body(seq, commit.id, parts)
        bucket = bucket_of(seq)
        values = (seq, commit.id, commit.at, encoded.actor, encoded.cause, commit.level)
        body = ("", len(parts)) if big else (encoded.body, 0)
        row = await self._bridge.decide(_COMMIT, (*values, *body, bucket, seq, before), self._levels.write)
        if row[0]:
            self._bodies.discard((seq, commit.id))
            return
        last = (row[1] if len(row) > 1 else None) or 0
        self._heard(last)
        if big:
            await self._sweep()
        if before is not None and last < before:
            raise _went_back(before)
        raise Conflict(seq)

    async def _put_body(self, seq: int, commit_id: UUID, parts: Sequence[str]) -> None:
        gate = asyncio.Semaphore(PARTS_AT_ONCE)

        async def put(number: int, part: str) -> None:
            async with gate:
                await self._bridge.write(_PUT_BODY, (seq, commit_id, number, part), self._levels.write)

        await asyncio.gather(*(put(number, part) for number, part in enumerate(parts)))

    async def _sweep(self) -> None:
        """Remove bodies of commits that did not come to stand: where another one does they never will.

        Not before: whoever tries again writes them anew, perhaps by a clock that is behind.
        """
        for seq, commit_id in [each for each in self._bodies if each[0] <= self._known]:
            with suppress(Unavailable):  # the next one does it
                if await self._stands(seq, commit_id) is False:
                    await self._bridge.write(_DROP_BODY, (seq, commit_id), self._levels.write)
                self._bodies.discard((seq, commit_id))

    async def _stands(self, seq: int, commit_id: UUID) -> bool | None:
        """Whether it is the commit with this id that stands at a seq; None where none does."""
        stands = await self._who(seq)
        return None if stands is None else stands == commit_id

    def _appended(self, task: asyncio.Task[None]) -> None:
        self._appending.discard(task)
        if not task.cancelled():
            task.exception()  # it was told to whoever waited

    def _heard(self, seq: int) -> None:
        if seq > self._known:
            self._known = seq
            self._records.heard(seq)

    async def _text(self, row: tuple[Any, ...]) -> str:
        if not row[7]:
            return str(row[6])
        parts = await self._bridge.ask(_BODY, (row[0], row[1]), self._levels.read)
        if len(parts) != row[7]:
            if await self._stands(row[0], row[1]):
                raise Damaged(f"Cassandra: commit {row[0]} is not whole")
            raise Truncated(f"the body of commit {row[0]} was pruned")
        return "".join(part for (part,) in parts)

    async def _last_in(self, bucket: int, level: str) -> int | None:
        rows = await self._bridge.ask(LAST, (bucket,), level)
        return rows[0][0] if rows else None

    async def _marked(self, what: int) -> int:
        return await self._last_in(what, self._levels.read) or 0


def _went_back(seq: int) -> Unavailable:
    """Tables were made anew, or put back from a backup, under a running instance."""
    return Unavailable(f"Cassandra: the log went back: commit {seq} is not there any more")
