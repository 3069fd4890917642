"""What was asked and answered, and whether one serial order explains it.

The order is that of the log: its commands are decided again, one after the other, on a state of their
own. Every reply must be what its call gets at some moment of that order between its beginning and its
end, and moments must not contradict the order in which calls ended and began (linearizability). What
never lives here: how anything was simulated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from registan.contract.route import Freshness
from registan.core import bound
from registan.core.handlers import COMMANDS, QUERIES
from registan.core.state import State
from registan.dispatch import Call, Outcome
from registan.model.commit import Change, Commit, Drop, Put
from registan.model.fault import Fault, Refusal
from registan.model.record import Schema, Version
from registan.model.schema import Source
from registan.model.subject import Subject
from registan.testing.simulate_work import IMPORTED, facts_of

assert bound.ROUTES, "handlers bind themselves when they are imported"

NOT_KNOWN = "whether the write took place is not known"
"""What a refusal says when the fate of the write could not be found out."""


class Violation(AssertionError):  # noqa: N818  (a verdict)
    """Something that must hold does not."""


@dataclass(slots=True, eq=False)
class Operation:
    """A call and what its client saw of it. Without an outcome it got none: the instance died."""

    number: int
    call: Call
    began: int
    """A place in the one order of all beginnings and endings."""
    ended: int = 0
    outcome: Outcome | None = None
    ceiling: int = 0
    """The newest commit of the log when the client had the answer."""

    @property
    def answered(self) -> bool:
        """Whether there is a reply, or a refusal by a rule, to be explained."""
        return self.outcome is not None and not self.unavailable

    @property
    def unavailable(self) -> bool:
        """Whether the answer was that the store could not be reached."""
        refusal = self.outcome.refusal if self.outcome is not None else None
        return refusal is not None and refusal.fault is Fault.STORE_UNAVAILABLE

    @property
    def may_stand(self) -> bool:
        """Whether its commit may be in the log, by what the client was told."""
        if self.outcome is None:
            return True
        refusal = self.outcome.refusal
        return refusal is None or (self.unavailable and NOT_KNOWN in refusal.message)

    def __str__(self) -> str:
        """For people."""
        outcome = self.outcome
        if outcome is None:
            told = "the instance died"
        else:
            told = _brief(outcome.refusal or outcome.reply) + (" (stale)" if outcome.stale else "")
        return f"call {self.number} {self.asked}: {told}"

    @property
    def asked(self) -> str:
        """What was asked, for people."""
        return f"{self.call.route.name} {_brief(self.call.args)}"


def _brief(value: object) -> str:
    """A value on one line, without what it leaves open."""
    text = str(value).replace("\n", " ").replace("\\n", " ")
    return re.sub(r"\w+=(None|False|'')(, )?", "", text)


class History:
    """All operations of one run."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._clock = count(1)

    def begin(self, call: Call) -> Operation:
        """A client asks."""
        operation = Operation(int(call.principal.name), call, next(self._clock))
        self.operations.append(operation)
        return operation

    def end(self, operation: Operation, outcome: Outcome | None, ceiling: int) -> None:
        """The client knows."""
        operation.ended = next(self._clock)
        operation.outcome = outcome
        operation.ceiling = ceiling


def explain(history: History, commits: Sequence[Commit]) -> State:
    """The state that the log adds up to. Raises `Violation`."""
    check_log(commits)
    check_numbers(commits)
    replay = _Replay(history.operations, commits)
    replay.point(0)
    for commit in commits:
        replay.commit(commit)
    replay.finish()
    return replay.state


def check_log(commits: Sequence[Commit]) -> None:
    """No gap, no duplicate."""
    if [commit.seq for commit in commits] != list(range(1, len(commits) + 1)):
        raise Violation(f"the log has a gap or a duplicate: {[commit.seq for commit in commits]}")
    if len({commit.id for commit in commits}) != len(commits):
        raise Violation("a commit stands twice in the log")


def check_numbers(commits: Sequence[Commit]) -> None:
    """Ids and versions are given once, and without gaps where no client chooses them."""
    schemas: dict[str, dict[int, Source]] = {}
    versions: dict[Subject, dict[int, int]] = {}
    highest: dict[Subject, int] = {}
    for change in (change for commit in commits for change in commit.changes):
        record = change.record
        if isinstance(record, Schema) and type(change) is Put:
            _check_id(record, schemas.setdefault(record.context, {}))
        elif isinstance(record, Version):
            subject, number = record.subject, record.version
            known = versions.setdefault(subject, {})
            if type(change) is Drop:
                del known[number]
                continue
            before = highest.get(subject, 0)
            if number > before + 1 and subject.context != IMPORTED:
                raise Violation(f"version {number} of {subject} follows {before}")
            if known.setdefault(number, record.schema_id) != record.schema_id:
                raise Violation(f"version {number} of {subject} was given to two schemas")
            highest[subject] = max(before, number)


def _check_id(schema: Schema, known: dict[int, Source]) -> None:
    chosen = schema.context == IMPORTED or schema.id in known
    if not chosen and schema.id != max(known, default=0) + 1:
        raise Violation(f"id {schema.id} of context {schema.context} follows {max(known, default=0)}")
    if known.setdefault(schema.id, schema.source) != schema.source:
        raise Violation(f"id {schema.id} of context {schema.context} was given to two contents")


class _Replay:
    """One pass over the log."""

    def __init__(self, operations: Iterable[Operation], commits: Iterable[Commit]) -> None:
        self.state = State()
        self._by_number = {operation.number: operation for operation in operations}
        written = [number for commit in commits for number in _numbers(commit)]
        if len(set(written)) != len(written):
            raise Violation(f"a call stands twice in the log: {sorted(written)}")
        self._written = set(written)
        self._waiting = sorted(
            (o for o in self._by_number.values() if o.answered and o.number not in self._written),
            key=lambda o: o.began,
        )
        bounds = [o for o in self._by_number.values() if self._binds(o)]
        self._bounds = sorted(bounds, key=lambda o: -o.ended)
        self._placed: set[int] = set()

    def _binds(self, operation: Operation) -> bool:
        """Whether what begins after its end must come after it in the order."""
        if not operation.answered:
            return False
        return operation.number in self._written or not _unbound(operation)

    def _oldest(self) -> int:
        """The end of the first operation to end of those that have no moment yet."""
        bounds = self._bounds
        while bounds and bounds[-1].number in self._placed:
            bounds.pop()
        return bounds[-1].ended if bounds else 1 << 60

    def point(self, seq: int) -> None:
        """A moment of the order, in or behind the commit `seq`: explain what can be explained now."""
        left = []
        for operation in self._waiting:
            if operation.ceiling < seq:
                raise Violation(f"no moment before commit {seq} explains {operation}")
            bound_ok = _unbound(operation) or self._oldest() > operation.began
            if bound_ok and _explains(self.state, operation):
                self._placed.add(operation.number)
            else:
                left.append(operation)
        self._waiting = left

    def commit(self, commit: Commit) -> None:
        """Decide its commands again."""
        state = self.state
        changes: list[Change] = []
        state.begin()
        for number in _numbers(commit):
            changes += self._command(commit, self._by_number[number])
            self.point(commit.seq)
        state.rollback()
        if tuple(changes) != commit.changes:
            raise Violation(f"commit {commit.seq} holds {commit.changes}, its commands make {changes}")
        state.apply(commit.seq, commit.changes)

    def _command(self, commit: Commit, operation: Operation) -> tuple[Change, ...]:
        if not operation.may_stand:
            raise Violation(f"commit {commit.seq} holds what was refused: {operation}")
        if operation.answered and operation.ceiling < commit.seq:
            raise Violation(f"answered before commit {commit.seq} was durable: {operation}")
        if self._oldest() < operation.began:
            raise Violation(f"commit {commit.seq} comes before what ended before it began: {operation}")
        route, args, principal = operation.call
        try:
            decision = COMMANDS[route.name](self.state, args, facts_of(principal))
        except Refusal as refusal:
            raise Violation(f"commit {commit.seq} should be refused ({refusal}): {operation}") from None
        if operation.answered and operation.outcome is not None and decision.reply != operation.outcome.reply:
            raise Violation(f"commit {commit.seq} would answer {decision.reply}: {operation}")
        self.state.make(decision.changes)
        self._placed.add(operation.number)
        changes: tuple[Change, ...] = decision.changes
        return changes

    def finish(self) -> None:
        """Nothing may be left."""
        for operation in self._waiting:
            raise Violation(f"nothing in the log explains {operation}")


def _numbers(commit: Commit) -> list[int]:
    return [int(name) for name in commit.actor.split(", ")]


def _unbound(operation: Operation) -> bool:
    """Whether it may have seen the past: a read told to be stale, or one that may come from memory."""
    outcome, route = operation.outcome, operation.call.route
    assert outcome is not None
    return outcome.stale or (
        route.freshness is not Freshness.FRESH and outcome.refusal is None and route.name in QUERIES
    )


def _explains(state: State, operation: Operation) -> bool:
    route, args, principal = operation.call
    outcome = operation.outcome
    assert outcome is not None
    changes: Sequence[Change] = ()
    try:
        if route.name in QUERIES:
            reply = QUERIES[route.name](state, args)
        else:
            changes, reply = COMMANDS[route.name](state, args, facts_of(principal))
    except Refusal as refusal:
        refused = outcome.refusal
        return refused is not None and (refused.fault, refused.message) == (refusal.fault, refusal.message)
    return outcome.refusal is None and not changes and bool(reply == outcome.reply)
