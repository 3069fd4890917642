"""Bodies about configs and modes, and how an update changes what is stored.

In an update absent, null and a value differ: keep, clear, set (docs/wire.md, config and mode).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from registan.contract.body.common import Body, MetadataBody, RuleSetBody
from registan.model.fault import Fault, Refusal
from registan.model.policy import CompatibilityLevel, CompatibilityPolicy, Config, Mode

_FIELDS = {
    "alias": "alias",
    "alias_for_deks": "alias_for_deks",
    "normalize": "normalize",
    "validate_fields": "validate_fields",
    "validate_new_schemas": "validate_new_schemas",
    "validate_rules": "validate_rules",
    "compatibility": "level",
    "compatibility_policy": "policy",
    "compatibility_group": "group",
    "default_metadata": "default_metadata",
    "override_metadata": "override_metadata",
    "default_rule_set": "default_rule_set",
    "override_rule_set": "override_rule_set",
}
"""Field of the body → field of the record."""


class ConfigUpdate(Body, frozen=True):
    """Changes to a config, and in this form the answer to them: all that is set afterwards."""

    __java__: ClassVar[str] = "ConfigUpdateRequest"

    alias: str | UnsetType | None = UNSET
    alias_for_deks: str | UnsetType | None = UNSET
    normalize: bool | UnsetType | None = UNSET
    validate_fields: bool | UnsetType | None = UNSET
    validate_new_schemas: bool | UnsetType | None = UNSET
    validate_rules: bool | UnsetType | None = UNSET
    compatibility: str | UnsetType | None = UNSET
    compatibility_policy: str | UnsetType | None = UNSET
    compatibility_group: str | UnsetType | None = UNSET
    default_metadata: MetadataBody | UnsetType | None = UNSET
    override_metadata: MetadataBody | UnsetType | None = UNSET
    default_rule_set: RuleSetBody | UnsetType | None = UNSET
    override_rule_set: RuleSetBody | UnsetType | None = UNSET

    def merged(self, config: Config) -> Config:
        """The config with these changes; raises `Refusal` BAD_REQUEST, INVALID_LEVEL."""
        changes: dict[str, Any] = {}
        for name, field in _FIELDS.items():
            sent = getattr(self, name)
            if sent is not UNSET:
                changes[field] = sent.value() if isinstance(sent, MetadataBody | RuleSetBody) else sent
        if changes.get("level") is not None:
            changes["level"] = _level(changes["level"])
        if changes.get("policy") is not None:
            # An unknown one clears the field, as on the wire.
            changes["policy"] = CompatibilityPolicy.__members__.get(changes["policy"].upper())
        return replace(config, **changes)

    @classmethod
    def of(cls, config: Config) -> ConfigUpdate:
        """All that is set, an empty text included."""
        return cls(**_printed(config))


class ConfigReply(Body, frozen=True):
    """A config. The level is always told; nothing empty is printed but an empty object."""

    alias: str | None = None
    alias_for_deks: str | None = None
    normalize: bool | None = None
    validate_fields: bool | None = None
    validate_new_schemas: bool | None = None
    validate_rules: bool | None = None
    compatibility_level: CompatibilityLevel | None = None
    compatibility_policy: CompatibilityPolicy | None = None
    compatibility_group: str | None = None
    default_metadata: MetadataBody | None = None
    override_metadata: MetadataBody | None = None
    default_rule_set: RuleSetBody | None = None
    override_rule_set: RuleSetBody | None = None

    @classmethod
    def of(cls, config: Config, level: CompatibilityLevel) -> ConfigReply:
        """The body of a config whose level, or its default, is `level`."""
        printed = {**_printed(config), "compatibility_level": level}
        printed.pop("compatibility", None)
        return cls(**printed)


def _printed(config: Config) -> dict[str, Any]:
    values = {name: getattr(config, field) for name, field in _FIELDS.items()}
    for name in ("default_metadata", "override_metadata"):
        values[name] = MetadataBody.of(values[name])
    for name in ("default_rule_set", "override_rule_set"):
        values[name] = RuleSetBody.of(values[name])
    return {name: value for name, value in values.items() if value is not None}


def _level(text: str) -> CompatibilityLevel:
    level = CompatibilityLevel.__members__.get(text.upper())
    if level is None:
        raise Refusal(Fault.INVALID_LEVEL)
    return level


class ModeUpdate(Body, frozen=True):
    """A mode to set, or with null to unset; the answer is what was sent."""

    __java__: ClassVar[str] = "ModeUpdateRequest"
    __java_from_string__: ClassVar[str] = "mode"

    mode: str | UnsetType | None = UNSET

    def value(self) -> Mode | None:
        """The mode, None to unset it; raises `Refusal` INVALID_MODE, also where none is sent."""
        if self.mode is None:
            return None
        mode = None if self.mode is UNSET else Mode.__members__.get(self.mode.upper())
        if mode is None:
            raise Refusal(Fault.INVALID_MODE)
        return mode


class ModeReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """A mode; without one, where a recursive delete found none to tell."""

    mode: Mode | None = None
