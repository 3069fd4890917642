"""The table `schemas` in Cassandra: versions with their schemas' texts, for people to read.

What lives here: what commits do to it, and what is wrong with it. What never does: a use of it; the
registry has none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from registan.model.commit import Commit, Put
from registan.model.record import Record, Schema, Version
from registan.store.cassandra_session import Bridge
from registan.store.cassandra_tables import short
from registan.store.codec import key_text

READABLE_CHARS = 64 * 1024
"""How much of a schema is shown."""

_SHOW = (
    'INSERT INTO KS.schemas (context, subject, version, id, type, deleted, "schema") '
    "VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?"
)
_HIDE = "DELETE FROM KS.schemas USING TIMESTAMP ? WHERE context = ? AND subject = ? AND version = ?"
_ALL = 'SELECT context, subject, version, id, type, deleted, "schema" FROM KS.schemas'

COLUMNS = ("id", "type", "deleted", "schema")
"""Behind the key."""

Place = tuple[str, str, int]
"""Context, subject and version, as the key of a row."""

Statement = tuple[str, tuple[object, ...]]


async def shown(
    commits: Sequence[Commit], find: Callable[[str, int, int], Awaitable[Schema | None]]
) -> list[Statement]:
    """What commits in order do to the table.

    `find` gives a schema that stood before them, by context, id and the seq of whoever asks.
    """
    schemas: dict[tuple[str, int], Schema | None] = {}
    versions: dict[Place, tuple[int, Version | None]] = {}
    for commit in commits:
        for change in commit.changes:
            record = change.record
            if isinstance(record, Schema):
                schemas[record.context, record.id] = record
            elif isinstance(record, Version):
                versions[place_of(record)] = (commit.seq, record if isinstance(change, Put) else None)
    statements: list[Statement] = []
    for place, (seq, version) in versions.items():
        if version is None:
            statements.append((_HIDE, (seq, *place)))
            continue
        at = (version.subject.context, version.schema_id)
        if at not in schemas:
            schemas[at] = await find(*at, seq)
        statements.append((_SHOW, (*place, *_columns(version, schemas[at]), seq)))
    return statements


async def astray(bridge: Bridge, level: str, records: Sequence[Record]) -> dict[Place, str]:
    """Rows that do not show the records, and why."""
    schemas = {(each.context, each.id): each for each in records if isinstance(each, Schema)}
    missing = {
        place_of(each): _columns(each, schemas.get((each.subject.context, each.schema_id)))
        for each in records
        if isinstance(each, Version)
    }
    found: dict[Place, str] = {}
    async for rows in bridge.pages(_ALL, (), level):
        for context, subject, number, *columns in rows:
            place = (context, subject, number)
            wanted = missing.pop(place, None)
            if wanted is None:
                found[place] = "there is no such version"
            elif tuple(columns) != wanted:
                wrong = [name for name, a, b in zip(COLUMNS, columns, wanted, strict=True) if a != b]
                found[place] = f"{', '.join(wrong)} is not what the version has"
    return found | dict.fromkeys(missing, "the version is not shown")


def places(commits: Iterable[Commit]) -> set[Place]:
    """Rows that commits write to."""
    records = (change.record for commit in commits for change in commit.changes)
    return {place_of(record) for record in records if isinstance(record, Version)}


def place_of(version: Version) -> Place:
    """Where it is shown."""
    return _name(version.subject.context), _name(version.subject.name), version.version


def _columns(version: Version, schema: Schema | None) -> tuple[object, ...]:
    kind = schema.source.type.value if schema else ""
    text = key_text(schema.source.text[:READABLE_CHARS]) if schema else ""
    return version.schema_id, kind, version.deleted, text


def _name(name: str) -> str:
    return short(key_text(name))
