"""What differs between two sendings of one reply: the date and the request id."""

from __future__ import annotations

import time
from email.utils import formatdate
from http import HTTPStatus
from itertools import count
from secrets import randbits


class Stamp:
    """Status lines with date and request id. The date is made once a second, ids from a counter.

    An id has the shape of a random UUID (version 4): 74 random bits name the process, 48 count its
    requests from a random number on.
    """

    def __init__(self) -> None:
        bits = randbits(74)
        self._name = b"%08x-%04x-4%03x-%x%03x-" % (
            bits & 0xFFFFFFFF,
            bits >> 32 & 0xFFFF,
            bits >> 48 & 0xFFF,
            8 + (bits >> 60 & 3),
            bits >> 62,
        )
        self._number = count(randbits(47)).__next__
        self._stale_at = 0.0
        self._dated: dict[int, bytes] = {}
        self._named: dict[int, bytes] = {}

    def fresh(self, status: int, now: float) -> bytes:
        """Status line, date and a new id; `now` is the monotonic time in seconds."""
        if now >= self._stale_at:
            self._renew(now)
        try:
            start = self._named[status]
        except KeyError:
            start = self._named[status] = self.bare(status, now) + b"\r\nX-Request-ID: " + self._name
        return b"%b%012x" % (start, self._number())

    def new_id(self) -> bytes:
        """A request id by itself."""
        return b"%b%012x" % (self._name, self._number())

    def naming(self, status: int, now: float, request_id: bytes) -> bytes:
        """Status line, date and an id that is known already."""
        return self.bare(status, now) + b"\r\nX-Request-ID: " + request_id

    def bare(self, status: int, now: float) -> bytes:
        """Status line and date, without an id."""
        if now >= self._stale_at:
            self._renew(now)
        try:
            return self._dated[status]
        except KeyError:
            start = self._dated[status] = _status_line(status) + b"Date: " + self._date
            return start

    def _renew(self, now: float) -> None:
        wall = time.time()
        self._date = formatdate(wall, usegmt=True).encode()
        self._stale_at = now + 1.0 - wall % 1.0
        self._dated.clear()
        self._named.clear()


def _status_line(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return b"HTTP/1.1 %d %b\r\n" % (status, phrase.encode())
