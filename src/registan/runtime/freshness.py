"""Freshness: that a read misses nothing acknowledged before it began.

One check (what is the newest seq? then read what is missing) serves all reads that asked before it
started; one that is under way already may have looked too early and serves no newcomer. Where the
store takes its time the next one does not wait for the answer: a few are in flight at once, evenly
apart, so that a read waits for little more than one answer. Of two the one that started later counts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import cast

from registan.core.state import State
from registan.model.fault import Fault, Refusal
from registan.runtime.follower import Follower
from registan.runtime.gauges import SILENT, Gauges
from registan.store.protocol import Store, TooNew, Unavailable

log = logging.getLogger(__name__)

Told = Callable[[Exception | None], None]
"""Who waits for a check: called once, with an error where the check came to no end."""

CHECKS_MAX = 4
"""Checks in flight at once."""

APART_S = 0.001
"""The least time between the starts of two: a store that answers sooner is asked one at a time."""


class Freshness:
    """The guard in front of reads.

    With `serve` reads go on while the store is down, from what is known; otherwise they are refused.
    With `local` nothing is ever checked. A check that takes longer than `timeout_s` counts as a store
    that is down; while it is, it is asked every `retry_s` seconds, and nobody waits for that.
    """

    def __init__(
        self,
        store: Store,
        state: State,
        follower: Follower,
        gauges: Gauges = SILENT,
        *,
        serve: bool = True,
        local: bool = False,
        timeout_s: float = 5.0,
        retry_s: float = 1.0,
    ) -> None:
        self._store = store
        self._state = state
        self._follower = follower
        self._gauges = gauges
        self._serve = serve
        self._local = local
        self._timeout_s = timeout_s
        self._retry_s = retry_s
        self._waiting: list[Told] = []
        self._checks: set[asyncio.Task[None]] = set()
        self._due = False
        """Whether a check is about to start that will serve those who wait."""
        self._timer: asyncio.TimerHandle | None = None
        self._started = 0
        self._started_at = 0.0
        self._took_s = 0.0
        self._counts = 0
        """The number of the check that `stale` is from."""
        self._retry_at = 0.0
        self.why = ""
        """Why it is stale; empty where it is not."""
        self.stale = False
        """Whether reads are answered without knowing the newest commit (the `Warning` header)."""

    def fresh_now(self) -> bool:
        """Whether the state is fresh, as far as that can be told without waiting.

        False does not mean that it is not: then await `fresh`.
        """
        if self._local:
            return True
        if self._store.head_now() != self._state.seq:
            return False
        if self.stale:
            self._mark("")
        return True

    async def fresh(self) -> bool:
        """Make the state fresh. False where it is stale but reads are to go on.

        Raises `Refusal` STORE_UNAVAILABLE where it is stale and reads are to be refused.
        """
        if self.fresh_now():
            return True
        loop = asyncio.get_running_loop()
        if self.stale:
            if loop.time() >= self._retry_at and not self._checks:
                self._start(loop)
        else:
            future = loop.create_future()
            self._waiting.append(partial(_settle, future))
            self._start(loop)
            await future
        if self.stale and not self._serve:
            raise Refusal(Fault.STORE_UNAVAILABLE, why="the store does not answer")
        return not self.stale

    def ask(self, told: Told) -> bool:
        """Have a check tell whether the state is fresh; where it was told without an error see `stale`.

        False, and nothing will be told, while the store counts as down: nobody waits for that.
        """
        if self.stale:
            return False
        self._waiting.append(told)
        self._start(asyncio.get_running_loop())
        return True

    def look_again(self) -> None:
        """The store may be back: where it counted as down find out, though nobody reads just now."""
        if self.stale and not self._checks:
            self._start(asyncio.get_running_loop())

    async def stop(self) -> None:
        """End the checks under way. Who waits is refused."""
        if self._timer is not None:
            self._timer.cancel()
        checks = list(self._checks)
        for check in checks:
            check.cancel()
        if checks:
            await asyncio.wait(checks)
        self._checks.clear()
        self._due = False
        left, self._waiting = self._waiting, []
        _wake(left, Refusal(Fault.STORE_UNAVAILABLE, why="the instance is stopping"))

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have a check started for those who wait: now, or some time after the last one was."""
        if self._due or len(self._checks) == CHECKS_MAX:
            return
        self._due = True
        left = self._started_at + max(APART_S, self._took_s / CHECKS_MAX) - loop.time()
        if self._checks and left > 0:
            self._timer = loop.call_later(left, self._begin, loop)
        else:
            self._begin(loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        self._checks.add(loop.create_task(self._run(loop)))

    async def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        # Who asks from here on is not served by this check: it has started.
        served, self._waiting = self._waiting, []
        self._due = False
        self._started += 1
        number, started_at = self._started, loop.time()
        self._started_at = started_at
        error: Exception | None = None
        try:
            await self._try(number)
        except asyncio.CancelledError:
            # They were not served, and must not go on as if they were.
            self._waiting += served
            raise
        except Exception as defect:  # noqa: BLE001  (those who wait must hear of it)
            error = defect
        self._took_s = loop.time() - started_at
        _wake(served, error)
        self._over(loop)

    def _over(self, loop: asyncio.AbstractEventLoop) -> None:
        """This check is done: where it was the only one, those who wait do so no longer."""
        self._checks.discard(cast("asyncio.Task[None]", asyncio.current_task()))
        if not self._checks and self._timer is not None:
            self._timer.cancel()
            self._begin(loop)
        elif self._waiting:
            self._start(loop)

    async def _try(self, number: int) -> None:
        why = ""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._follower.sync()
        except (Unavailable, TooNew, TimeoutError) as error:
            self._retry_at = asyncio.get_running_loop().time() + self._retry_s
            why = str(error) or "the store does not answer"
        if number > self._counts:
            self._counts = number
            self._mark(why)

    def _mark(self, why: str) -> None:
        if why and why != self.why:
            self._gauges.failed(why)
        self.why = why
        if self.stale != bool(why):
            self.stale = bool(why)
            self._gauges.stale(self.stale)


def _wake(waiting: list[Told], error: Exception | None) -> None:
    """Tell those who wait, each of them whatever became of the others."""
    for told in waiting:
        try:
            told(error)
        except Exception:  # a defect
            log.exception("a read could not go on")


def _settle(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
