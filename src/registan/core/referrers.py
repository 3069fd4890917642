"""Who refers to a version, and what that forbids (docs/wire.md, version numbers and deletes)."""

from __future__ import annotations

from collections.abc import Iterable

from registan.core.owners import holders
from registan.core.state import State
from registan.model.fault import Fault, Refusal
from registan.model.record import Version
from registan.model.subject import DEFAULT_CONTEXT, Subject


def referring_ids(state: State, subject: Subject, number: int, *, deleted: bool) -> list[int]:
    """Ids that refer to a version, by context (the default one first), ascending within one.

    Without `deleted` only those that a live version holds.
    """
    referrers = state.referrers.get((subject, number), ())
    ordered = sorted(referrers, key=lambda r: (r[0] != DEFAULT_CONTEXT, *r))
    return [
        schema_id
        for context, schema_id in ordered
        if any(deleted or not version.deleted for version in holders(state, context, schema_id))
    ]


def check_unreferenced(
    state: State, versions: Iterable[Version], *, permanent: bool, but: Subject | None = None
) -> None:
    """Refuse to delete what is referred to: REFERENCE_EXISTS, naming the first such version.

    For a soft delete live referrers count, for a permanent one all; those of the subject `but` never.
    """
    for version in versions:
        for context, schema_id in state.referrers.get((version.subject, version.version), ()):
            for holder in holders(state, context, schema_id):
                if (permanent or not holder.deleted) and holder.subject != but:
                    raise Refusal(Fault.REFERENCE_EXISTS, subject=version.subject, version=version.version)
