"""An event loop in virtual time: waiting costs nothing, and nothing happens by chance.

What lives here: time, the order of callbacks, and the death of a process. What never does: the
clock, sockets, threads.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar
from functools import wraps
from heapq import heappop
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


class Stuck(Exception):  # noqa: N818  (a verdict on what is simulated)
    """Nothing will ever happen again, or things never stop happening."""


_process: ContextVar[Process | None] = ContextVar("process", default=None)


class Process:
    """Whose code runs. Once `dead`, none of its callbacks is called any more, as after a kill -9."""

    __slots__ = ("context", "dead")

    def __init__(self) -> None:
        self.dead = False
        self.context = Context()
        """Tasks made in here, and all that they start, belong to the process."""
        self.context.run(_process.set, self)


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is ready in the order in which it became so; when nothing is, time jumps.

    `run_until_complete` raises `Stuck` when nothing is left to wait for, or after `steps_max`
    callbacks, a limit that only what never rests can meet. `close` it afterwards.
    """

    # Of the base class, which leaves to its subclasses how one round goes.
    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, steps_max: int = 50_000) -> None:
        super().__init__()
        self._now = 1000.0
        self._steps_left = steps_max
        self._made: list[tuple[asyncio.Task[Any], Process | None]] = []
        self.complaints: list[str] = []
        """What asyncio would have logged: exceptions that nobody took."""

    def time(self) -> float:
        """Virtual seconds."""
        return self._now

    def create_task(self, coro: Any, *, context: Context | None = None, **more: Any) -> asyncio.Task[Any]:  # noqa: ANN401
        """Make a task, and keep it: one of a dead process must not be collected, or it would go on."""
        process = _process.get() if context is None else context.get(_process)
        task: asyncio.Task[Any] = super().create_task(coro, context=context, **more)
        self._made.append((task, process))
        return task

    def unfinished(self) -> list[asyncio.Task[Any]]:
        """Tasks of the living that are not done, the calling one left out."""
        current = asyncio.current_task(self)
        return [
            task
            for task, process in self._made
            if not task.done() and task is not current and not (process is not None and process.dead)
        ]

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Remember the complaint."""
        if not self.is_closed():
            self.complaints.append(f"{context.get('message')}: {context.get('exception')!r}")

    def close(self) -> None:
        """Let go of everything; of what happens from here on, nothing is heard."""
        super().close()
        for task, _ in self._made:
            if not task.done():
                # Here, in order, and not whenever the garbage collector finds it: interpreters have
                # crashed over suspended coroutines in cycles of half cleared tasks.
                task.get_coro().close()
        self._made.clear()

    def _check_closed(self) -> None:
        """Never mind: coroutines of the dead call in when they are closed, and nobody runs it."""

    def _run_once(self) -> None:
        """One round: all that is due or ready."""
        ready, timers = self._ready, self._scheduled
        if not ready:
            while timers and timers[0].cancelled():
                heappop(timers)
            if not timers:
                raise Stuck("nothing is left to wait for")
            self._now = max(self._now, timers[0].when())
        while timers and timers[0].when() <= self._now:
            ready.append(heappop(timers))
        self._steps_left -= len(ready)
        if self._steps_left < 0:
            raise Stuck("it never comes to rest")
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                process: Process | None = handle._context.get(_process)  # type: ignore[attr-defined]  # noqa: SLF001
                if process is None or not process.dead:
                    handle._run()  # noqa: SLF001  (the loop's side of a handle)


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, run in virtual time; also fails where an exception was left lying."""
    loop = VirtualLoop()
    try:
        result = loop.run_until_complete(main)
        assert not loop.complaints, loop.complaints
        return result
    finally:
        loop.close()


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Make an async test one that waits for nothing: time-outs and pauses pass at once, in their order."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        run_virtual(test(*args, **kwargs))

    return run
