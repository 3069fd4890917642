"""What goes wrong with instances and their database while clients ask.

What lives here: breaking and mending, one mishap after the other. What never does: a client.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from random import Random
from types import TracebackType

from registan.testing.process import RegistryProcess
from registan.testing.services.cassandra import CassandraNode
from registan.testing.services.cassandra_ring import CassandraRing
from registan.testing.services.proxy import Proxy, through
from registan.testing.services.service import Service

RECOVERED_WITHIN_S = 120.0

LOG_CHARS = 5000
"""How much of a log is told where something went wrong."""

LEAST = 4
"""Mishaps there are in any case, however long each takes."""

LONGER_S = 120.0
"""How much longer a run may become on a machine that is too busy for it."""


class Site:
    """Instances over one database, which they reach through a proxy.

    Without one over a SQLite file, and over several nodes, which tell one another's addresses.
    """

    def __init__(
        self, folder: Path, service: Service | None, instances: int, settings: Mapping[str, str]
    ) -> None:
        self.servers: list[CassandraNode] | list[Service] = []
        """What is restarted, one at a time."""
        self.proxy: Proxy | None = None
        self.instances: list[RegistryProcess] = []
        self.direct: Mapping[str, str]
        """The settings of a store on the database, past the proxy."""
        self._service = service
        self._folder = folder
        self._count = instances
        self._settings = settings
        self._stack = ExitStack()

    def __enter__(self) -> Site:
        """Start everything."""
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything."""
        self._stack.close()

    def logs(self) -> str:
        """The ends of what the instances logged."""
        return "\n".join(f"{each.log}:\n{each.log.read_text()[-LOG_CHARS:]}" for each in self.instances)

    def _start(self) -> None:
        service = self._service
        if service is None:
            self.direct = {"STORAGE_TYPE": "sqlite", "SQLITE_PATH": str(self._folder / "shared.db")}
            led = dict(self.direct)
        else:
            if isinstance(service, CassandraNode | CassandraRing):
                service.sync_each_write()
            self._stack.callback(service.kill)
            service.start()
            self.direct = led = dict(service.database())
            if isinstance(service, CassandraRing):
                self.servers = service.nodes
            else:
                self.servers = [service]
                self.proxy = self._stack.enter_context(Proxy(service.port))
                led = through(self.direct, service.port, self.proxy)
        for number in range(self._count):
            folder = self._folder / f"instance{number + 1}"
            folder.mkdir()
            instance = RegistryProcess(folder, {**led, **self._settings})
            self._stack.callback(instance.kill)
            instance.start()
            self.instances.append(instance)


class Breaking:
    """Mishaps by lot."""

    def __init__(self, site: Site, random: Random) -> None:
        self.seen: Counter[str] = Counter()
        self._site = site
        self._random = random

    async def run(self, seconds: float, until: Callable[[], bool], enough: Callable[[], bool]) -> None:
        """Break and mend for a while, or until something holds; in the end all is well.

        Where it is not `enough` by then it goes on, for `LONGER_S` at most. Raises `RuntimeError` where
        an instance or the database does not come back.
        """
        kinds: list[Callable[[], Awaitable[None]]] = []
        if self._site.proxy is not None:
            kinds = [self._cut, self._hold, self._delay, self._refuse]
        if self._site.servers:
            kinds.append(self._restart)
        self._random.shuffle(kinds)
        kinds.insert(0, self._kill)
        loop = asyncio.get_running_loop()
        end, turn = loop.time() + seconds, 0
        while not until():
            if loop.time() > end and turn >= LEAST and (enough() or loop.time() > end + LONGER_S):
                break
            await asyncio.sleep(self._random.uniform(0.2, 0.8))
            # Each in turn, so that a short run has them all.
            await kinds[turn % len(kinds)]()
            turn += 1
        await self._recover()

    async def _kill(self) -> None:
        instance = self._random.choice(self._site.instances)
        self.seen["instances killed"] += 1
        await asyncio.to_thread(instance.kill)
        await self._start(instance)

    async def _start(self, instance: RegistryProcess) -> None:
        """Again and again: the database may be away."""
        loop = asyncio.get_running_loop()
        end = loop.time() + RECOVERED_WITHIN_S
        while True:
            try:
                await asyncio.to_thread(instance.start)
            except RuntimeError:
                if loop.time() > end:
                    raise
            else:
                return

    async def _cut(self) -> None:
        self.seen["connections cut"] += 1
        self._wire.cut()

    async def _hold(self) -> None:
        self.seen["connections held"] += 1
        self._wire.hold()
        await asyncio.sleep(self._random.uniform(0.2, 2.5))
        if self._random.random() < 0.5:
            self._wire.cut()
        self._wire.mend()

    async def _delay(self) -> None:
        self.seen["connections delayed"] += 1
        self._wire.delay(self._random.choice((0.005, 0.05, 0.4)))
        await asyncio.sleep(self._random.uniform(0.3, 1.0))
        self._wire.mend()

    async def _refuse(self) -> None:
        self.seen["connections refused"] += 1
        self._wire.refuse()
        await asyncio.sleep(self._random.uniform(0.2, 1.0))
        self._wire.mend()

    async def _restart(self) -> None:
        server = self._random.choice(self._site.servers)
        self.seen["database restarted"] += 1
        await asyncio.to_thread(self._random.choice((server.kill, server.stop)))
        await asyncio.to_thread(server.start)

    async def _recover(self) -> None:
        """Wait until all instances are ready by themselves."""
        for instance in self._site.instances:
            end = asyncio.get_running_loop().time() + RECOVERED_WITHIN_S
            while not await asyncio.to_thread(instance.ready):
                ended = instance.process.poll() is not None
                if ended or asyncio.get_running_loop().time() > end:
                    how = "ended by itself" if ended else f"is not ready after {RECOVERED_WITHIN_S:g} s"
                    raise RuntimeError(f"an instance {how}:\n{instance.log.read_text()[-LOG_CHARS:]}")
                await asyncio.sleep(0.05)

    @property
    def _wire(self) -> Proxy:
        assert self._site.proxy is not None
        return self._site.proxy
