"""Records: the closed table of what the log can store.

Each record names its key. A record is a whole value: storing one replaces what its key held.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from registan.model.association import Association
from registan.model.keys import Dek, Kek
from registan.model.policy import Config, Mode
from registan.model.schema import Source
from registan.model.subject import Subject


class Kind(StrEnum):
    """The kinds of records; the value is what a store keeps in its `kind` column."""

    CONTEXT = "context"
    SCHEMA = "schema"
    VERSION = "version"
    CONFIG = "config"
    MODE = "mode"
    ASSOCIATION = "association"
    KEK = "kek"
    DEK = "dek"


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """A context that exists; `last_id` is the highest schema id ever given out or imported there.

    `listed` is False for one that only keeps its counter (it was deleted).
    """

    name: str
    last_id: int
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Schema:
    """A content with an id in a context; `guid` is the content's hash, kept to save hashing at start."""

    context: str
    id: int
    source: Source
    guid: str


@dataclass(frozen=True, slots=True)
class Version:
    """A schema's place in a subject. `at` is when it was registered, in milliseconds since 1970."""

    subject: Subject
    version: int
    schema_id: int
    deleted: bool
    at: int


@dataclass(frozen=True, slots=True)
class ModeSetting:
    """The mode record of one scope."""

    scope: Subject
    mode: Mode


Record = ContextEntry | Schema | Version | Config | ModeSetting | Association | Kek | Dek


class RecordSpec(NamedTuple):
    """How a kind is stored: its class, the key of a record, and the first log level that knows it."""

    kind: Kind
    type: type[Any]
    key: Callable[[Any], str]
    level: int = 1


def context_key(name: str) -> str:
    """The key of a context's record."""
    return name


def schema_key(context: str, schema_id: int) -> str:
    """The key of a schema: the id stands last, so a slash in a context's name does no harm."""
    return f"{context}/{schema_id}"


def version_key(subject: Subject, version: int) -> str:
    """The key of a version; always with the context, so that no two subjects share one."""
    return f":{subject.context}:{subject.name}/{version}"


def scope_key(scope: Subject) -> str:
    """The key of a config or mode record."""
    return f":{scope.context}:{scope.name}"


def association_key(association: Association) -> str:
    """The key of an association; the subject stands last, because only it may hold a slash."""
    key = association.key
    resource = f"{key.resource_namespace}/{key.resource_name}/{key.resource_type}"
    return f"{resource}/{key.association_type}/{scope_key(association.subject)}"


def dek_key(dek: Dek) -> str:
    """The key of a data key."""
    return f"{dek.kek_name}/{dek.algorithm.value}/{dek.version}/{scope_key(dek.subject)}"


RECORDS: dict[Kind, RecordSpec] = {
    spec.kind: spec
    for spec in (
        RecordSpec(Kind.CONTEXT, ContextEntry, lambda r: context_key(r.name)),
        RecordSpec(Kind.SCHEMA, Schema, lambda r: schema_key(r.context, r.id)),
        RecordSpec(Kind.VERSION, Version, lambda r: version_key(r.subject, r.version)),
        RecordSpec(Kind.CONFIG, Config, lambda r: scope_key(r.scope)),
        RecordSpec(Kind.MODE, ModeSetting, lambda r: scope_key(r.scope)),
        RecordSpec(Kind.ASSOCIATION, Association, association_key),
        RecordSpec(Kind.KEK, Kek, lambda r: r.name),
        RecordSpec(Kind.DEK, Dek, dek_key),
    )
}
"""Every kind of record, once. A new kind is a row here and an index in core/state.py."""

KIND_OF: dict[type[Any], Kind] = {spec.type: kind for kind, spec in RECORDS.items()}


def place_of(record: Record) -> tuple[Kind, str]:
    """Kind and key of a record: where it is kept."""
    kind = KIND_OF[type(record)]
    return kind, RECORDS[kind].key(record)
