"""A store in memory that does what a test tells it: fails, waits, falls silent, once or several times.

What lives here: one mishap after the other, in the order told. Mishaps by lot are in simulate_store.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from uuid import UUID

from registan.model.commit import Commit
from registan.store.memory import MemoryStore
from registan.store.protocol import Glance, Loaded


class Done:
    """The operation takes place, and then this is raised instead of its answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class Gate:
    """The operation waits before it takes place until the gate opens."""

    def __init__(self) -> None:
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def open(self) -> None:
        """Let the operation go on."""
        self._opened.set_result(None)

    async def reached(self) -> None:
        """Return once the operation waits."""
        await asyncio.shield(self._reached)

    async def pass_through(self) -> None:
        """What the operation does."""
        self._reached.set_result(None)
        await asyncio.shield(self._opened)


SILENCE = "silence"
"""The operation does not take place, and no answer ever comes."""

FINE = "fine"
"""The operation takes place and is answered."""

Step = Exception | Done | Gate | str
"""An exception is raised instead of doing anything."""


class ScriptedStore(MemoryStore):
    """See `registan.store.protocol.Store`. `embedded` is whether it knows its head without waiting."""

    def __init__(self, *, embedded: bool = False, history_max: int = 10_000) -> None:
        super().__init__(history_max)
        self.embedded = embedded
        self.calls: list[str] = []
        """The operations asked for, in order; `wait` is left out."""
        self._steps: dict[str, deque[Step]] = defaultdict(deque)

    def next(self, operation: str, *steps: Step) -> None:
        """What the next calls of an operation meet, one step for each call."""
        self._steps[operation] += steps

    def head_now(self) -> int | None:  # type: ignore[override]
        """None, unless embedded."""
        return super().head_now() if self.embedded else None

    async def load(self) -> Loaded:
        """As told."""
        after = await self._step("load")
        loaded = await super().load()
        _raise(after)
        return loaded

    async def head(self) -> int:
        """As told."""
        after = await self._step("head")
        head = await super().head()
        _raise(after)
        return head

    async def look(self, known: int) -> Glance:
        """As told of `head`, which it tells as well."""
        then = await self._step("head")
        seen = await super().look(known)
        _raise(then)
        return seen

    async def read(self, after: int, limit: int) -> Sequence[Commit]:
        """As told."""
        then = await self._step("read")
        commits = await super().read(after, limit)
        _raise(then)
        return commits

    async def append(self, commit: Commit, after: UUID | None = None) -> None:
        """As told."""
        then = await self._step("append")
        await super().append(commit, after)
        _raise(then)

    async def _step(self, operation: str) -> Exception | None:
        """Meet the next step; gives what is to be raised afterwards."""
        self.calls.append(operation)
        steps = self._steps[operation]
        step = steps.popleft() if steps else FINE
        if isinstance(step, Exception):
            raise step
        if isinstance(step, Gate):
            await step.pass_through()
        elif step == SILENCE:
            await asyncio.get_running_loop().create_future()
        return step.error if isinstance(step, Done) else None


def _raise(error: Exception | None) -> None:
    if error is not None:
        raise error
