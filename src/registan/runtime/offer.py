"""Offering a commit to the log, and finding out what became of it.

An append whose answer was lost may have taken place, may not have, or may yet take place. Its seq
settles that: the very same commit is offered again until something stands there, and whoever stands
there has won. So a command is never written twice, whatever the store or the network did.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from registan.core.state import State
from registan.model.commit import Commit
from registan.runtime.follower import Follower
from registan.runtime.gauges import Gauges
from registan.store.protocol import Conflict, Store, TooNew, Unavailable, Unknown

PAUSE_S = 0.05
"""Between two looks at what became of a commit."""


@dataclass(frozen=True, slots=True)
class Landed:
    """The commit stands in the log, and the state has it."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Another commit stands at its seq, and will for good."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not written, or, as `why` then says, nobody knows."""

    why: str


Landing = Landed | Lost | Failed
_LANDED = Landed()
_LOST = Lost()
# Clients do not learn where the store is, or in which words it refuses: those are for the log.
_NOT_WRITTEN = Failed("the store cannot be written to just now; nothing was written")
_NOBODY_KNOWS = Failed("the store did not answer; whether the write took place is not known")


class Offer:
    """Offers commits, one at a time."""

    def __init__(
        self,
        store: Store,
        state: State,
        follower: Follower,
        gauges: Gauges,
        append_timeout_s: float,
        doubt_timeout_s: float,
    ) -> None:
        self._store = store
        self._state = state
        self._follower = follower
        self._gauges = gauges
        self._append_timeout_s = append_timeout_s
        self._doubt_timeout_s = doubt_timeout_s

    async def land(self, commit: Commit) -> Landing:
        """Offer the commit until its fate is known; on success it is in the state as well.

        Takes no longer than the time-outs of one append and one doubt, or of one append and one look at
        the log, together.
        Whatever the store raises besides what the port allows is raised.
        """
        self._follower.watch(commit.id)
        try:
            landing = await self._append(commit)
            if landing is None:
                self._gauges.doubt()
                landing = await self._settle(commit)
            if isinstance(landing, Landed) and self._state.seq < commit.seq:
                why = self._follower.learn(commit)
                if why is not None:
                    await self._reload(why)
            return landing
        finally:
            self._follower.unwatch(commit.id)

    async def _append(self, commit: Commit, *, doubtful: bool = False) -> Landing | None:
        """Offer it once; None where the answer was lost.

        `doubtful` is whether an earlier offer of it may have taken place.
        """
        try:
            async with asyncio.timeout(self._append_timeout_s):
                await self._store.append(commit, self._follower.newest)
        except Conflict:
            return await self._conflict(commit, doubtful)
        except Unavailable as error:
            self._gauges.failed(str(error))
            return None if doubtful else _NOT_WRITTEN
        except (Unknown, TimeoutError):
            return None
        return _LANDED

    async def _conflict(self, commit: Commit, doubtful: bool) -> Landing | None:
        """Something stands at the seq: learn what, and all behind it."""
        trouble = await self._sync()
        seen = self._follower.seen(commit.id)
        if seen:
            return _LANDED
        if doubtful:
            return _LOST if trouble is None and seen is False else None
        if trouble is None:
            return _LOST
        self._gauges.failed(trouble)
        return _NOT_WRITTEN

    async def _settle(self, commit: Commit) -> Landing:
        """Find out what became of a commit whose answer was lost."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._doubt_timeout_s):
                return await self._ask_again(commit)
        return _NOBODY_KNOWS

    async def _ask_again(self, commit: Commit) -> Landing:
        while True:
            if await self._sync() is None:
                seen = self._follower.seen(commit.id)
                if seen:
                    return _LANDED
                if seen is None:
                    return _NOBODY_KNOWS
                if self._state.seq >= commit.seq:
                    return _LOST
                landing = await self._append(commit, doubtful=True)
                if landing is not None:
                    return landing
            await asyncio.sleep(PAUSE_S)

    async def _sync(self) -> str | None:
        """Learn what the log holds, or tell why that cannot be."""
        try:
            async with asyncio.timeout(self._append_timeout_s):
                await self._follower.sync()
        except (Unavailable, TooNew, TimeoutError) as error:
            return str(error) or "the store does not answer"
        return None

    async def _reload(self, why: str) -> None:
        """The state cannot take a commit that stands; if this fails the next check of freshness tries."""
        with suppress(Unavailable, TooNew):
            await self._follower.reload(why)
