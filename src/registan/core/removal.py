"""Removing versions for good: what goes with them."""

from __future__ import annotations

from collections.abc import Iterable

from registan.core.state import State
from registan.model.commit import Change, Drop
from registan.model.record import Version


def removed(state: State, versions: Iterable[Version]) -> list[Change]:
    """Drop versions, and the schemas that no version is left of: their ids are never given out again."""
    gone = {(version.subject, version.version): version for version in versions}
    changes: list[Change] = [Drop(version) for version in gone.values()]
    for context, schema_id in {(v.subject.context, v.schema_id): None for v in gone.values()}:
        schema = state.schema(context, schema_id)
        if schema is not None and not any(
            (holder.subject, holder.version) not in gone for holder in state.holders(context, schema_id)
        ):
            changes.append(Drop(schema))
    return changes
