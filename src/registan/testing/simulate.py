"""Several instances on one adversarial store, driven from one seed.

Conflicts, delays, reorderings, answers lost before and after the write, a store that refuses or is
silent, hints that are missing, history pruned behind one's back, instances killed in the middle of
everything and replaced: whatever happens, one serial order must explain every reply (see
`simulate_history`), and at rest all instances must be equal. The same seed does the same again.

    python -m registan.testing.simulate --seeds 100000 --from 0

Exit status 1, the seed and its trace, where something does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from registan.core.state import State
from registan.dispatch import Call, Dispatch, Outcome
from registan.runtime.engine import Limits
from registan.runtime.instance import Instance, Reading
from registan.store.memory import MemoryStore
from registan.store.protocol import Store
from registan.testing.compare import view
from registan.testing.simulate_history import History, Violation, explain
from registan.testing.simulate_loop import Process, Stuck, VirtualLoop
from registan.testing.simulate_store import CALM, Connection, Log, Trace, Weather, at_once
from registan.testing.simulate_work import draw, facts_of

READING = Reading(timeout_s=1.0, retry_s=0.5, poll_interval_s=0.5)

REST_S = 300.0
"""Virtual seconds within which everything must come to rest once the weather is calm."""


class Plan(NamedTuple):
    """What one run is like; all of it follows from the seed."""

    weather: Weather
    embedded: bool
    """Whether the store knows its head without waiting."""
    instances: int
    clients: int
    calls: int
    limits: Limits
    reading: Reading
    history_max: int
    mishaps: dict[int, str]
    """By the number of the call at which it happens: kill, stop, or prune."""

    @classmethod
    def draw(cls, random: Random) -> Plan:
        """By lot."""
        clients, calls = random.randint(1, 4), random.randint(2, 5)
        several = random.choices((0, 1, 2, 3), (4, 3, 2, 1))[0]
        return cls(
            weather=Weather.draw(random),
            embedded=random.random() < 0.4,
            instances=random.randint(1, 3),
            clients=clients,
            calls=calls,
            limits=Limits(
                batch_max=random.randint(1, 8),
                batch_bytes_max=random.choice((300, 2000)),
                queue_max=random.choice((2, 100)),
                attempts_max=random.choice((3, 50)),
                append_timeout_s=random.choice((0.5, 2.0)),
                doubt_timeout_s=random.choice((0.2, 4.0)),
            ),
            reading=READING._replace(serve=random.random() < 0.5),
            history_max=random.choice((1, 3, 1000)),
            mishaps={
                random.randint(1, clients * calls): random.choice(("kill", "kill", "stop", "prune"))
                for _ in range(several)
            },
        )


class _Counts:
    """The runtime's words, counted: the proof that what should go wrong does."""

    def __init__(self, seen: Counter[str]) -> None:
        self._seen = seen

    def landed(self, commands: int, changes: int, attempts: int) -> None:  # noqa: ARG002
        self._seen["commits"] += 1
        self._seen["shared commits"] += commands > 1

    def conflict(self) -> None:
        self._seen["conflicts"] += 1

    def doubt(self) -> None:
        self._seen["doubts"] += 1

    def failed(self, why: str) -> None:  # noqa: ARG002
        self._seen["failures"] += 1

    def queued(self, length: int) -> None:
        """Not of interest."""

    def learnt(self, seq: int) -> None:  # noqa: ARG002
        self._seen["learnt"] += 1

    def reloaded(self, why: str) -> None:  # noqa: ARG002
        self._seen["reloads"] += 1

    def went_back(self, why: str) -> None:
        raise AssertionError(f"no log of a simulation does that: {why}")

    def stale(self, stale: bool) -> None:
        self._seen["stale"] += stale


class _Unmeasured:
    """Dispatch's recorder."""

    def request(self, route: str, method: str) -> Callable[[int, float], None]:  # noqa: ARG002
        return self._forget

    def _forget(self, status: int, seconds: float) -> None:
        """Nobody asks."""


@dataclass(eq=False)
class _Host:
    """A process with an instance in it."""

    name: str
    instance: Instance
    dispatch: Dispatch
    loop: VirtualLoop
    process: Process = field(default_factory=Process)
    open: dict[asyncio.Future[Outcome | None], None] = field(default_factory=dict)
    """Calls not answered yet, in their order."""

    def ask(self, call: Call) -> asyncio.Future[Outcome | None]:
        """Have the instance answer; None where it dies meanwhile."""
        answer: asyncio.Future[Outcome | None] = self.loop.create_future()
        self.open[answer] = None
        task = self.loop.create_task(self.dispatch(call), context=self.process.context)

        def deliver(done: asyncio.Task[Outcome]) -> None:
            self.open.pop(answer, None)
            if not answer.done():
                answer.set_result(done.result())

        task.add_done_callback(deliver)
        return answer

    def kill(self) -> None:
        """Nothing of it runs from here on."""
        self.process.dead = True
        for answer in self.open:
            if not answer.done():
                answer.set_result(None)


class Simulation:
    """One run."""

    def __init__(
        self, seed: int, *, trace: Trace = None, store: Callable[[int], Store] = MemoryStore
    ) -> None:
        self.random = Random(seed)  # noqa: S311  (repeatable, not secret)
        self.plan = Plan.draw(self.random)
        self.loop = VirtualLoop()
        self.seen: Counter[str] = Counter()
        self._trace = trace
        self._log = Log(
            self.loop,
            self.random,
            self.plan.weather,
            store(self.plan.history_max),
            self._tell if trace is not None else None,
            self._count,
        )
        self._history = History()
        self._hosts: list[_Host] = []
        self._booted = 0
        self._calls = 0

    def run(self) -> Counter[str]:
        """Do it, check it, and tell how often things happened. Raises `Violation`."""
        try:
            self.loop.run_until_complete(self._run())
        except Violation:
            raise
        except Stuck as stuck:
            raise Violation(str(stuck)) from None
        except Exception as error:
            raise Violation(f"raised: {error!r}") from error
        finally:
            self.loop.close()
        return self.seen

    async def _run(self) -> None:
        self._hosts += await asyncio.gather(*(self._boot() for _ in range(self.plan.instances)))
        await asyncio.gather(*(self._client() for _ in range(self.plan.clients)))
        await self._rest()
        state = explain(self._history, self._log.history)
        self._check_equal(state)
        await self._stop_all()

    async def _client(self) -> None:
        for _ in range(self.plan.calls):
            await asyncio.sleep(self.random.random() * 0.02)
            while not self._hosts:  # noqa: ASYNC110  (all are being replaced; virtual time is free)
                await asyncio.sleep(0.1)
            host = self.random.choice(self._hosts)
            self._calls += 1
            call = draw(self.random, self._calls)
            mishap = self.plan.mishaps.get(self._calls)
            if mishap is not None:
                self._log.later(self.random.random() * 0.01, self._happen, mishap)
            operation = self._history.begin(call)
            if self._trace is not None:
                self._log.tell(f"{host.name}: call {operation.number} begins: {operation.asked}")
            outcome = await host.ask(call)
            self._history.end(operation, outcome, self._log.seq)
            if self._trace is not None:
                self._log.tell(f"{host.name}: {operation}")
            self.seen["calls"] += 1
            self.seen["unavailable"] += operation.unavailable

    def _happen(self, mishap: str) -> None:
        self.seen[mishap] += 1
        if mishap == "prune":
            self._log.prune(self.random.randint(0, self._log.seq))
        elif self._hosts:
            host = self._hosts.pop(self.random.randrange(len(self._hosts)))
            self._log.tell(f"{host.name}: {mishap}")
            self.loop.create_task(self._replace(host, mishap))

    async def _replace(self, host: _Host, mishap: str) -> None:
        if mishap == "kill":
            host.kill()
        else:
            await self._stop(host)
        self._hosts.append(await self._boot())

    async def _boot(self) -> _Host:
        """Start a process, again and again until it stands."""
        while True:
            self._booted += 1
            name = f"i{self._booted}"
            instance = Instance(
                Connection(self._log, name, embedded=self.plan.embedded),
                limits=self.plan.limits,
                reading=self.plan.reading,
                gauges=_Counts(self.seen),
                facts=facts_of,
                random=self.random,
            )
            dispatch = Dispatch(instance.state, instance.engine, instance.freshness, _Unmeasured())
            host = _Host(name, instance, dispatch, self.loop)
            start = self.loop.create_task(instance.start(), context=host.process.context)
            await asyncio.wait([start], timeout=5)
            if start.done() and start.exception() is None:
                self._log.tell(f"{name}: started at {instance.state.seq}")
                return host
            host.kill()

    async def _stop(self, host: _Host) -> None:
        stop = self.loop.create_task(host.instance.stop(3.0), context=host.process.context)
        await stop
        self._log.tell(f"{host.name}: stopped")
        if host.open:
            await asyncio.wait(host.open)

    async def _rest(self) -> None:
        """Calm weather; then everybody must come level by itself."""
        self._log.weather = CALM
        end = self.loop.time() + REST_S
        while not self._at_rest():
            if self.loop.time() > end:
                seqs = {host.name: host.instance.state.seq for host in self._hosts}
                raise Violation(f"the log is at {self._log.seq}, after {REST_S} s the instances at {seqs}")
            await asyncio.sleep(0.25)

    def _at_rest(self) -> bool:
        level = all(host.instance.state.seq == self._log.seq for host in self._hosts)
        return level and not self._log.pending and len(self._hosts) == self.plan.instances

    def _check_equal(self, replayed: State) -> None:
        """All instances, what the store would load, and the replayed log."""
        wanted = view(replayed)
        loaded = at_once(self._log.store.load())
        stored = State()
        stored.load(loaded.seq, loaded.records)
        for name, state in (("the store", stored), *((h.name, h.instance.state) for h in self._hosts)):
            found = view(state)
            if found != wanted:
                parts = [part for part, value in wanted.items() if found[part] != value]
                raise Violation(f"{name} differs from the log in {', '.join(parts)}")

    async def _stop_all(self) -> None:
        for host in self._hosts:
            await self._stop(host)
        left = self.loop.unfinished()
        if left or self.loop.complaints:
            raise Violation(f"after the end there is left: {left} {self.loop.complaints}")

    def _count(self, mishap: str) -> None:
        self.seen[mishap] += 1

    def _tell(self, what: str) -> None:
        if self._trace is not None:
            self._trace(f"{self.loop.time() - 1000:9.4f}  {what}")


def run(seed: int, *, store: Callable[[int], Store] = MemoryStore) -> Counter[str]:
    """Simulate one seed; gives how often things happened.

    Raises `Violation`, whose text has the seed and the trace, where something does not hold.
    """
    try:
        return Simulation(seed, store=store).run()
    except Violation as violation:
        why = str(violation)
    lines: list[str] = []
    simulation = Simulation(seed, trace=lines.append, store=store)
    try:
        simulation.run()
    except Violation as violation:
        why = str(violation)
    raise Violation(f"seed {seed}: {why}\n{simulation.plan}\n" + "\n".join(lines))


def run_all(seeds: Iterable[int]) -> Counter[str]:
    """Simulate seeds one after the other; gives how often things happened in all of them."""
    seen: Counter[str] = Counter()
    for seed in seeds:
        seen.update(run(seed))
    return seen


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="registan.testing.simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first one")
    options = parser.parse_args()
    try:
        seen = run_all(range(options.first, options.first + options.seeds))
    except Violation as violation:
        sys.stdout.write(f"{violation}\n")
        return 1
    sys.stdout.write(f"{options.seeds} seeds hold: {dict(seen)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
