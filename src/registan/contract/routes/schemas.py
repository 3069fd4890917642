"""Routes below `/schemas`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from registan.contract import hangs_on
from registan.contract.body.schema import (
    ContextIdBody,
    ExtendedSchemaReply,
    SchemaStringReply,
    SubjectVersionBody,
)
from registan.contract.route import PUBLIC, Access, Action, Freshness, Method, RawText, Route
from registan.model.fault import Fault
from registan.model.subject import Subject


class Lifecycle(StrEnum):
    """Which associations a listed subject must have; NONE: none at all."""

    NONE = "NONE"
    STRONG = "STRONG"
    WEAK = "WEAK"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemasArgs:
    """`subject_prefix` is None where absent: then only the default context is listed."""

    subject_prefix: Subject | None = None
    aliases: bool = False
    deleted: bool = False
    latest_only: bool = False
    rule_type: str = ""
    resource_type: str = ""
    association_type: tuple[str, ...] = ()
    lifecycle: tuple[Lifecycle, ...] = ()
    offset: int = 0
    limit: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class IdArgs:
    """`subject` says in which context to look, and which owner to name."""

    id: int
    subject: Subject | None = None
    format: str = ""
    reference_format: str = ""
    find_tags: tuple[str, ...] = ()
    fetch_max_id: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTextArgs:
    """`subject` says in which context to look."""

    id: int
    subject: Subject | None = None
    format: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersArgs:
    """`subject` says in which context to look."""

    id: int
    subject: Subject | None = None
    deleted: bool = False
    offset: int = 0
    limit: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidArgs:
    """A content; case and hyphens do not matter."""

    guid: str
    format: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidIdsArgs:
    """A content; case and hyphens do not matter."""

    guid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoArgs:
    """Nothing to say."""


READ = Access(Action.READ, "schemas")
TAGS = ("Schemas",)

SCHEMA_LIST = Route(
    name="schema.list",
    method=Method.GET,
    path="/schemas",
    args=SchemasArgs,
    reply=list[ExtendedSchemaReply],
    access=READ,
    tags=TAGS,
    doc="List versions with their schemas, of the default context unless a prefix says otherwise.",
)
SCHEMA_TYPES = Route(
    name="schema.types",
    method=Method.GET,
    path="/schemas/types",
    hangs_on=hangs_on.settings,
    args=NoArgs,
    reply=list[str],
    access=PUBLIC,
    freshness=Freshness.LOCAL,
    tags=TAGS,
    doc="List the schema types that can be registered.",
)
SCHEMA_GET = Route(
    name="schema.get",
    method=Method.GET,
    path="/schemas/ids/{id}",
    hangs_on=hangs_on.schema_id,
    args=IdArgs,
    reply=SchemaStringReply,
    access=READ,
    freshness=Freshness.IMMUTABLE,
    aliased=True,
    tags=TAGS,
    faults=(Fault.SCHEMA_ID_NOT_FOUND,),
    doc="Get a schema by its id.",
)
SCHEMA_TEXT = Route(
    name="schema.text",
    method=Method.GET,
    path="/schemas/ids/{id}/schema",
    hangs_on=hangs_on.schema_id,
    args=IdTextArgs,
    reply=RawText,
    access=READ,
    freshness=Freshness.IMMUTABLE,
    aliased=True,
    tags=TAGS,
    faults=(Fault.SCHEMA_ID_NOT_FOUND,),
    doc="Get the text of a schema by its id.",
)
SCHEMA_SUBJECTS = Route(
    name="schema.subjects",
    method=Method.GET,
    path="/schemas/ids/{id}/subjects",
    hangs_on=hangs_on.schema_id,
    args=OwnersArgs,
    reply=list[str],
    access=READ,
    aliased=True,
    tags=TAGS,
    faults=(Fault.SCHEMA_NOT_FOUND,),
    doc="List the subjects that use an id.",
)
SCHEMA_VERSIONS = Route(
    name="schema.versions",
    method=Method.GET,
    path="/schemas/ids/{id}/versions",
    hangs_on=hangs_on.schema_id,
    args=OwnersArgs,
    reply=list[SubjectVersionBody],
    access=READ,
    aliased=True,
    tags=TAGS,
    faults=(Fault.SCHEMA_NOT_FOUND,),
    doc="List the subjects that use an id, each with the version last written with it.",
)
GUID_GET = Route(
    name="guid.get",
    method=Method.GET,
    path="/schemas/guids/{guid}",
    args=GuidArgs,
    reply=SchemaStringReply,
    access=READ,
    freshness=Freshness.IMMUTABLE,
    tags=TAGS,
    faults=(Fault.SCHEMA_ID_NOT_FOUND,),
    doc="Get a schema by the hash of its content.",
)
GUID_IDS = Route(
    name="guid.ids",
    method=Method.GET,
    path="/schemas/guids/{guid}/ids",
    args=GuidIdsArgs,
    reply=list[ContextIdBody],
    access=READ,
    tags=TAGS,
    doc="List the id that a content has in each context.",
)

SCHEMA_ROUTES = (
    SCHEMA_LIST,
    SCHEMA_TYPES,
    SCHEMA_GET,
    SCHEMA_TEXT,
    SCHEMA_SUBJECTS,
    SCHEMA_VERSIONS,
    GUID_GET,
    GUID_IDS,
)
