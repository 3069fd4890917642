"""A registry in a process of its own, as users run it: for tests that kill it, and for real clients.

What lives here: starting, asking, ending. What never does: a word about what the registry answers.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

READY_WITHIN_S = 90.0
STOPPED_WITHIN_S = 90.0
WAIT_S = 90.0
"""Far more than it takes: the machine may be busy with other tests."""

T = TypeVar("T")

SERVE = (sys.executable, "-m", "registan", "serve")
"""The command that serves, by the interpreter that runs now."""

PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH")
"""Variables that a registry started here gets from its caller; others might configure it."""

V1_JSON = {"Content-Type": "application/vnd.schemaregistry.v1+json"}


PORTS = range(10_000, 32_000)
"""Below those that Linux gives to connections: one of these stays free while its server is down."""


def until(condition: Callable[[], T]) -> T:
    """What the condition gives once that is something. Raises `AssertionError` where that takes too long."""
    end = time.monotonic() + WAIT_S
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError("waited for too long")
        time.sleep(0.02)
    return found


def free_port(several: int = 1) -> int:
    """The first of `several` ports in a row of the loopback interface, on which nobody listens.

    No other process of this user gets them from here before all `PORTS` have had their turn. Raises
    `RuntimeError` where none is free.
    """
    with (Path(tempfile.gettempdir()) / f"registan-ports-{os.getuid()}").open("a+") as turns:
        fcntl.flock(turns, fcntl.LOCK_EX)
        turns.seek(0)
        turn = int(turns.read() or PORTS.start)
        port: int
        for port in (*range(turn, PORTS.stop), *range(PORTS.start, turn)):
            if all(map(_is_free, range(port, port + several))):
                turns.truncate(0)
                turns.write(str(port + several))
                return port
    raise RuntimeError("no port is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def environment(port: int, database: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a registry is started with: the loopback interface, a SQLite file, and `more`.

    It is given longer for a write than by default, for a disk that many tests use.
    """
    return {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        "SERVER_HOST": "127.0.0.1",
        "SERVER_PORT": str(port),
        "STORAGE_TYPE": "sqlite",
        "SQLITE_PATH": str(database),
        "ENGINE_APPEND_TIMEOUT": "20s",
        **(more or {}),
    }


class Answered(NamedTuple):
    """A reply."""

    status: int
    body: Any
    """Decoded where it is JSON, else bytes."""
    headers: dict[str, str]
    """By lower-case name."""


class RegistryProcess:
    """`registan serve` over a SQLite file (or another store, by `settings`), on the loopback interface.

    `settings` are variables of its environment, `flags` go behind the command; it is asked over TLS where
    `tls` is given. What it logs goes to `log`, what it prints to `out`; a restart adds to both.
    """

    def __init__(
        self,
        directory: Path,
        settings: Mapping[str, str] | None = None,
        *flags: str,
        port: int | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self.log = directory / "registry.log"
        self.out = directory / "registry.out"
        self.tls = tls
        self._flags = flags
        self._environment = environment(self.port, directory / "registry.db", settings)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process; once it was started."""
        assert self._process is not None
        return self._process

    def start(self) -> RegistryProcess:
        """Start, and wait until it is ready. Raises `RuntimeError` with its log where that fails."""
        with self.log.open("ab") as log, self.out.open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603
                [*SERVE, *self._flags], env=self._environment, stdout=out, stderr=log
            )
        end = time.monotonic() + READY_WITHIN_S
        while not self.ready():
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"the registry did not start:\n{self.log.read_text()}")
            time.sleep(0.02)
        return self

    def connect(self, port: int | None = None) -> http.client.HTTPConnection:
        """A connection, by default to where the registry is."""
        if self.tls is not None:
            return http.client.HTTPSConnection(
                "localhost", self.port, context=self.tls, timeout=READY_WITHIN_S
            )
        return http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=READY_WITHIN_S)

    def ask(self, method: str, path: str, body: object = None, port: int | None = None) -> Answered:
        """The answer to one request on a connection of its own; a body is sent as JSON."""
        connection = self.connect(port)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), V1_JSON)
            reply = connection.getresponse()
            raw = reply.read()
        finally:
            connection.close()
        headers = {name.lower(): value for name, value in reply.getheaders()}
        return Answered(
            reply.status, json.loads(raw) if "json" in headers.get("content-type", "") else raw, headers
        )

    def ready(self) -> bool:
        """Whether it answers that it can be used."""
        try:
            return self.ask("GET", "/health/ready").status == http.client.OK
        except OSError:
            return False

    def stop(self) -> int:
        """Ask it to end, and wait; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOPPED_WITHIN_S)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> RegistryProcess:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, whatever happened."""
        self.kill()
