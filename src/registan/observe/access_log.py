"""The access log: one line per request, formatted at once, written by a thread of its own.

The loop never waits for a reader: lines are collected in memory up to a limit and beyond it
dropped and counted. Several processes may share the descriptor: what is written at once are whole
lines that a pipe takes as a whole, so theirs never mix. What never gets here: headers, bodies, query
values of secrets (there are none on the wire).
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from registan.observe.logs import plain

if TYPE_CHECKING:
    from registan.settings.tree import Logging

PENDING_BYTES_MAX = 4 * 1024 * 1024
"""Lines that wait for a slow reader."""

FLUSH_INTERVAL_S = 0.25
"""How long a line may wait to be written when there are few."""

FLUSH_BYTES = 64 * 1024
"""When there are many, they are not kept waiting beyond this size."""

WRITE_BYTES_MAX = 4096
"""What is written at once, and so the longest line: the PIPE_BUF of Linux (`man 7 pipe`)."""

TEXT_CHARS = (1000, 80)
"""What is left of each text in a line that would be longer; the second fits, however it is escaped."""

Access = Callable[[str, str, str, int, float, str, str], None]
"""method, path, route, status, seconds, principal, request id; empty texts are left out."""

_Form = Callable[[str, str, str, int, float, str, str], bytes]
"""The line for these."""


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    time: str
    method: str
    path: str
    status: int
    duration_ms: float
    route: str = ""
    principal: str = ""
    request_id: str = ""


class LineWriter:
    """Collects lines and writes them to a file descriptor from a daemon thread.

    `write` is called from one thread (the loop) and never waits. A descriptor that cannot be
    written to drops lines; they are counted in `dropped`.
    """

    def __init__(self, descriptor: int = 1) -> None:
        self._descriptor = descriptor
        # appended to here and popped there, never replaced: no line is lost without a lock
        self._lines: deque[bytes] = deque()
        self._taken_bytes = 0
        self._done_bytes = 0
        self._refused = 0
        self._failed = 0
        self._wake = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def dropped(self) -> int:
        """Lines that were never written."""
        return self._refused + self._failed

    def write(self, line: bytes) -> None:
        """Take one line, its line feed included."""
        waiting = self._taken_bytes - self._done_bytes
        if waiting > PENDING_BYTES_MAX:
            self._refused += 1
            return
        self._lines.append(line)
        self._taken_bytes += len(line)
        if waiting > FLUSH_BYTES:
            self._wake.set()
        if self._thread is None:
            self._start()

    def close(self, timeout_s: float = 2.0) -> None:
        """Write what waits, at most for `timeout_s`, and end the thread."""
        self._closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            closing = self._closing
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            for together in _together(lines):
                chunk = b"".join(together)
                if not self._put(chunk):
                    self._failed += len(together)
                self._done_bytes += len(chunk)
            if closing:
                return
            self._wake.wait(FLUSH_INTERVAL_S)
            self._wake.clear()

    def _put(self, chunk: bytes) -> bool:
        view = memoryview(chunk)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            return False
        return True


def _together(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Lines, in their order, in groups that can be written at once; a longer one is alone."""
    group: list[bytes] = []
    size = 0
    for line in lines:
        if group and size + len(line) > WRITE_BYTES_MAX:
            yield group
            group, size = [], 0
        group.append(line)
        size += len(line)
    if group:
        yield group


def open_access_log(settings: Logging, writer: LineWriter) -> Access | None:
    """The function that logs one request, or None when the access log is off.

    Ask once and test for None at each request, so that it costs nothing when off.
    """
    if not settings.access:
        return None
    form, write = (_json() if settings.format == "json" else _text()), writer.write

    def access(
        method: str, path: str, route: str, status: int, seconds: float, principal: str, request_id: str
    ) -> None:
        line = form(method, path, route, status, seconds, principal, request_id)
        if len(line) > WRITE_BYTES_MAX:
            for most in TEXT_CHARS:
                method, path, principal, request_id = (
                    text if len(text) <= most else f"{text[:most]}…"
                    for text in (method, path, principal, request_id)
                )
                line = form(method, path, route, status, seconds, principal, request_id)
                if len(line) <= WRITE_BYTES_MAX:
                    break
        write(line)

    return access


def _clock() -> Callable[[], str]:
    """Now as RFC 3339 to the millisecond; the text of a second is made once."""
    second, text = 0, ""

    def now() -> str:
        nonlocal second, text
        seconds = time.time()
        whole = int(seconds)
        if whole != second:
            second, text = whole, time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(whole))
        return f"{text}{int((seconds - whole) * 1000):03d}Z"

    return now


def _json() -> _Form:
    encode = msgspec.json.Encoder().encode
    now = _clock()

    def form(
        method: str, path: str, route: str, status: int, seconds: float, principal: str, request_id: str
    ) -> bytes:
        line = _Line(now(), method, path, status, round(seconds * 1000, 3), route, principal, request_id)
        try:
            return encode(line) + b"\n"
        except UnicodeEncodeError:  # a lone surrogate out of undecodable bytes
            odd = {"path": ascii(path), "principal": ascii(principal), "request_id": ascii(request_id)}
            return encode(msgspec.structs.replace(line, **odd)) + b"\n"

    return form


def _text() -> _Form:
    now = _clock()

    def form(
        method: str, path: str, route: str, status: int, seconds: float, principal: str, request_id: str
    ) -> bytes:
        line = f"{now()} {method} {plain(path)} {status} {seconds * 1000:.3f}ms"
        if route:
            line += f" route={route}"
        if principal:
            line += f" principal={plain(principal)}"
        if request_id:
            line += f" request_id={plain(request_id)}"
        return line.encode(errors="backslashreplace") + b"\n"

    return form
