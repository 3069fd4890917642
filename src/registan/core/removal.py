"""Removing versions for good: what goes with them."""

from __future__ import annotations

from collections.abc import Iterable

from registan.core.owners import holders
from registan.core.state import State
from registan.model.commit import Change, Drop
from registan.model.record import Version


def removed(state: State, versions: Iterable[Version]) -> list[Change]:
    """Drop versions, and the schemas that no version is left of: their ids are never given out again."""
    gone = {(version.subject, version.version): version for version in versions}
    changes: list[Change] = [Drop(version) for version in gone.values()]
    for context, schema_id in dict.fromkeys((v.subject.context, v.schema_id) for v in gone.values()):
        if all((held.subject, held.version) in gone for held in holders(state, context, schema_id)):
            changes.append(Drop(state.contexts[context].schemas[schema_id]))
    return changes
