"""Warming up: parsing and comparing big schemas off the event loop, before a command is decided.

What runs here is pure and fills a memo; it decides nothing. The decision, on the loop, then finds
its work done, or does it again where the memo has forgotten it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import ParamSpec

P = ParamSpec("P")

WORTH_BYTES = 16 * 1024
"""Below this a parse is quicker than changing threads and back."""

NICENESS = 15
"""Of the warming threads at the priority `low`, in the operating system's words."""

WAITING_MAX = 64
"""Warm-ups that wait or run; beyond it commands are decided cold rather than queued twice."""


def _step_back(priority: str) -> None:
    """Let the loop's thread go first where both want one processor; the default is kept where that fails.

    Niceness alone is not enough: Linux lets a thread finish its slice of 3-4 ms before one that wakes up
    gets the processor, except where the thread is of the idle class. That class has its price: when other
    programs keep all processors busy, a warming thread that holds the interpreter's lock waits for them.
    """
    with suppress(OSError, AttributeError):
        if priority == "idle":
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        elif priority == "low":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class Warmth:
    """A pool of `threads` (0: none) that warms what is worth it. The thread is made at first use."""

    def __init__(self, threads: int = 1, worth_bytes: int = WORTH_BYTES, priority: str = "normal") -> None:
        """`priority` as in the setting `engine.warm_up_priority`."""
        self._pool = (
            ThreadPoolExecutor(threads, "registan-warm", _step_back, (priority,)) if threads else None
        )
        self._worth_bytes = worth_bytes
        self._waiting = 0

    def worth(self, size: int) -> bool:
        """Whether work on so many bytes of text should be warmed."""
        return size >= self._worth_bytes and self._pool is not None and self._waiting < WAITING_MAX

    async def run(self, size: int, work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Do the work aside if `size` bytes of text are worth it; otherwise do nothing.

        What it raises is ignored: the decision will meet it again, in its place.
        """
        if not self.worth(size):
            return
        self._waiting += 1
        try:
            with suppress(Exception):
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._pool, lambda: work(*args, **kwargs))
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the thread end once its work is done."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
