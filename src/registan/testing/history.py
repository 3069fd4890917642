"""What clients of several instances asked and were told, and whether the log explains all of it.

The log is the order of all writes. An operation must have a place in that order where its answer is
true; places must follow the order in which operations ended and began (linearizability), and nothing
may be seen before anybody asked for it. All clocks are one: the clients run in one process. What
never lives here: asking.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf
from typing import NamedTuple

from registan.model.commit import Commit, Drop
from registan.model.record import Schema, Version
from registan.testing.simulate_history import Violation, check_log, check_numbers


class Placed(NamedTuple):
    """A schema in a subject, as a reply tells of it."""

    id: int
    version: int
    text: str


@dataclass(slots=True, eq=False)
class Operation:
    """One call. Where its client never learnt the outcome `known` is False and `ended` never.

    | kind | asks by | is answered by `found` |
    |---|---|---|
    | register | subject, text | `Placed` |
    | latest | subject | `Placed`, or None: there is none |
    | versions | subject | numbers of live versions |
    | schema | id | the text, or None: there is none |
    | delete | subject, version | whether it was there to be deleted |
    """

    kind: str
    subject: str = ""
    text: str = ""
    version: int = 0
    id: int = 0
    began: float = 0.0
    ended: float = inf
    known: bool = False
    found: object = None
    where: str = ""
    """Which instance was asked, for people."""

    def __str__(self) -> str:
        """For people."""
        asked = f"{self.kind} {self.subject} {self.text} {self.version or ''}{self.id or ''}"
        told = f"{self.found}" if self.known else "?"
        return f"{asked} of {self.where} from {self.began:.4f} to {self.ended:.4f}: {told}"


Cause = tuple[str, str, str, int]
"""Kind, subject, text and version of what was asked for."""


@dataclass(slots=True)
class _Life:
    """A version: its schema, and the places in the log between which it is live."""

    id: int
    born: int
    died: float = inf


class Log:
    """The commits, by subject and by id. A place is the number of a change, from 1; 0 is before all."""

    def __init__(self, commits: Iterable[Commit]) -> None:
        self.texts: dict[int, tuple[str, int]] = {}
        """By id: the text, and where it was given the id."""
        self.lives: dict[str, dict[int, _Life]] = {}
        """By subject and version, in the order of versions."""
        self.births: dict[str, list[int]] = {}
        self.causes: list[Cause | None] = [None]
        """By place: what was asked for; None where nobody needs to."""
        for commit in commits:
            for change in commit.changes:
                self.causes.append(None)
                record = change.record
                if isinstance(record, Schema) and type(change) is not Drop:
                    self.texts.setdefault(record.id, (record.source.text, len(self.causes) - 1))
                elif isinstance(record, Version):
                    if type(change) is Drop:
                        self._dropped(record)
                    else:
                        self._version(record, len(self.causes) - 1)

    def _dropped(self, record: Version) -> None:
        """What was deleted makes room when its content is registered again; nobody can tell."""
        life = self.lives.get(record.subject.name, {}).get(record.version)
        if life is None or life.died == inf:
            raise Violation(f"nobody asked to drop {record}")

    def _version(self, record: Version, place: int) -> None:
        subject, number = record.subject.name, record.version
        lives = self.lives.setdefault(subject, {})
        life = lives.get(number)
        if life is None and not record.deleted:
            lives[number] = _Life(record.schema_id, place)
            self.births.setdefault(subject, []).append(place)
            text = self.text(record.schema_id) or ""
            self.causes[place] = ("register", subject, text, number)
            if self.texts.get(record.schema_id, ("", 0))[1] == place - 1:  # the id was given with it
                self.causes[place - 1] = self.causes[place]
        elif life is not None and record.deleted and life.died == inf:
            life.died = place
            self.causes[place] = ("delete", subject, "", number)
        else:
            raise Violation(f"version {number} of {subject} was written twice: {record}")

    def text(self, schema_id: int) -> str | None:
        """The text of an id."""
        return self.texts.get(schema_id, (None, 0))[0]

    def earliest(self, operation: Operation, floor: int) -> float:
        """The first place, from `floor` on, where the answer is true; infinity where there is none."""
        lives = self.lives.get(operation.subject, {})
        found = operation.found
        match operation.kind:
            case "schema":
                text, born = self.texts.get(operation.id, (None, inf))
                if found is None:
                    return floor if floor < born else inf
                return max(floor, born) if text == found else inf
            case "register" | "latest" if isinstance(found, Placed):
                life = lives.get(found.version)
                if life is None or (life.id, self.text(life.id)) != (found.id, found.text):
                    return inf
                if operation.kind == "register":
                    return _within(life, floor)
                return self._alone(operation.subject, floor, [found.version], only_above=True)
            case "latest":
                return self._alone(operation.subject, floor, [])
            case "versions" if isinstance(found, Sequence):
                return self._alone(operation.subject, floor, found)
            case "delete":
                life = lives.get(operation.version)
                if found is True:
                    return life.died if life is not None and life.died >= floor else inf
                if life is None or floor < life.born:
                    return floor
                return max(floor, life.died)
        raise ValueError(f"no such operation: {operation}")

    def _alone(self, subject: str, floor: int, numbers: Sequence[int], *, only_above: bool = False) -> float:
        """The first place where exactly these versions are live (with `only_above` none above them)."""
        lives = self.lives.get(subject, {})
        births = self.births.get(subject, [])
        if any(number not in lives for number in numbers):
            return inf
        place: float = max([floor, *(lives[number].born for number in numbers)])
        wanted, least = set(numbers), max(numbers) if only_above else 0
        while True:
            others = range(least + 1, bisect_right(births, place) + 1)
            late = max((lives[n].died for n in others if n not in wanted), default=0)
            if late <= place:
                break
            place = late
        return place if all(place < lives[number].died for number in numbers) else inf


def _within(life: _Life, floor: int) -> float:
    place = max(floor, life.born)
    return place if place < life.died else inf


def _number(found: object) -> int:
    return found.version if isinstance(found, Placed) else 0


def check(operations: Sequence[Operation], commits: Sequence[Commit]) -> None:
    """Raise `Violation` where something told is not so.

    Operations that may be answered from the past, and were told to be (`Warning`), do not belong here.
    """
    check_log(commits)
    check_numbers(commits)
    log = Log(commits)
    _check_contents(log)
    asked_at = _asked_at(log, operations)
    _check_deletes(operations)
    floor = _Floor()
    for operation in sorted(operations, key=lambda o: o.began):
        if not operation.known:
            continue
        least = floor.at(operation.began)
        place = log.earliest(operation, least)
        if place == inf:
            raise Violation(f"nothing in the log from change {least} on explains {operation}")
        if asked_at[int(place)] > operation.ended:
            raise Violation(f"it tells of what was asked for only later (change {place}): {operation}")
        floor.ends(operation, int(place))


class _Floor:
    """The place that whatever begins now may not fall behind."""

    def __init__(self) -> None:
        self._ended: list[tuple[float, int]] = []
        self._place = 0

    def at(self, moment: float) -> int:
        """The place of what ended before the moment; moments must not go back."""
        while self._ended and self._ended[0][0] < moment:
            self._place = max(self._place, heappop(self._ended)[1])
        return self._place

    def ends(self, operation: Operation, place: int) -> None:
        """The operation has this place."""
        heappush(self._ended, (operation.ended, place))


def _check_contents(log: Log) -> None:
    """A content has one id, an id has one content."""
    ids: dict[str, int] = {}
    for schema_id, (text, _) in log.texts.items():
        if ids.setdefault(text, schema_id) != schema_id:
            raise Violation(f"{text} has the ids {ids[text]} and {schema_id}")


def _asked_at(log: Log, operations: Iterable[Operation]) -> list[float]:
    """By place: no earlier than this the log can have been so long."""
    asked: dict[Cause, float] = {}
    for operation in operations:
        if operation.kind == "delete" and operation.found is False:
            continue
        number = _number(operation.found) or operation.version  # 0 where it is not known
        cause = (operation.kind, operation.subject, operation.text, number)
        asked[cause] = min(asked.get(cause, inf), operation.began)
    made, latest = [], -inf
    for caused in log.causes:
        if caused is not None:
            began = min(asked.get(caused, inf), asked.get((*caused[:3], 0), inf))
            if began == inf:
                raise Violation(f"nobody asked for this: {caused}")
            latest = max(latest, began)
        made.append(latest)
    return made


def _check_deletes(operations: Iterable[Operation]) -> None:
    """A version is deleted once."""
    seen: dict[tuple[str, int], Operation] = {}
    for operation in operations:
        if operation.kind == "delete" and operation.known and operation.found is True:
            first = seen.setdefault((operation.subject, operation.version), operation)
            if first is not operation:
                raise Violation(f"deleted twice: {first}, {operation}")
