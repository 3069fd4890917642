"""Who holds a schema id, in the order in which the recorded server tells them.

That order is the one of a Java hash map by qualified subject (docs/wire.md, schemas): it carries no
meaning, but clients see the first of it in `/schemas/ids/{id}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from registan.core.state import OWNERS_IN_TUPLE, State
from registan.model.record import Version
from registan.model.subject import Subject

_BUCKETS = 16
_LOAD = 14
"""Owners that a map of 16 buckets holds before it grows; later growth keeps the proportion."""


def owners(state: State, context: str, schema_id: int) -> list[Version]:
    """For each subject that holds the id the version last written with it; soft-deleted ones too."""
    found = list(state.owners(context, schema_id))
    if len(found) > 1:
        buckets = _BUCKETS
        while len(found) * _BUCKETS > buckets * _LOAD:
            buckets *= 2
        mask = buckets - 1
        found.sort(key=lambda v: (_spread(str(v.subject)) & mask, v.at, v.subject.name))
    return found


def first_owner(state: State, context: str, schema_id: int) -> Version | None:
    """The owner that is named where only one is; of very many just any, so that the cost stays flat."""
    held = state.contexts[context]
    names = held.owners.get(schema_id, ())
    if len(names) > OWNERS_IN_TUPLE:
        return next(state.owners(context, schema_id))
    found = owners(state, context, schema_id)
    return found[0] if found else None


def owner_named(state: State, subject: Subject, schema_id: int) -> Version | None:
    """The version of this subject last written with the id."""
    entry = state.subject(subject)
    number = entry.by_schema.get(schema_id) if entry is not None else None
    return entry.versions[number] if entry is not None and number is not None else None


def holders(state: State, context: str, schema_id: int) -> Iterator[Version]:
    """All versions with the id, where a subject holds it several times each of them."""
    held = state.contexts[context]
    for name in held.owners.get(schema_id, ()):
        entry = held.subjects[name]
        for number in held.repeats.get((name, schema_id)) or (entry.by_schema[schema_id],):
            yield entry.versions[number]


def _spread(text: str) -> int:
    """`String.hashCode` with its upper half folded in, as hash maps use it."""
    code = 0
    for unit in memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"):
        code = (code * 31 + unit) & 0xFFFFFFFF
    return code ^ (code >> 16)
