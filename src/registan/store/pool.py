"""A few connections to a database server, kept open and lent one at a time.

What lives here: how many there are, how old they may become, what happens to one that was in use when
something was raised. What never does: a driver's name, SQL. The drivers' own pools ask the server a
question at every return, or do not know an age; here borrowing costs nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
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
    """Connections made by `connect` (which raises `Unavailable`) and ended by `end`, at once.

    `sound` tells whether an idle one still lives.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[C]],
        sound: Callable[[C], bool],
        end: Callable[[C], None],
        size: Size,
    ) -> None:
        self._connect = connect
        self._sound = sound
        self._end = end
        self._size = size
        self._room = asyncio.Semaphore(size.largest)
        self._idle: list[tuple[C, float, float]] = []  # with when it was made, and last used
        self._lent = 0
        self._returned = asyncio.Event()
        self._closed = True

    @property
    def counts(self) -> Pooling:
        """How many are in use, how many wait to be used."""
        return Pooling(idle=len(self._idle), in_use=self._lent, most=self._size.largest)

    async def open(self) -> None:
        """Make the smallest number of connections, at least one. Raises `Unavailable`."""
        self._closed = False
        while len(self._idle) + self._lent < max(1, self._size.smallest):
            now = monotonic()
            self._idle.append((await self._connect(), now, now))

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[C]:
        """One connection, for as long as the block runs. Raises `Unavailable`.

        Where the block raises, whatever it is, the connection is ended, as its state is not known; so
        are those that wait, because what befell one may have befallen all.
        """
        if self._closed:
            raise Unavailable("the store is closed")
        async with self._room:
            self._lent += 1
            try:
                connection, born = self._take() or (await self._connect(), monotonic())
                try:
                    yield connection
                except BaseException:
                    self._end(connection)
                    self.drop_idle()
                    raise
                self._give_back(connection, born)
            finally:
                self._lent -= 1
                self._returned.set()

    def drop_idle(self) -> None:
        """End all that are not in use."""
        idle, self._idle = self._idle, []
        for connection, _, _ in idle:
            self._end(connection)

    async def close(self) -> None:
        """Wait for those in use, and end all; closing twice does no harm."""
        self._closed = True
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                while self._lent:
                    self._returned.clear()
                    await self._returned.wait()
        except TimeoutError:
            pass  # whoever still waits for an answer ends its connection when it gives up
        self.drop_idle()

    def _take(self) -> tuple[C, float] | None:
        now = monotonic()
        while self._idle:
            connection, born, _ = self._idle.pop()
            if self._sound(connection) and now - born < self._size.lifetime_s:
                return connection, born
            self._end(connection)
        return None

    def _give_back(self, connection: C, born: float) -> None:
        now = monotonic()
        if self._closed or now - born >= self._size.lifetime_s:
            self._end(connection)
            return
        self._idle.append((connection, born, now))
        oldest, _, since = self._idle[0]
        if len(self._idle) > max(1, self._size.smallest) and now - since > SPARE_S:
            del self._idle[0]
            self._end(oldest)
