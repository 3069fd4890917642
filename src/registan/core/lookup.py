"""Whether a subject already has a schema: by content hash first, then by comparing meanings."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from registan.core.sources import LATEST, Prepared, parsed_version
from registan.core.state import State, target
from registan.model.data_contract import VERSION_PROPERTY, Metadata
from registan.model.record import Schema, Version
from registan.model.schema import Reference
from registan.model.subject import Subject


class Found(NamedTuple):
    """A version that has the schema asked for."""

    version: Version
    schema: Schema
    by_hash: bool


def find(state: State, subject: Subject, wanted: Prepared, *, deleted: bool) -> Found | None:
    """The version with this schema: the hash's own, else the newest that means the same."""
    by_hash = _by_hash(state, subject, wanted, deleted=deleted)
    return by_hash or _by_meaning(state, subject, wanted, deleted=deleted)


def find_latest(state: State, subject: Subject, wanted: Prepared, *, deleted: bool = False) -> Found | None:
    """The newest live version, if it has this schema; `deleted` changes nothing."""
    entry = state.subject(subject)
    latest = entry.latest() if entry is not None else None
    if latest is None:
        return None
    by_hash = _by_hash(state, subject, wanted, deleted=deleted)
    if by_hash is not None and by_hash.version == latest:
        return by_hash
    schema = state.schema_of(latest)
    return Found(latest, schema, False) if _means_the_same(state, wanted, latest, schema) else None


def _by_hash(state: State, subject: Subject, wanted: Prepared, *, deleted: bool) -> Found | None:
    """The version last written with exactly this content."""
    entry = state.subject(subject)
    schema = state.schema_with(subject.context, wanted.guid) if entry is not None else None
    if entry is None or schema is None:
        return None
    number = entry.by_schema.get(schema.id)
    if number is None:
        return None
    version = entry.versions[number]
    return None if version.deleted and not deleted else Found(version, schema, True)


def _by_meaning(state: State, subject: Subject, wanted: Prepared, *, deleted: bool) -> Found | None:
    """The newest version whose schema means the same."""
    entry = state.subject(subject)
    if entry is None:
        return None
    for version in entry.newest_first(deleted=deleted):
        schema = state.schema_of(version)
        if _means_the_same(state, wanted, version, schema):
            return Found(version, schema, False)
    return None


def _means_the_same(state: State, wanted: Prepared, version: Version, schema: Schema) -> bool:
    source, stored = wanted.source, schema.source
    if source.type is not stored.type or source.rule_set != stored.rule_set:
        return False
    if not _same_metadata(source.metadata, stored.metadata, version.version):
        return False
    if source.references and not _same_references(state, schema, source.references, stored.references):
        return False
    parsed = parsed_version(state, version)
    return wanted.parsed.format.same(wanted.parsed.form, parsed.form)


def _same_metadata(wanted: Metadata | None, stored: Metadata | None, number: int) -> bool:
    """Equal, where `confluent:version` does not count if only one side has it, and has it right."""
    if wanted == stored:
        return True
    told = wanted.properties.get(VERSION_PROPERTY) if wanted is not None else None
    kept = stored.properties.get(VERSION_PROPERTY) if stored is not None else None
    if (told is None) == (kept is None) or (told is not None and told != str(number)):
        return False
    return (_unversioned(wanted) or Metadata()) == (_unversioned(stored) or Metadata())


def _unversioned(metadata: Metadata | None) -> Metadata | None:
    if metadata is None or VERSION_PROPERTY not in metadata.properties:
        return metadata
    rest = {k: v for k, v in metadata.properties.items() if k != VERSION_PROPERTY}
    return replace(metadata, properties=rest)


def _same_references(
    state: State, schema: Schema, wanted: tuple[Reference, ...], stored: tuple[Reference, ...]
) -> bool:
    if len(wanted) != len(stored):
        return False
    return all(
        a.name == b.name and a.subject == b.subject and _number(state, schema.context, a) == b.version
        for a, b in zip(wanted, stored, strict=True)
    )


def _number(state: State, context: str, reference: Reference) -> int:
    if reference.version != LATEST:
        return reference.version
    subject, _ = target(reference, context)
    entry = state.subject(subject)
    latest = entry.latest() if entry is not None else None
    return latest.version if latest is not None else LATEST
