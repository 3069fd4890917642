"""A store seen from outside: every operation is counted and timed, whatever the back-end.

Knows nothing of metrics or traces: it calls one function, which the composition root brings.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from time import perf_counter
from typing import TypeVar
from uuid import UUID

from registan.model.commit import Commit
from registan.model.record import Record
from registan.store.protocol import Glance, Loaded, Store

T = TypeVar("T")

Watch = Callable[[str, float, str], None]
"""Gets the operation (a method of the port), its seconds, and "ok" or the name of what was raised."""


class ObservedStore:
    """The port again, around another store. `head_now` is too quick to be timed, `wait` only waits."""

    def __init__(self, store: Store, watch: Watch) -> None:
        self._store = store
        self._watch = watch
        self.name = store.name
        self.head_now = store.head_now
        self.wait = store.wait

    async def open(self) -> None:
        """Observed."""
        await self._timed("open", self._store.open())

    async def close(self) -> None:
        """Observed."""
        await self._timed("close", self._store.close())

    async def load(self) -> Loaded:
        """Observed; where records are read while they are taken, that time is not in it."""
        return await self._timed("load", self._store.load())

    async def head(self) -> int:
        """Observed."""
        return await self._timed("head", self._store.head())

    async def look(self, known: int) -> Glance:
        """Observed, as `head`, which it tells as well."""
        return await self._timed("head", self._store.look(known))

    async def read(self, after: int, limit: int) -> Sequence[Commit]:
        """Observed."""
        return await self._timed("read", self._store.read(after, limit))

    async def append(self, commit: Commit, after: UUID | None = None) -> None:
        """Observed."""
        await self._timed("append", self._store.append(commit, after))

    async def begin(self, commit: Commit, records: Iterable[Record]) -> None:
        """Observed."""
        await self._timed("begin", self._store.begin(commit, records))

    async def prune(self, through: int) -> None:
        """Observed."""
        await self._timed("prune", self._store.prune(through))

    async def ping(self) -> None:
        """Observed."""
        await self._timed("ping", self._store.ping())

    async def _timed(self, operation: str, work: Awaitable[T]) -> T:
        started = perf_counter()
        outcome = "ok"
        try:
            return await work
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            self._watch(operation, perf_counter() - started, outcome)
