"""A registry that runs already, and what is done to it so that it can be compared.

What lives here: finding its process, its core, its level. What never does: starting or stopping it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from bench import machine
from bench.servers import Server
from bench.wire import Address, Answer, Ask, address, send_all

LEVEL = "BACKWARD"
"""Registan's level where none is set; a check at another is other work."""


class Peer(NamedTuple):
    """Another registry; `remark` is what a reader must know before comparing."""

    server: Server
    remark: str = ""


@contextmanager
def peer(url: str, core: int) -> Iterator[Peer]:
    """The registry at a URL; for the run it checks at `LEVEL` and, if it runs here, stays on `core`.

    Raises `machine.Missing` where nobody answers there.
    """
    to = address(url)
    try:
        answer = _ask(to, Ask("GET", "/subjects"))
    except (OSError, EOFError) as error:
        raise machine.Missing(f"the peer {url} does not answer: {error}") from error
    if answer.status != 200:
        raise machine.Missing(f"the peer {url} answers {answer.status} to GET /subjects")
    here = to.host in ("127.0.0.1", "localhost", "::1")
    pid = machine.listener(to.port) if here else None
    before = machine.pin(pid, core) if pid else {}
    level = _level(to)
    remark = "" if level == LEVEL or _set_level(to, LEVEL) else f"It checks at {level or 'an unknown level'}."
    try:
        yield Peer(Server(to, pid), remark)
    finally:
        if level and level != LEVEL:
            with suppress(OSError, EOFError):
                _set_level(to, level)
        if pid and before:
            machine.unpin(pid, before)


def _level(to: Address) -> str:
    answer = _ask(to, Ask("GET", "/config"))
    try:
        return str(json.loads(answer.body)["compatibilityLevel"])
    except (ValueError, KeyError, TypeError):
        return ""


def _set_level(to: Address, level: str) -> bool:
    return _ask(to, Ask("PUT", "/config", json.dumps({"compatibility": level}))).status == 200


def _ask(to: Address, ask: Ask) -> Answer:
    return asyncio.run(send_all([ask], to))[0]
