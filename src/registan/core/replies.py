"""Replies about schemas, made from records. Nothing empty is printed (docs/wire.md, entities)."""

from __future__ import annotations

from collections.abc import Sequence

from registan.contract.body.associated import AssociationBody
from registan.contract.body.common import MetadataBody, ReferenceBody, RuleSetBody, SchemaTagsBody
from registan.contract.body.schema import (
    ExtendedSchemaReply,
    RegisterReply,
    SchemaReply,
    SchemaStringReply,
)
from registan.core.state import target
from registan.model.association import Association
from registan.model.record import Schema, Version
from registan.model.schema import Reference
from registan.model.subject import DEFAULT_CONTEXT

QUALIFIED = "qualified"
"""The one `referenceFormat` there is."""


def references_body(references: tuple[Reference, ...]) -> list[ReferenceBody] | None:
    """The references, or None where there are none."""
    return [ReferenceBody.of(reference) for reference in references] if references else None


def qualified_references(schema: Schema, style: str) -> tuple[Reference, ...] | None:
    """The references with the full names of their subjects, where `style` is `qualified`.

    None where they are told as stored: in the default context a name is full already.
    """
    if style != QUALIFIED or schema.context == DEFAULT_CONTEXT:
        return None
    return tuple(
        reference._replace(subject=str(target(reference, schema.context)[0]))
        for reference in schema.source.references
    )


def register_reply(
    schema: Schema, version: int, *, text: str | None = None, found: Version | None = None
) -> RegisterReply:
    """The full echo of a registration.

    `text` is the schema in the style asked for; `found` is the version where it was found by
    comparing schemas, not by its hash: only then time and deletion are told.
    """
    source = schema.source
    return RegisterReply(
        id=schema.id,
        version=version if version > 0 else None,
        guid=schema.guid,
        schema_type=source.type.value,
        references=references_body(source.references),
        metadata=MetadataBody.of(source.metadata),
        rule_set=RuleSetBody.of(source.rule_set),
        schema=(source.text if text is None else text) or None,
        ts=found.at if found is not None else None,
        deleted=found.deleted if found is not None else None,
    )


def schema_reply(
    version: Version,
    schema: Schema,
    *,
    text: str | None = None,
    references: tuple[Reference, ...] | None = None,
    tags: list[SchemaTagsBody] | None = None,
    timed: bool = True,
) -> SchemaReply:
    """A version with its schema; `references` replaces the stored ones (qualified subjects)."""
    source = schema.source
    return SchemaReply(
        subject=str(version.subject),
        version=version.version,
        id=schema.id,
        guid=schema.guid,
        schema_type=source.type.value,
        references=references_body(source.references if references is None else references),
        metadata=MetadataBody.of(source.metadata),
        rule_set=RuleSetBody.of(source.rule_set),
        schema=(source.text if text is None else text) or None,
        schema_tags=tags,
        ts=version.at if timed else None,
        deleted=version.deleted if timed else None,
    )


def schema_string_reply(
    schema: Schema,
    *,
    version: Version | None = None,
    text: str | None = None,
    references: tuple[Reference, ...] | None = None,
    tags: list[SchemaTagsBody] | None = None,
    max_id: int | None = None,
    at: Version | None = None,
) -> SchemaStringReply:
    """A schema by id or guid. `version` names an owner; `at` is where time and deletion come from."""
    source = schema.source
    when = at or version
    return SchemaStringReply(
        subject=str(version.subject) if version is not None else None,
        version=version.version if version is not None else None,
        guid=schema.guid,
        schema_type=source.type.value,
        schema=(source.text if text is None else text) or None,
        references=references_body(source.references if references is None else references),
        metadata=MetadataBody.of(source.metadata),
        rule_set=RuleSetBody.of(source.rule_set),
        schema_tags=tags,
        max_id=max_id,
        ts=when.at if when is not None else None,
        deleted=when.deleted if when is not None else None,
    )


def extended_reply(
    version: Version,
    schema: Schema,
    aliases: list[str] | None = None,
    associations: Sequence[Association] = (),
) -> ExtendedSchemaReply:
    """A row of the list of schemas."""
    source = schema.source
    return ExtendedSchemaReply(
        subject=str(version.subject),
        version=version.version,
        id=schema.id,
        guid=schema.guid,
        schema_type=source.type.value,
        references=references_body(source.references),
        metadata=MetadataBody.of(source.metadata),
        rule_set=RuleSetBody.of(source.rule_set),
        schema=source.text or None,
        ts=version.at,
        deleted=version.deleted,
        aliases=aliases or None,
        associations=[AssociationBody.of(each) for each in associations] or None,
    )
