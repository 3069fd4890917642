"""Sites: servers filled with subjects and schemas, made when first asked for, gone at the end."""

from __future__ import annotations

import asyncio
import json
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bench import dataset, machine
from bench.peer import Peer, peer
from bench.rows import SCHEMAS, Site
from bench.servers import ROOT, Server, last_release, nginx, registan
from bench.services import Services
from bench.wire import Ask, send_all

HERE = "registan"
"""The Registan of this tree; its label in the table."""

NGINX = "nginx"
"""The label of the server of files."""

PEER = "peer"
"""The other registry's label."""


class Options(NamedTuple):
    """What a run may vary."""

    rows: str = ""
    rounds: int = 5
    seconds: int = 2
    peer: str = ""
    store: str = "memory"
    quick: bool = False
    warm: int = 1
    """Seconds that the peer, or who asks a database, is asked before the rounds; a virtual machine compiles
    meanwhile."""


class Filled(NamedTuple):
    """A server that holds a site; `ids` are those of the 1,000 first subjects' schemas."""

    server: Server
    site: Site
    ids: list[int]


@dataclass
class House:
    """All servers of a run; a context manager."""

    home: Path
    options: Options
    cores: machine.Cores
    release: tuple[str, Path] | None = None
    nginx: Server = field(init=False)
    services: Services = field(init=False)
    peer: Peer | None = None
    _stack: ExitStack = field(default_factory=ExitStack)
    _filled: dict[tuple[str, Site], Filled] = field(default_factory=dict)
    _stacks: dict[tuple[str, Site], ExitStack] = field(default_factory=dict)

    def __enter__(self) -> House:
        self._stack.__enter__()
        self.services = self._stack.enter_context(Services(self.cores))
        self.release = self._stack.enter_context(last_release(self._directory("release")))
        if self.options.peer:
            self.peer = self._stack.enter_context(peer(self.options.peer, self.cores.servers))
        self.nginx = self._stack.enter_context(nginx(self._directory("nginx"), self.cores.servers))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def others(self) -> list[str]:
        """The labels of who is measured beside Registan and nginx."""
        return [*([PEER] if self.peer else []), *([self.release[0]] if self.release else [])]

    @property
    def yardsticks(self) -> list[str]:
        """The labels of those whom every rate is compared with."""
        return [NGINX, *self.others]

    def site(self, label: str, site: Site) -> Filled:
        """The server called `label`, holding the site. Raises `machine.Missing`, OSError, EOFError."""
        site = self._fitted(site)
        if label == PEER:
            site = site._replace(store="", own="")
        key = (label, site._replace(each=False))
        if key not in self._filled:
            stack = self._stacks[key] = ExitStack()
            self._stack.push(stack)
            server = stack.enter_context(self._server(label, site))
            self._filled[key] = Filled(server, site, asyncio.run(fill(server, site)))
        return self._filled[key]._replace(site=site)

    def leave(self, row: str) -> None:
        """Stop the servers that a row had for itself."""
        for key in [key for key in self._filled if key[1].own == row]:
            del self._filled[key]
            self._stacks.pop(key).close()

    def _fitted(self, site: Site) -> Site:
        if self.options.quick and site.subjects:
            site = site._replace(subjects=max(100, site.subjects // 10))
        return site._replace(store=site.store or self.options.store)

    def _server(self, label: str, site: Site) -> AbstractContextManager[Server]:
        if label == PEER and self.peer is not None:
            return nullcontext(self.peer.server)
        source = ROOT if label == HERE or self.release is None else self.release[1]
        home = self._directory(f"{label}-{site.subjects}-{site.contexts}-{site.store}{site.own}")
        return registan(source, home, site.store, self.cores.servers, self.services.settings(site.store))

    def _directory(self, name: str) -> Path:
        made = self.home / name
        made.mkdir(parents=True, exist_ok=True)
        return made


async def fill(server: Server, site: Site) -> list[int]:
    """Register what the site holds; the ids of the first schemas. Raises `machine.Missing`."""
    asks = [
        Ask(
            "POST",
            f"/subjects/{site.path(i)}/versions",
            dataset.compact({"schema": dataset.avro(i % SCHEMAS)}),
        )
        for i in range(site.subjects)
    ]
    answers = await send_all(asks, server.address)
    for ask, answer in zip(asks, answers, strict=True):
        if answer.status != 200:
            raise machine.Missing(
                f"{server.address.url}{ask.path} answered {answer.status}: {answer.body!r:.500}"
            )
    return [int(json.loads(answer.body)["id"]) for answer in answers[:SCHEMAS]]
