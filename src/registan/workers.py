"""Several processes behind one port: starting them, starting anew what crashed, ending all of them.

The first process serves nobody: it keeps the address, forks, and waits. Each worker is a whole instance
over the shared store, with a listener of its own on that address; the kernel deals connections out.
What never lives here: what a worker does.
"""

from __future__ import annotations

import gc
import logging
import mmap
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, NoReturn

from registan.http.server import ending_signals

log = logging.getLogger("registan")

PAUSE_S = (0.1, 5.0)
"""Before a worker is started anew: at first, and at most. It doubles while the worker dies young."""

YOUNG_S = 10.0
"""Who dies before that age might die again and again, and is not to keep the machine busy with it."""

GRACE_S = 5.0
"""How much longer than agreed a worker may take to end before it is killed."""


class Share(NamedTuple):
    """What a worker has of the whole."""

    number: int
    """Of this worker, from 1."""
    addresses: tuple[socket.socket, ...]
    """Bound, not listening: see `listeners`."""
    lifeline: int
    """A file descriptor that ends when the first process does, however it ends."""
    listening: Callable[[], None]
    """To be called once clients can connect."""


Work = Callable[[Share], None]
"""The life of a worker; it ends the process by `SystemExit` where it fails."""


def reserve(host: str, port: int) -> tuple[socket.socket, ...]:
    """The address, kept for our workers and nobody else. Raises `OSError` where it is taken."""
    kept: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, where in dict.fromkeys(found):
            made = socket.socket(family, kind, protocol)
            kept.append(made)
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(where)
            # Only now, so that the bind fails where any other process has the address.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError:
        for made in kept:
            made.close()
        raise
    return tuple(kept)


def listeners(addresses: tuple[socket.socket, ...]) -> list[socket.socket]:
    """A worker's own listeners on reserved addresses. What waits in them dies with the worker alone."""
    made = []
    for address in addresses:
        own = socket.socket(address.family, address.type, address.proto)
        if address.family == socket.AF_INET6:
            own.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        own.bind(address.getsockname())
        made.append(own)
    return made


class Workers:
    """The first process. `stop_within_s` is how long a worker may take to end well."""

    def __init__(
        self, count: int, addresses: tuple[socket.socket, ...], work: Work, stop_within_s: float
    ) -> None:
        self._addresses = addresses
        self._work = work
        self._stop_within_s = stop_within_s
        self._signals = ending_signals() | {signal.SIGCHLD}
        self._numbers: dict[int, int] = {}
        """Of the workers that live, by process id."""
        self._listening = mmap.mmap(-1, count + 1)
        """One byte for each worker, shared with it: whether it listens."""
        self._lifeline, self._held = os.pipe()
        self._due = dict.fromkeys(range(1, count + 1), 0.0)
        """When workers that do not live are to be started, by number."""
        self._pauses = dict.fromkeys(range(1, count + 1), PAUSE_S[0] / 2)
        self._born = dict.fromkeys(range(1, count + 1), 0.0)
        self._begun = False
        """Whether all of them have listened once."""
        self._told: int | None = None
        """The signal that asked to stop."""
        self._end = float("inf")
        """When workers that still live are killed."""
        self.code = 0

    def run(self) -> int:
        """Keep them running until told to stop by a signal that asks so; gives the exit code.

        1 where a worker cannot start at the beginning (later it is tried again), or does not end well.
        """
        gc.freeze()  # what is shared with the workers stays shared
        before = signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)
        try:
            while self._numbers or (self._told is None and not self.code):
                self._start_due()
                heard = signal.sigtimedwait(self._signals, self._patience())
                if heard is not None and heard.si_signo != signal.SIGCHLD:
                    self._stop(heard.si_signo)
                self._collect()
                if time.monotonic() > self._end:
                    self.code = 1
                    self._tell(signal.SIGKILL)
        finally:
            self._tell(signal.SIGKILL)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.close(self._held)
            os.close(self._lifeline)
        return self.code

    def _patience(self) -> float:
        """How long there is nothing to do without a signal."""
        if not self._begun:
            self._begun = all(self._listening[number] for number in self._numbers.values())
            return 0.05
        now = time.monotonic()
        return max(0.0, min([*self._due.values(), self._end, now + 60.0]) - now + 0.001)

    def _start_due(self) -> None:
        if self._told is not None or self.code:
            return
        now = time.monotonic()
        for number in [number for number, due in self._due.items() if due <= now]:
            del self._due[number]
            self._listening[number] = 0
            self._born[number] = now
            pid = os.fork()
            if not pid:
                self._become(number)
            self._numbers[pid] = number

    def _become(self, number: int) -> NoReturn:
        """From here on this process is a worker."""
        code = 1
        try:
            # A group of its own: an interrupt from the terminal is the first process's to pass on.
            os.setpgid(0, 0)
            os.close(self._held)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, self._signals)
            shared = self._listening

            def listening() -> None:
                shared[number] = 1

            self._work(Share(number, self._addresses, self._lifeline, listening))
            code = 0
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else 1
        except BaseException:
            log.exception("worker %d failed", number)
        finally:
            with suppress(Exception):
                logging.shutdown()
            os._exit(code)

    def _collect(self) -> None:
        """Hear of those that ended."""
        while self._numbers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            number = self._numbers.pop(pid, None)
            if number is not None:
                self._ended(number, os.waitstatus_to_exitcode(status))

    def _ended(self, number: int, code: int) -> None:
        listened = bool(self._listening[number])
        if self._told is not None:
            # One that did not listen yet has no manners for a signal yet.
            if code and (listened or code > 0):
                self.code = 1
            return
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        if not self._begun and not listened:
            log.error("cannot start: worker %d %s", number, how)
            self.code = 1
            self._stop(signal.SIGTERM)
            return
        first, most = PAUSE_S
        now = time.monotonic()
        young = now - self._born[number] < YOUNG_S
        pause = min(most, self._pauses[number] * 2) if young else first
        self._pauses[number] = pause
        self._due[number] = now + pause
        log.error("worker %d %s; it is started again in %g s", number, how, pause)

    def _stop(self, number: int) -> None:
        """Pass a signal to stop on."""
        if self._told is None:
            self._told = number
            self._due.clear()
            self._end = time.monotonic() + self._stop_within_s + GRACE_S
        self._tell(number)

    def _tell(self, number: int) -> None:
        for pid in self._numbers:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
