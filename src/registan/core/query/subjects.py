"""Subjects: which there are, and what their metadata says."""

from __future__ import annotations

from registan.contract.body.schema import SchemaReply
from registan.contract.route import RawJson
from registan.contract.routes.subjects import SUBJECT_LIST, SUBJECT_METADATA, ListArgs, MetadataArgs
from registan.core.handlers import handles
from registan.core.paging import page
from registan.core.replies import schema_reply
from registan.core.sources import rendered
from registan.core.state import State
from registan.model.fault import Fault, Refusal
from registan.model.subject import ANY_CONTEXT, Subject

EVERYWHERE = Subject(ANY_CONTEXT, "")

EVERYTHING = ListArgs()
"""What is listed again and again."""


@handles(SUBJECT_LIST)
def list_subjects(state: State, args: ListArgs) -> list[str] | RawJson:
    """Qualified names in order; a subject counts as deleted once all of its versions are."""
    if args == EVERYTHING:
        return RawJson(state.names.live())
    live = False if args.deleted_only else None if args.deleted else True
    return state.names.page(args.subject_prefix or EVERYWHERE, page(args.offset, args.limit), live=live)


@handles(SUBJECT_METADATA)
def by_metadata(state: State, args: MetadataArgs) -> SchemaReply:
    """The newest version whose metadata has all the properties."""
    entry = state.subject(args.subject)
    if entry is None or not (args.deleted or entry.live):
        raise Refusal(Fault.SUBJECT_NOT_FOUND, subject=args.subject)
    wanted = list(zip(args.key, args.value, strict=False))
    for version in entry.newest_first(deleted=args.deleted):
        schema = state.schema_of(version)
        metadata = schema.source.metadata
        properties = metadata.properties if metadata is not None else {}
        if all(properties.get(key) == value for key, value in wanted):
            text = rendered(state, schema, args.format)
            return schema_reply(version, schema, text=text)
    raise Refusal(Fault.SCHEMA_NOT_FOUND)
