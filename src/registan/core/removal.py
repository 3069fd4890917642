"""Removing versions for good: what goes with them."""

from __future__ import annotations

from collections.abc import Iterable

from registan.core.owners import holders
from registan.core.state import State
from registan.model.commit import Change, Drop, Put
from registan.model.record import ContextEntry, Version


def removed(state: State, versions: Iterable[Version]) -> list[Change]:
    """Drop versions, and the schemas that no version is left of: their ids are never given out again."""
    gone = {(version.subject, version.version): version for version in versions}
    changes: list[Change] = [Drop(version) for version in gone.values()]
    for context, schema_id in dict.fromkeys((v.subject.context, v.schema_id) for v in gone.values()):
        if all((holder.subject, holder.version) in gone for holder in holders(state, context, schema_id)):
            held = state.contexts[context]
            changes.append(Drop(held.schemas[schema_id]))
            if schema_id == held.last_id:
                # No record of a schema tells of this id any more, so the context's own must.
                changes.append(Put(ContextEntry(context, held.last_id, held.listed)))
    return changes
