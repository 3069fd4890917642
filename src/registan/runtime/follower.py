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
        self._newest: tuple[int, UUID] | None = None
        """The commit that was applied last."""
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
            self._become(await self._loaded())
            return
        gc.disable()
        try:
            self._become(await self._loaded())
            gc.freeze()
        finally:
            gc.enable()

    async def reload(self, why: str) -> None:
        """Load again: history was pruned before it was read, or the log is not what it was.

        What the log holds now is the truth. Raises `Unavailable`, `TooNew`.
        """
        before = self._state.seq
        loaded = await self._loaded()
        if self._state.seq != before and loaded.seq <= self._state.seq:
            # Someone else was quicker, and the state must not go back. A snapshot that is not read
            # would stay open, hence:
            deque(loaded.records, maxlen=0)
            return
        self._become(loaded)
        for commit_id, seen in self._watched.items():
            self._watched[commit_id] = seen or None
        self._gauges.reloaded(why)

    async def _loaded(self) -> Loaded:
        return await _within(RELOAD_TIMEOUT_S, self._store.load())

    def _become(self, loaded: Loaded) -> None:
        self._state.load(loaded.seq, loaded.records)
        self._newest = (loaded.seq, loaded.newest) if loaded.newest is not None else None
        self.changed(None)

    @property
    def newest(self) -> UUID | None:
        """The id of the commit at the state's seq; None where that is not known yet."""
        return self._newest[1] if self._newest is not None and self._newest[0] == self._state.seq else None

    async def sync(self) -> None:
        """Learn every commit acknowledged before the call. Raises `Unavailable`, `TooNew`."""
        head = await self._look()
        while (after := self._state.seq) < head:
            try:
                commits = await _within(self._timeout_s, self._store.read(after, READ_MAX))
            except Truncated as error:
                await self.reload(str(error))
                continue
            if not commits and after == self._state.seq:
                raise Unavailable(f"the log ends at {after}, not at {head}")
            for commit in commits:
                why = self.learn(commit)
                if why is not None:
                    await self.reload(why)
                    break
            self._gauges.learnt(self._state.seq)
        self.level_at = monotonic()

    async def _look(self) -> int:
        """The newest seq. Where what is known here is not what the log holds, all is loaded first.

        A log goes back where a backup is restored, or a server takes over that had not heard of the
        newest commits. Others may have gone on from there, past the seq that is known here.
        """
        seq, known = self._state.seq, self.newest
        seen = await _within(self._timeout_s, self._store.look(seq))
        if seen.seq < seq:
            why = f"the log went back from {seq} to {seen.seq}"
        elif known is not None and seen.known is None:
            await self.reload(f"history up to {seq} was pruned")
            return seen.seq
        elif known is not None and seen.known != known:
            why = f"the log went back and went on: another commit stands at {seq}, the newest is {seen.seq}"
        else:
            if seen.known is not None and self._state.seq == seq:
                self._newest = seq, seen.known
            return seen.seq
        await self.reload(why)
        self._gauges.went_back(why)
        return seen.seq

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
        self._newest = commit.seq, commit.id
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
