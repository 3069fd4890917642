"""What the connections of one listener share: who answers, what is known, the limits, the clock.

What never lives here: the socket of a connection (`connection.py`), how a process begins and ends
(`server.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from registan.contract.message import Request, Response
from registan.http.answer import Begun
from registan.http.limits import Limits
from registan.http.reply import Reply
from registan.http.stamp import Stamp
from registan.runtime.freshness import Told

if TYPE_CHECKING:
    from registan.http.connection import Connection
    from registan.observe.access_log import Access

KNOWN_BYTES_MAX = 64 * 1024
"""Longer requests are not remembered."""


ENTRY_BYTES = 300
"""What it takes to know a request, without its bytes; the reply is kept elsewhere (`kept.py`)."""


class Answering(Protocol):
    """Who answers."""

    def begin(self, request: Request) -> Begun:
        """Answer, or begin to."""
        ...

    def unmatched(self, request: Request, response: Response) -> Reply:
        """The reply to a request that no route answers."""
        ...

    def still(self, kept: Reply) -> bool:
        """Whether a kept reply is still the reply, as far as that can be told without waiting."""
        ...

    def ask(self, told: Told) -> bool:
        """Have the store asked, so that `holds` can be; False, and nothing is told, where that is no use."""
        ...

    def holds(self, kept: Reply) -> bool:
        """Whether a kept reply is still the reply, the store having been asked since the request came."""
        ...


class Known:
    """Requests by their very bytes, with the reply that is kept for each.

    A client sends the same bytes again and again: where all of them are known there is nothing to
    parse. Only whole requests get in that the parser has read and that leave the connection open.
    """

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self.replies: dict[bytes, tuple[Reply, bool]] = {}
        """The reply, and whether gzipped."""

    def remember(self, data: bytes, reply: Reply, *, gzip: bool) -> None:
        """Remember a reply that is kept; when there are too many requests all are forgotten."""
        size = len(data) + ENTRY_BYTES
        if len(data) > KNOWN_BYTES_MAX or size * 8 > self._bytes_max:
            return
        self.forget(data)
        if self._bytes + size > self._bytes_max:
            self.clear()
        self._bytes += size
        self.replies[data] = (reply, gzip)
        reply.know(self, data)

    def forget(self, data: bytes) -> None:
        """What was the reply to these bytes is so no more."""
        if self.replies.pop(data, None) is not None:
            self._bytes -= len(data) + ENTRY_BYTES

    def clear(self) -> None:
        """Forget everything; no reply refers to here afterwards, as those kept for long would pile up."""
        for reply, _ in self.replies.values():
            reply.unknow(self)
        self.replies.clear()
        self._bytes = 0


class Service:
    """One listener's answers, limits and connections."""

    def __init__(
        self,
        answers: Answering,
        limits: Limits,
        *,
        known_bytes_max: int = 16 * 1024 * 1024,
        access: Access | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.answers = answers
        self.limits = limits
        self.known = Known(known_bytes_max)
        self.stamp = Stamp()
        self.access = access
        self.clock = clock
        self.connections: set[Any] = set()
        """Those that are open: each a `Connection`."""
        self.tasks: set[Any] = set()
        """Requests that wait for their reply: each an `asyncio.Task`."""
        self._sweeper: asyncio.TimerHandle | None = None

    def opened(self, connection: Connection) -> bool:
        """Note a new connection; False where there are too many."""
        if len(self.connections) >= self.limits.connections:
            return False
        self.connections.add(connection)
        if self._sweeper is None:
            self._sweep()
        return True

    def closed(self, connection: Connection) -> None:
        """Note that a connection is closed."""
        self.connections.discard(connection)

    def _sweep(self) -> None:
        """Let every connection look whether it waits for too long, as long as there are any."""
        self._sweeper = None
        if not self.connections:
            return
        now = self.clock()
        for connection in tuple(self.connections):
            connection.check(now)
        limits = self.limits
        shortest = min(limits.read_timeout_s, limits.write_timeout_s, limits.idle_timeout_s)
        self._sweeper = asyncio.get_running_loop().call_later(min(1.0, shortest / 4), self._sweep)
