"""The rules of compatibility: what each is called and what it says.

What lives here: names and message templates, as on the wire (with their odd spellings). When a rule is
broken is compat.py's matter. Compatible differences have no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from registan.formats.protocol import Incompatibility


class Rule(StrEnum):
    """Differences that make two schemas incompatible."""

    PACKAGE_CHANGED = "PACKAGE_CHANGED"
    MESSAGE_REMOVED = "MESSAGE_REMOVED"
    FIELD_KIND_CHANGED = "FIELD_KIND_CHANGED"
    FIELD_SCALAR_KIND_CHANGED = "FIELD_SCALAR_KIND_CHANGED"
    FIELD_NAMED_TYPE_CHANGED = "FIELD_NAMED_TYPE_CHANGED"
    FIELD_NUMERIC_LABEL_CHANGED = "FIELD_NUMERIC_LABEL_CHANGED"
    REQUIRED_FIELD_ADDED = "REQUIRED_FIELD_ADDED"
    REQUIRED_FIELD_REMOVED = "REQUIRED_FIELD_REMOVED"
    ONEOF_FIELD_REMOVED = "ONEOF_FIELD_REMOVED"
    MULTIPLE_FIELDS_MOVED_TO_ONEOF = "MULTIPLE_FIELDS_MOVED_TO_ONEOF"
    FIELD_MOVED_TO_EXISTING_ONEOF = "FIELD_MOVED_TO_EXISTING_ONEOF"


TEXTS: Mapping[Rule, str] = {
    Rule.PACKAGE_CHANGED: (
        "The package at '{path}' in the %s schema does not match the package in the %s schema"
    ),
    Rule.MESSAGE_REMOVED: ("The %s schema is missing a MESSAGE type at path '{path}' in the %s schema"),
    Rule.FIELD_KIND_CHANGED: (
        "The type of a field at path '{path}' in the %s schema does not match the %s schema"
    ),
    Rule.FIELD_SCALAR_KIND_CHANGED: (
        "The kind of a SCALAR field at path '{path}' in the %s schema does not match its kind in"
        " the %s schema"
    ),
    Rule.FIELD_NAMED_TYPE_CHANGED: (
        "The type of a MESSAGE field at path '{path}' in the %s schema does not match its type in"
        " the %s schema"
    ),
    Rule.FIELD_NUMERIC_LABEL_CHANGED: (
        "The label for a NUMERIC field at path '{path}' in the %s schema does not match its label"
        " in the %s schema"
    ),
    Rule.REQUIRED_FIELD_ADDED: (
        "A required field  at path '{path}' in the %s schema is missing in the %s schema"
    ),
    Rule.REQUIRED_FIELD_REMOVED: (
        "The %s schema is missing a required field at path: '{path}' in the %s schema"
    ),
    Rule.ONEOF_FIELD_REMOVED: ("The %s schema is missing a oneof field at path '{path}' in the %s schema"),
    Rule.MULTIPLE_FIELDS_MOVED_TO_ONEOF: (
        "Multiple fields in the oneof at path '{path}' in the %s schema are outside a oneof in the %s schema"
    ),
    Rule.FIELD_MOVED_TO_EXISTING_ONEOF: (
        "A field in the oneof at path '{path}' in the %s schema is outside an existing oneof in the %s schema"
    ),
}

"""What each says; `%s` stands for the words of the two schemas, "new" and "old"."""

_PARTS = {
    rule: tuple(f'{{errorType:"{rule}", description:"{text}"}}'.split("%s")) for rule, text in TEXTS.items()
}


def broken(rule: Rule, path: str) -> Incompatibility:
    """The finding that a rule is broken at a path."""
    parts = tuple(part.replace("{path}", path, 1) for part in _PARTS[rule])
    return Incompatibility(rule.value, path, parts)
