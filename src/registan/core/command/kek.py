"""Registering, changing and deleting KEKs. Modes do not matter here (docs/wire.md, key registry)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from msgspec import UNSET

from registan.contract.body.keys import KekReply
from registan.contract.route import NoContent
from registan.contract.routes.keks import (
    KEK_CREATE,
    KEK_DELETE,
    KEK_PUT,
    KEK_UNDELETE,
    CreateKekArgs,
    DeleteKekArgs,
    KekArgs,
    PutKekArgs,
)
from registan.core.decision import Decision, Facts
from registan.core.handlers import handles
from registan.core.keys import (
    checked_key_id,
    checked_name,
    find_kek,
    invalid,
    no_driver,
    stored_type,
)
from registan.core.state import State
from registan.model.commit import Drop, Put
from registan.model.fault import Fault, Refusal
from registan.model.keys import Kek


@handles(KEK_CREATE)
def create(state: State, args: CreateKekArgs, facts: Facts) -> Decision:
    """Register a KEK; a soft-deleted one with the same content is there again instead."""
    body = args.body
    name = checked_name(body.name)
    kms_type = stored_type(body.kms_type)
    kek = Kek(
        name=name,
        kms_type=kms_type,
        kms_key_id=checked_key_id(kms_type, body.kms_key_id),
        kms_props=dict(sorted((body.kms_props or {}).items())),
        doc=body.doc,
        shared=body.shared,
        deleted=body.deleted,
        at=facts.now,
    )
    held = state.keks.get(name)
    if held is not None and not (held.deleted and replace(held, deleted=False, at=kek.at) == kek):
        raise Refusal(Fault.KEY_EXISTS, key=name)
    if held is None:
        check_room(state)
    _check_sharing(kek, asked=args.test_sharing)
    return Decision((Put(kek),), KekReply.of(kek))


def check_room(state: State) -> None:
    """Refuse where there are as many keys as may be: TOO_MANY_KEYS."""
    limit = state.defaults.keys_max
    if len(state.keks) + len(state.deks) >= limit:
        raise Refusal(Fault.TOO_MANY_KEYS, limit=limit)


def _check_sharing(kek: Kek, *, asked: bool) -> None:
    if asked and kek.shared:
        raise no_driver(f"test kek {kek.name}", kek)


@handles(KEK_PUT)
def put(state: State, args: PutKekArgs, facts: Facts) -> Decision:
    """Change what may change of a KEK; the time moves only where something does."""
    held = find_kek(state, args.name)
    body = args.body
    changes: dict[str, Any] = {}
    if body.kms_props is not UNSET:
        changes["kms_props"] = dict(sorted((body.kms_props or {}).items()))
    if body.doc is not UNSET:
        changes["doc"] = body.doc
    if body.shared is not UNSET:
        if body.shared is None:
            raise invalid("shared")
        changes["shared"] = body.shared
    kek = replace(held, **changes)
    _check_sharing(kek, asked=args.test_sharing)
    if kek == held:
        return Decision((), KekReply.of(held))
    kek = replace(kek, at=facts.now)
    return Decision((Put(kek),), KekReply.of(kek))


@handles(KEK_DELETE)
def delete(state: State, args: DeleteKekArgs, facts: Facts) -> Decision:
    """Delete a KEK that wraps no live key, for good one that wraps none; again is no error."""
    held = find_kek(state, args.name, deleted=True)
    if any(args.permanent or not dek.deleted for dek in state.deks.where("kek", args.name)):
        raise Refusal(Fault.KEY_IN_USE, key=args.name)
    if args.permanent:
        if not held.deleted:
            raise Refusal(Fault.KEY_NOT_SOFT_DELETED, key=args.name)
        return Decision((Drop(held),), NoContent())
    if held.deleted:
        return Decision((), NoContent())
    return Decision((Put(replace(held, deleted=True, at=facts.now)),), NoContent())


@handles(KEK_UNDELETE)
def undelete(state: State, args: KekArgs, facts: Facts) -> Decision:
    """Take back a soft delete; where there is none nothing happens."""
    held = find_kek(state, args.name, deleted=True)
    if not held.deleted:
        return Decision((), NoContent())
    return Decision((Put(replace(held, deleted=False, at=facts.now)),), NoContent())
