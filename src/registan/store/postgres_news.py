"""Word of other instances' commits, by NOTIFY: a hint that saves waiting, never a fact.

A connection of its own listens; where it is lost it is made again, and until then nobody is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from registan.store.protocol import Unavailable

CHANNEL = "registan_commits"
RETRY_S = 1.0


class News:
    """Listens from `start` to `stop`; word from server processes in `own` is no news."""

    def __init__(self, connect: Callable[[], Awaitable[Any]], lifetime_s: float) -> None:
        self._connect = connect
        self._lifetime_s = lifetime_s
        self._task: asyncio.Task[None] | None = None
        self._next: asyncio.Future[None] | None = None
        self.own: set[int] = set()

    def start(self) -> None:
        """Listen from now on; starting twice does no harm."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Let go of the connection."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def next(self) -> asyncio.Future[None]:
        """Done at the next word; shared by all who wait, so nobody may cancel it."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        return self._next

    def _ring(self) -> None:
        waited, self._next = self._next, None
        if waited is not None and not waited.done():
            waited.set_result(None)

    def _hear(self, connection: Any, pid: int, channel: str, payload: str) -> None:  # noqa: ANN401, ARG002
        if pid not in self.own:
            self._ring()

    async def _run(self) -> None:
        while True:
            with suppress(Unavailable):
                await self._listen()
            await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        connection = await self._connect()
        ended = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: ended.set())
            await connection.add_listener(CHANNEL, self._hear)
            self._ring()  # something may have been missed
            with suppress(TimeoutError):
                async with asyncio.timeout(self._lifetime_s):
                    await ended.wait()
        finally:
            connection.terminate()
