"""The one road every request takes, whatever brought it: HTTP, a tool, a job.

Authenticate, authorise, freshen, execute, audit, measure: one function, read from top to bottom.
What never lives here: a rule of the registry, a word of HTTP.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple, Protocol

from registan.contract.route import Freshness, Route
from registan.core.handlers import COMMANDS, QUERIES
from registan.core.state import State
from registan.model.fault import Fault, Refusal
from registan.model.identity import ANONYMOUS, Principal
from registan.runtime.engine import Answered, Engine
from registan.runtime.freshness import Freshness as Guard

log = logging.getLogger(__name__)

Measure = Callable[[int, float], None]


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

    def __init__(self, state: State, engine: Engine, guard: Guard, recorder: Recorder) -> None:
        self._state = state
        self._engine = engine
        self._guard = guard
        self._recorder = recorder
        self._measures: dict[str, Measure] = {}

    @property
    def seq(self) -> int:
        """The newest commit that is applied."""
        return self._state.seq

    def known_is_fresh(self, route: Route, seq: int) -> bool:
        """Whether a reply given at `seq` is still the reply, without waiting."""
        if seq != self._state.seq:
            return False
        return route.freshness is Freshness.LOCAL or self._guard.fresh_now()

    def measure(self, route: Route, status: int, started: float) -> None:
        """Record one finished request."""
        record = self._measures.get(route.name)
        if record is None:
            record = self._recorder.request(route.name, route.method.value)
            self._measures[route.name] = record
        record(status, perf_counter() - started)

    async def __call__(self, call: Call) -> Outcome:
        """Answer one call; never raises."""
        route, args, principal = call
        try:
            if route.name in COMMANDS:
                answer = self._engine.try_now(
                    COMMANDS[route.name], args, cause=route.name, principal=principal
                )
                if type(answer) is Answered:
                    return Outcome(answer.reply, None, self._state.seq, False, principal)
                answered: Answered = await answer  # type: ignore[misc]
                return Outcome(answered.reply, None, 0, answered.stale, principal)
            return await self._read(call)
        except Refusal as refusal:
            return Outcome(None, refusal, 0, self._guard.stale, principal)
        except RecursionError:
            deep = Refusal(Fault.INVALID_SCHEMA, why="The schema is nested too deeply")
            return Outcome(None, deep, 0, False, principal)
        except Exception:  # a defect: told in the log, not to the client
            log.exception("%s failed", route.name)
            return Outcome(None, Refusal(Fault.INTERNAL), 0, False, principal)

    async def _read(self, call: Call) -> Outcome:
        route, args, principal = call
        handler = QUERIES[route.name]
        fresh = True
        if route.freshness is Freshness.FRESH and not self._guard.fresh_now():
            fresh = await self._guard.fresh()
        try:
            reply = handler(self._state, args)
        except Refusal as refusal:
            if route.freshness is not Freshness.IMMUTABLE or refusal.fault.status != 404:
                raise
            # It may only be that this instance does not know it yet: read the log once, ask again.
            if not self._guard.fresh_now():
                fresh = await self._guard.fresh()
            reply = handler(self._state, args)
        return Outcome(reply, None, self._state.seq if fresh else 0, not fresh, principal)
