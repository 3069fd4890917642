"""A log in memory: for trials and tests, and the shortest complete store.

Several engines of one process may share one. What it keeps is lost with the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from uuid import UUID

from registan.model.commit import Commit, Put
from registan.model.record import Kind, Record, place_of
from registan.store.protocol import Conflict, Glance, Loaded, Truncated

HISTORY_MAX = 10_000
"""Commits kept by default; older ones are forgotten, as `prune` would."""


class MemoryStore:
    """See `registan.store.protocol.Store`."""

    name = "memory"

    def __init__(self, history_max: int = HISTORY_MAX) -> None:
        self._history_max = history_max
        self._seq = 0
        self._commits: dict[int, Commit] = {}
        """By seq."""
        self._oldest = 1
        """The oldest commit not forgotten."""
        self._records: dict[tuple[Kind, str], Record] = {}
        """In the order in which they were last written."""
        self._waiting: list[asyncio.Future[None]] = []

    async def open(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do: another handle of the process may go on."""

    async def load(self) -> Loaded:
        """The records as they are now."""
        commit = self._commits.get(self._seq)
        return Loaded(self._seq, tuple(self._records.values()), commit.id if commit is not None else None)

    async def head(self) -> int:
        """The newest seq."""
        return self._seq

    async def look(self, known: int) -> Glance:
        """The newest seq, and who stands at `known`."""
        commit = self._commits.get(known)
        return Glance(self._seq, commit.id if commit is not None else None)

    def head_now(self) -> int:
        """The newest seq."""
        return self._seq

    async def read(self, after: int, limit: int) -> Sequence[Commit]:
        """At most `limit` commits behind `after`."""
        if after >= self._seq:
            return ()
        if after + 1 < self._oldest:
            raise Truncated(f"history up to {after + 1} was pruned")
        stop = min(self._seq, after + limit)
        return tuple(self._commits[seq] for seq in range(after + 1, stop + 1))

    async def append(self, commit: Commit, after: UUID | None = None) -> None:
        """Add the commit if it is the next one."""
        if commit.seq <= self._seq:
            raise Conflict(commit.seq)
        before = self._commits.get(self._seq)
        if after is not None and commit.seq == self._seq + 1 and (before is None or before.id != after):
            raise Conflict(commit.seq)
        if commit.seq != self._seq + 1:
            raise ValueError(f"commit {commit.seq} would leave a hole behind {self._seq}")
        for change in commit.changes:
            place = place_of(change.record)
            self._records.pop(place, None)
            if type(change) is Put:
                self._records[place] = change.record
        self._commits[commit.seq] = commit
        self._seq = commit.seq
        self._forget(commit.seq - self._history_max)
        self._wake()

    async def begin(self, commit: Commit, records: Iterable[Record]) -> None:
        """Add the commit if it is the first one."""
        if self._seq:
            raise Conflict(commit.seq)
        for record in records:
            self._records[place_of(record)] = record
        self._commits[commit.seq] = commit
        self._seq = self._oldest = commit.seq
        self._wake()

    async def wait(self, after: int, timeout_s: float) -> None:
        """Sleep until the next append."""
        if self._seq > after:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            async with asyncio.timeout(timeout_s):
                await future
        except TimeoutError:
            pass
        finally:
            if future in self._waiting:
                self._waiting.remove(future)

    async def prune(self, through: int) -> None:
        """Forget old commits."""
        self._forget(through)

    async def ping(self) -> None:
        """Always well."""

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def _forget(self, through: int) -> None:
        while self._oldest <= through and self._oldest < self._seq:
            del self._commits[self._oldest]
            self._oldest += 1
