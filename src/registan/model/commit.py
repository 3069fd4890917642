"""Commits: the ordered, immutable truth.

A change is a fact (this record is now so; this key is gone), never an intention, so that applying
one needs no rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from registan.model.record import KIND_OF, RECORDS, Kind, Record, place_of

LEVEL = 1
"""The newest log level this release writes and understands; a higher one makes it stop, not guess."""


@dataclass(frozen=True, slots=True)
class Put:
    """The record is now so."""

    record: Record

    @property
    def kind(self) -> Kind:
        """The record's kind."""
        return KIND_OF[type(self.record)]

    @property
    def key(self) -> str:
        """The record's key."""
        return place_of(self.record)[1]


@dataclass(frozen=True, slots=True)
class Drop:
    """The key holds nothing any more. `record` is what it held, so that nobody must look it up."""

    record: Record

    @property
    def kind(self) -> Kind:
        """The dropped record's kind."""
        return KIND_OF[type(self.record)]

    @property
    def key(self) -> str:
        """The dropped record's key."""
        return place_of(self.record)[1]


Change = Put | Drop


def level_of(changes: Iterable[Change]) -> int:
    """The lowest level that understands all of these; what a commit of them is written at."""
    return max((RECORDS[change.kind].level for change in changes), default=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """All changes of one or more commands, at one place in the log.

    `seq` starts at 1 and has no holes; `id` is the writer's own, to recognise a commit whose
    acknowledgement was lost; `at` is milliseconds since 1970 by the writer's clock (never compared);
    `actor` is who asked, `cause` the route.
    """

    seq: int
    id: UUID
    at: int
    actor: str
    cause: str
    level: int
    changes: tuple[Change, ...]
