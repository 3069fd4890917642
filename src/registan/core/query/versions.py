"""Versions of a subject: which there are, what each holds, who refers to it."""

from __future__ import annotations

from registan.contract.body.schema import SchemaReply
from registan.contract.route import RawText
from registan.contract.routes.subjects import (
    VERSION_GET,
    VERSION_LIST,
    VERSION_REFERENCED_BY,
    VERSION_TEXT,
    ReferencedByArgs,
    VersionArgs,
    VersionsArgs,
    VersionTextArgs,
)
from registan.core.handlers import handles
from registan.core.paging import page
from registan.core.places import find_version
from registan.core.referrers import referring_ids
from registan.core.replies import qualified_references, schema_reply
from registan.core.sources import rendered, schema_tags
from registan.core.state import State
from registan.core.versions import version_number
from registan.model.fault import Fault, Refusal


@handles(VERSION_LIST)
def list_versions(state: State, args: VersionsArgs) -> list[int]:
    """Numbers, ascending; with `deleted_as_negative` those of soft-deleted versions below zero."""
    entry = state.subject(args.subject)
    if entry is None or not (entry.live or args.deleted or args.deleted_only):
        raise Refusal(Fault.SUBJECT_NOT_FOUND, subject=args.subject)
    versions = entry.versions.values()
    if args.deleted_as_negative:
        numbers = [-v.version if v.deleted else v.version for v in versions]
    elif args.deleted_only:
        numbers = [v.version for v in versions if v.deleted]
    else:
        numbers = [v.version for v in versions if args.deleted or not v.deleted]
    return page(args.offset, args.limit).of(numbers)


@handles(VERSION_GET)
def get_version(state: State, args: VersionArgs) -> SchemaReply:
    """A version with its schema."""
    number = version_number(args.version)
    version = find_version(state, args.subject, number, deleted=args.deleted)
    schema = state.schema_of(version)
    return schema_reply(
        version,
        schema,
        text=rendered(state, schema, args.format),
        references=qualified_references(schema, args.reference_format),
        tags=schema_tags(state, schema, args.find_tags),
    )


@handles(VERSION_TEXT)
def version_text(state: State, args: VersionTextArgs) -> RawText:
    """The schema text of a version."""
    number = version_number(args.version)
    version = find_version(state, args.subject, number, deleted=args.deleted)
    schema = state.schema_of(version)
    return RawText(rendered(state, schema, args.format))


@handles(VERSION_REFERENCED_BY)
def referenced_by(state: State, args: ReferencedByArgs) -> list[int]:
    """Ids of schemas that refer to the version, which may be soft-deleted itself."""
    number = version_number(args.version)
    version = find_version(state, args.subject, number, deleted=True)
    ids = referring_ids(state, version.subject, version.version, deleted=args.deleted)
    return page(args.offset, args.limit).of(ids)
