"""A registry in a process of its own, as users run it: for tests that kill it, and for real clients.

What lives here: starting, asking whether it is ready, ending. What never does: a word about what the
registry answers.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

READY_WITHIN_S = 30.0
STOPPED_WITHIN_S = 30.0


def free_port() -> int:
    """A port of the loopback interface that nobody listened on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RegistryProcess:
    """`registan serve` over a SQLite file (or another store, by `environment`), on the loopback interface.

    The environment of the caller is passed on, less what would configure a registry. Output goes to
    `log`, for the message of a test that fails.
    """

    def __init__(
        self, directory: Path, environment: Mapping[str, str] | None = None, *, port: int | None = None
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = directory / "registry.log"
        self._environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ},
            "SERVER_HOST": "127.0.0.1",
            "SERVER_PORT": str(self.port),
            "STORAGE_TYPE": "sqlite",
            "SQLITE_PATH": str(directory / "registry.db"),
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id; only while it runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> RegistryProcess:
        """Start, and wait until it is ready. Raises `RuntimeError` with its log where that fails."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "registan", "serve"],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + READY_WITHIN_S
        while not self.ready():
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"the registry did not start:\n{self.log.read_text()}")
            time.sleep(0.02)
        return self

    def ready(self) -> bool:
        """Whether it answers that it can be used."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> int:
        """Ask it to end, and wait; gives the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(STOPPED_WITHIN_S)

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
