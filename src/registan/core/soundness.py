"""Whether records make sense together, and whether they are what a log adds up to.

What lives here: checks of what the registry itself never writes otherwise, for `registan store check`
after a damage or a restored backup. What never does: repair, and reading a store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from registan.core.sources import LATEST, parsed_schema
from registan.core.state import State, target
from registan.formats.protocol import Invalid
from registan.model.commit import Commit, Put
from registan.model.keys import Dek, Kek
from registan.model.policy import Defaults
from registan.model.record import ContextEntry, Kind, Record, Schema, Version, place_of
from registan.model.subject import DEFAULT_CONTEXT

Place = tuple[Kind, str]
"""Kind and key of a record."""


class Finding(NamedTuple):
    """Something that should not be: its kind, the key of the record (or the place in the log), and why."""

    kind: str
    key: str
    why: str

    def __str__(self) -> str:
        return f"{self.kind} {self.key}: {self.why}"


def _named(record: Record) -> str:
    kind, key = place_of(record)
    return f"{kind.value} {key}"


def unsound(records: Sequence[Record], defaults: Defaults | None = None) -> Iterator[Finding]:
    """What does not fit together among all records of a store; `defaults` limit nested references."""
    yield from _doubled(records)
    schemas = {(r.context, r.id) for r in records if isinstance(r, Schema)}
    lost = [r for r in records if isinstance(r, Version) and (r.subject.context, r.schema_id) not in schemas]
    for version in lost:
        yield Finding(
            "schema-missing", _named(version), f"there is no schema with the id {version.schema_id}"
        )
    yield from _without_context(records)
    yield from _without_kek(records)
    state = State(defaults)
    without = set(lost)
    state.load(0, (r for r in records if not (isinstance(r, Version) and r in without)))
    for record in records:
        if isinstance(record, Schema):
            yield from _schema(state, record)


def _doubled(records: Sequence[Record]) -> Iterator[Finding]:
    seen: set[Place] = set()
    for record in records:
        place = place_of(record)
        if place in seen:
            yield Finding("record-doubled", _named(record), "it is there a second time, under another key")
        seen.add(place)


def _without_context(records: Sequence[Record]) -> Iterator[Finding]:
    entries = {r.name for r in records if isinstance(r, ContextEntry)}
    used = {r.context: None for r in records if isinstance(r, Schema)}
    for name in used:
        if name != DEFAULT_CONTEXT and name not in entries:
            yield Finding("context-missing", f"context {name}", "schemas are in it, but it has no record")


def _without_kek(records: Sequence[Record]) -> Iterator[Finding]:
    keks = {r.name for r in records if isinstance(r, Kek)}
    for record in records:
        if isinstance(record, Dek) and record.kek_name not in keks:
            yield Finding("kek-missing", _named(record), f"there is no key {record.kek_name!r} to unwrap it")


def _schema(state: State, schema: Schema) -> Iterator[Finding]:
    source = schema.source
    if schema.guid != source.guid:
        yield Finding(
            "guid-mismatch", _named(schema), f"kept as {schema.guid}, the content's is {source.guid}"
        )
    dangling = False
    for reference in source.references:
        subject, number = target(reference, schema.context)
        entry = state.subject(subject)
        if entry is None or (number != LATEST and number not in entry.versions):
            dangling = True
            why = f"refers to {subject} version {number}, which is not there"
            yield Finding("reference-dangling", _named(schema), why)
    if dangling:
        return
    try:
        parsed_schema(state, schema)
    except Invalid as invalid:
        yield Finding("schema-unparsable", _named(schema), " ".join(str(invalid).split()))


class Replay:
    """What commits, added in order, say about the records at their end."""

    def __init__(self) -> None:
        self._last: dict[Place, Record | None] = {}
        """By key the record last put, or None where it was dropped, in the order of these changes."""
        self._highest: dict[str, int] = {}
        """By context the highest id ever given."""

    def add(self, commit: Commit) -> None:
        """The next commit."""
        for change in commit.changes:
            record = change.record
            place = place_of(record)
            self._last.pop(place, None)
            self._last[place] = record if type(change) is Put else None
            if isinstance(record, Schema):
                self._highest[record.context] = max(self._highest.get(record.context, 0), record.id)

    def compare(self, records: Sequence[Record], *, whole: bool) -> Iterator[Finding]:
        """Where the records of a store are not what the commits say.

        `whole` is whether the commits are all there ever were; else what they do not touch is unknown.
        """
        held = {place_of(record): record for record in records}
        for (kind, key), record in self._last.items():
            found = held.get((kind, key))
            name = f"{kind.value} {key}"
            if record is None and found is not None:
                yield Finding("record-stray", name, "the log dropped it, and it is there")
            elif record is not None and found is None:
                yield Finding("record-lost", name, "the log put it, and it is not there")
            elif record != found:
                yield Finding("record-differs", name, "it is not what the log put last")
        if whole:
            for kind, key in held:
                if (kind, key) not in self._last:
                    yield Finding("record-stray", f"{kind.value} {key}", "the log never put it")
        yield from self._order(held)
        yield from self._counters(records)

    def _order(self, held: Iterable[Place]) -> Iterator[Finding]:
        """Records are kept in the order of their last writes; those of before the log come first."""
        touched = [place for place in held if place in self._last]
        known = set(touched)
        expected = [place for place in self._last if place in known]
        for found, place in zip(touched, expected, strict=True):
            if found != place:
                why = f"{place[0].value} {place[1]} was written before it and stands behind it"
                yield Finding("record-order", f"{found[0].value} {found[1]}", why)
                return

    def _counters(self, records: Sequence[Record]) -> Iterator[Finding]:
        counters: dict[str, int] = {}
        for record in records:
            if isinstance(record, ContextEntry):
                counters[record.name] = max(counters.get(record.name, 0), record.last_id)
            elif isinstance(record, Schema):
                counters[record.context] = max(counters.get(record.context, 0), record.id)
        for context, highest in self._highest.items():
            known = counters.get(context, 0)
            if known < highest:
                why = f"the next id would follow {known}, and {highest} was given already"
                yield Finding("counter-behind", f"context {context}", why)
