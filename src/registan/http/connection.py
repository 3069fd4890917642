"""One connection: answers its requests in order, on the spot where that can be.

The fast lane: a request whose reply is kept is answered as its bytes arrive; one that is known byte
by byte is not even parsed; neither makes a task. Where the store must first say that nothing happened,
such a request is held meanwhile. All take the same road through `answer.py`.
What never lives here: what HTTP looks like (`reader.py`, `reply.py`), what is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import cast

from registan.contract.errors import error_response
from registan.contract.message import Request, Response
from registan.http.answer import RETRY
from registan.http.reader import Incoming, Reader
from registan.http.rejections import NOT_CACHED
from registan.http.reply import Reply, Sendable
from registan.http.service import Known, Service
from registan.model.fault import Fault

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

LINGER_S = 2.0
"""How long a connection that ended with an error still listens, so that the answer is not lost."""

BIG_BYTES = 16 * 1024
"""From here on a body is handed to the transport by itself rather than copied behind its head."""

BUFFERED_BYTES = 256 * 1024
"""What may wait for a slow client before it gets no further answers."""


class Connection(asyncio.Protocol):
    """The protocol of one connection."""

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._service = service
        self._loop = loop or asyncio.get_running_loop()
        self._clock = service.clock
        self._stamp = service.stamp
        self._answers = service.answers
        self._known: Known = service.known
        self._replies = self._known.replies
        self._transport: asyncio.Transport
        self._reader: Reader
        self._pending: asyncio.Task[None] | None = None
        self._held: tuple[bytes, Reply, bool, float] | None = None
        """A known request that waits for word from the store, its reply, whether gzipped, and since when."""
        self._asked = False
        """Whether that word is still to come, though the request may not be held any more."""
        self._at_rest = False
        """Whether nothing is going on: the next byte begins a request that can be answered at once."""
        self._blocked = False
        """Whether the client does not take what it gets."""
        self._paused = False
        """Whether nothing is read from the client."""
        self._ending = False
        """Whether the connection closes as soon as everything is answered."""
        self._closing = False
        """Whether it is closed, or will be without anybody's doing."""
        self._lingering = False
        """Whether a client that is told off may still be sending, and must hear the answer first."""
        self._used = True
        """Whether something arrived since the last check."""
        self._since = 0.0
        """When that began which the connection is waiting for."""

    # the transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = cast("asyncio.Transport", transport)
        self._write = self._transport.write
        self._transport.set_write_buffer_limits(high=BUFFERED_BYTES)
        secure = transport.get_extra_info("ssl_object") is not None
        peer = transport.get_extra_info("peername")
        peer = peer[0] if isinstance(peer, tuple) else ""
        self._reader = Reader(self._service.limits, scheme="https" if secure else "http", peer=peer)
        certificate = transport.get_extra_info("peercert") if secure else None
        if certificate:
            # What one caller is told may differ from what another is: known to this connection alone.
            self._reader.certificate = certificate
            self._known = Known(256 * 1024)
            self._replies = self._known.replies
        self._since = self._clock()
        if not self._service.opened(self):
            self._refuse(error_response(Fault.OVERLOADED, headers=(RETRY,), why="Too many connections"))
            self._loop.call_later(LINGER_S, self._transport.abort)
            return
        self._at_rest = True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """The client has gone, or we have closed. A write under way goes on."""
        self._closing = True
        self._at_rest = False
        self._held = None
        if self._known is not self._service.known:
            self._known.clear()  # or the replies would refer to it for as long as they are kept
        self._service.closed(self)

    def data_received(self, data: bytes) -> None:
        """Bytes have arrived."""
        self._used = True
        if self._at_rest:
            found = self._replies.get(data)
            if found is not None:
                started = self._clock()
                reply, gzip = found
                if self._answers.still(reply):
                    self._repeat(reply, gzip, started)
                    return
                if not self._asked and self._answers.ask(self._told):
                    self._asked, self._at_rest = True, False
                    self._held = data, reply, gzip, started
                    self._since = started
                    return
        elif self._held is not None:
            self._let_go()
        elif self._closing:
            return
        self._read(data)

    def eof_received(self) -> bool:
        """The client sends nothing more, but still gets what it asked for."""
        if not self._closing:
            self._let_go()
            self._reader.end()
            self._serve()
        return not self._closing

    def pause_writing(self) -> None:
        """The client does not take what it gets."""
        self._blocked = True
        self._at_rest = False
        self._since = self._clock()

    def resume_writing(self) -> None:
        """The client has taken it."""
        self._blocked = False
        self._serve()

    # the service's side

    def shutdown(self) -> None:
        """Close once what has arrived, or begun to, is answered."""
        self._ending = True
        self._let_go()
        self._settle()

    def check(self, now: float) -> None:
        """Give up what takes too long."""
        limits = self._service.limits
        waited = now - self._since
        if self._closing:
            if waited > (LINGER_S if self._lingering else limits.write_timeout_s):
                self._transport.abort()
        elif self._blocked:
            if waited > limits.write_timeout_s:
                self._transport.abort()
        elif self._pending is not None or self._held is not None:
            if waited > limits.write_timeout_s:
                self._refuse(error_response(Fault.OVERLOADED, headers=(RETRY,), why="No answer in time"))
        elif self._reader.partial:
            if waited > limits.read_timeout_s:
                self._refuse(error_response(Fault.REQUEST_TIMEOUT))
        elif self._used:
            self._used, self._since = False, now
        elif waited > limits.idle_timeout_s:
            self._close()

    # from bytes to replies

    def _told(self, error: Exception | None) -> None:
        """The store was asked, for a request that may still be held."""
        self._asked = False
        held = self._held
        if held is None:
            return
        _, reply, gzip, started = held
        if error is None and self._answers.holds(reply):
            self._held, self._at_rest = None, True
            self._repeat(reply, gzip, started)
        else:
            self._let_go()

    def _let_go(self) -> None:
        """A request that is held takes the long way: more has arrived, or its reply holds no more."""
        if self._held is not None:
            data = self._held[0]
            self._held, self._at_rest = None, True
            self._read(data)

    def _read(self, data: bytes) -> None:
        reader = self._reader
        ready = reader.ready
        begins = not reader.partial
        alone = self._at_rest
        reader.feed(data)
        if reader.partial and begins:
            self._since = self._clock()
        if alone and len(ready) == 1 and not reader.partial and not reader.stopped:
            incoming = ready.popleft()
            if self._answer(incoming, data) and not (reader.stopped or self._blocked):
                return  # still at rest
        self._serve()

    def _serve(self) -> None:
        """Answer what waits, one after the other."""
        ready = self._reader.ready
        while ready and self._pending is None and not self._blocked and not self._closing:
            self._answer(ready.popleft())
        self._settle()

    def _settle(self) -> None:
        """See what comes next: more requests, a pause, the end."""
        if self._closing:
            return
        reader = self._reader
        busy = self._pending is not None or self._blocked
        if not busy and not reader.ready:
            if reader.stopped or (self._ending and not reader.partial):
                self._close()
                return
            if reader.wants_continue:
                reader.wants_continue = False
                self._write(CONTINUE)
        self._at_rest = not busy and not reader.partial
        pause = self._blocked or (busy and bool(reader.ready))
        if pause != self._paused:
            self._paused = pause
            if pause:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def _answer(self, incoming: Incoming, data: bytes | None = None) -> bool:
        """Answer one request, which is all that there is to `data`; False where that takes a while."""
        started = self._clock()
        if incoming.rejection is not None:
            reply = self._answers.unmatched(incoming.request, incoming.rejection)
            self._lingering = not incoming.keep_alive
        else:
            request = incoming.request
            request.request_id = (incoming.request_id or self._stamp.new_id()).decode("latin-1")
            begun = self._answers.begin(request)
            if type(begun) is not Reply:
                self._since = started
                later = self._later(incoming, begun, started, data)  # type: ignore[arg-type]
                self._pending = self._loop.create_task(later)
                self._service.tasks.add(self._pending)
                return False
            reply = begun
        self._send(incoming, reply, started, data)
        return True

    async def _later(
        self, incoming: Incoming, begun: Awaitable[Reply], started: float, data: bytes | None
    ) -> None:
        task = self._pending
        try:
            reply = await begun
        finally:
            self._service.tasks.discard(task)
            self._pending = None
        if self._closing:
            reply.measure(reply.response.status, self._clock() - started)
            return
        self._send(incoming, reply, started, data)
        self._serve()

    # from replies to bytes

    def _repeat(self, reply: Reply, gzip: bool, started: float) -> None:
        """Send a reply that is known by the very bytes of the request."""
        now = self._clock()
        status = reply.response.status
        self._put(self._stamp.fresh(status, now), reply.sendable(gzip=gzip))
        reply.measure(status, now - started)

    def _send(self, incoming: Incoming, reply: Reply, started: float, data: bytes | None = None) -> None:
        """Send a reply, count it, log it; if it is kept, know it by the bytes that asked for it."""
        now = self._clock()
        reader = self._reader
        response = reply.response
        request = incoming.request
        if request.request_id:
            start = self._stamp.naming(response.status, now, request.request_id.encode("latin-1"))
        elif NOT_CACHED in response.headers:
            start = self._stamp.bare(response.status, now)
        else:
            start = self._stamp.fresh(response.status, now)
        if not incoming.keep_alive or (self._ending and not reader.ready):
            reader.stopped = True
            connection = b"\r\nConnection: close"
        else:
            connection = b"\r\nConnection: keep-alive" if incoming.version == "1.0" else b""
        self._put(start + connection, reply.sendable(gzip=incoming.gzip))
        reply.measure(response.status, now - started)
        access = self._service.access
        if access is None:
            # Whoever asks by the same bytes gets the very same, unless more is to be said of it.
            if data is not None and reply.kept and incoming.request_id is None and incoming.version == "1.1":
                self._known.remember(data, reply, gzip=incoming.gzip)
            return
        path = request.path.decode("utf-8", "backslashreplace")
        route = "" if reply.route is None else reply.route.name
        seconds = now - started
        access(request.method, path, route, response.status, seconds, reply.principal, request.request_id)

    def _put(self, start: bytes, sendable: Sendable) -> None:
        head, body = sendable
        if len(body) < BIG_BYTES:
            self._write(b"%b%b%b" % (start, head, body))
        else:
            self._transport.writelines((start + head, body))

    def _refuse(self, response: Response) -> None:
        """Answer with an error, whatever was asked, and close."""
        reader = self._reader
        reader.stopped = True
        reader.ready.clear()
        incoming = Incoming(Request("", b"", b"", [], b""), keep_alive=False, version="1.1")
        self._send(incoming, self._answers.unmatched(incoming.request, response), self._clock())
        self._lingering = True
        self._close()

    def _close(self) -> None:
        """Send what is waiting to be sent, then close; after an error, only once the client has heard."""
        self._closing = True
        self._at_rest = False
        self._held = None
        self._since = self._clock()
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        if self._lingering and self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._lingering = False
            self._transport.close()
