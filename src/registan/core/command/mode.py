"""Setting and unsetting modes, and the switch to IMPORT (docs/wire.md, mode)."""

from __future__ import annotations

from collections.abc import Iterator

from registan.contract.body.policy import ModeReply, ModeUpdate
from registan.contract.routes.config import (
    MODE_DELETE,
    MODE_PUT,
    MODE_TOP_DELETE,
    MODE_TOP_PUT,
    DeleteModeArgs,
    DeleteTopModeArgs,
    PutModeArgs,
    PutTopModeArgs,
)
from registan.core.decision import Decision, Facts
from registan.core.effective import ALWAYS_SET
from registan.core.handlers import handles
from registan.core.owners import holders
from registan.core.permission import check_scope
from registan.core.removal import removed
from registan.core.state import State, SubjectEntry
from registan.model.commit import Change, Drop, Put
from registan.model.fault import Fault, Refusal
from registan.model.policy import Mode
from registan.model.record import ModeSetting
from registan.model.subject import ABOVE_ALL, Subject


@handles(MODE_TOP_PUT)
def put_top(state: State, args: PutTopModeArgs, facts: Facts) -> Decision:
    """Set the mode of the default context."""
    return _put(state, args)


@handles(MODE_PUT)
def put(state: State, args: PutModeArgs, facts: Facts) -> Decision:
    """Set the mode of a scope."""
    return _put(state, args)


def _put(state: State, args: PutTopModeArgs | PutModeArgs) -> Decision:
    """Set or unset a mode; the answer is what was sent."""
    scope = args.subject
    check_scope(state, scope)
    mode = args.body.value()
    if mode is Mode.FORWARD and scope != ABOVE_ALL:
        raise Refusal(Fault.FORWARD_ONLY_GLOBAL)
    _check_mutable(state)
    held = state.modes.get(scope)
    changes: list[Change] = []
    if mode is Mode.IMPORT and held is not Mode.IMPORT and not args.force:
        changes += _cleared(state, scope)
    if mode is None and held is not None:
        changes.append(Drop(ModeSetting(scope, held)))
    elif mode is not None and mode is not held:
        changes.append(Put(ModeSetting(scope, mode)))
    return Decision(tuple(changes), ModeUpdate(mode=args.body.mode))


def _check_mutable(state: State) -> None:
    if not state.defaults.mode_mutability:
        raise Refusal(Fault.OPERATION_NOT_PERMITTED, why="Mode changes are not allowed")


def _cleared(state: State, scope: Subject) -> list[Change]:
    """An import begins empty: what is soft-deleted in the scope goes for good, what lives forbids it."""
    entries = list(_entries(state, scope))
    if any(entry.live for entry in entries):
        raise Refusal(Fault.OPERATION_NOT_PERMITTED, why="Cannot import since found existing subjects")
    subjects = {entry.subject for entry in entries}
    versions = [version for entry in entries for version in entry.versions.values()]
    changes = removed(state, versions)
    for version in versions:
        for context, schema_id in state.referrers.get((version.subject, version.version), ()):
            if any(held.subject not in subjects for held in holders(state, context, schema_id)):
                raise Refusal(Fault.REFERENCE_EXISTS, subject=version.subject, version=version.version)
    return changes


def _entries(state: State, scope: Subject) -> Iterator[SubjectEntry]:
    """The subjects of a scope that have any version."""
    if scope == ABOVE_ALL:
        for held in state.contexts.values():
            yield from held.subjects.values()
        return
    if not scope.is_context:
        entry = state.subject(scope)
        if entry is not None:
            yield entry
        return
    context = state.context(scope.context)
    if context is not None:
        yield from context.subjects.values()


@handles(MODE_TOP_DELETE)
def delete_top(state: State, args: DeleteTopModeArgs, facts: Facts) -> Decision:
    """Unset the mode of the default context."""
    return _delete(state, args)


@handles(MODE_DELETE)
def delete(state: State, args: DeleteModeArgs, facts: Facts) -> Decision:
    """Unset the mode of a scope, and with `recursive` those of all subjects in it."""
    return _delete(state, args)


def _delete(state: State, args: DeleteTopModeArgs | DeleteModeArgs) -> Decision:
    scope = args.subject
    held = state.modes.get(scope)
    if held is None and scope in ALWAYS_SET:
        old: Mode | None = Mode.READWRITE
    else:
        old = held
    if old is None and not args.recursive:
        raise Refusal(Fault.SUBJECT_NOT_FOUND, subject=scope)
    _check_mutable(state)
    gone = [scope] if held is not None else []
    if args.recursive and scope.is_context:
        gone += [each for each in state.modes if each.context == scope.context and each != scope]
    return Decision(tuple(Drop(ModeSetting(each, state.modes[each])) for each in gone), ModeReply(old))
