"""Bodies about schemas: what registers, looks up, and is answered."""

from __future__ import annotations

from typing import ClassVar

from registan.contract.body.associated import AssociationBody
from registan.contract.body.common import (
    Body,
    MetadataBody,
    ReferenceBody,
    RuleSetBody,
    SchemaTagsBody,
)
from registan.contract.jackson import Int32


class RegisterRequest(Body, frozen=True):
    """A schema to register, look up or check. `schemaType` stays a text: an unknown one is 42201."""

    __java__: ClassVar[str] = "RegisterSchemaRequest"

    version: Int32 | None = None
    id: Int32 | None = None
    schema_type: str | None = None
    references: list[ReferenceBody | None] | None = None
    metadata: MetadataBody | None = None
    rule_set: RuleSetBody | None = None
    schema: str | None = None
    schema_tags_to_add: list[SchemaTagsBody | None] | None = None
    schema_tags_to_remove: list[SchemaTagsBody | None] | None = None
    propagate_schema_tags: bool | None = None


class TagsRequest(Body, frozen=True):
    """Tags, metadata and rules to change on a version."""

    __java__: ClassVar[str] = "TagSchemaRequest"

    new_version: Int32 | None = None
    tags_to_add: list[SchemaTagsBody | None] | None = None
    tags_to_remove: list[SchemaTagsBody | None] | None = None
    metadata: MetadataBody | None = None
    rule_set: RuleSetBody | None = None
    rules_to_merge: RuleSetBody | None = None
    rules_to_remove: list[str] | None = None


class RegisterReply(Body, frozen=True):
    """The answer to a registration; only `id` counts for older clients."""

    id: int
    version: int | None = None
    guid: str | None = None
    schema_type: str | None = None
    references: list[ReferenceBody] | None = None
    metadata: MetadataBody | None = None
    rule_set: RuleSetBody | None = None
    schema: str | None = None
    ts: int | None = None
    deleted: bool | None = None


class SchemaReply(Body, frozen=True):
    """A version of a subject with its schema."""

    subject: str
    version: int
    id: int
    guid: str | None = None
    schema_type: str | None = None
    references: list[ReferenceBody] | None = None
    metadata: MetadataBody | None = None
    rule_set: RuleSetBody | None = None
    schema: str | None = None
    schema_tags: list[SchemaTagsBody] | None = None
    ts: int | None = None
    deleted: bool | None = None


class ExtendedSchemaReply(SchemaReply, frozen=True):
    """A row of `GET /schemas`."""

    aliases: list[str] | None = None
    associations: list[AssociationBody] | None = None


class SchemaStringReply(Body, frozen=True):
    """A schema by id or guid."""

    subject: str | None = None
    version: int | None = None
    guid: str | None = None
    schema_type: str | None = None
    schema: str | None = None
    references: list[ReferenceBody] | None = None
    metadata: MetadataBody | None = None
    rule_set: RuleSetBody | None = None
    schema_tags: list[SchemaTagsBody] | None = None
    max_id: int | None = None
    ts: int | None = None
    deleted: bool | None = None


class SubjectVersionBody(Body, frozen=True):
    """A place where an id is used."""

    subject: str
    version: int


class ContextIdBody(Body, frozen=True):
    """An id of a content in a context."""

    context: str
    id: int


class CompatibilityReply(Body, rename=None, frozen=True):
    """The verdict of a check; `messages` only where asked for."""

    is_compatible: bool
    messages: list[str] | None = None
