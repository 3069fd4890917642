"""Compatibility checks without registering."""

from __future__ import annotations

from registan.contract.body.schema import CompatibilityReply, RegisterRequest
from registan.contract.routes.compatibility import (
    COMPATIBILITY_CHECK,
    COMPATIBILITY_CHECK_VERSION,
    CheckArgs,
    CheckVersionArgs,
)
from registan.core.checking import messages
from registan.core.command.register import Registration, prepared
from registan.core.effective import effective_config
from registan.core.handlers import handles
from registan.core.sources import source_of
from registan.core.state import State
from registan.core.versions import LATEST, version_number
from registan.formats.memo import Wanted
from registan.model.fault import Fault, Refusal
from registan.model.record import Version
from registan.model.subject import Subject


@handles(COMPATIBILITY_CHECK)
def check(state: State, args: CheckArgs) -> CompatibilityReply:
    """Check against the versions that registration would check."""
    return _check(state, args.subject, args.body, None, normalize=args.normalize, verbose=args.verbose)


@handles(COMPATIBILITY_CHECK_VERSION)
def check_version(state: State, args: CheckVersionArgs) -> CompatibilityReply:
    """Check against exactly one version; the latest of a subject without any fits everything."""
    number = version_number(args.version)
    entry = state.subject(args.subject)
    only: Version | None = None
    if number == LATEST:
        only = entry.latest() if entry is not None else None
    else:
        only = entry.versions.get(number) if entry is not None else None
        if only is None or only.deleted:
            raise Refusal(Fault.VERSION_NOT_FOUND, version=number)
    return _check(state, args.subject, args.body, only, normalize=args.normalize, verbose=args.verbose)


def _check(
    state: State,
    subject: Subject,
    body: RegisterRequest,
    only: Version | None,
    *,
    normalize: bool,
    verbose: bool,
) -> CompatibilityReply:
    config = effective_config(state, subject)
    try:
        source = source_of(subject, body)
        if not source.text.strip():
            raise Refusal(Fault.INVALID_SCHEMA, why="Empty schema")
        wanted = Registration(subject=subject, source=source, normalize=normalize or bool(config.normalize))
        new = prepared(state, config, wanted, source, use=Wanted.VERDICT)
    except Refusal as refusal:
        if refusal.fault is not Fault.INVALID_SCHEMA or not verbose:
            raise
        return CompatibilityReply(is_compatible=False, messages=[refusal.message])
    entry = state.subject(subject)
    live = entry.newest_first() if entry is not None else ()
    found = messages(state, config, new, live, only=only)
    return CompatibilityReply(is_compatible=not found, messages=found if verbose else None)
