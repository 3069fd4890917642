"""The compatibility check of a subject: which versions count, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from registan.core.compatibility import Old, closing, reserved_field_violations, violations
from registan.core.effective import level_of
from registan.core.sources import Prepared, parsed_version
from registan.core.state import State
from registan.formats.protocol import Invalid, Policy
from registan.model.data_contract import Metadata
from registan.model.fault import Fault, Refusal
from registan.model.policy import CompatibilityLevel, Config
from registan.model.record import Version


def messages(
    state: State, config: Config, new: Prepared, live: Iterable[Version], *, only: Version | None = None
) -> list[str]:
    """Why `new` may not follow the live versions (newest first); empty when it may.

    With `only`, exactly that version is compared, in the direction of the level. Raises `Refusal`
    INVALID_SCHEMA where a version no longer parses or the verdict would take too much work.
    """
    level = level_of(state, config)
    validate_fields = validates_fields(state, config)
    versions = [only] if only is not None else list(live)
    found: list[str] = []
    if validate_fields:
        previous = state.schema_of(versions[0]).source.metadata if versions else None
        found += reserved_field_violations(new.parsed, new.metadata, previous)
    if level is not CompatibilityLevel.NONE:
        policy = Policy(config.policy.value) if config.policy is not None else Policy.STRICT
        peers = _peers(state, config.group, new.metadata, versions)
        if not level.transitive:
            peers = peers[:1]
        try:
            found += violations(level, new.parsed, _olds(state, peers), policy)
        except Invalid as invalid:  # a budget does not suffice for the verdict
            raise Refusal(Fault.INVALID_SCHEMA, why=str(invalid)) from None
    if found:
        found.append(closing(level, validate_fields=validate_fields))
    return found


def validates_fields(state: State, config: Config) -> bool:
    """Whether reserved names of fields are looked for."""
    return state.defaults.validate_fields if config.validate_fields is None else config.validate_fields


def _olds(state: State, versions: Iterable[Version]) -> Iterator[Old]:
    for version in versions:
        schema = state.schema_of(version)
        yield Old(version.version, parsed_version(state, version), schema.source.text)


def _group(metadata: Metadata | None, name: str) -> str | None:
    return metadata.properties.get(name) if metadata is not None else None


def _peers(
    state: State, group: str | None, metadata: Metadata | None, versions: list[Version]
) -> list[Version]:
    """The versions of the same compatibility group; all of them where no group is configured."""
    if not group:
        return versions
    value = _group(metadata, group)
    return [v for v in versions if _group(state.schema_of(v).source.metadata, group) == value]
