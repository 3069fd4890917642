"""States as comparable values, for tests of what must leave the state equal."""

from __future__ import annotations

from typing import Any

from registan.core.state import State


def view(state: State) -> dict[str, Any]:
    """Everything a state knows, its indexes included; order only where order means something."""
    return {
        "seq": state.seq,
        "records": sorted(map(repr, state.records())),
        "names": list(state.names),
        "context_names": state.context_names(),
        "gone": set(state.names.gone),
        "elsewhere": dict(state.names.elsewhere),
        "counts": dict(state.counts),
        "aliased": dict(state.aliased),
        "referrers": {key: frozenset(held) for key, held in state.referrers.items()},
        "contexts": {
            name: {
                "listed": held.listed,
                "last_id": held.last_id,
                "by_guid": dict(held.by_guid),
                "owners": {key: frozenset(names) for key, names in held.owners.items()},
                "repeats": dict(held.repeats),
                "subjects": {
                    key: (entry.live, list(entry.versions.items()), dict(entry.by_schema))
                    for key, entry in held.subjects.items()
                },
            }
            for name, held in state.contexts.items()
        },
    }
