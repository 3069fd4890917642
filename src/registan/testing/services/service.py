"""A database server of the tests' own: what all of them have in common.

What lives here: the port `Service`, and a process with its folder, its port and its log. What never
does: what one database says of itself (that is its own module).
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Protocol

from registan.testing.process import free_port

READY_WITHIN_S = 90.0
STOPPED_WITHIN_S = 30.0


class Service(Protocol):
    """A database server on the loopback interface, in a folder of its own.

    An object made over the folder of a running server speaks to that one, from whichever process.
    """

    name: str
    """As in `SERVICES`."""
    port: int

    def start(self) -> None:
        """Start on what the folder holds (made at first), and wait until it answers.

        Raises `RuntimeError` with the end of its log.
        """
        ...

    def stop(self) -> None:
        """End it in good order, and wait. What was written is there after the next `start`."""
        ...

    def kill(self) -> None:
        """End it at once (-9), and all that it started."""
        ...

    def database(self) -> Mapping[str, str]:
        """A new empty database, as the environment variables by which a registry uses it."""
        ...


class ServerProcess:
    """One server process: its folder, its port (kept in the folder), its pid (likewise), its log.

    `command` may name the port by `{port}` and the folder by `{folder}`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "server.log"
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "port"
        if not kept.exists():
            kept.write_text(str(free_port()))
        self.port = int(kept.read_text())

    @property
    def pid(self) -> int | None:
        """Of the server that was started last, whether it still runs or not."""
        kept = self.folder / "pid"
        return int(kept.read_text()) if kept.exists() else None

    def running(self) -> bool:
        """Whether the process is there (one that ended but was not waited for is not)."""
        pid = self.pid
        if pid is None:
            return False
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        try:
            words = Path(f"/proc/{pid}/stat").read_text("latin-1").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return False
        # Who inherited one that ended may be slow to notice; but some of its threads may be there yet.
        state, threads = words[0], int(words[17])
        return state != "Z" or threads > 1

    def run(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start the process in a session of its own, so that it outlives a test run that is cut off last."""
        line = [
            word.replace("{port}", str(self.port)).replace("{folder}", str(self.folder)) for word in command
        ]
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                line,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        process.returncode = 0  # whoever ends it waits by pid; the object is not asked again
        (self.folder / "pid").write_text(str(process.pid))

    def signal(self, number: int) -> None:
        """To the process and all that it started; one that has gone is fine."""
        pid = self.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(pid, number)

    def end(self, number: int = SIGTERM) -> None:
        """Send the signal and wait; after `STOPPED_WITHIN_S` it is killed."""
        self.signal(number)
        deadline = time.monotonic() + STOPPED_WITHIN_S
        while self.running():
            if time.monotonic() > deadline:
                self.signal(SIGKILL)
            time.sleep(0.02)

    def failed(self, why: str) -> RuntimeError:
        """What went wrong, with the end of the log."""
        end = self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""
        return RuntimeError(f"{self.folder.name}: {why}\n{end}")
