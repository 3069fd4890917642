"""A few connections to a database server, kept open and lent one at a time.

What lives here: how many there are, how old they may become, what happens to one that was in use when
something was raised. What never does: a driver's name, SQL. The drivers' own pools ask the server a
question at every return, or do not know an age; here borrowing costs nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

from registan.store.protocol import Pooling, Unavailable

C = TypeVar("C")

SPARE_S = 60.0
"""How long a connection beyond the smallest number is kept for the next burst."""
CLOSE_TIMEOUT_S = 10.0
"""How long `close` waits for what is still in use."""


class Size(NamedTuple):
    """How many connections there may be, and how old."""

    smallest: int = 1
    largest: int = 25
    lifetime_s: float = 3600.0


class Pool(Generic[C]):
    """Connections made by `connect`, which raises `Unavailable`.

    `sound` tells whether one still lives, `end` ends it at once, and `leave` in good order where that
    takes a word with the server. Whoever finds all of them in use waits `patience_s`, then hears
    `Unavailable` (None: waits on). `place` says in messages where the server is.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[C]],
        sound: Callable[[C], bool],
        end: Callable[[C], None],
        size: Size,
        *,
        leave: Callable[[C], Awaitable[None]] | None = None,
        patience_s: float | None = None,
        place: str = "the store",
    ) -> None:
        self._connect = connect
        self._sound = sound
        self._end = end
        self._leave = leave or self._end_at_once
        self._size = size
        self._patience_s = patience_s
        self._place = place
        self._room = asyncio.Semaphore(size.largest)
        self._idle: list[tuple[C, float, float]] = []  # with when it was made, and last used
        self._lent = 0
        self._filling: asyncio.Task[None] | None = None
        self._returned = asyncio.Event()
        self._closed = True

    @property
    def counts(self) -> Pooling:
        """How many wait to be used, how many are in use."""
        return Pooling(idle=len(self._idle), in_use=self._lent, most=self._size.largest)

    async def open(self) -> None:
        """Make the smallest number of connections, at least one. Raises `Unavailable`."""
        self._closed = False
        await self._fill()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[C]:
        """One connection, for as long as the block runs. Raises `Unavailable`.

        Where the block raises, whatever it is, the connection is ended, as its state is not known; so
        are those that wait, because what befell one may have befallen all.
        """
        if self._closed:
            raise Unavailable(f"{self._place} is closed")
        await self._wait_for_room()
        self._lent += 1
        try:
            connection, born = await self._take() or (await self._connect(), monotonic())
            try:
                yield connection
            except BaseException:
                self._end(connection)
                self.drop_idle()
                raise
            spare = self._give_back(connection, born)
        finally:
            self._lent -= 1
            self._room.release()
            self._returned.set()
        self._fill_later()
        if spare is not None:
            await self._leave(spare)

    def drop_idle(self) -> None:
        """End all that are not in use."""
        idle, self._idle = self._idle, []
        for connection, _, _ in idle:
            self._end(connection)

    async def close(self) -> None:
        """Wait for those in use, and end all; closing twice does no harm."""
        self._closed = True
        if self._filling is not None:
            self._filling.cancel()
            await asyncio.wait([self._filling])
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                while self._lent:
                    self._returned.clear()
                    await self._returned.wait()
        except TimeoutError:
            pass  # whoever still waits for an answer ends its connection when it gives up
        while self._idle:
            await self._leave(self._idle.pop()[0])

    def _short(self) -> bool:
        """Whether there are fewer than are always to be."""
        return len(self._idle) + self._lent < max(1, min(self._size.smallest, self._size.largest))

    async def _fill(self) -> None:
        """Make what is missing, one after the other. Raises `Unavailable`."""
        while self._short() and not self._closed:
            async with self._room:  # so that there are never more than the largest number
                connection, now = await self._connect(), monotonic()
                self._idle.append((connection, now, now))

    def _fill_later(self) -> None:
        """In the background make up for those that were too old or broke; nobody waits for it."""
        if self._filling is None and self._short() and not self._closed:
            self._filling = asyncio.get_running_loop().create_task(self._fill_quietly())

    async def _fill_quietly(self) -> None:
        try:
            with suppress(Unavailable):  # the next one that is returned tries again
                await self._fill()
        finally:
            self._filling = None

    async def _wait_for_room(self) -> None:
        try:
            async with asyncio.timeout(self._patience_s):
                await self._room.acquire()
        except TimeoutError:
            why = f"all {self._size.largest} connections are in use"
            raise Unavailable(f"{self._place}: {why}") from None

    async def _take(self) -> tuple[C, float] | None:
        while self._idle:
            connection, born, _ = self._idle.pop()
            if self._usable(connection, born):
                return connection, born
            await self._leave(connection)
        return None

    def _give_back(self, connection: C, born: float) -> C | None:
        """Keep it for the next one; gives one that is to be left."""
        now = monotonic()
        if self._closed or not self._usable(connection, born):
            return connection
        self._idle.append((connection, born, now))
        oldest, _, since = self._idle[0]
        if len(self._idle) > max(1, self._size.smallest) and now - since > SPARE_S:
            del self._idle[0]
            return oldest
        return None

    def _usable(self, connection: C, born: float) -> bool:
        return self._sound(connection) and monotonic() - born < self._size.lifetime_s

    async def _end_at_once(self, connection: C) -> None:
        self._end(connection)
