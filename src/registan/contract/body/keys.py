"""Bodies about keys: those that wrap others (KEK) and those that encrypt data (DEK)."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from registan.contract.body.common import Body
from registan.contract.jackson import Int32, PrimitiveBool
from registan.model.keys import Dek, DekFormat, Kek


class CreateKekRequest(Body, frozen=True):
    """A KEK to be."""

    name: str | None = None
    kms_type: str | None = None
    kms_key_id: str | None = None
    kms_props: dict[str, str] | None = None
    doc: str | None = None
    shared: PrimitiveBool = False
    deleted: PrimitiveBool = False


class UpdateKekRequest(Body, frozen=True):
    """Changes to a KEK: absent keeps, null clears, a value sets."""

    kms_props: dict[str, str] | UnsetType | None = UNSET
    doc: str | UnsetType | None = UNSET
    shared: bool | UnsetType | None = UNSET


class CreateDekRequest(Body, frozen=True):
    """A DEK to be; its version is the caller's."""

    subject: str | None = None
    version: Int32 | None = None
    algorithm: DekFormat | None = None
    encrypted_key_material: str | None = None
    deleted: PrimitiveBool = False


class KekReply(Body, frozen=True, kw_only=True):
    """A KEK as it is."""

    name: str
    kms_type: str
    kms_key_id: str
    kms_props: dict[str, str]
    doc: str | None = None
    shared: bool
    ts: int
    deleted: bool | None = None

    @classmethod
    def of(cls, kek: Kek) -> KekReply:
        """The body of a stored KEK; that it is not deleted is not told."""
        return cls(
            name=kek.name,
            kms_type=kek.kms_type,
            kms_key_id=kek.kms_key_id,
            kms_props=dict(kek.kms_props),
            doc=kek.doc,
            shared=kek.shared,
            ts=kek.at,
            deleted=kek.deleted or None,
        )


class DekReply(Body, frozen=True, kw_only=True):
    """A DEK as it is. `key_material` is the bare key, where the registry can unwrap it."""

    kek_name: str
    subject: str
    version: int
    algorithm: DekFormat
    encrypted_key_material: str | None = None
    key_material: str | None = None
    ts: int
    deleted: bool | None = None

    @classmethod
    def of(cls, dek: Dek) -> DekReply:
        """The body of a stored DEK; that it is not deleted is not told."""
        return cls(
            kek_name=dek.kek_name,
            subject=str(dek.subject),
            version=dek.version,
            algorithm=dek.algorithm,
            encrypted_key_material=dek.encrypted_key_material,
            ts=dek.at,
            deleted=dek.deleted or None,
        )
