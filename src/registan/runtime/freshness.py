"""Freshness: that a read misses nothing acknowledged before it began.

One check (what is the newest seq? then read what is missing) serves all reads that asked before it
started; one that is under way already may have looked too early and serves no newcomer. There is
one in flight per instance.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from registan.core.state import State
from registan.model.fault import Fault, Refusal
from registan.runtime.follower import Follower
from registan.runtime.gauges import SILENT, Gauges
from registan.store.protocol import Store, TooNew, Unavailable

log = logging.getLogger(__name__)

Told = Callable[[Exception | None], None]
"""Who waits for a check: called once, with an error where the check came to no end."""


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
        self._checking: asyncio.Task[None] | None = None
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
            if loop.time() >= self._retry_at:
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
        if self.stale:
            self._start(asyncio.get_running_loop())

    async def stop(self) -> None:
        """End a check under way."""
        task = self._checking
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._checking is None:
            self._checking = loop.create_task(self._run())

    async def _run(self) -> None:
        try:
            while True:
                # Who asks from here on is not served by this check: it has started.
                served, self._waiting = self._waiting, []
                try:
                    await self._try()
                except asyncio.CancelledError:
                    # They were not served, and must not go on as if they were.
                    self._waiting += served
                    raise
                except Exception as error:  # noqa: BLE001  (a defect: those who wait must hear of it)
                    _wake(served, error)
                else:
                    _wake(served, None)
                if not self._waiting:
                    return
        finally:
            self._checking = None
            left, self._waiting = self._waiting, []
            _wake(left, Refusal(Fault.STORE_UNAVAILABLE, why="the instance is stopping"))

    async def _try(self) -> None:
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._follower.sync()
        except (Unavailable, TooNew, TimeoutError) as error:
            self._retry_at = asyncio.get_running_loop().time() + self._retry_s
            self._mark(str(error) or "the store does not answer")
        else:
            self._mark("")

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
