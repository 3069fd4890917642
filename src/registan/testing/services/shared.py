"""One server of each kind for a whole test run, however many processes run tests.

What lives here: who starts it (the first that asks, under a lock), and ending all of them. Each test
gets a database of its own from it; a test that stops or kills its server starts one for itself.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from registan.testing.services.service import Service
from registan.testing.services.table import SERVICES
from registan.testing.tools import needed

RUN = "REGISTAN_TEST_RUN"
"""The variable by which all processes of a run know it; set by the one that leads, which ends the servers."""


def folder() -> Path:
    """Where servers of this run live: on a short path that other users may enter."""
    run = os.environ.get(RUN) or str(os.getpid())
    return Path("/tmp") / f"registan-services-{run}"  # noqa: S108  (a server's own user must be able to enter)


def shared(name: str) -> Service:
    """The server of this run, started if nobody did.

    The test is skipped, or in CI fails, where it cannot be had.
    """
    kind = SERVICES[name]
    needed(*kind.programs)
    place = folder()
    place.mkdir(mode=0o755, exist_ok=True)
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        service = kind.make(place / name)
        ready = place / f"{name}.ready"
        if not ready.exists():
            service.start()
            ready.touch()
        return service


def each_service(*also: str, behind_proxy: bool = False) -> list[Any]:
    """The names of all services as parameters of a test.

    Those that not every run has are marked slow, except where the test wants them `also`. Those that a
    proxy cannot stand before are left out where there is to be one.
    """
    return [
        pytest.param(name, marks=() if kind.each_run or name in also else pytest.mark.slow)
        for name, kind in SERVICES.items()
        if kind.one_address or not behind_proxy
    ]


def own(name: str, place: Path) -> Service:
    """A server for one test alone, not started yet. `place` is a folder name; whoever asks ends it."""
    kind = SERVICES[name]
    needed(*kind.programs)
    return kind.make(place)


def end_all() -> None:
    """End every server of this run, and forget what they held."""
    place = folder()
    if not place.exists():
        return
    for name, kind in SERVICES.items():
        if (place / name).exists():
            kind.make(place / name).kill()
    shutil.rmtree(place, ignore_errors=True)
