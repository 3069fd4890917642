"""A wire between a registry and its database that a test can cut, stop, delay and mend.

What lives here: bytes, in a thread with a loop of its own. What never does: what they mean.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")

CHUNK_BYTES = 64 * 1024
ANSWERED_WITHIN_S = 60.0


class Proxy:
    """Leads connections to a port of this host, from another one (`port`, once started).

    Methods may be called from any thread; each has taken effect when it returns.
    """

    def __init__(self, target: int) -> None:
        self.port = 0
        self.accepted = 0
        """Connections made so far, those refused included."""
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._refusing = False
        self._delay_s = 0.0

    def cut(self) -> None:
        """Break all connections, as a reset; new ones may be made."""
        self._do(self._cut)

    def refuse(self, *, refusing: bool = True) -> None:
        """Break all connections and every new one, until told otherwise."""

        def work() -> None:
            self._refusing = refusing
            if refusing:
                self._cut()

        self._do(work)

    def hold(self) -> None:
        """Let no byte through in either direction; connections stay, and new ones can be made."""
        self._do(self._flowing.clear)

    def delay(self, seconds: float) -> None:
        """Take this long for whatever arrives, in either direction."""

        def work() -> None:
            self._delay_s = seconds

        self._do(work)

    def mend(self) -> None:
        """All is well again; what was held arrives."""

        def work() -> None:
            self._refusing, self._delay_s = False, 0.0
            self._flowing.set()

        self._do(work)

    def __enter__(self) -> Proxy:
        """Listen."""
        self._thread.start()

        async def start() -> None:
            self._flowing.set()
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
            self.port = self._server.sockets[0].getsockname()[1]

        asyncio.run_coroutine_threadsafe(start(), self._loop).result(ANSWERED_WITHIN_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Break everything and end the thread."""

        async def stop() -> None:
            if self._server is not None:
                self._server.close()
            self._refusing = True
            self._flowing.set()
            self._cut()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(ANSWERED_WITHIN_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWERED_WITHIN_S)
        self._loop.close()

    def _do(self, work: Callable[[], T]) -> T:
        async def there() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(there(), self._loop).result(ANSWERED_WITHIN_S)

    def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            if self._refusing:
                return
            answers, there = await asyncio.open_connection("127.0.0.1", self._target)
            self._writers.add(there)
            await asyncio.gather(self._pump(reader, there), self._pump(answers, writer))
        except OSError:
            pass  # the database is away, or the wire was cut: both ends hear of it
        finally:
            for end in (writer, there):
                if end is not None:
                    end.transport.abort()
                    self._writers.discard(end)
            self._tasks.discard(task)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                await self._flowing.wait()
                writer.write(chunk)
                await writer.drain()
            writer.write_eof()
        except OSError:
            writer.transport.abort()  # and so the other direction ends as well


def through(environment: Mapping[str, str], port: int, proxy: Proxy) -> dict[str, str]:
    """The environment that leads to a database on `port`, led through the proxy instead."""
    led = {
        name: str(proxy.port) if value == str(port) else value.replace(f":{port}", f":{proxy.port}")
        for name, value in environment.items()
    }
    assert led != dict(environment), f"no variable leads to port {port}"
    return led
