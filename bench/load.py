"""The load generator: `wrk` with ready-made requests, and what it says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from bench import machine
from bench.wire import Address

SCRIPT = Path(__file__).with_name("load.lua")


class Sample(NamedTuple):
    """One round against one server."""

    requests: int
    seconds: float
    p50_us: int
    p99_us: int
    errors: int
    """Answers with a status of 400 or more, time-outs, and broken connections."""
    cpu_us: float
    """Processor time of the server per request; 0 where it cannot be told."""
    generator: float
    """Share of its core that the generator used."""
    noise: float
    """Share of all cores that neither the server nor the generator used, but somebody else."""

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


class Shot(NamedTuple):
    """What is sent in a round."""

    file: Path
    order: str
    """`random` or `turn`."""
    connections: int
    seconds: int
    seed: int = 1
    first: int = 0
    """Where the counter begins."""


def fire(shot: Shot, to: Address, pid: int | None, core: int) -> Sample:
    """Send for some seconds and measure; `pid` is the server's, where it runs here."""
    command = [
        *("taskset", "-c", str(core)),
        *(machine.program("wrk"), "-t1", f"-c{shot.connections}", f"-d{shot.seconds}s", "--timeout", "30s"),
        *("-s", str(SCRIPT), to.url),
        *("--", str(shot.file), shot.order, str(shot.seed), str(shot.first)),
    ]
    busy, server, own = machine.busy_s(), machine.cpu_s(pid) if pid else 0.0, os.times()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = os.times()
    server = (machine.cpu_s(pid) if pid else 0.0) - server
    busy = machine.busy_s() - busy
    try:
        said = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        said_instead = " ".join(f"{done.stdout} {done.stderr}".split())
        raise machine.Missing(f"wrk failed: {said_instead}") from None
    wall = after.elapsed - own.elapsed
    generator = after.children_user + after.children_system - own.children_user - own.children_system
    return Sample(
        requests=said["requests"],
        seconds=said["micros"] / 1e6,
        p50_us=said["p50"],
        p99_us=said["p99"],
        errors=said["status"] + said["sockets"] + said["timeouts"],
        cpu_us=server * 1e6 / max(said["requests"], 1),
        generator=generator / wall,
        noise=max(0.0, busy - server - generator) / (wall * (os.cpu_count() or 1)),
    )
