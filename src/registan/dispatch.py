"""The one road every request takes, whatever brought it: HTTP, a tool, a job.

Authenticate, authorise, freshen, execute, audit, measure: one function, read from top to bottom.
What never lives here: a rule of the registry, a word of HTTP.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, NamedTuple, Protocol

from registan.contract.route import Freshness, Route
from registan.core.handlers import COMMANDS, QUERIES
from registan.core.preparing import preparation, text_size
from registan.core.state import State
from registan.model.fault import Fault, Refusal
from registan.model.identity import ANONYMOUS, Principal
from registan.observe.metric_table import UNMATCHED
from registan.runtime.command import Answered
from registan.runtime.engine import Engine
from registan.runtime.freshness import Freshness as Guard
from registan.runtime.freshness import Told
from registan.runtime.warm import Warmth

log = logging.getLogger(__name__)

Measure = Callable[[int, float], None]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
"""Methods that have a label of their own; clients can make up any number of others."""


class Recorder(Protocol):
    """What dispatch needs of the metrics."""

    def request(self, route: str, method: str) -> Measure:
        """How requests of a route are recorded: status and seconds."""
        ...


class Outcome(NamedTuple):
    """How a call ended: a reply at a seq, or a refusal."""

    reply: Any
    refusal: Refusal | None
    seq: int
    """The seq the reply holds for; 0 where it may not be kept."""
    stale: bool
    principal: Principal


class Call(NamedTuple):
    """A call of a route with its arguments, and who makes it."""

    route: Route
    args: Any
    principal: Principal = ANONYMOUS


class Dispatch:
    """The road, for one instance."""

    def __init__(
        self, state: State, engine: Engine, guard: Guard, recorder: Recorder, warmth: Warmth | None = None
    ) -> None:
        self._state = state
        self._engine = engine
        self._guard = guard
        self._recorder = recorder
        self._warmth = warmth or Warmth(0)
        self._measures: dict[str, Measure] = {}

    @property
    def seq(self) -> int:
        """The newest commit that is applied."""
        return self._state.seq

    def still(self, route: Route) -> bool:
        """Whether what is known is still true, without waiting."""
        # What never goes stale needs no look at the store; a miss of it is never kept.
        return route.freshness is not Freshness.FRESH or self._guard.fresh_now()

    @property
    def stale(self) -> bool:
        """Whether reads are answered without knowing the newest commit."""
        return self._guard.stale

    async def fresh(self) -> bool:
        """Have the store asked what is new, and learn it: see `Freshness.fresh`."""
        return await self._guard.fresh()

    def ask(self, told: Told) -> bool:
        """The same for who cannot await it: see `Freshness.ask`."""
        return self._guard.ask(told)

    def hangs_on(self, call: Call) -> tuple[Hashable, ...] | None:
        """What the answer to a call hangs on, in the words of `core/touched.py`; None: on anything."""
        told = call.route.hangs_on
        # An alias leads to another subject than the one that the call names.
        return told(call.args) if told is not None and not self._state.aliased else None

    def measure(self, route: Route) -> Measure:
        """What records a finished request of a route: its status and seconds."""
        record = self._measures.get(route.name)
        if record is None:
            record = self._recorder.request(route.name, route.method.value)
            self._measures[route.name] = record
        return record

    def measure_unmatched(self, method: str) -> Measure:
        """The same for a request that no route answers."""
        label = method if method in METHODS else "OTHER"
        record = self._measures.get(label)
        if record is None:
            record = self._measures[label] = self._recorder.request(UNMATCHED, label)
        return record

    async def __call__(self, call: Call) -> Outcome:
        """Answer one call; never raises."""
        begun = self.begin(call)
        return begun if type(begun) is Outcome else await begun  # type: ignore[misc]

    def begin(self, call: Call) -> Outcome | Coroutine[Any, Any, Outcome]:
        """Answer one call on the spot where nothing must be waited for; otherwise await the rest.

        A command that changes something is on its way already. Never raises, and neither does the rest.
        """
        size = text_size(call.args)
        if size and self._warmth.worth(size):
            return self._prepared(call, size)
        return self._begin(call)

    async def _prepared(self, call: Call, size: int) -> Outcome:
        """Answer a call that brings a large schema, once that was read and compared off the loop."""
        try:
            work = preparation(self._state, call.args)
        except Exception as error:  # noqa: BLE001
            return self._failed(error, call)
        if work is not None:
            await self._warmth.run(size, work)
        begun = self._begin(call)
        return begun if type(begun) is Outcome else await begun  # type: ignore[misc]

    def _begin(self, call: Call) -> Outcome | Coroutine[Any, Any, Outcome]:
        route, args, principal = call
        try:
            if route.name not in COMMANDS:
                return self._read(call)
            answer = self._engine.try_now(COMMANDS[route.name], args, cause=route.name, principal=principal)
        except Exception as error:  # noqa: BLE001  (told apart there)
            return self._failed(error, call)
        if type(answer) is Answered:
            return Outcome(answer.reply, None, answer.seq, False, principal)
        return self._written(answer, call)  # type: ignore[arg-type]

    async def _written(self, answer: Awaitable[Answered], call: Call) -> Outcome:
        reply, stale, seq, refusal = await answer
        if refusal is not None:
            return self._failed(refusal, call, stale=stale)
        return Outcome(reply, None, seq, stale, call.principal)

    def _read(self, call: Call) -> Outcome | Coroutine[Any, Any, Outcome]:
        route, args, principal = call
        if route.freshness is Freshness.FRESH and not self._guard.fresh_now():
            return self._read_later(call)
        try:
            reply = QUERIES[route.name](self._state, args)
        except Refusal as refusal:
            if not _missed(route, refusal):
                raise
            # It may only be that this instance does not know it yet: read the log once, ask again.
            if not self._guard.fresh_now():
                return self._read_later(call)
            raise
        return Outcome(reply, None, self._state.seq, False, principal)

    async def _read_later(self, call: Call) -> Outcome:
        route, args, principal = call
        stale = False
        try:
            stale = not await self._guard.fresh()
            reply = QUERIES[route.name](self._state, args)
        except Exception as error:  # noqa: BLE001
            if stale and isinstance(error, Refusal) and _missed(route, error):
                # Another instance may have acknowledged it; and a client may remember what is not there.
                unknown = Refusal(
                    Fault.STORE_UNAVAILABLE, why="not known here, and the store does not answer"
                )
                return self._failed(unknown, call)
            return self._failed(error, call, stale=stale)
        return Outcome(reply, None, 0 if stale else self._state.seq, stale, principal)

    def _failed(self, error: Exception, call: Call, *, stale: bool = False) -> Outcome:
        if isinstance(error, Refusal):
            return Outcome(None, error, 0, stale, call.principal)
        if isinstance(error, RecursionError):
            error = Refusal(Fault.INVALID_SCHEMA, why="The schema is nested too deeply")
            return Outcome(None, error, 0, False, call.principal)
        # A defect: told in the log, not to the client.
        log.error("%s failed", call.route.name, exc_info=error)
        return Outcome(None, Refusal(Fault.INTERNAL), 0, False, call.principal)


def _missed(route: Route, refusal: Refusal) -> bool:
    """Whether what never changes was not found, as far as this instance knows."""
    return route.freshness is Freshness.IMMUTABLE and refusal.fault.status == 404
