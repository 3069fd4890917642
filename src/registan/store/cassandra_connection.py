"""A connection of the driver for Cassandra that the event loop of the registry looks after.

The driver's own have a thread: each statement would go to it and each answer come back from it, and both
threads want the interpreter. What lives here: the socket and the timers, as the driver's `Connection`
wants them. What never does: a word of the protocol.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from cassandra import AuthenticationFailed
from cassandra.connection import Connection, ConnectionException, ConnectionShutdown

READ_BYTES = 64 * 1024
"""What is taken from a socket at once."""

UNSENT_MAX = 4 * 1024 * 1024
"""Bytes that wait for a socket to take them; the driver refuses statements behind so many."""

_NOT_YET = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class LoopConnection(Connection):  # type: ignore[misc]
    """Of a class of its own for each loop, which `of` makes: that is how the driver takes it.

    Its methods may be called from any thread, as the driver has some of its own.
    """

    loop: asyncio.AbstractEventLoop
    thread: int
    """The one that the loop runs in."""
    is_closed: bool

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> type[LoopConnection]:
        """The class for the loop of this thread, which is running."""
        return type(cls.__name__, (cls,), {"loop": loop, "thread": threading.get_ident()})

    @classmethod
    def factory(cls, *args: object, **kwargs: object) -> LoopConnection:
        """A connection that is logged in.

        Where a log-in fails the driver would never try that node again. But one that has just started
        may not see the nodes that know the password, and a password may be put right.
        """
        try:
            return super().factory(*args, **kwargs)  # type: ignore[no-any-return]
        except AuthenticationFailed as error:
            raise ConnectionException(str(error)) from error

    @classmethod
    def create_timer(cls, timeout: float, callback: Callable[[], object]) -> _Timer:
        """Call back after so many seconds, unless it is cancelled."""
        return _Timer(cls, timeout, callback)

    @classmethod
    def do(cls, work: Callable[..., object], *args: object) -> None:
        """In the loop: at once where this is its thread. Nothing happens where the loop has ended."""
        if threading.get_ident() != cls.thread:
            with suppress(RuntimeError):
                cls.loop.call_soon_threadsafe(work, *args)
        elif not cls.loop.is_closed():
            work(*args)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._unsent = bytearray()
        self._connect_socket()
        self._socket.setblocking(False)
        self._descriptor = self._socket.fileno()
        self.do(self._watch)
        self._send_options_message()

    def push(self, data: bytes) -> None:
        """Send it; each message is whole, in whatever thread it was made."""
        self.do(self._send, data)

    def close(self) -> None:
        """Whoever waits for it hears of it at once, not at the time-out."""
        with self.lock:
            if self.is_closed:
                return
            self.is_closed = True
        self.do(self._let_go)
        if self.loop.is_closed():
            self._socket.close()
        if not self.is_defunct:
            self.error_all_requests(ConnectionShutdown(f"{self.endpoint}: the connection was closed"))
        if not self.connected_event.is_set():
            if self.last_error is None:
                self.last_error: Exception = ConnectionShutdown(f"{self.endpoint} closed the connection")
            self.connected_event.set()

    # in the loop

    def _watch(self) -> None:
        if not self.is_closed:
            self.loop.add_reader(self._descriptor, self._readable)

    def _let_go(self) -> None:
        self.loop.remove_reader(self._descriptor)
        self.loop.remove_writer(self._descriptor)
        self._socket.close()

    def _send(self, data: bytes) -> None:
        if self.is_closed:
            return
        if self._unsent:
            self._unsent += data
        else:
            sent = self._take(data)
            if sent == len(data) or self.is_closed:
                return
            self._unsent += memoryview(data)[sent:]
            self.loop.add_writer(self._descriptor, self._writable)
        self._socket_writable = len(self._unsent) < UNSENT_MAX

    def _writable(self) -> None:
        del self._unsent[: self._take(self._unsent)]
        self._socket_writable = len(self._unsent) < UNSENT_MAX
        if not self._unsent and not self.is_closed:
            self.loop.remove_writer(self._descriptor)

    def _take(self, data: bytes | bytearray) -> int:
        """How many bytes the socket took."""
        try:
            return self._socket.send(data)  # type: ignore[no-any-return]
        except _NOT_YET:
            return 0
        except OSError as error:
            self.defunct(error)
            return 0

    def _readable(self) -> None:
        try:
            data = self._socket.recv(READ_BYTES)
        except _NOT_YET:
            return
        except OSError as error:
            self.defunct(error)
            return
        if data:
            self._iobuf.write(data)
            self.process_io_buffer()
        else:
            self.close()


class _Timer:
    """What the driver knows of one: that it can be cancelled."""

    def __init__(
        self, connection: type[LoopConnection], timeout: float, callback: Callable[[], object]
    ) -> None:
        self._connection = connection
        self._handle: Any = None
        self._cancelled = False
        connection.do(self._start, timeout, callback)

    def cancel(self) -> None:
        """Never call back. It may have, already."""
        self._cancelled = True
        self._connection.do(self._stop)

    def _start(self, timeout: float, callback: Callable[[], object]) -> None:
        if not self._cancelled:
            self._handle = self._connection.loop.call_later(timeout, callback)

    def _stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
