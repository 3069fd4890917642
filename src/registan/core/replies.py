"""Replies about schemas, made from records. Nothing empty is printed (docs/wire.md, entities)."""

from __future__ import annotations

from registan.contract.body.common import MetadataBody, ReferenceBody, RuleSetBody, SchemaTagsBody
from registan.contract.body.schema import RegisterReply, SchemaReply, SchemaStringReply
from registan.model.record import Schema, Version
from registan.model.schema import Reference


def references_body(references: tuple[Reference, ...]) -> list[ReferenceBody] | None:
    """The references, or None where there are none."""
    return [ReferenceBody.of(reference) for reference in references] if references else None


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
