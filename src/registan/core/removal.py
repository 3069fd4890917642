"""Removing versions for good: what goes with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from registan.core.state import State
from registan.model.commit import Change, Drop
from registan.model.record import Version


def removed(state: State, versions: Iterable[Version]) -> list[Change]:
    """Drop versions, and the schemas that no version is left of: their ids are never given out again."""
    gone = {(version.subject, version.version): version for version in versions}
    changes: list[Change] = [Drop(version) for version in gone.values()]
    for context, schema_id in {(v.subject.context, v.schema_id): None for v in gone.values()}:
        if all((holder.subject, holder.version) in gone for holder in _holders(state, context, schema_id)):
            schema = state.schema(context, schema_id)
            if schema is not None:
                changes.append(Drop(schema))
    return changes


def _holders(state: State, context: str, schema_id: int) -> Iterator[Version]:
    """Every version with the id."""
    held = state.contexts[context]
    for owner in state.owners(context, schema_id):
        entry = held.subjects[owner.subject.name]
        numbers = held.repeats.get((owner.subject.name, schema_id), (owner.version,))
        yield from map(entry.versions.__getitem__, numbers)
