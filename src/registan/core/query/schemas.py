"""Schemas by id and by guid: what they are, who uses them."""

from __future__ import annotations

from registan.contract.body.schema import ContextIdBody, SchemaStringReply, SubjectVersionBody
from registan.contract.route import RawText
from registan.contract.routes.schemas import (
    GUID_GET,
    GUID_IDS,
    SCHEMA_GET,
    SCHEMA_SUBJECTS,
    SCHEMA_TEXT,
    SCHEMA_TYPES,
    SCHEMA_VERSIONS,
    GuidArgs,
    GuidIdsArgs,
    IdArgs,
    IdTextArgs,
    NoArgs,
    OwnersArgs,
)
from registan.core.handlers import handles
from registan.core.owners import first_owner, owner_named, owners
from registan.core.paging import page
from registan.core.places import places
from registan.core.replies import qualified_references, schema_string_reply
from registan.core.sources import rendered, schema_tags
from registan.core.state import State
from registan.model.fault import Fault, Refusal
from registan.model.record import Schema, Version
from registan.model.schema import SchemaType
from registan.model.subject import DEFAULT_CONTEXT, GLOBAL, Subject

GUID_DIGITS = 32


@handles(SCHEMA_TYPES)
def types(state: State, args: NoArgs) -> list[str]:
    """The schema types, in the order clients have always seen."""
    return [SchemaType.JSON, SchemaType.PROTOBUF, SchemaType.AVRO]


@handles(SCHEMA_GET)
def by_id(state: State, args: IdArgs) -> SchemaStringReply:
    """The schema, with one of those that hold its id; it may be soft-deleted."""
    schema, owner = _with_id(state, args.id, args.subject)
    return schema_string_reply(
        schema,
        version=owner,
        text=rendered(state, schema, args.format),
        references=qualified_references(schema, args.reference_format),
        tags=schema_tags(state, schema, args.find_tags),
        max_id=state.contexts[schema.context].last_id if args.fetch_max_id else None,
    )


@handles(SCHEMA_TEXT)
def text_by_id(state: State, args: IdTextArgs) -> RawText:
    """The text of the schema."""
    schema, _ = _with_id(state, args.id, args.subject)
    return RawText(rendered(state, schema, args.format))


@handles(SCHEMA_SUBJECTS)
def subjects_with_id(state: State, args: OwnersArgs) -> list[str]:
    """The subjects that use the id."""
    found = [str(version.subject) for version in _owners(state, args)]
    return page(args.offset, args.limit).of(found)


@handles(SCHEMA_VERSIONS)
def versions_with_id(state: State, args: OwnersArgs) -> list[SubjectVersionBody]:
    """For each subject that uses the id the version last written with it."""
    found = [SubjectVersionBody(subject=str(v.subject), version=v.version) for v in _owners(state, args)]
    return page(args.offset, args.limit).of(found)


def _owners(state: State, args: OwnersArgs) -> list[Version]:
    try:
        schema, _ = _with_id(state, args.id, args.subject)
    except Refusal:
        raise Refusal(Fault.SCHEMA_NOT_FOUND) from None
    return [v for v in owners(state, schema.context, args.id) if args.deleted or not v.deleted]


def _with_id(state: State, schema_id: int, subject: Subject | None) -> tuple[Schema, Version | None]:
    """The schema with an id, and who is named with it. Raises `Refusal` SCHEMA_ID_NOT_FOUND.

    Nobody is named where an import has put another schema in the place of its last version: what was
    written with the id must stay readable.
    """
    owner = _owner(state, schema_id, subject)
    if owner is not None:
        return state.schema_of(owner), owner
    subject = subject or GLOBAL
    schema = state.schema(subject.context, schema_id)
    if schema is None or next(state.owners(schema.context, schema_id), None) is not None:
        raise Refusal(Fault.SCHEMA_ID_NOT_FOUND, id=schema_id)
    return schema, None


def _owner(state: State, schema_id: int, subject: Subject | None) -> Version | None:
    """The version to name for an id, which also says in which context it is found.

    Another context is left neither for another nor for another subject. In the default one the
    subject counts first, then subjects of its name elsewhere, then whoever holds the id.
    """
    subject = subject or GLOBAL
    if not subject.is_context:
        for place in places(state, subject):
            owner = owner_named(state, place, schema_id)
            if owner is not None:
                return owner
        if subject.context != DEFAULT_CONTEXT:
            return None
    if state.context(subject.context) is None:
        return None
    return first_owner(state, subject.context, schema_id)


@handles(GUID_GET)
def by_guid(state: State, args: GuidArgs) -> SchemaStringReply:
    """The schema with this content, from the first context that has it."""
    found = _with_guid(state, args.guid)
    if not found:
        raise Refusal(Fault.SCHEMA_ID_NOT_FOUND, id=args.guid)
    schema = found[0]
    return schema_string_reply(
        schema,
        text=rendered(state, schema, args.format),
        at=first_owner(state, schema.context, schema.id),
    )


@handles(GUID_IDS)
def ids_of_guid(state: State, args: GuidIdsArgs) -> list[ContextIdBody]:
    """The id of the content in each context that has it."""
    return [ContextIdBody(context=schema.context, id=schema.id) for schema in _with_guid(state, args.guid)]


def _with_guid(state: State, text: str) -> list[Schema]:
    """The schemas with a content, by context; none where the text is no guid."""
    digits = text.replace("-", "").lower()
    if len(digits) != GUID_DIGITS:
        return []
    guid = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    found = (state.schema_with(name, guid) for name in state.context_names())
    return [schema for schema in found if schema is not None]
