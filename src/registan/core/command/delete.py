"""Deletes of subjects and versions: softly first, then for good (docs/wire.md, deletes)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from registan.contract.routes.subjects import (
    SUBJECT_DELETE,
    VERSION_DELETE,
    DeleteSubjectArgs,
    DeleteVersionArgs,
)
from registan.core.associations import check_not_associated
from registan.core.decision import Decision, Facts
from registan.core.handlers import handles
from registan.core.permission import check_writable
from registan.core.places import version_at
from registan.core.referrers import check_unreferenced
from registan.core.removal import removed
from registan.core.state import State
from registan.core.versions import version_number
from registan.model.commit import Change, Drop, Put
from registan.model.fault import Fault, Refusal
from registan.model.record import ModeSetting, Version
from registan.model.subject import Subject


@handles(SUBJECT_DELETE)
def delete_subject(state: State, args: DeleteSubjectArgs, facts: Facts) -> Decision:
    """Delete all versions; the reply are the numbers that were live, or for good, that were left."""
    subject, permanent = args.subject, args.permanent
    entry = state.subject(subject)
    if entry is None:
        raise Refusal(Fault.SUBJECT_NOT_FOUND, subject=subject)
    if not permanent and not entry.live:
        raise Refusal(Fault.SUBJECT_SOFT_DELETED, subject=subject)
    check_writable(state, subject)
    check_not_associated(state, subject)
    versions = [v for v in entry.versions.values() if permanent or not v.deleted]
    check_unreferenced(state, versions, permanent=permanent, but=subject)
    if permanent and entry.live:
        raise Refusal(Fault.SUBJECT_NOT_SOFT_DELETED, subject=subject)
    changes = erasure(state, subject, versions) if permanent else burial(versions)
    return Decision(tuple(changes), [v.version for v in versions])


@handles(VERSION_DELETE)
def delete_version(state: State, args: DeleteVersionArgs, facts: Facts) -> Decision:
    """Delete one version; the reply is its number. `latest` is a live one, so never deleted for good."""
    subject, permanent = args.subject, args.permanent
    number = version_number(args.version)
    entry = state.subject(subject)
    if entry is None:
        raise Refusal(Fault.SUBJECT_NOT_FOUND, subject=subject)
    version = version_at(state, subject, number, deleted=True)
    if version is None:
        raise Refusal(Fault.VERSION_NOT_FOUND, version=number)
    if version.deleted and not permanent:
        raise Refusal(Fault.VERSION_SOFT_DELETED, subject=subject, version=version.version)
    check_writable(state, subject)
    if not version.deleted and entry.live == 1 and state.associations.where("subject", subject):
        raise Refusal(Fault.NO_ACTIVE_VERSION, subject=subject)
    check_unreferenced(state, [version], permanent=permanent)
    if permanent and not version.deleted:
        raise Refusal(Fault.VERSION_NOT_SOFT_DELETED, subject=subject, version=version.version)
    changes = erasure(state, subject, [version]) if permanent else burial([version])
    return Decision(tuple(changes), version.version)


def burial(versions: Sequence[Version]) -> list[Change]:
    """The changes of a soft delete."""
    return [Put(replace(version, deleted=True)) for version in versions]


def erasure(state: State, subject: Subject, versions: Sequence[Version]) -> list[Change]:
    """The changes of a permanent delete: versions, ids that nobody holds any more, config and mode.

    The last two go with the last version of the subject.
    """
    changes = removed(state, versions)
    entry = state.subject(subject)
    if entry is not None and len(entry.versions) == len(versions):
        config, mode = state.configs.get(subject), state.modes.get(subject)
        if config is not None:
            changes.append(Drop(config))
        if mode is not None:
            changes.append(Drop(ModeSetting(subject, mode)))
    return changes
