"""Keys for encrypting fields: the keys that wrap others (KEK) and those that encrypt data (DEK)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from registan.model.subject import Subject


class DekFormat(StrEnum):
    """What a data key is for."""

    AES128_GCM = "AES128_GCM"
    AES256_SIV = "AES256_SIV"
    AES256_GCM = "AES256_GCM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kek:
    """A key in a key service. With `shared` the registry itself may ask the service to wrap and unwrap.

    `at` is when it was last changed, in milliseconds since 1970; `kms_props` has its keys sorted.
    """

    name: str
    kms_type: str
    kms_key_id: str
    kms_props: Mapping[str, str]
    doc: str | None
    shared: bool
    deleted: bool
    at: int


class DekKey(NamedTuple):
    """What tells data keys apart, in the order in which they are listed."""

    kek_name: str
    subject: str
    """Qualified."""
    algorithm: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dek:
    """A data key of a subject, wrapped by a KEK; the registry never stores it bare.

    `encrypted_key_material` is what the client sent, whatever it is. `at` as in `Kek`.
    """

    kek_name: str
    subject: Subject
    algorithm: DekFormat
    version: int
    encrypted_key_material: str | None
    deleted: bool
    at: int

    @property
    def key(self) -> DekKey:
        """What tells it apart."""
        return DekKey(self.kek_name, str(self.subject), self.algorithm.value, self.version)
