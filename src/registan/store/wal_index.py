"""Whether anybody has written to a SQLite file in WAL mode, told by a glance instead of a question.

SQLite's processes share the header of the WAL index, at the front of the `-shm` file, twice 48 bytes;
it changes with every commit before the commit is acknowledged (https://sqlite.org/walformat.html).
Bytes that are the same as before a question mean that the answer is, too. What they say is
never read, and where they cannot be had SQLite is asked each time.
"""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

HEADER_BYTES = 96

_lock = threading.Lock()
_users: dict[str, int] = {}
"""How many in this process use the file of this path."""
_left: dict[str, list[Callable[[], None]]] = {}
"""What closes what some of them left behind, to be called with the last of them."""


class WalIndex:
    """The header of one file's WAL index.

    Look only while a connection of this process to the file is open: without one the file may be
    cut, and memory that maps it be gone. Close it after one's last connection. POSIX takes all
    locks of a process from a file when any descriptor of it is closed, SQLite's too; so what is
    closed here stays open until nobody in this process uses the file any more.
    """

    def __init__(self, database: Path) -> None:
        self._path = f"{os.path.realpath(database)}-shm"
        self._inode = 0
        self._held = False
        self._descriptors: list[int] = []
        self._maps: list[mmap.mmap] = []
        """The last one is in use; others belong to files that were replaced, and to no one's harm."""

    def look(self) -> bytes | None:
        """The header now; None where it cannot be had."""
        try:
            return self._maps[-1][:HEADER_BYTES]
        except IndexError:
            return None

    def hold(self) -> None:
        """Be one of those who use the file, from before one's first connection to it until `close`."""
        with _lock:
            if not self._held:
                self._held = True
                _users[self._path] = _users.get(self._path, 0) + 1

    def open(self) -> None:
        """Map the file as it is named now; keep what is mapped if it is the same one."""
        self.hold()
        try:
            if os.stat(self._path).st_ino == self._inode:  # noqa: PTH116
                return
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            self._descriptors.append(descriptor)
            self._inode = os.fstat(descriptor).st_ino
            self._maps.append(mmap.mmap(descriptor, HEADER_BYTES, access=mmap.ACCESS_READ))
        except (OSError, ValueError):
            return

    def close(self) -> None:
        """Let go of the file, after one's last connection; closing twice does no harm."""
        closing: list[Callable[[], None]] = [each.close for each in self._maps]
        closing += [partial(os.close, descriptor) for descriptor in self._descriptors]
        self._maps, self._descriptors, self._inode = [], [], 0
        with _lock:
            if self._held:
                self._held = False
                _users[self._path] -= 1
            closing = _left.pop(self._path, []) + closing
            if _users.get(self._path):
                _left[self._path] = closing
                return
            _users.pop(self._path, None)
        for close in closing:
            close()
