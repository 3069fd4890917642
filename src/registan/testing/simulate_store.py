"""The adversarial store: one log, and connections to it that do all that the port allows to happen.

What lives here: what can go wrong between an engine and its store. What never does: how a log is
kept (that is the project's own store in memory) and what must hold whatever goes wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextvars import Context
from random import Random
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from registan.model.commit import Commit
from registan.model.record import Record
from registan.store.memory import MemoryStore
from registan.store.protocol import Glance, Loaded, Store, Truncated, Unavailable, Unknown

T = TypeVar("T")

Trace = Callable[[str], None] | None
"""Where events go when somebody wants to read them."""


class Weather(NamedTuple):
    """How likely each mishap is, from 0 to 1, and how long things take, in seconds."""

    refused: float = 0.0
    """Nothing is done, and that is told."""
    lost: float = 0.0
    """The request never arrives; the caller is told that nobody knows, or nothing at all."""
    unheard: float = 0.0
    """It is done, and the answer never arrives; the caller is told as above."""
    late: float = 0.0
    """An append that its caller gives up takes place later, if its seq is still free."""
    silent: float = 0.0
    """Of the lost and unheard: how many callers are told nothing, until their patience ends."""
    slow: float = 0.0
    """A journey takes up to `slow_s` instead of `quick_s`."""
    quick_s: float = 0.004
    slow_s: float = 3.0
    deaf: float = 0.0
    """A hint that there is news is not heard."""
    restless: float = 0.0
    """A hint comes although there is nothing."""
    torn: float = 0.0
    """Records that are being loaded end in the middle, with an error."""
    behind: float = 0.0
    """Records that are loaded are as of an older commit, though one that history still leads on from: a
    store may write them behind the log (Cassandra's watermark)."""

    @classmethod
    def draw(cls, random: Random) -> Weather:
        """About half of the mishaps, each with a likelihood of its own, so that runs differ in kind."""

        def some(most: float) -> float:
            return random.random() * most if random.random() < 0.5 else 0.0

        return cls(
            refused=some(0.2),
            lost=some(0.2),
            unheard=some(0.3),
            late=some(0.2),
            silent=some(0.8),
            slow=some(0.2),
            deaf=some(1.0),
            restless=some(0.5),
            torn=some(0.5),
            behind=some(0.8),
        )


CALM = Weather()


class Log:
    """What all connections lead to. `history` is every commit that ever stood, whatever was pruned."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        random: Random,
        weather: Weather = CALM,
        store: Store | None = None,
        trace: Trace = None,
        seen: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.loop = loop
        self.random = random
        self.weather = weather
        self.store = store or MemoryStore()
        self.trace = trace
        self.seen = seen
        """Told of mishaps whose number is of interest."""
        self.history: list[Commit] = []
        self.pending = 0
        """Appends that may still take place although their callers have given up."""
        self._network = Context()
        """Where journeys run: no process's death ends them."""
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def seq(self) -> int:
        """The newest seq, of those that were really written."""
        return len(self.history)

    def append(self, commit: Commit, after: UUID | None) -> None:
        """Write, and hint at it."""
        at_once(self.store.append(commit, after))
        self.history.append(commit)
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if self.random.random() >= self.weather.deaf:
                self.later(self.delay(), settle, future, None)

    def load(self) -> Loaded:
        """What the store would load, or has had before."""
        random, store = self.random, self.store
        if random.random() < self.weather.behind:
            seq = random.randint(max(0, self.seq - 6), self.seq)
            if self._leads_on(seq):
                if seq < self.seq:
                    self.seen("behind")
                store = MemoryStore()
                for commit in self.history[:seq]:
                    at_once(store.append(commit))
        return at_once(store.load())

    def _leads_on(self, seq: int) -> bool:
        try:
            at_once(self.store.read(seq, 1))
        except Truncated:
            return False
        return True

    def hear(self, future: asyncio.Future[None]) -> None:
        """Have a future settled by the next hint."""
        self._waiting.append(future)

    def prune(self, through: int) -> None:
        """Forget history."""
        self.tell(f"log: pruned through {through}")
        at_once(self.store.prune(through))

    def delay(self) -> float:
        """How long one journey takes."""
        random, weather = self.random, self.weather
        return random.random() * (weather.slow_s if random.random() < weather.slow else weather.quick_s)

    def later(self, delay: float, callback: Callable[..., object], *args: object) -> None:
        """Have something happen after a while, whoever is alive by then."""
        self.loop.call_later(delay, callback, *args, context=self._network)

    def tell(self, what: str) -> None:
        """A line of the trace."""
        if self.trace is not None:
            self.trace(what)


class Connection:
    """The port, as one instance has it. See `registan.store.protocol.Store`.

    `embedded` is whether `head_now` knows; a database behind a network has to be asked.
    """

    name = "simulated"

    def __init__(self, log: Log, who: str, *, embedded: bool = False) -> None:
        self._log = log
        self._who = who
        self._embedded = embedded

    async def open(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""

    async def load(self) -> Loaded:
        """From the other end; the records may end in the middle."""
        loaded = await self._ask("load", self._log.load)
        if self._log.random.random() < self._log.weather.torn:
            return Loaded(loaded.seq, _torn(loaded.records, self._log.random))
        return loaded

    async def head(self) -> int:
        """From the other end."""
        return await self._ask("head", lambda: at_once(self._log.store.head()))

    async def look(self, known: int) -> Glance:
        """From the other end."""
        return await self._ask(f"look at {known}", lambda: at_once(self._log.store.look(known)))

    def head_now(self) -> int | None:
        """By the kind of store."""
        return self._log.seq if self._embedded else None

    async def read(self, after: int, limit: int) -> Sequence[Commit]:
        """From the other end; sometimes in small parts."""
        limit = self._log.random.choice((1, 2, limit))
        return await self._ask(f"read behind {after}", lambda: at_once(self._log.store.read(after, limit)))

    async def append(self, commit: Commit, after: UUID | None = None) -> None:
        """At the other end, perhaps, and perhaps one hears of it."""
        await self._ask(
            f"append {commit.seq} [{commit.actor}]", lambda: self._log.append(commit, after), writes=True
        )

    async def begin(self, commit: Commit, records: Iterable[Record]) -> None:
        """No instance asks for this."""
        raise NotImplementedError

    async def wait(self, after: int, timeout_s: float) -> None:
        """Until a hint, a false one, or the time-out."""
        log = self._log
        future = log.loop.create_future()
        if log.seq > after and log.random.random() >= log.weather.deaf:
            return
        log.hear(future)
        if log.random.random() < log.weather.restless:
            timeout_s *= log.random.random()
        log.later(timeout_s, settle, future, None)
        await future

    async def prune(self, through: int) -> None:
        """At the other end."""
        await self._ask("prune", lambda: self._log.prune(through))

    async def ping(self) -> None:
        """To the other end and back."""
        await self._ask("ping", lambda: None)

    def _ask(self, what: str, work: Callable[[], T], *, writes: bool = False) -> asyncio.Future[T]:
        """Send a request; the future has what becomes of it, or never is done."""
        log = self._log
        random, weather = log.random, log.weather
        answer: asyncio.Future[T] = log.loop.create_future()
        draw = random.random()
        if draw < weather.refused:
            self._later("refused", what, settle, answer, Unavailable("the store refuses"))
            return answer
        draw -= weather.refused
        if draw < weather.lost:
            self._give_up(answer, what, writes=writes)
            return answer
        draw -= weather.lost
        if draw < weather.unheard:
            self._later("unheard", what, self._do, work, None)
            self._give_up(answer, what, writes=writes)
            return answer
        draw -= weather.unheard
        if writes and draw < weather.late:
            log.pending += 1
            log.later(random.random() * weather.slow_s, self._do_late, what, work)
            self._give_up(answer, what, writes=writes)
            return answer
        self._later("arrives", what, self._do, work, answer)
        return answer

    def _give_up(self, answer: asyncio.Future[T], what: str, *, writes: bool) -> None:
        """Tell the caller that nobody knows, or nothing."""
        log = self._log
        if log.random.random() >= log.weather.silent:
            error = Unknown("the answer was lost") if writes else Unavailable("the answer was lost")
            self._later("given up", what, settle, answer, error)
        elif log.trace is not None:
            log.trace(f"{self._who}: {what}: silence")

    def _do(self, work: Callable[[], T], answer: asyncio.Future[T] | None) -> None:
        """Do it at the other end, and send the answer back."""
        log = self._log
        result: T | Exception
        try:
            result = work()
        except Exception as error:  # noqa: BLE001  (whatever the store says travels back)
            result = error
        if answer is not None:
            log.later(log.delay(), settle, answer, result)

    def _do_late(self, what: str, work: Callable[[], object]) -> None:
        self._log.pending -= 1
        self._log.tell(f"{self._who}: {what}: arrives late")
        self._do(work, None)

    def _later(self, event: str, what: str, callback: Callable[..., object], *args: object) -> None:
        log = self._log
        if log.trace is None:
            log.later(log.delay(), callback, *args)
            return

        def traced() -> None:
            log.tell(f"{self._who}: {what}: {event}")
            callback(*args)

        log.later(log.delay(), traced)


def _torn(records: Iterable[Record], random: Random) -> Iterator[Record]:
    whole = tuple(records)
    yield from whole[: random.randint(0, len(whole))]
    raise Unavailable("the connection broke")


def settle(future: asyncio.Future[T], result: T | Exception) -> None:
    """Give a future its result, unless nobody waits for it any more."""
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits; raises what it raises."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    work.close()
    raise AssertionError("the store of a simulation must not wait")
