"""A response made ready to be sent: its header block, its body, and the gzipped form of both.

What lives here: how a `Response` becomes bytes behind the request id. What never does: the socket,
and anything that differs between two sendings of one reply (`stamp.py`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import NamedTuple, Protocol

from registan.contract.message import Response
from registan.contract.route import Route

GZIP_BYTES_MIN = 32
"""Smaller bodies are sent as they are (docs/wire.md, answers)."""

GZIP_LEVEL = 1
"""The loop waits for it, and JSON shrinks well at any level."""

NOBODY = ""


class Sendable(NamedTuple):
    """Header block from behind the request id to the blank line, and the body."""

    head: bytes
    body: bytes


def _unmeasured(status: int, seconds: float) -> None:
    """Count nothing."""


class Knowing(Protocol):
    """Who knows replies by the bytes of requests."""

    def forget(self, data: bytes) -> None:
        """What was the reply to these bytes is so no more."""
        ...


class Reply:
    """A response with what is needed to send, count, log and keep it."""

    __slots__ = (
        "_gzipped",
        "_known",
        "hangs_on",
        "kept",
        "measure",
        "method",
        "plain",
        "principal",
        "response",
        "route",
        "size",
    )

    def __init__(
        self,
        response: Response,
        method: str,
        route: Route | None = None,
        measure: Callable[[int, float], None] = _unmeasured,
        *,
        principal: str = NOBODY,
    ) -> None:
        self.response = response
        self.method = method
        self.route = route
        """The route that answered, if one did."""
        self.measure = measure
        """Records status and seconds, once per sending."""
        self.principal = principal
        self.kept = False
        """Whether it is kept, and may be sent again."""
        self.size = 0
        self.hangs_on: tuple[Hashable, ...] = ()
        self._known: list[tuple[Knowing, bytes]] = []
        body = b"" if method == "HEAD" else response.body
        self.plain = Sendable(_head(method, response, len(response.body), b""), body)
        self._gzipped: Sendable | None = None

    def keep(self, size: int, hangs_on: tuple[Hashable, ...]) -> None:
        """Mark as kept, at a price of `size` bytes."""
        self.kept, self.size, self.hangs_on = True, size, hangs_on

    def know(self, where: Knowing, data: bytes) -> None:
        """Remember where it is known by a request's bytes, for as long as it is kept."""
        self._known.append((where, data))

    def unknow(self, where: Knowing) -> None:
        """It is not known there any more, whatever the bytes."""
        self._known = [known for known in self._known if known[0] is not where]

    def forget(self) -> None:
        """Mark as not kept any more, wherever it is known."""
        self.kept = False
        for where, data in self._known:
            where.forget(data)
        self._known.clear()

    def sendable(self, *, gzip: bool) -> Sendable:
        """What to send to a client that takes gzip, or does not."""
        if gzip:
            return self._gzipped or self._gzip()
        return self.plain

    def _gzip(self) -> Sendable:
        response = self.response
        worth = len(response.body) >= GZIP_BYTES_MIN and 200 <= response.status < 300
        if worth and self.method in ("GET", "POST"):
            body = _compress(response.body)
            head = _head(self.method, response, len(body), b"Content-Encoding: gzip\r\n")
            self._gzipped = Sendable(head, body)
        else:
            self._gzipped = self.plain
        return self._gzipped


def _head(method: str, response: Response, length: int, encoding: bytes) -> bytes:
    start = _start(method in ("GET", "POST"), response.content_type, response.headers, encoding)
    if response.status == 204:
        return start + b"\r\n"
    return b"%bContent-Length: %d\r\n\r\n" % (start, length)


@lru_cache(256)
def _start(
    varies: bool,
    content_type: bytes | None,
    headers: tuple[tuple[bytes, bytes], ...],
    encoding: bytes,
) -> bytes:
    """The header block but for the length: there are few different ones."""
    lines = [b"\r\n", encoding]
    if content_type is not None:
        lines.append(b"Content-Type: %b\r\n" % content_type)
    if varies:
        lines.append(b"Vary: Accept-Encoding\r\n")
    lines += [b"%b: %b\r\n" % header for header in headers]
    return b"".join(lines)


def _compress(body: bytes) -> bytes:
    compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
    return compressor.compress(body) + compressor.flush()


_QUALITY_ZERO = re.compile(rb";[ \t]*q[ \t]*=[ \t]*0(?:\.0*)?[ \t]*(?:;|$)", re.IGNORECASE)


@lru_cache(256)
def takes_gzip(accept_encoding: bytes) -> bool:
    """Whether an Accept-Encoding header names gzip itself; `*` does not count (docs/wire.md, answers)."""
    for element in accept_encoding.split(b","):
        if element.partition(b";")[0].strip().lower() == b"gzip":
            return not _QUALITY_ZERO.search(element)
    return False
