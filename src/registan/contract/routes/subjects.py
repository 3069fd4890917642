"""Routes below `/subjects`."""

from __future__ import annotations

from dataclasses import dataclass

from registan.contract import hangs_on
from registan.contract.body.schema import (
    RegisterReply,
    RegisterRequest,
    SchemaReply,
    TagsRequest,
)
from registan.contract.route import Access, Action, Effect, Method, RawText, Route
from registan.model.fault import Fault
from registan.model.subject import Subject

READ = Access(Action.READ, "subjects", of="subject")
WRITE = Access(Action.WRITE, "subjects", of="subject")
DELETE = Access(Action.DELETE, "subjects", of="subject")
TAGS = ("Subjects",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListArgs:
    """`subject_prefix` is None where absent: then every context is listed. `deleted_only` wins."""

    subject_prefix: Subject | None = None
    offset: int = 0
    limit: int = -1
    deleted: bool = False
    deleted_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupArgs:
    """What to find in a subject."""

    subject: Subject
    body: RegisterRequest
    normalize: bool = False
    format: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataArgs:
    """Keys and values are paired by position."""

    subject: Subject
    key: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    format: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSubjectArgs:
    """A permanent delete needs a soft one before it."""

    subject: Subject
    permanent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsArgs:
    """`deleted_as_negative` has priority over the others."""

    subject: Subject
    deleted: bool = False
    deleted_only: bool = False
    deleted_as_negative: bool = False
    offset: int = 0
    limit: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterArgs:
    """A schema to register."""

    subject: Subject
    body: RegisterRequest
    normalize: bool = False
    format: str = ""
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionArgs:
    """`version` is a number, `latest` or -1."""

    subject: Subject
    version: str
    format: str = ""
    reference_format: str = ""
    deleted: bool = False
    find_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionTextArgs:
    """`version` is a number, `latest` or -1."""

    subject: Subject
    version: str
    format: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencedByArgs:
    """`version` is a number, `latest` or -1."""

    subject: Subject
    version: str
    deleted: bool = False
    offset: int = 0
    limit: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteVersionArgs:
    """`version` is a number, `latest` or -1."""

    subject: Subject
    version: str
    permanent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsArgs:
    """Tags and metadata to change; the result is a new version."""

    subject: Subject
    version: str
    body: TagsRequest


NOT_FOUND = (Fault.SUBJECT_NOT_FOUND, Fault.VERSION_NOT_FOUND, Fault.INVALID_VERSION)

SUBJECT_LIST = Route(
    name="subject.list",
    method=Method.GET,
    path="/subjects",
    args=ListArgs,
    reply=list[str],
    access=Access(Action.READ, "subjects"),
    tags=TAGS,
    doc="List subjects, of all contexts unless a prefix says otherwise.",
)
SCHEMA_LOOKUP = Route(
    name="schema.lookup",
    method=Method.POST,
    path="/subjects/{subject}",
    hangs_on=hangs_on.subject,
    args=LookupArgs,
    reply=SchemaReply,
    access=READ,
    operation="lookUpSchemaUnderSubject",
    aliased=True,
    tags=TAGS,
    faults=(Fault.SUBJECT_NOT_FOUND, Fault.SCHEMA_NOT_FOUND, Fault.INVALID_SCHEMA),
    doc="Find the version of a subject that has this schema.",
)
SUBJECT_METADATA = Route(
    name="subject.metadata",
    method=Method.GET,
    path="/subjects/{subject}/metadata",
    hangs_on=hangs_on.subject,
    args=MetadataArgs,
    reply=SchemaReply,
    access=READ,
    aliased=True,
    tags=TAGS,
    faults=(Fault.SUBJECT_NOT_FOUND, Fault.SCHEMA_NOT_FOUND),
    doc="Find the newest version whose metadata has these properties.",
)
SUBJECT_DELETE = Route(
    name="subject.delete",
    method=Method.DELETE,
    path="/subjects/{subject}",
    args=DeleteSubjectArgs,
    reply=list[int],
    access=DELETE,
    effect=Effect.WRITES,
    aliased=True,
    tags=TAGS,
    faults=(
        Fault.SUBJECT_NOT_FOUND,
        Fault.SUBJECT_SOFT_DELETED,
        Fault.OPERATION_NOT_PERMITTED,
        Fault.REFERENCE_EXISTS,
        Fault.SUBJECT_NOT_SOFT_DELETED,
    ),
    doc="Delete all versions of a subject, softly first, then for good.",
)
VERSION_LIST = Route(
    name="version.list",
    method=Method.GET,
    path="/subjects/{subject}/versions",
    hangs_on=hangs_on.subject,
    args=VersionsArgs,
    reply=list[int],
    access=READ,
    aliased=True,
    tags=TAGS,
    faults=(Fault.SUBJECT_NOT_FOUND,),
    doc="List the version numbers of a subject.",
)
SCHEMA_REGISTER = Route(
    name="schema.register",
    method=Method.POST,
    path="/subjects/{subject}/versions",
    hangs_on=hangs_on.subject,
    args=RegisterArgs,
    reply=RegisterReply,
    access=WRITE,
    effect=Effect.WRITES,
    operation="register",
    aliased=True,
    tags=TAGS,
    faults=(
        Fault.INVALID_SUBJECT,
        Fault.INVALID_SCHEMA,
        Fault.INCOMPATIBLE_SCHEMA,
        Fault.OPERATION_NOT_PERMITTED,
        Fault.INVALID_RULE_SET,
        Fault.SCHEMA_TOO_LARGE,
    ),
    doc="Register a schema under a subject. Registering the same schema again returns the same id.",
)
VERSION_GET = Route(
    name="version.get",
    method=Method.GET,
    path="/subjects/{subject}/versions/{version}",
    hangs_on=hangs_on.subject,
    args=VersionArgs,
    reply=SchemaReply,
    access=READ,
    aliased=True,
    tags=TAGS,
    faults=NOT_FOUND,
    doc="Get a version of a subject with its schema.",
)
VERSION_TEXT = Route(
    name="version.text",
    method=Method.GET,
    path="/subjects/{subject}/versions/{version}/schema",
    hangs_on=hangs_on.subject,
    args=VersionTextArgs,
    reply=RawText,
    access=READ,
    aliased=True,
    tags=TAGS,
    faults=NOT_FOUND,
    doc="Get the schema text of a version.",
)
VERSION_REFERENCED_BY = Route(
    name="version.referencedby",
    method=Method.GET,
    path="/subjects/{subject}/versions/{version}/referencedby",
    args=ReferencedByArgs,
    reply=list[int],
    access=READ,
    aliased=True,
    tags=TAGS,
    faults=NOT_FOUND,
    doc="List the ids of schemas that refer to a version.",
)
VERSION_DELETE = Route(
    name="version.delete",
    method=Method.DELETE,
    path="/subjects/{subject}/versions/{version}",
    args=DeleteVersionArgs,
    reply=int,
    access=DELETE,
    effect=Effect.WRITES,
    aliased=True,
    tags=TAGS,
    faults=(
        *NOT_FOUND,
        Fault.VERSION_SOFT_DELETED,
        Fault.OPERATION_NOT_PERMITTED,
        Fault.REFERENCE_EXISTS,
        Fault.VERSION_NOT_SOFT_DELETED,
    ),
    doc="Delete a version, softly first, then for good.",
)
VERSION_TAGS = Route(
    name="version.tag",
    method=Method.POST,
    path="/subjects/{subject}/versions/{version}/tags",
    args=TagsArgs,
    reply=RegisterReply,
    access=WRITE,
    effect=Effect.WRITES,
    operation="modifyTags",
    aliased=True,
    tags=TAGS,
    faults=(*NOT_FOUND, *SCHEMA_REGISTER.faults),
    doc="Change tags, metadata or rules of a version; the result is a new version.",
)

SUBJECT_ROUTES = (
    SUBJECT_LIST,
    SCHEMA_LOOKUP,
    SUBJECT_METADATA,
    SUBJECT_DELETE,
    VERSION_LIST,
    SCHEMA_REGISTER,
    VERSION_GET,
    VERSION_TEXT,
    VERSION_REFERENCED_BY,
    VERSION_DELETE,
    VERSION_TAGS,
)
