"""Replies that are kept until something happens that may make them untrue, bounded in bytes.

What lives here: the keeping and the forgetting. What never does: why a commit touches a reply
(`core/touched.py`), and what a reply hangs on (`contract/route.py`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from registan.core.touched import Touched
from registan.http.reply import Reply

LARGEST_SHARE = 4
"""One reply may take a quarter of the room: the list of all subjects is big, and asked for often."""

ONCE_MAX = 8192
"""Requests that are remembered to have come once."""

ANYTHING: Hashable = object()
"""What a reply hangs on that any commit may change."""


class Kept:
    """Replies by request, the oldest forgotten first where room is short."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._replies: dict[Hashable, Reply] = {}
        self._hanging: dict[Hashable, dict[Hashable, None]] = {}
        """Requests by what their replies hang on."""
        self._once: set[int] = set()
        """Hashes of requests that came once since room is short."""

    def get(self, request: Hashable) -> Reply | None:
        """The reply that is kept."""
        return self._replies.get(request)

    def put(self, request: Hashable, reply: Reply, size: int, hangs_on: Iterable[Hashable] | None) -> None:
        """Keep a reply of `size` bytes for as long as nothing that it hangs on is touched."""
        if size * LARGEST_SHARE > self._bytes_max or request in self._replies:
            return
        if self._bytes + size > self._bytes_max and not self._asked_before(request):
            return
        reply.keep(size, (ANYTHING,) if hangs_on is None else tuple(hangs_on))
        self._replies[request] = reply
        self._bytes += size
        for need in reply.hangs_on:
            self._hanging.setdefault(need, {})[request] = None
        while self._bytes > self._bytes_max:
            self._forget(next(iter(self._replies)))

    def _asked_before(self, request: Hashable) -> bool:
        """Whether a request is known to come again: only such a one drives others out."""
        name = hash(request)
        if name in self._once:
            self._once.discard(name)
            return True
        if len(self._once) >= ONCE_MAX:
            self._once.clear()
        self._once.add(name)
        return False

    def touch(self, what: Touched) -> None:
        """Forget what may be untrue after a commit that touched this (None: anything)."""
        if not self._replies:
            return
        if what is None:
            for reply in self._replies.values():
                reply.forget()
            self._replies.clear()
            self._hanging.clear()
            self._bytes = 0
            return
        for need in (ANYTHING, *what):
            for request in tuple(self._hanging.get(need, ())):
                self._forget(request)

    def _forget(self, request: Hashable) -> None:
        reply = self._replies.pop(request)
        self._bytes -= reply.size
        for need in reply.hangs_on:
            requests = self._hanging[need]
            del requests[request]
            if not requests:
                del self._hanging[need]
        reply.forget()
