"""A command on its way: what is asked for, by whom, what was decided, and who waits for the answer.

What lives here: one command. What never does: the order of commands, a commit, the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from registan.core.handlers import Handler
from registan.core.state import State
from registan.model.commit import Change
from registan.model.identity import Principal
from registan.model.record import Schema
from registan.runtime.facts import FactsOf

Args = Any
"""The arguments of a route: a dataclass that handler and caller agree on."""

Reply = Any
"""What the route's handler answers."""

CHANGE_BYTES = 200
"""What a change weighs towards `batch_bytes_max` besides the text of a schema."""


class Answered(NamedTuple):
    """A reply, or a refusal, that holds: what it tells of is durable."""

    reply: Reply
    stale: bool = False
    """Whether nothing had to be written as far as is known, while the store could not be asked."""
    seq: int = 0
    """The state at which nothing had to be written, so that the same would be replied again; else 0."""
    refusal: Exception | None = None
    """What is to be raised instead of giving the reply."""


class Command:
    """A command on its way."""

    __slots__ = (
        "alone",
        "args",
        "attempts",
        "cause",
        "changes",
        "deadline",
        "decided_at",
        "future",
        "handler",
        "learnt",
        "principal",
        "refusal",
        "reply",
        "weight",
    )

    def __init__(self, handler: Handler, args: Args, cause: str, principal: Principal) -> None:
        self.handler = handler
        self.args = args
        self.cause = cause
        self.principal = principal
        self.future: asyncio.Future[Answered]
        self.deadline: float
        """When, by the loop's clock, it has waited for too long to be begun."""
        self.attempts = 0
        self.alone = False
        """Whether it must not share a commit, because one that it was in could not be written."""
        self.decided_at = -1
        """The seq of the bare state it was decided on; -1 where it must be decided (again)."""
        self.learnt: int | None = None
        """Up to where the log was read since this was asked for; None where it was not."""
        self.changes: Sequence[Change] = ()
        self.weight = 0
        self.reply: Reply = None
        self.refusal: Exception | None = None

    def decide(self, state: State, facts: FactsOf) -> None:
        """Ask the handler; whatever it raises is raised."""
        self.changes, self.weight = (), 0
        changes, self.reply = self.handler(state, self.args, facts(self.principal))
        if changes:
            self.weight = sum(map(_weight, changes))
            self.changes = changes

    def answer(self, *, stale: bool = False, seq: int = 0) -> None:
        """Give the caller, unless it has gone, what was decided."""
        refusal, self.refusal = self.refusal, None  # or the error's traceback would refer to itself
        if not self.future.done():
            self.future.set_result(Answered(None if refusal else self.reply, stale, seq, refusal))

    def refuse(self, refusal: Exception) -> None:
        """Give the caller an error instead."""
        self.refusal = refusal
        self.answer()


def _weight(change: Change) -> int:
    record = change.record
    return CHANGE_BYTES + (len(record.source.text) if type(record) is Schema else 0)
