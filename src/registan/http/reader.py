"""From bytes to requests: httptools does the parsing, here is what it leaves to us. No socket, no clock.

Feed it what arrives; `ready` fills with requests, in order. A request that cannot be understood
becomes one with a `rejection` instead, behind which nothing is read any more.
"""

from __future__ import annotations

import re
import zlib
from collections import deque
from typing import NoReturn

import httptools

from registan.contract.errors import error_response
from registan.contract.media import PLAIN_JSON, V1_JSON
from registan.contract.message import Headers, Request, Response
from registan.contract.target import split_target
from registan.http.limits import Limits
from registan.http.rejections import BAD_REQUEST, bad_target, page
from registan.http.reply import takes_gzip
from registan.model.fault import Fault, Refusal

METHODS = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH"})
"""Methods that the parser is shown; for any other it would give up, or change the protocol."""

STAND_IN = b"PATCH"
"""What it is shown instead: a method that no route has."""

HEADER_OVERHEAD = 32
"""Bytes that a header counts beyond its text, so that many small ones are not free."""

CUT_SHORT = "EOF Exception encountered - client disconnected during stream processing."
"""The recorded server's words for a body that breaks off (docs/wire.md, bodies)."""

_METHOD_BYTES_MAX = 64
_NOTED = frozenset(
    {
        b"accept-encoding",
        b"content-encoding",
        b"content-length",
        b"expect",
        b"host",
        b"transfer-encoding",
        b"x-request-id",
    }
)
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class Incoming:
    """One request as it came, or the rejection of what is none."""

    __slots__ = ("gzip", "keep_alive", "rejection", "request", "request_id", "version")

    def __init__(self, request: Request, *, keep_alive: bool, version: str) -> None:
        self.request = request
        self.keep_alive = keep_alive
        self.version = version
        """`1.1` or `1.0`."""
        self.gzip = False
        """Whether the client takes a gzipped answer."""
        self.request_id: bytes | None = None
        """The id that the client gave."""
        self.rejection: Response | None = None
        """The answer, if it was given without asking the registry."""


class _Stop(Exception):  # noqa: N818  (ends the parser's work from inside a callback)
    """The request is rejected."""


class Reader:
    """Reads the requests of one connection. `peer` and `certificate` are handed on with each."""

    def __init__(self, limits: Limits, *, scheme: str = "http", peer: str = "") -> None:
        self._limits = limits
        self._scheme = scheme
        self._peer = peer
        self.certificate: object = None
        self.ready: deque[Incoming] = deque()
        self.stopped = False
        """Whether nothing more is read, because of an error or because the client said so."""
        self.wants_continue = False
        """Whether the client waits for `100 Continue` before it sends the body."""
        self._held = b""
        self._odd_method = b""
        """The method of the request being read, where the parser was shown another."""
        self._upgrading = False
        self.partial = False
        """Whether a request has begun to arrive and is not complete."""
        self._in_body = False
        self._chunk_bytes = 0
        self._parser = httptools.HttpRequestParser(self)
        self._clear()

    def _clear(self) -> None:
        self._method = b""
        self._url = b""
        self._headers: Headers = []
        self._fed_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._keep_alive = True
        self._version = "1.1"
        self._inflates = self._gzip = False
        self._request_ids: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Read what arrived. Never raises."""
        if self.stopped:
            return
        if self._held or not self.partial:
            data = self._begin(data)
            if not data:
                return
        self._chunk_bytes = len(data)
        before = len(self.ready)
        self._parse(data)
        if self.partial and not self._in_body and len(self.ready) == before:
            self._fed_bytes += len(data)
            if self._fed_bytes > self._limits.header_bytes + self._limits.target_bytes:
                self._reject(self._too_large())

    def end(self) -> None:
        """The client sends nothing more: what is incomplete will stay so."""
        if self.partial and not self.stopped:
            if self._in_body:
                self._reject(error_response(Fault.BAD_REQUEST, V1_JSON, why=CUT_SHORT))
            else:
                self._reject(page(400, BAD_REQUEST))
        self.stopped = True

    def _begin(self, data: bytes) -> bytes:
        """Look at the method of a new request; nothing is returned until it is there as a whole."""
        if self._held or data[0] in b"\r\n":
            data = (self._held + data).lstrip(b"\r\n")
        method, blank, _ = data[:_METHOD_BYTES_MAX].partition(b" ")
        self._odd_method = self._held = b""
        if method in METHODS:
            return data
        if not data or (not blank and len(data) < _METHOD_BYTES_MAX and _TOKEN.fullmatch(data)):
            self._held = data
            self.partial = bool(data)
            return b""
        if _TOKEN.fullmatch(method):
            self._odd_method = method
            return STAND_IN + data[len(method) :]
        return data

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as error:
            self._without_upgrade(data[error.args[0] :])
        except httptools.HttpParserError as error:
            if self.stopped:
                return
            if self._in_body:
                self._reject(error_response(Fault.BAD_REQUEST, V1_JSON, why=CUT_SHORT))
            else:
                self._reject(self._unreadable(data, error))

    def _without_upgrade(self, rest: bytes) -> None:
        """Go on as if the client had not offered another protocol: the parser stopped behind the head."""
        head = [b"%b %b HTTP/%b" % (self._method, self._url, self._version.encode())]
        head += [b"%b: %b" % header for header in self._headers if header[0] != b"upgrade"]
        self._upgrading = False
        self._parser = httptools.HttpRequestParser(self)
        self._parse(b"\r\n".join([*head, b"", b""]) + rest)

    def _unreadable(self, data: bytes, error: Exception) -> Response:
        """The page for a head that is no HTTP; a bad target has its own reason."""
        if isinstance(error, httptools.HttpParserInvalidURLError) and not self.ready:
            words = data.partition(b"\r\n")[0].split(b" ")
            try:
                split_target(words[1] if len(words) == 3 else b"")
            except Refusal as refusal:
                return bad_target(words[0].decode("latin-1"), refusal.message)
        return page(400, BAD_REQUEST)

    def _too_large(self) -> Response:
        """The page for headers above the limit, or for a target that fills them."""
        path = self._url.partition(b"?")[0].decode("latin-1")
        return page(431, Fault.HEADERS_TOO_LARGE.template, path or "/badMessage")

    def _reject(self, response: Response) -> None:
        """Answer with this, and read nothing more."""
        if self._url and not self._method:
            self._method = self._parser.get_method()  # it is known before the head is complete
        method = (self._odd_method or self._method or b"GET").decode("latin-1")
        path, _, query = self._url.partition(b"?")
        request = Request(method, path, query, self._headers, b"", self._peer)
        incoming = Incoming(request, keep_alive=False, version=self._version)
        incoming.rejection = response
        self.ready.append(incoming)
        self.stopped = True
        self.wants_continue = self.partial = self._in_body = False

    def _stop(self, response: Response) -> NoReturn:
        """The same from inside a callback of the parser."""
        self._reject(response)
        raise _Stop

    # What the parser calls. An exception ends its work for good.

    def on_message_begin(self) -> None:
        """A request begins."""
        if len(self.ready) >= self._limits.pipelined:
            # Those read so far are answered; the client sends the others again on a new connection.
            self.ready[-1].keep_alive = False
            self.stopped = True
            raise _Stop
        self._clear()
        self.partial = True

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        self._url += url
        if len(self._url) > self._limits.target_bytes:
            self._stop(page(414, Fault.URI_TOO_LONG.template))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or behind the body a trailer, which nobody needs."""
        if self._in_body:
            return
        self._headers.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        """The head is complete."""
        parser = self._parser
        self._method = parser.get_method()
        self._version = parser.get_http_version()
        if parser.should_upgrade():
            self._upgrading = True
            return
        self._in_body = True
        self._keep_alive = parser.should_keep_alive()
        # Few bytes cannot be too many, not even if every header is as short as can be.
        if (self._fed_bytes + self._chunk_bytes) * HEADER_OVERHEAD > self._limits.header_bytes:
            self._check_head_size()
        self._check_head()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self.wants_continue = False
        self._body_bytes += len(body)
        self._check_size(self._body_bytes)
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        if self._upgrading:
            return
        self._in_body = self.wants_continue = self.partial = False
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        if self._inflates and body:
            body = self._inflated(body)
        method = self._odd_method or self._method
        self._odd_method = b""
        request = Request(method.decode("latin-1"), self._url, b"", self._headers, body, self._peer)
        request.certificate = self.certificate
        incoming = Incoming(request, keep_alive=self._keep_alive, version=self._version)
        try:
            request.path, request.query = split_target(self._url)
        except Refusal as refusal:
            incoming.rejection = bad_target(request.method, refusal.message)
        incoming.gzip = self._gzip
        if len(self._request_ids) == 1:
            incoming.request_id = self._request_ids[0] or None
        self.ready.append(incoming)
        if not self._keep_alive:
            self.stopped = True

    def _check_head(self) -> None:
        """Note what is asked for; reject what must not be read on."""
        hosts, expected, length = 0, b"", b""
        for name, value in self._headers:
            if name not in _NOTED:
                continue
            if name == b"host":
                hosts += 1
            elif name == b"accept-encoding":
                self._gzip = self._gzip or takes_gzip(value)
            elif name == b"x-request-id":
                self._request_ids.append(value)
            elif name == b"content-length":
                length = value
            elif name == b"content-encoding":
                self._inflates = value.lower() in (b"gzip", b"x-gzip")
            elif name == b"expect":
                expected = value.lower()
            elif value.lower() != b"chunked":
                self._stop(page(400, BAD_REQUEST))
        if self._version not in ("1.1", "1.0") or hosts > 1 or (not hosts and self._version == "1.1"):
            self._stop(page(400, BAD_REQUEST))
        if expected and expected != b"100-continue":
            self._stop(page(417, Fault.EXPECTATION_FAILED.template, self._full_url()))
        if length:
            self._check_size(int(length))
        self.wants_continue = bool(expected) and self._version == "1.1"

    def _check_head_size(self) -> None:
        size = sum(len(name) + len(value) + HEADER_OVERHEAD for name, value in self._headers)
        if size > self._limits.header_bytes:
            self._stop(self._too_large())

    def _check_size(self, size: int) -> None:
        limit = self._limits.body_bytes
        if size > limit:
            self._stop(error_response(Fault.BODY_TOO_LARGE, PLAIN_JSON, size=size, limit=limit))

    def _full_url(self) -> str:
        host = next((value for name, value in self._headers if name == b"host"), b"")
        return f"{self._scheme}://{host.decode('latin-1')}{self._url.decode('latin-1')}"

    def _inflated(self, body: bytes) -> bytes:
        """The body unpacked; one that is no gzip is taken as it is, whatever its header says."""
        limit = self._limits.body_bytes
        parts: list[bytes] = []
        size = 0
        rest = body
        try:
            while rest:
                inflater = zlib.decompressobj(31)
                parts.append(inflater.decompress(rest, limit + 1 - size))
                size += len(parts[-1])
                self._check_size(size)
                if not inflater.eof:
                    return body
                rest = inflater.unused_data
        except zlib.error:
            return body
        return b"".join(parts)
