"""What a compatibility level means: which pairs are compared, in which direction, with which words.

The semantics of a level live here and nowhere else; a format only ever judges one pair.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from registan.formats import memo
from registan.formats.memo import Parsed
from registan.formats.protocol import Policy
from registan.model.data_contract import RESERVED_PROPERTY, Metadata
from registan.model.policy import CompatibilityLevel

SHOWN_MAX = 10_240
"""Characters of an old schema that a message shows."""

OTHER_TYPE = "Incompatible because of different schema type"


class Old(NamedTuple):
    """An earlier version to compare with."""

    version: int
    parsed: Parsed
    text: str
    """As stored, for the message."""


def violations(level: CompatibilityLevel, new: Parsed, olds: Iterable[Old], policy: Policy) -> list[str]:
    """The messages of the first version, newest first, that the new schema is incompatible with.

    Empty when it is compatible with all of `olds`. The closing line (`closing`) is not among them.
    """
    for old in olds:
        found = _against(level, new, old, policy)
        if found:
            return found
    return []


def _against(level: CompatibilityLevel, new: Parsed, old: Old, policy: Policy) -> list[str]:
    if old.parsed.format.type is not new.format.type:
        return [OTHER_TYPE]
    forward = backward = False
    messages: list[str] = []
    if level.forward:
        faults = memo.incompatibilities(old.parsed, new, policy)
        forward = any(fault.quotes_old for fault in faults)
        messages += [fault.message("old", "new") for fault in faults]
    if level.backward:
        faults = memo.incompatibilities(new, old.parsed, policy)
        backward = any(fault.quotes_old for fault in faults)
        messages += [fault.message("new", "old") for fault in faults]
    # Of two directions only the second one carries the old schema.
    if backward or (forward and not level.backward):
        messages += [f"{{oldSchemaVersion: {old.version}}}", _shown(old.text)]
    return messages


def _shown(text: str) -> str:
    if len(text) > SHOWN_MAX:
        return f"{{oldSchema: <truncated> '{text[:SHOWN_MAX]}...'}}"
    return f"{{oldSchema: '{text}'}}"


def closing(level: CompatibilityLevel, *, validate_fields: bool) -> str:
    """The last line of every list of violations."""
    flag = "true" if validate_fields else "false"
    return f"{{validateFields: '{flag}', compatibility: '{level.value}'}}"


def _reserved(metadata: Metadata | None) -> list[str]:
    text = metadata.properties.get(RESERVED_PROPERTY, "") if metadata is not None else ""
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def reserved_field_violations(
    new: Parsed, metadata: Metadata | None, old_metadata: Metadata | None
) -> list[str]:
    """Messages about reserved fields: none may be taken off the list, none may be a field."""
    now = _reserved(metadata)
    gone = [name for name in _reserved(old_metadata) if name not in now]
    messages = [
        f"The new schema has reserved field {name} removed from its metadata which is present in the "
        "old schema's metadata."
        for name in gone
    ]
    if now:
        fields = new.format.top_fields(new.form)
        messages += [
            f"The new schema has field that conflicts with the reserved field {name}."
            for name in now
            if name in fields
        ]
    return messages
