"""Registration: the flow by which a schema gets an id and a version (docs/wire.md, register flow)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from registan.contract.body.common import SchemaTagsBody
from registan.contract.body.schema import RegisterReply
from registan.contract.routes.subjects import SCHEMA_REGISTER, RegisterArgs
from registan.core.associations import check_may_refer
from registan.core.checking import messages, validates_fields
from registan.core.decision import Decision, Facts
from registan.core.effective import effective_config
from registan.core.handlers import handles
from registan.core.lookup import Found, find, find_latest
from registan.core.permission import check_subject, check_writable, not_permitted, qualified_context
from registan.core.replies import register_reply
from registan.core.rule_sets import validate
from registan.core.sources import (
    Prepared,
    invalid_text,
    prepare,
    rendered,
    source_of,
)
from registan.core.state import State
from registan.core.tagging import propagated, tag_edits
from registan.formats.memo import Wanted
from registan.formats.protocol import Invalid, TagEdit
from registan.model.commit import Change, Drop, Put
from registan.model.data_contract import VERSION_PROPERTY, Metadata, merge_metadata, merge_rule_sets
from registan.model.fault import Fault, Refusal
from registan.model.policy import Config
from registan.model.record import ContextEntry, Schema, Version
from registan.model.schema import SchemaType, Source
from registan.model.subject import DEFAULT_CONTEXT, Subject

APPEND_UNLESS_LATEST = -1

LOGICAL = "logical"
"""The `format` in which a body holds no schema but the declaration of a logical type."""


Look = Callable[..., Found | None]
"""How the subject is searched: `find` or `find_latest`."""


class Registration(NamedTuple):
    """What a request asks to be registered."""

    subject: Subject
    source: Source
    version: int = 0
    id: int = -1
    add: Sequence[TagEdit] = ()
    remove: Sequence[TagEdit] = ()
    propagate: bool = False
    normalize: bool = False
    force: bool = False
    style: str = ""

    @property
    def edits_tags(self) -> bool:
        """Whether inline tags are changed on the way."""
        return bool(self.add or self.remove)


@handles(SCHEMA_REGISTER)
def register(state: State, args: RegisterArgs, facts: Facts) -> Decision:
    """Register a schema under a subject; the same schema again gives the same id."""
    check_subject(state, args.subject)
    if args.format == LOGICAL:
        raise _no_logical(args)
    config = effective_config(state, args.subject)
    wanted = registration(args, normalize=args.normalize or bool(config.normalize))
    validate(wanted.source.rule_set)
    schema = None
    if not wanted.edits_tags and not wanted.propagate and not merges(config) and wanted.source.text.strip():
        found, schema = known(state, config, wanted)
        if found is not None:
            return Decision((), reply(state, wanted, found.schema, found.version.version, found))
    return register_new(state, config, wanted, facts, schema)


def _no_logical(args: RegisterArgs) -> Refusal:
    """The refusal of a schema written as logical types, which are not read here."""
    why = "Invalid logical type schema: format=logical is not supported"
    if args.body.schema_type not in SchemaType.__members__:
        why = "schemaType is required when format=logical, and must be one of AVRO, JSON, PROTOBUF"
    return Refusal(Fault.INVALID_SCHEMA, why=why)


def registration(args: RegisterArgs, *, normalize: bool) -> Registration:
    """Read the request; raises `Refusal` INVALID_SCHEMA, BAD_REQUEST."""
    body = args.body
    add, remove = _edits(body.schema_tags_to_add), _edits(body.schema_tags_to_remove)
    version = body.version or 0
    return Registration(
        subject=args.subject,
        source=source_of(args.subject, body),
        version=APPEND_UNLESS_LATEST if (add or remove) and not version else version,
        id=-1 if body.id is None else body.id,
        add=add,
        remove=remove,
        propagate=bool(body.propagate_schema_tags),
        normalize=normalize,
        force=args.force,
        style=args.format,
    )


def _edits(bodies: Sequence[SchemaTagsBody | None] | None) -> Sequence[TagEdit]:
    return tag_edits(bodies) if bodies else ()


def merges(config: Config) -> bool:
    """Whether the config adds to what is registered."""
    return (
        config.default_metadata is not None
        or config.override_metadata is not None
        or config.default_rule_set is not None
        or config.override_rule_set is not None
    )


def prepared(
    state: State,
    config: Config,
    wanted: Registration,
    source: Source,
    *,
    new: bool = True,
    use: Wanted = Wanted.BOTH,
) -> Prepared:
    """Parse a source by the subject's config."""
    if use is Wanted.BOTH and state.subject(wanted.subject) is None:
        use = Wanted.TEXT  # there is nothing to compare it with
    strict = new and wanted.id < 0
    if config.validate_new_schemas is not None:
        strict = strict and config.validate_new_schemas
    else:
        strict = strict and state.defaults.validate_new_schemas
    return prepare(
        state,
        wanted.subject,
        source,
        new=new,
        strict=strict,
        normalize=wanted.normalize and wanted.id < 0,
        check_fields=new and wanted.id < 0 and validates_fields(state, config),
        wanted=use,
    )


def known(state: State, config: Config, wanted: Registration) -> tuple[Found | None, Prepared | None]:
    """The live version that already is what is asked for, whatever the mode, and the source made ready.

    The latter is None where the source would not be taken anew.
    """
    fresh = None
    try:
        schema = fresh = prepared(state, config, wanted, wanted.source)
    except Refusal as refusal:
        # A look-up takes what a new registration would not: it may be stored already.
        if refusal.fault is not Fault.INVALID_SCHEMA or state.subject(wanted.subject) is None:
            raise
        schema = prepared(state, config, wanted, wanted.source, new=False)
    if state.subject(wanted.subject) is None:
        return None, fresh
    confirms = wanted.id >= 0
    look = find_latest if wanted.version == APPEND_UNLESS_LATEST and not confirms else find
    found = look(state, wanted.subject, schema, deleted=False)
    if found is None:
        found = with_inherited_metadata(state, config, wanted.subject, schema, look, deleted=False)
    if found is None:
        return None, fresh
    if confirms:
        fits = wanted.id == found.schema.id and wanted.version in (0, found.version.version)
    else:
        fits = wanted.version in (0, APPEND_UNLESS_LATEST)
    return found if fits else None, fresh


def with_inherited_metadata(
    state: State, config: Config, subject: Subject, schema: Prepared, look: Look = find, *, deleted: bool
) -> Found | None:
    """Look again, with the metadata and rules a registration would inherit from the latest version."""
    entry = state.subject(subject)
    latest = entry.latest() if entry is not None else None
    if latest is None:
        return None
    source = inherit(config, schema.source, state.schema_of(latest).source)
    if source == schema.source:
        return None
    again = Prepared(schema.parsed, source, stored=True)
    return look(state, subject, again, deleted=deleted)


def inherit(config: Config, source: Source, latest: Source | None) -> Source:
    """Metadata and rules after defaults, inheritance from the latest version, and overrides.

    What is left out is inherited, what is sent empty is cleared.
    """
    metadata, rule_set = source.metadata, source.rule_set
    if latest is not None:
        metadata = latest.metadata if metadata is None else metadata
        rule_set = latest.rule_set if rule_set is None else rule_set
    metadata = merge_metadata(merge_metadata(config.default_metadata, metadata), config.override_metadata)
    rule_set = merge_rule_sets(merge_rule_sets(config.default_rule_set, rule_set), config.override_rule_set)
    if metadata == source.metadata and rule_set == source.rule_set:
        return source
    return replace(source, metadata=metadata, rule_set=rule_set)


def register_new(
    state: State, config: Config, wanted: Registration, facts: Facts, schema: Prepared | None = None
) -> Decision:
    """Register what was not found: by the mode, as new content or as an import.

    `schema` is the wanted source made ready, where it is.
    """
    mode = check_writable(state, wanted.subject)
    check_may_refer(state, wanted.subject.context, wanted.source.references)
    if wanted.id >= 0:
        if not mode.is_import:
            raise not_permitted(wanted.subject, "not in import mode")
        return _import(state, config, wanted, facts)
    if mode.is_import:
        raise not_permitted(wanted.subject, "not in read-write mode")
    return _append(state, config, wanted, facts, schema)


def _append(
    state: State, config: Config, wanted: Registration, facts: Facts, ready: Prepared | None
) -> Decision:
    subject = wanted.subject
    entry = state.subject(subject)
    number = entry.next_version() if entry is not None else 1
    latest = entry.latest() if entry is not None else None
    latest_source = state.schema_of(latest).source if latest is not None else None
    source = _filled(wanted, latest_source)
    source = _versioned(inherit(config, source, latest_source), wanted, number)
    if ready is None or source is not wanted.source:
        ready = prepared(state, config, wanted, source)
    schema = _tagged(state, config, wanted, ready, latest_source)
    if entry is not None and wanted.version == 0:
        found = find(state, subject, schema, deleted=False)
        if found is not None:
            return Decision((), reply(state, wanted, found.schema, found.version.version, found))
    if not wanted.force:
        live = entry.newest_first() if entry is not None else ()
        why = messages(state, config, schema, live)
        if why:
            raise Refusal(Fault.INCOMPATIBLE_SCHEMA, subject=subject, details=", ".join(why))
    if wanted.version > 0 and wanted.version != number:
        raise Refusal(Fault.INVALID_SCHEMA, why="Version is not one more than previous version")
    return _store(state, wanted, schema, number, facts)


def _filled(wanted: Registration, latest: Source | None) -> Source:
    """An empty schema stands for the latest one (to change only what belongs to it)."""
    if wanted.source.text.strip():
        return wanted.source
    if wanted.edits_tags:
        why = Invalid("Cannot parse <null> schema")
        raise Refusal(Fault.INVALID_SCHEMA, why=invalid_text(wanted.subject, wanted.source, why))
    if latest is None:
        raise Refusal(Fault.INVALID_SCHEMA, why="Empty schema")
    return replace(wanted.source, type=latest.type, text=latest.text, references=latest.references)


def _versioned(source: Source, wanted: Registration, number: int) -> Source:
    """Keep `confluent:version` true, where it is asked for or there already."""
    metadata = source.metadata
    sticks = metadata is not None and VERSION_PROPERTY in metadata.properties
    if wanted.version == 0 and not sticks:
        return source
    return replace(source, metadata=(metadata or Metadata()).with_property(VERSION_PROPERTY, str(number)))


def _tagged(
    state: State, config: Config, wanted: Registration, schema: Prepared, latest: Source | None
) -> Prepared:
    """The schema with inline tags inherited, added and removed as asked."""
    if not wanted.propagate and not wanted.edits_tags:
        return schema
    form = schema.parsed.form
    format_ = schema.parsed.format
    try:
        if wanted.propagate and latest is not None:
            form = propagated(state, wanted.subject.context, schema.parsed, latest)
        if wanted.edits_tags:
            form = format_.edit_tags(form, wanted.add, wanted.remove)
    except Invalid as invalid:
        raise Refusal(Fault.INVALID_SCHEMA, why=f"java.lang.IllegalArgumentException: {invalid}") from None
    if form is schema.parsed.form:
        return schema
    return prepared(state, config, wanted, replace(schema.source, text=format_.canonical(form)))


def _store(state: State, wanted: Registration, schema: Prepared, number: int, facts: Facts) -> Decision:
    """New version; the content keeps its id where the context knows it."""
    subject = wanted.subject
    changes = _context_changes(state, subject.context)
    held = state.schema_with(subject.context, schema.guid)
    if held is None:
        held = Schema(subject.context, state.next_id(subject.context), schema.source, schema.guid)
        changes.append(Put(held))
    elif held.source.type is not schema.source.type or held.source != schema.source:
        # Nothing separates the parts of the hash: another content may share it.
        raise _overwrite(subject, held.id)
    changes += _tombstones(state, subject, held.id)
    changes.append(Put(Version(subject, number, held.id, False, facts.now)))
    return Decision(tuple(changes), reply(state, wanted, held, number, None))


def _context_changes(state: State, context: str) -> list[Change]:
    held = state.context(context)
    if context == DEFAULT_CONTEXT or (held is not None and held.listed):
        return []
    return [Put(ContextEntry(context, held.last_id if held is not None else 0))]


def _tombstones(state: State, subject: Subject, schema_id: int) -> list[Change]:
    """Soft-deleted versions of the subject with the same id make room for the new one."""
    entry = state.subject(subject)
    if entry is None or schema_id not in entry.by_schema:
        return []
    return [
        Drop(version)
        for version in entry.versions.values()
        if version.deleted
        and version.schema_id == schema_id
        and (subject, version.version) not in state.referrers
    ]


def _overwrite(subject: Subject, schema_id: int) -> Refusal:
    context = qualified_context(subject)
    why = f"Overwrite new schema with id {schema_id} in context {context} is not permitted."
    return Refusal(Fault.OPERATION_NOT_PERMITTED, why=why)


def _import(state: State, config: Config, wanted: Registration, facts: Facts) -> Decision:
    """Ids and versions are the caller's: nothing is merged, normalized or compared, but it must parse."""
    subject = wanted.subject
    if wanted.source.text.strip():
        schema = prepared(state, config, wanted, wanted.source)
        source, digest = schema.source, schema.guid
    else:
        source = wanted.source
        digest = source.guid
    held = state.schema(subject.context, wanted.id)
    if held is not None and (held.guid != digest or held.source != source):
        raise _overwrite(subject, wanted.id)
    entry = state.subject(subject)
    number = wanted.version
    if number <= 0:
        number = entry.next_version() if entry is not None else 1
    changes = _context_changes(state, subject.context)
    if held is None:
        held = Schema(subject.context, wanted.id, source, digest)
        changes.append(Put(held))
    occupied = entry.versions.get(number) if entry is not None else None
    if occupied is None or occupied.schema_id != held.id or occupied.deleted:
        changes.append(Put(Version(subject, number, held.id, False, facts.now)))
    return Decision(tuple(changes), reply(state, wanted, held, number, None))


def reply(
    state: State, wanted: Registration, schema: Schema, number: int, found: Found | None
) -> RegisterReply:
    """The echo, with the schema in the style asked for."""
    text = None
    if wanted.style:
        text = rendered(state, schema, wanted.style)
    by_meaning = found.version if found is not None and not found.by_hash else None
    return register_reply(schema, number, text=text, found=by_meaning)
