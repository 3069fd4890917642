"""The follower: this instance's copy of the log. The only place that loads and applies commits.

Whoever learns of a commit, be it by an acknowledgement, a freshness check or the tail running in the
background, hands it in here; one that is known already does no harm.
"""

from __future__ import annotations

import asyncio
import gc
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar
from uuid import UUID

from registan.core.state import State
from registan.core.touched import Touched, touched
from registan.model.commit import Commit
from registan.runtime.gauges import SILENT, Gauges
from registan.store.protocol import Loaded, Store, TooNew, Truncated, Unavailable

READ_MAX = 200
"""Commits fetched at once."""


def _nobody(_: Touched) -> None:
    """Nobody listens."""


def _idle() -> None:
    """Nobody listens."""


RELOAD_TIMEOUT_S = 120.0
"""How long loading everything may take before the store counts as one that does not answer."""

T = TypeVar("T")


class Follower:
    """Keeps `state` level with the log of `store`.

    A read that takes longer than `timeout_s` counts as a store that is down, so that one answer which
    never comes does not end the following.
    """

    def __init__(
        self,
        store: Store,
        state: State,
        gauges: Gauges = SILENT,
        *,
        poll_interval_s: float = 1.0,
        timeout_s: float = 5.0,
    ) -> None:
        self._store = store
        self._state = state
        self._gauges = gauges
        self._poll_interval_s = poll_interval_s
        self._timeout_s = timeout_s
        self._watched: dict[UUID, bool | None] = {}
        self.changed: Callable[[Touched], None] = _nobody
        """Told what each commit touched, as soon as it is applied."""
        self.followed: Callable[[], None] = _idle
        """Called whenever the log could be followed to its end."""
        self.trouble: str | None = None
        """Why the log cannot be followed just now, for the readiness check."""
        self.level_at = monotonic()
        """When the log was last read to its end, by the clock `time.monotonic`."""

    async def load(self, *, freeze: bool = False) -> None:
        """Become what the store holds. Raises `Unavailable`, `TooNew`.

        With `freeze` (at the start of a process) the garbage collector pauses meanwhile and never
        looks at what was loaded, which halves the time and spares every later collection.
        """
        if not freeze:
            self._become(await _within(RELOAD_TIMEOUT_S, self._store.load()))
            return
        gc.disable()
        try:
            self._become(await _within(RELOAD_TIMEOUT_S, self._store.load()))
            gc.freeze()
        finally:
            gc.enable()

    async def reload(self, why: str) -> None:
        """Load again: history was pruned before it was read, or the log itself went back.

        Raises `Unavailable`, `TooNew`.
        """
        before = self._state.seq
        loaded = await _within(RELOAD_TIMEOUT_S, self._store.load())
        if self._state.seq != before and loaded.seq <= self._state.seq:
            # Someone else was quicker, and the state must not go back. A snapshot that is not read
            # would stay open, hence:
            deque(loaded.records, maxlen=0)
            return
        self._become(loaded)
        for commit_id, seen in self._watched.items():
            self._watched[commit_id] = seen or None
        self._gauges.reloaded(why)

    def _become(self, loaded: Loaded) -> None:
        self._state.load(loaded.seq, loaded.records)
        self.changed(None)

    async def sync(self) -> None:
        """Learn every commit acknowledged before the call. Raises `Unavailable`, `TooNew`."""
        while True:
            after = self._state.seq
            try:
                commits = await _within(self._timeout_s, self._store.read(after, READ_MAX))
            except Truncated as error:
                await self.reload(str(error))
                continue
            if not commits:
                self.level_at = monotonic()
                return
            for commit in commits:
                why = self.learn(commit)
                if why is not None:
                    await self.reload(why)
                    break
            self._gauges.learnt(self._state.seq)

    def learn(self, commit: Commit) -> str | None:
        """Apply the commit unless it is known. Where that fails tell why: then one must `reload`."""
        if commit.id in self._watched:
            self._watched[commit.id] = True
        if commit.seq <= self._state.seq:
            return None
        what = touched(self._state, commit.changes)
        try:
            self._state.apply(commit.seq, commit.changes)
        except Exception as error:  # noqa: BLE001  (whatever is wrong with it, the records are right)
            return f"commit {commit.seq} cannot be applied: {error!r}"
        self.changed(what)
        return None

    def watch(self, commit_id: UUID) -> None:
        """Look out for a commit whose fate may become doubtful."""
        self._watched[commit_id] = False

    def seen(self, commit_id: UUID) -> bool | None:
        """Whether a watched commit stands in the log as far as it is known; None: it cannot be told."""
        return self._watched[commit_id]

    def unwatch(self, commit_id: UUID) -> None:
        """The commit's fate is settled, or nobody asks any more."""
        self._watched.pop(commit_id, None)

    async def run(self) -> None:
        """Follow the log until cancelled, so that other instances' commits are known before a read."""
        while True:
            try:
                patience = self._poll_interval_s + self._timeout_s
                await _within(patience, self._store.wait(self._state.seq, self._poll_interval_s))
                await self.sync()
                self.trouble = None
                self.followed()
            except (Unavailable, TooNew) as error:
                self.trouble = str(error)
                await asyncio.sleep(self._poll_interval_s)


async def _within(timeout_s: float, work: Awaitable[T]) -> T:
    """What the store answers; raises `Unavailable` where it takes too long."""
    try:
        async with asyncio.timeout(timeout_s):
            return await work
    except TimeoutError:
        raise Unavailable(f"the store did not answer within {timeout_s:g} s") from None
