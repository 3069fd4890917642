"""Parts that several bodies share: references, metadata, rule sets.

Request parts turn themselves into values (`value`), reply parts are made from values (`of`). Nothing
empty is printed except an empty object (docs/wire.md, entities): hence `None` for every empty list.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec

from registan.contract.jackson import Int32, Unique
from registan.model.data_contract import (
    ExecutionEnvironment,
    Metadata,
    Rule,
    RuleKind,
    RuleMode,
    RuleSet,
)
from registan.model.fault import Fault, Refusal
from registan.model.schema import Reference


class Body(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A JSON object of the wire: camel case, absent means the default, defaults are not printed."""


def _null_inside(what: str) -> Refusal:
    return Refusal(Fault.BAD_REQUEST, why=f"null is not allowed inside `{what}`")


class ReferenceBody(Body, frozen=True):
    """A reference as sent; all three are needed."""

    __java__: ClassVar[str] = "SchemaReference"

    name: str | None = None
    subject: str | None = None
    version: Int32 | None = None

    def value(self) -> Reference | None:
        """The reference, or None where a part is missing."""
        if self.name is None or self.subject is None or self.version is None:
            return None
        return Reference(self.name, self.subject, self.version)

    @classmethod
    def of(cls, reference: Reference) -> ReferenceBody:
        """The body of a stored reference."""
        return cls(name=reference.name or None, subject=reference.subject or None, version=reference.version)


class MetadataBody(Body, frozen=True):
    """Metadata; an empty one is `{}` and not the same as none."""

    __java__: ClassVar[str] = "Metadata"

    tags: dict[str, Annotated[list[str | None], Unique] | None] | None = None
    properties: dict[str, str | None] | None = None
    sensitive: Annotated[list[str | None], Unique] | None = None

    def value(self) -> Metadata:
        """Sorted and de-duplicated; raises `Refusal` BAD_REQUEST for a null inside."""
        tags: dict[str, list[str]] = {}
        for path, words in (self.tags or {}).items():
            if words is None or None in words:
                raise _null_inside("tags")
            tags[path] = [word for word in words if word is not None]
        properties: dict[str, str] = {}
        for key, text in (self.properties or {}).items():
            if text is None:
                raise _null_inside("properties")
            properties[key] = text
        sensitive = self.sensitive or []
        if None in sensitive:
            raise _null_inside("sensitive")
        return Metadata.of(tags, properties, [name for name in sensitive if name is not None])

    @classmethod
    def of(cls, metadata: Metadata | None) -> MetadataBody | None:
        """The body of stored metadata."""
        if metadata is None:
            return None
        return cls(
            tags={k: list(v) for k, v in metadata.tags.items()} or None,
            properties=dict(metadata.properties) or None,
            sensitive=list(metadata.sensitive) or None,
        )


class RuleBody(Body, frozen=True):
    """One rule."""

    __java__: ClassVar[str] = "Rule"

    name: str | None = None
    doc: str | None = None
    kind: RuleKind | None = None
    mode: RuleMode | None = None
    type: str | None = None
    tags: Annotated[list[str], Unique] | None = None
    params: dict[str, str] | None = None
    expr: str | None = None
    on_success: str | None = None
    on_failure: str | None = None
    disabled: bool | None = None

    def value(self) -> Rule:
        """The rule."""
        return Rule(
            name=self.name,
            doc=self.doc,
            kind=self.kind,
            mode=self.mode,
            type=self.type,
            tags=tuple(sorted(set(self.tags or ()))),
            params=dict(sorted((self.params or {}).items())),
            expr=self.expr,
            on_success=self.on_success,
            on_failure=self.on_failure,
            disabled=bool(self.disabled),
        )

    @classmethod
    def of(cls, rule: Rule) -> RuleBody:
        """The body of a stored rule; `disabled` is always printed."""
        return cls(
            name=rule.name or None,
            doc=rule.doc or None,
            kind=rule.kind,
            mode=rule.mode,
            type=rule.type or None,
            tags=list(rule.tags) or None,
            params=dict(rule.params) or None,
            expr=rule.expr or None,
            on_success=rule.on_success or None,
            on_failure=rule.on_failure or None,
            disabled=rule.disabled,
        )


def _rules(bodies: list[RuleBody | None] | None) -> tuple[Rule, ...] | None:
    if bodies is None:
        return None
    if None in bodies:
        raise _null_inside("ruleSet")
    return tuple(body.value() for body in bodies if body is not None)


def _bodies(rules: tuple[Rule, ...] | None) -> list[RuleBody | None] | None:
    return [RuleBody.of(rule) for rule in rules] if rules else None


class RuleSetBody(Body, frozen=True):
    """A rule set; kept, unlike in the open-source original."""

    __java__: ClassVar[str] = "RuleSet"

    migration_rules: list[RuleBody | None] | None = None
    domain_rules: list[RuleBody | None] | None = None
    encoding_rules: list[RuleBody | None] | None = None
    enable_at: ExecutionEnvironment | None = None

    def value(self) -> RuleSet:
        """The rule set, not yet validated; raises `Refusal` BAD_REQUEST for a null inside."""
        return RuleSet(
            migration_rules=_rules(self.migration_rules),
            domain_rules=_rules(self.domain_rules),
            encoding_rules=_rules(self.encoding_rules),
            enable_at=self.enable_at,
        )

    @classmethod
    def of(cls, rule_set: RuleSet | None) -> RuleSetBody | None:
        """The body of a stored rule set."""
        if rule_set is None:
            return None
        return cls(
            migration_rules=_bodies(rule_set.migration_rules),
            domain_rules=_bodies(rule_set.domain_rules),
            encoding_rules=_bodies(rule_set.encoding_rules),
            enable_at=rule_set.enable_at,
        )


class EntityType(StrEnum):
    """What a place in a schema is."""

    RECORD = "sr_record"
    FIELD = "sr_field"


class SchemaEntityBody(Body, frozen=True):
    """A place in a schema that can carry tags."""

    __java__: ClassVar[str] = "SchemaEntity"

    entity_path: str | None = None
    entity_type: EntityType | None = None


class SchemaTagsBody(Body, frozen=True):
    """Tags of one place."""

    __java__: ClassVar[str] = "SchemaTags"

    schema_entity: SchemaEntityBody | None = None
    tags: list[str | None] | None = None
