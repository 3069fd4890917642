"""A response made ready to be sent: its header block, its body, and the gzipped form of both.

What lives here: how a `Response` becomes bytes behind the request id. What never does: the socket,
and anything that differs between two sendings of one reply (`stamp.py`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from registan.contract.message import Response

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


class Reply:
    """A response with what is needed to send, count, log and keep it."""

    __slots__ = ("_gzipped", "measure", "method", "plain", "principal", "response", "route", "seq")

    def __init__(
        self,
        response: Response,
        method: str,
        route: str = "",
        measure: Callable[[int, float], None] = _unmeasured,
        *,
        principal: str = NOBODY,
        seq: int = 0,
    ) -> None:
        self.response = response
        self.method = method
        self.route = route
        """The name of the route that answered; empty where none did."""
        self.measure = measure
        """Records status and seconds, once per sending."""
        self.principal = principal
        self.seq = seq
        """The commit for which it holds; 0 where it must not be sent again."""
        body = b"" if method == "HEAD" else response.body
        self.plain = Sendable(_head(method, response, len(response.body), b""), body)
        self._gzipped: Sendable | None = None

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
            head = _head(self.method, response, len(body), b"\r\nContent-Encoding: gzip")
            self._gzipped = Sendable(head, body)
        else:
            self._gzipped = self.plain
        return self._gzipped


def _head(method: str, response: Response, length: int, encoding: bytes) -> bytes:
    lines = [encoding]
    if response.content_type is not None:
        lines.append(b"\r\nContent-Type: " + response.content_type)
    if method in ("GET", "POST"):
        lines.append(b"\r\nVary: Accept-Encoding")
    lines += [b"\r\n%b: %b" % header for header in response.headers]
    if response.status != 204:
        lines.append(b"\r\nContent-Length: %d" % length)
    lines.append(b"\r\n\r\n")
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
