"""The machine: cores, processor time, memory, ports and the two programs that a run needs.

What lives here: what is read from the system. What never does: what it means.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")

PROGRAMS = {"wrk": "wrk", "nginx": "nginx-light"}
"""Program and the Debian package that it is in."""


class Missing(Exception):  # noqa: N818  (a fact about the machine)
    """What a run needs is not there, and why it could not be put there."""


class Cores(NamedTuple):
    """Who computes where: the servers on one core, everything else on the other."""

    servers: int
    others: int

    @property
    def apart(self) -> bool:
        """Whether there are two."""
        return self.servers != self.others


def cores() -> Cores:
    """The first two cores that this process may use."""
    usable = sorted(os.sched_getaffinity(0))
    return Cores(usable[0], usable[min(1, len(usable) - 1)])


def program(name: str) -> str:
    """The path of a program, which is installed where it is missing. Raises `Missing`."""
    found = _find(name)
    if found is None:
        why = _install(PROGRAMS[name])
        found = _find(name)
        if found is None:
            raise Missing(f"{name} is not installed and could not be: {why}")
    return found


def _find(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _install(package: str) -> str:
    """Install a Debian package; why not, where that fails."""
    if shutil.which("apt-get") is None:
        return f"there is no apt-get here; install {package} by hand"
    command = [
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=300",
        "install",
        "-y",
        "-q",
        "--no-install-recommends",
        package,
    ]
    if os.geteuid() != 0:
        command = ["sudo", "-n", *command]
    why = ""
    for before in ([], [*command[: command.index("apt-get") + 1], "update", "-q"]):
        if before:
            subprocess.run(before, capture_output=True, check=False)
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            return str(error)
        if done.returncode == 0:
            return ""
        why = (done.stderr.strip().splitlines() or ["apt-get failed"])[-1]
    return why


def cpu_s(pid: int) -> float:
    """Processor seconds that a process and its children have used; those that ended count once waited for."""
    total = 0.0
    for one in (pid, *_children(pid)):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        total += sum(int(fields[i]) for i in (11, 12, 13, 14)) / TICKS
    return total


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        direct = [int(word) for task in tasks for word in (task / "children").read_text().split()]
    except OSError:
        return []
    return [one for child in direct for one in (child, *_children(child))]


def rss_mb(pid: int) -> float:
    """Resident memory of a process, MB of 10^6 bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def busy_s() -> float:
    """Processor seconds that all cores have been busy with anything, since the machine started."""
    user, nice, system, _idle, _wait, irq, soft, steal = (
        int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    )
    return (user + nice + system + irq + soft + steal) / TICKS


def pin(pid: int, core: int) -> dict[int, set[int]]:
    """Put all threads of a process on one core; where each was before."""
    before: dict[int, set[int]] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        thread = int(task.name)
        before[thread] = os.sched_getaffinity(thread)
        os.sched_setaffinity(thread, {core})
    return before


def unpin(pid: int, before: Mapping[int, set[int]]) -> None:
    """Undo `pin`; threads that have begun since go where the process's first was."""
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):  # it has just ended
                os.sched_setaffinity(int(task.name), before.get(int(task.name), before[pid]))


def listener(port: int) -> int | None:
    """The process of this machine that listens on a port, where that can be told."""
    sockets = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                sockets.add(f"socket:[{fields[9]}]")
    for directory in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(str(file.readlink()) in sockets for file in directory.iterdir()):
                return int(directory.parent.name)
        except OSError:  # somebody else's, or gone
            continue
    return None


def describe() -> dict[str, object]:
    """What a reader must know of the machine to read figures made on it."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "processor": models[0] if models else os.uname().machine,
        "cores": len(os.sched_getaffinity(0)),
        "kernel": os.uname().release,
        "load_before": round(os.getloadavg()[0], 2),
    }
