"""An instance: one state over one store, with all that keeps it level and lets it be written.

The composition root makes one per process; tests make several over one store.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import NamedTuple

from registan.core.state import State
from registan.model.policy import Defaults
from registan.runtime.engine import Engine, Limits
from registan.runtime.facts import FactsOf, system_facts
from registan.runtime.follower import Follower
from registan.runtime.freshness import Freshness
from registan.runtime.gauges import SILENT, Gauges
from registan.store.protocol import Store


class Reading(NamedTuple):
    """How reads are kept fresh; see `Freshness` and `Follower`."""

    serve: bool = True
    local: bool = False
    timeout_s: float = 5.0
    retry_s: float = 1.0
    poll_interval_s: float = 1.0


class Instance:
    """The parts, wired; `start` before use."""

    def __init__(
        self,
        store: Store,
        defaults: Defaults | None = None,
        *,
        limits: Limits | None = None,
        reading: Reading | None = None,
        gauges: Gauges = SILENT,
        facts: FactsOf = system_facts,
        random: Random | None = None,
    ) -> None:
        reading = reading or Reading()
        self.store = store
        self.state = State(defaults)
        self.follower = Follower(
            store,
            self.state,
            gauges,
            poll_interval_s=reading.poll_interval_s,
            timeout_s=reading.timeout_s,
        )
        self.freshness = Freshness(
            store,
            self.state,
            self.follower,
            gauges,
            serve=reading.serve,
            local=reading.local,
            timeout_s=reading.timeout_s,
            retry_s=reading.retry_s,
        )
        self.follower.followed = self.freshness.look_again
        self.engine = Engine(
            store,
            self.state,
            self.follower,
            self.freshness,
            limits or Limits(),
            gauges,
            facts,
            random,
        )
        self._tail: asyncio.Task[None] | None = None

    @property
    def trouble(self) -> str | None:
        """Why the store counts as down just now; None where it answers."""
        return self.freshness.why or self.follower.trouble

    async def start(self, *, follow: bool = True, freeze: bool = False) -> None:
        """Open the store and load the state; with `follow` tail the log from here on.

        `freeze` is for a process that lives for this instance (see `Follower.load`). Raises
        `Unavailable`, `TooNew`.
        """
        await self.store.open()
        await self.follower.load(freeze=freeze)
        if follow:
            self._tail = asyncio.get_running_loop().create_task(self.follower.run())

    async def stop(self, timeout_s: float = 10.0) -> None:
        """Finish what is being written, stop following, close the store."""
        await self.engine.stop(timeout_s)
        await self.freshness.stop()
        if self._tail is not None:
            self._tail.cancel()
            await asyncio.wait([self._tail])
        await self.store.close()
