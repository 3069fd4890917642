"""What a commit touches: which earlier answers it may have made untrue.

Most commits only register: a new version of a subject, a new schema. Such a one touches the subject's
name and the schema's id, and nothing that is known of other subjects, of other ids, or of any config
or mode. Of all other commits nothing is said.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from registan.core.state import State
from registan.model.commit import Change, Put
from registan.model.record import ContextEntry, Schema, Version

Touched = frozenset[Hashable] | None
"""Names of subjects (whatever the context, because look-ups cross contexts) and ids; None: anything."""


def touched(state: State, changes: Iterable[Change]) -> Touched:
    """What these changes would touch, were they made to `state` now."""
    found: set[Hashable] = set()
    for change in changes:
        record = change.record
        if type(change) is not Put:
            return None
        if type(record) is Version:
            entry = state.subject(record.subject)
            if record.deleted or (entry is not None and record.version in entry.versions):
                return None
            found.add(record.subject.name)
            found.add(record.schema_id)
        elif type(record) is Schema:
            # A second id of one content, or another content of one id: whoever found the first may not now.
            if state.schema(record.context, record.id) is not None or state.schema_with(
                record.context, record.guid
            ):
                return None
        elif type(record) is not ContextEntry or not record.listed:
            return None
    return frozenset(found)
