"""Which keys there are, and what a key must be (docs/wire.md, key registry).

What lives here: looking keys up and checking them. What never does: wrapping or unwrapping; the registry
has no way to a key service yet, and says so where one is needed (`no_driver`).
"""

from __future__ import annotations

import unicodedata

from registan.core.associations import is_word
from registan.core.state import State
from registan.core.versions import LATEST, version_number
from registan.model.fault import Fault, Refusal
from registan.model.keys import Dek, DekFormat, DekKey, Kek
from registan.model.subject import Subject

NAME_MAX = 256

_TYPES = {"aws": "aws-kms", "azure": "azure-kms", "gcp": "gcp-kms"}
"""What a type begins with, in any case → how it is stored; others stay as they are."""

_KEY_IDS: dict[str, tuple[str, ...]] = {
    "aws-kms": ("arn:aws:kms:",),
    "azure-kms": ("https://",),
    "gcp-kms": ("projects/",),
    "hcvault": ("http://", "https://"),
}
"""Stored type → what its key ids begin with."""


def invalid(field: str) -> Refusal:
    """The refusal of a field."""
    return Refusal(Fault.INVALID_KEY, field=field)


def not_found(key: object) -> Refusal:
    """The refusal where there is no such key."""
    return Refusal(Fault.KEY_NOT_FOUND, key=key)


def no_driver(what: str, kek: Kek) -> Refusal:
    """The refusal of what only a key service could do."""
    return Refusal(Fault.NO_KMS_DRIVER, what=what, uri=f"{kek.kms_type}://{kek.kms_key_id}")


def checked_name(name: str | None) -> str:
    """A name: a letter or underscore, then letters, digits, underscores, hyphens. INVALID_KEY."""
    if not name or len(name) > NAME_MAX or not all(map(is_word, name)):
        raise invalid("name")
    if name[0] != "_" and unicodedata.category(name[0])[0] != "L":
        raise invalid("name")
    return name


def stored_type(kms_type: str | None) -> str:
    """The type as it is stored. INVALID_KEY where there is none; an empty one is one."""
    if kms_type is None:
        raise invalid("kmsType")
    lower = kms_type.lower()
    return next((stored for start, stored in _TYPES.items() if lower.startswith(start)), kms_type)


def checked_key_id(kms_type: str, key_id: str | None) -> str:
    """The id of a key in its service, of the form that the (stored) type asks for. INVALID_KEY."""
    if not key_id or not key_id.startswith(_KEY_IDS.get(kms_type, "")):
        raise invalid("kmsKeyId")
    return key_id


def find_kek(state: State, name: str, *, deleted: bool = False) -> Kek:
    """The KEK, with `deleted` also a soft-deleted one. KEY_NOT_FOUND."""
    kek = state.keks.get(name)
    if kek is None or (kek.deleted and not deleted):
        raise not_found(name)
    return kek


def series(state: State, name: str, subject: Subject, algorithm: DekFormat) -> list[Dek]:
    """The versions of a DEK, soft-deleted ones too, by number."""
    return state.deks.where("series", (name, subject, algorithm))


def find_dek(
    state: State, name: str, subject: Subject, algorithm: DekFormat, number: int, *, deleted: bool
) -> Dek:
    """A version of a DEK; `LATEST` is the newest one, of those that count. KEY_NOT_FOUND."""
    if number == LATEST:
        held = series(state, name, subject, algorithm)
        dek = next((dek for dek in reversed(held) if deleted or not dek.deleted), None)
    else:
        dek = state.deks.get(DekKey(name, str(subject), algorithm.value, number))
    if dek is None or (dek.deleted and not deleted):
        raise not_found(subject)
    return dek


def to_delete(state: State, name: str, subject: Subject, algorithm: DekFormat, version: str) -> Dek:
    """The version that a delete or its taking back means; `latest` is the newest live one if one lives.

    Raises `Refusal` INVALID_VERSION, KEY_NOT_FOUND.
    """
    number = version_number(version)
    if number == LATEST and any(not dek.deleted for dek in series(state, name, subject, algorithm)):
        return find_dek(state, name, subject, algorithm, LATEST, deleted=False)
    return find_dek(state, name, subject, algorithm, number, deleted=True)
