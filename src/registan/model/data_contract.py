"""Data contracts: metadata and rule sets that travel with a schema.

Absent (None) and empty differ: an empty `Metadata` is stored, printed and hashed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

VERSION_PROPERTY = "confluent:version"
RESERVED_PROPERTY = "confluent:reserved"
TAGS_PROPERTY = "confluent:tags"


class RuleKind(StrEnum):
    """What a rule does with a message."""

    CONDITION = "CONDITION"
    TRANSFORM = "TRANSFORM"


class RuleMode(StrEnum):
    """When a rule runs."""

    DOWNGRADE = "DOWNGRADE"
    READ = "READ"
    UPGRADE = "UPGRADE"
    UPDOWN = "UPDOWN"
    WRITE = "WRITE"
    WRITEREAD = "WRITEREAD"


class ExecutionEnvironment(StrEnum):
    """Where rules take effect (`RuleSet.enable_at`)."""

    NONE = "NONE"
    ALL = "ALL"
    SERVER = "SERVER"
    GATEWAY = "GATEWAY"
    CLIENT = "CLIENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Tags by entity path, properties, and the names of properties that are secret.

    Build with `of`, which sorts keys and sets as they are stored and hashed.
    """

    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        tags: Mapping[str, tuple[str, ...] | list[str]] | None = None,
        properties: Mapping[str, str] | None = None,
        sensitive: tuple[str, ...] | list[str] | None = None,
    ) -> Metadata:
        """Sort keys and de-duplicate sets."""
        return cls(
            tags={k: tuple(sorted(set(tags[k]))) for k in sorted(tags)} if tags else {},
            properties={k: properties[k] for k in sorted(properties)} if properties else {},
            sensitive=tuple(sorted(set(sensitive))) if sensitive else (),
        )

    def with_property(self, key: str, value: str) -> Metadata:
        """The same metadata with one property set."""
        return Metadata.of(self.tags, {**self.properties, key: value}, self.sensitive)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a rule set; fields as on the wire."""

    name: str | None = None
    doc: str | None = None
    kind: RuleKind | None = None
    mode: RuleMode | None = None
    type: str | None = None
    tags: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    expr: str | None = None
    on_success: str | None = None
    on_failure: str | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Migration, domain and encoding rules of a schema."""

    migration_rules: tuple[Rule, ...] | None = None
    domain_rules: tuple[Rule, ...] | None = None
    encoding_rules: tuple[Rule, ...] | None = None
    enable_at: ExecutionEnvironment | None = None

    def rules(self) -> Iterator[Rule]:
        """All rules: migration, domain, encoding."""
        for group in (self.migration_rules, self.domain_rules, self.encoding_rules):
            yield from group or ()


def merge_metadata(older: Metadata | None, newer: Metadata | None) -> Metadata | None:
    """Key-wise union; the newer value replaces (a tag path's set is replaced, not united).

    Source: docs/wire.md, register flow.
    """
    if older is None or newer is None:
        return newer if older is None else older
    return Metadata.of(
        {**older.tags, **newer.tags},
        {**older.properties, **newer.properties},
        older.sensitive + newer.sensitive,
    )


def _merge_rules(older: tuple[Rule, ...] | None, newer: tuple[Rule, ...] | None) -> tuple[Rule, ...] | None:
    if older is None or newer is None:
        return newer if older is None else older
    names = {rule.name for rule in newer}
    return tuple(rule for rule in older if rule.name not in names) + newer


def merge_rule_sets(older: RuleSet | None, newer: RuleSet | None) -> RuleSet | None:
    """Old rules whose name the new list has are removed, then the new list is appended."""
    if older is None or newer is None:
        return newer if older is None else older
    return RuleSet(
        migration_rules=_merge_rules(older.migration_rules, newer.migration_rules),
        domain_rules=_merge_rules(older.domain_rules, newer.domain_rules),
        encoding_rules=_merge_rules(older.encoding_rules, newer.encoding_rules),
        enable_at=newer.enable_at or older.enable_at,
    )
