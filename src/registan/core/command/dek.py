"""Registering and deleting DEKs. Modes do not matter here (docs/wire.md, key registry)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from registan.contract.body.keys import CreateDekRequest, DekReply
from registan.contract.route import NoContent
from registan.contract.routes.deks import (
    DEFAULT,
    DEK_CREATE,
    DEK_CREATE_OF,
    DEK_DELETE,
    DEK_UNDELETE,
    DEK_VERSION_DELETE,
    DEK_VERSION_UNDELETE,
    CreateDekArgs,
    CreateDekOfArgs,
    DeleteDekArgs,
    DeleteDekVersionArgs,
    UndeleteDekArgs,
    UndeleteDekVersionArgs,
)
from registan.core.command.kek import check_room
from registan.core.decision import Decision, Facts
from registan.core.handlers import handles
from registan.core.keys import find_kek, invalid, no_driver, not_found, series, to_delete
from registan.core.state import State
from registan.model.commit import Drop, Put
from registan.model.fault import Fault, Refusal
from registan.model.keys import Dek
from registan.model.subject import Subject


@handles(DEK_CREATE)
def create(state: State, args: CreateDekArgs, facts: Facts) -> Decision:
    """Register a DEK of the subject that the body names."""
    kek = find_kek(state, args.name)
    if not args.body.subject:
        raise invalid("subject")
    return _create(state, kek.name, Subject.parse(args.body.subject), args.body, facts)


@handles(DEK_CREATE_OF)
def create_of(state: State, args: CreateDekOfArgs, facts: Facts) -> Decision:
    """Register a DEK of the subject that the path names."""
    return _create(state, find_kek(state, args.name).name, args.subject, args.body, facts)


def _create(state: State, name: str, subject: Subject, body: CreateDekRequest, facts: Facts) -> Decision:
    kek = find_kek(state, name)
    version = 1 if body.version is None else body.version
    if version < 1:
        raise invalid("version")
    if kek.shared:
        bare = "generate encrypted dek" if body.encrypted_key_material is None else "generate raw dek"
        raise no_driver(f"{bare} for {subject}", kek)
    if body.encrypted_key_material is None:
        raise invalid("encryptedKeyMaterial")
    dek = Dek(
        kek_name=name,
        subject=subject,
        algorithm=body.algorithm or DEFAULT,
        version=version,
        encrypted_key_material=body.encrypted_key_material,
        deleted=body.deleted,
        at=facts.now,
    )
    held = state.deks.get(dek.key)
    if held is not None and not (held.deleted and replace(held, deleted=False, at=dek.at) == dek):
        raise Refusal(Fault.KEY_EXISTS, key=subject)
    if held is None:
        check_room(state)
    return Decision((Put(dek),), DekReply.of(dek))


@handles(DEK_DELETE)
def delete(state: State, args: DeleteDekArgs, facts: Facts) -> Decision:
    """Delete all versions of a DEK."""
    find_kek(state, args.name, deleted=True)
    held = series(state, args.name, args.subject, args.algorithm)
    if not held:
        raise not_found(args.subject)
    return _delete(held, facts, permanent=args.permanent)


@handles(DEK_VERSION_DELETE)
def delete_version(state: State, args: DeleteDekVersionArgs, facts: Facts) -> Decision:
    """Delete one version of a DEK."""
    find_kek(state, args.name, deleted=True)
    held = to_delete(state, args.name, args.subject, args.algorithm, args.version)
    return _delete([held], facts, permanent=args.permanent)


def _delete(held: Sequence[Dek], facts: Facts, *, permanent: bool) -> Decision:
    """Softly, which again is no error, or for good, what was deleted softly before."""
    if permanent:
        if any(not dek.deleted for dek in held):
            raise Refusal(Fault.KEY_NOT_SOFT_DELETED, key=held[0].subject)
        return Decision(tuple(map(Drop, held)), NoContent())
    live = [dek for dek in held if not dek.deleted]
    return Decision(tuple(Put(replace(dek, deleted=True, at=facts.now)) for dek in live), NoContent())


@handles(DEK_UNDELETE)
def undelete(state: State, args: UndeleteDekArgs, facts: Facts) -> Decision:
    """Take back the soft delete of all versions of a DEK."""
    held = series(state, args.name, args.subject, args.algorithm)
    return _undelete(state, args.name, args.subject, held, facts)


@handles(DEK_VERSION_UNDELETE)
def undelete_version(state: State, args: UndeleteDekVersionArgs, facts: Facts) -> Decision:
    """Take back the soft delete of one version of a DEK."""
    find_kek(state, args.name, deleted=True)
    held = to_delete(state, args.name, args.subject, args.algorithm, args.version)
    return _undelete(state, args.name, args.subject, [held], facts)


def _undelete(state: State, name: str, subject: Subject, held: Sequence[Dek], facts: Facts) -> Decision:
    kek = find_kek(state, name, deleted=True)
    if not held:
        raise not_found(subject)
    if kek.deleted:
        raise Refusal(Fault.KEY_SOFT_DELETED, key=name)
    gone = [dek for dek in held if dek.deleted]
    return Decision(tuple(Put(replace(dek, deleted=False, at=facts.now)) for dek in gone), NoContent())
