"""The rules of compatibility: what each is called and what it says.

What lives here: names and message templates, as on the wire. When a rule is broken is compat.py's matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from registan.formats.protocol import Incompatibility


class Rule(StrEnum):
    """Differences that make a reader unable to read."""

    FIXED_SIZE_MISMATCH = "FIXED_SIZE_MISMATCH"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    NAME_MISMATCH = "NAME_MISMATCH"
    MISSING_ENUM_SYMBOLS = "MISSING_ENUM_SYMBOLS"
    MISSING_UNION_BRANCH = "MISSING_UNION_BRANCH"
    READER_FIELD_MISSING_DEFAULT_VALUE = "READER_FIELD_MISSING_DEFAULT_VALUE"


TEXTS: Mapping[Rule, str] = {
    Rule.FIXED_SIZE_MISMATCH: (
        "The size of FIXED type field at path '{path}' in the %s schema does not match with the %s schema"
    ),
    Rule.TYPE_MISMATCH: (
        "The type (path '{path}') of a field in the %s schema does not match with the %s schema"
    ),
    Rule.NAME_MISMATCH: "The name of the schema has changed (path '{path}')",
    Rule.MISSING_ENUM_SYMBOLS: (
        "The %s schema is missing enum symbols '{info}' at path '{path}' in the %s schema"
    ),
    Rule.MISSING_UNION_BRANCH: (
        "The %s schema is missing a type inside a union field at path '{path}' in the %s schema"
    ),
    Rule.READER_FIELD_MISSING_DEFAULT_VALUE: (
        "The field '{info}' at path '{path}' in the %s schema has no default value and is missing in the"
        " %s schema"
    ),
}
"""What each says; `%s` stands for the words of the two schemas, "new" and "old"."""


def broken(rule: Rule, path: str, info: str) -> Incompatibility:
    """The finding that a rule is broken at a path (which has no words of a schema in it)."""
    text = f"{{errorType:'{rule}', description:'{TEXTS[rule]}', additionalInfo:'{{info}}'}}"
    parts = text.replace("{path}", path).split("%s")
    return Incompatibility(rule.value, path, tuple(part.replace("{info}", info) for part in parts))


def failed(why: str) -> Incompatibility:
    """The finding that a comparison could not be made at all."""
    return Incompatibility("UNEXPECTED", "", (f"Unexpected exception during compatibility check: {why}",))
