"""The table `schemas` in Cassandra: versions with their schemas' texts, for people to read.

What lives here: what commits do to it. What never does: a query of it; the registry has no use for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from registan.model.commit import Commit, Put
from registan.model.record import Schema, Version
from registan.store.cassandra_tables import short
from registan.store.codec import key_text

READABLE_CHARS = 64 * 1024
"""How much of a schema is shown."""

_SHOW = (
    'INSERT INTO KS.schemas (context, subject, version, id, type, deleted, "schema") '
    "VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?"
)
_HIDE = "DELETE FROM KS.schemas USING TIMESTAMP ? WHERE context = ? AND subject = ? AND version = ?"

Statement = tuple[str, tuple[object, ...]]


async def shown(
    commits: Sequence[Commit], find: Callable[[str, int, int], Awaitable[Schema | None]]
) -> list[Statement]:
    """What commits in order do to the table.

    `find` gives a schema that stood before them, by context, id and the seq of whoever asks.
    """
    schemas: dict[tuple[str, int], Schema | None] = {}
    versions: dict[tuple[str, str, int], tuple[int, Version | None]] = {}
    for commit in commits:
        for change in commit.changes:
            record = change.record
            if isinstance(record, Schema):
                schemas[record.context, record.id] = record
            elif isinstance(record, Version):
                place = (_name(record.subject.context), _name(record.subject.name), record.version)
                versions[place] = (commit.seq, record if isinstance(change, Put) else None)
    statements: list[Statement] = []
    for place, (seq, version) in versions.items():
        if version is None:
            statements.append((_HIDE, (seq, *place)))
            continue
        at = (version.subject.context, version.schema_id)
        if at not in schemas:
            schemas[at] = await find(*at, seq)
        schema = schemas[at]
        kind = schema.source.type.value if schema else ""
        text = key_text(schema.source.text[:READABLE_CHARS]) if schema else ""
        statements.append((_SHOW, (*place, version.schema_id, kind, version.deleted, text, seq)))
    return statements


def _name(name: str) -> str:
    return short(key_text(name))
