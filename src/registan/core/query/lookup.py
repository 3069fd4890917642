"""Looking a schema up by its content."""

from __future__ import annotations

from registan.contract.body.schema import SchemaReply
from registan.contract.routes.subjects import SCHEMA_LOOKUP, LookupArgs
from registan.core.command.register import Registration, prepared, with_inherited_metadata
from registan.core.effective import effective_config, effective_mode
from registan.core.handlers import handles
from registan.core.lookup import Found, find
from registan.core.places import places
from registan.core.replies import schema_reply
from registan.core.sources import rendered, source_of
from registan.core.state import State
from registan.model.fault import Fault, Refusal
from registan.model.subject import Subject


@handles(SCHEMA_LOOKUP)
def lookup(state: State, args: LookupArgs) -> SchemaReply:
    """The version of the subject with this schema; an unqualified subject is tried in every context."""
    refusal: Refusal | None = None
    for subject in places(state, args.subject):
        try:
            found = _lookup_in(state, subject, args)
        except Refusal as refused:
            refusal = refusal or refused
            if subject == args.subject and refused.fault is Fault.INVALID_SCHEMA:
                raise
            continue
        text = None
        if args.format:
            text = rendered(state, found.schema, args.format)
        return schema_reply(found.version, found.schema, text=text, timed=not found.by_hash)
    assert refusal is not None
    raise refusal


def _lookup_in(state: State, subject: Subject, args: LookupArgs) -> Found:
    config = effective_config(state, subject)
    normalize = (args.normalize or bool(config.normalize)) and not effective_mode(state, subject).is_import
    source = source_of(subject, args.body)
    wanted = Registration(subject=subject, source=source, normalize=normalize)
    found = None
    if source.text.strip():
        schema = prepared(state, config, wanted, source, new=False)
        found = find(state, subject, schema, deleted=args.deleted)
        if found is None:
            found = with_inherited_metadata(state, config, subject, schema, deleted=args.deleted)
    if found is not None:
        return found
    entry = state.subject(subject)
    if entry is None or not (args.deleted or entry.live):
        raise Refusal(Fault.SUBJECT_NOT_FOUND, subject=subject)
    raise Refusal(Fault.SCHEMA_NOT_FOUND)
