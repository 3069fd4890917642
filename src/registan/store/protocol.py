"""The port every back-end implements.

A back-end keeps commits and the records they add up to. It decides nothing but one thing: who was
first at a sequence number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable
from uuid import UUID

from registan.model.commit import Commit
from registan.model.record import Record


class Conflict(Exception):  # noqa: N818  (an expected answer of the port)
    """Another commit already stands at this seq."""


class Unknown(Exception):  # noqa: N818
    """The answer was lost: the commit may or may not stand in the log."""


class Unavailable(Exception):  # noqa: N818
    """The store cannot be reached or cannot write; nothing was written."""


class Damaged(Unavailable):
    """A row holds what none of ours ever wrote there; the text says which. The rest may be fine."""


class Truncated(Exception):  # noqa: N818
    """The history asked for was pruned: what it added up to is in the records, so load again."""


class TooNew(Exception):  # noqa: N818
    """The log holds a level that this release does not know."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The state as of one moment: all records after the commit `seq`."""

    seq: int
    records: Iterable[Record]
    newest: UUID | None = None
    """The id of the commit at `seq`, where it was read with them."""


class Glance(NamedTuple):
    """What the log is at one moment, seen by somebody who knows a part of it."""

    seq: int
    """The newest seq."""
    known: UUID | None
    """The id of the commit at the seq that was asked about; None where none stands there: 0, pruned, or
    the log does not go so far."""


class Store(Protocol):
    """One ordered log of commits and the records it adds up to. `seq` starts at 1 and has no holes."""

    name: str
    """The configured type: memory, sqlite, postgresql, …"""

    async def open(self) -> None:
        """Connect; create or migrate tables under a lock. Raises `Unavailable`."""
        ...

    async def close(self) -> None:
        """Finish what is being written and let go of everything."""
        ...

    async def load(self) -> Loaded:
        """The newest seq and all records, as of one moment. Raises `Unavailable`, `TooNew`, `Damaged`.

        The last two may be raised only when the records are taken.
        """
        ...

    async def head(self) -> int:
        """The newest seq, linearizable: no commit acknowledged before the call is missed.

        Raises `Unavailable`.
        """
        ...

    async def look(self, known: int) -> Glance:
        """The newest seq as `head` tells it, and which commit stands at `known`. Raises `Unavailable`.

        A log that was put back to an earlier state under this handle is told as it is now.
        """
        ...

    def head_now(self) -> int | None:
        """`head` where it can be told without waiting (an embedded store), else None.

        None also where it is no news that the seq is what it was: the log was put back meanwhile.
        """
        ...

    async def read(self, after: int, limit: int) -> Sequence[Commit]:
        """At most `limit` commits behind `after`, in order, without holes; fewer where they are big.

        None means that `after` is the newest. What is given is durable, as what `load` gives: no crash
        takes it back. Raises `Truncated`, `TooNew`, `Damaged`, `Unavailable`.
        """
        ...

    async def append(self, commit: Commit, after: UUID | None = None) -> None:
        """Write at exactly `commit.seq`, and the records with it; durable when this returns.

        `after` is the commit that the writer knows to stand before it, where it knows that. A store that
        can see it in the same step builds on no other one (all but Cassandra can).

        Raises `Conflict` where another one stands before it, or a commit stands at that seq already (be
        it this very one), `Unknown`, `Unavailable`, and `ValueError`, for a defect of the caller, where
        it would leave a hole. One whose waiting is cancelled may or may not take place, but never in
        part. Never tried twice in here: `Conflict` on the first call means that it was not written.
        """
        ...

    async def begin(self, commit: Commit, records: Iterable[Record]) -> None:
        """Begin an empty log with this commit at whatever seq it has, as if all before it were pruned.

        `records`, in the order of their last writes, are what the log adds up to from then on, in
        place of what the commit's own changes say; durable when this returns. Only for copies of a
        log. Raises `Conflict` where any commit stands, `Unknown` and `Unavailable`; one that failed
        may be tried again.
        """
        ...

    async def wait(self, after: int, timeout_s: float) -> None:
        """Return when there may be commits behind `after`, or at the time-out. Only a hint."""
        ...

    async def prune(self, through: int) -> None:
        """Forget history up to and with `through`; never state, and never the newest commit."""
        ...

    async def ping(self) -> None:
        """Answer if the store could be written to. Raises `Unavailable`."""
        ...


class Pooling(NamedTuple):
    """How a pool of connections is at a moment."""

    idle: int
    in_use: int
    most: int
    """How many it may open."""


@runtime_checkable
class Pooled(Protocol):
    """A store that keeps several connections may tell of them."""

    name: str

    def pool(self) -> Pooling | None:
        """What the pool holds now; None while there is no pool. Asked in another thread, must not wait."""
        ...


@runtime_checkable
class Showing(Protocol):
    """A store that shows people a table which it keeps beside the records, and not a view of them."""

    async def astray(self, seq: int, records: Sequence[Record]) -> Sequence[tuple[str, str]]:
        """Rows that do not show what `records` were at `seq`: which one, and why. Raises `Unavailable`."""
        ...
