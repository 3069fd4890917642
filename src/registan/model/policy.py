"""Compatibility levels, modes and configs: what a scope may demand.

A scope is a `Subject`; with an empty name it is a whole context. How the records of several
scopes add up to an effective value is a rule and lives in core/effective.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from registan.model.data_contract import Metadata, RuleSet
from registan.model.subject import Subject


class CompatibilityLevel(StrEnum):
    """Which earlier versions a new one is compared with, and in which direction."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def backward(self) -> bool:
        """The new schema must read what the old one wrote."""
        return self.value.startswith(("BACKWARD", "FULL"))

    @property
    def forward(self) -> bool:
        """The old schema must read what the new one writes."""
        return self.value.startswith(("FORWARD", "FULL"))

    @property
    def transitive(self) -> bool:
        """All live versions count, not only the latest."""
        return self.value.endswith("_TRANSITIVE")


class CompatibilityPolicy(StrEnum):
    """`compatibilityPolicy` of a config."""

    LOGICAL = "LOGICAL"
    STRICT = "STRICT"
    LENIENT = "LENIENT"


class Mode(StrEnum):
    """What a scope allows to be written."""

    READWRITE = "READWRITE"
    READONLY = "READONLY"
    READONLY_OVERRIDE = "READONLY_OVERRIDE"
    IMPORT = "IMPORT"
    FORWARD = "FORWARD"

    @property
    def is_read_only(self) -> bool:
        """READONLY_OVERRIDE is an old name for the same."""
        return self in (Mode.READONLY, Mode.READONLY_OVERRIDE)

    @property
    def is_import(self) -> bool:
        """Ids and versions are the caller's to choose."""
        return self in (Mode.IMPORT, Mode.FORWARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The config record of one scope; None means not set here."""

    scope: Subject
    alias: str | None = None
    alias_for_deks: str | None = None
    normalize: bool | None = None
    validate_fields: bool | None = None
    validate_new_schemas: bool | None = None
    validate_rules: bool | None = None
    level: CompatibilityLevel | None = None
    policy: CompatibilityPolicy | None = None
    group: str | None = None
    default_metadata: Metadata | None = None
    override_metadata: Metadata | None = None
    default_rule_set: RuleSet | None = None
    override_rule_set: RuleSet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the server tells of itself."""

    cluster_id: str = "registan"
    group_id: str = "schema-registry"
    version: str = "0"
    commit_id: str = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What the operator decided for the whole server; the pure core gets it with the state."""

    level: CompatibilityLevel = CompatibilityLevel.BACKWARD
    validate_fields: bool = False
    validate_new_schemas: bool = True
    reject_empty_subject: bool = False
    mode_mutability: bool = True
    strict_reference_versions: bool = False
    search_limit_default: int = 1000
    search_limit_max: int = 1000
    references_max: int = 1000
    """References of one schema, the transitive ones included."""
    reference_depth_max: int = 64
    schema_bytes_max: int = 16 * 1024 * 1024
    keys_max: int = 20_000
    """Keys of the key registry, of both kinds."""
    about: About = About()
