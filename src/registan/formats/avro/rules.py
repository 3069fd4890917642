"""The rules of compatibility: what each is called and what it says.

What lives here: names and message templates, as on the wire. When a rule is broken is compat.py's matter.
"""

from __future__ import annotations

import re
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
    UNSUPPORTED_TYPE_CHANGE = "UNSUPPORTED_TYPE_CHANGE"
    """Under the policy LOGICAL only."""


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
    Rule.UNSUPPORTED_TYPE_CHANGE: (
        "Logical compatibility (FLINK, {direction}): UNSUPPORTED_TYPE_CHANGE at '{path}': type changed from"
        " {before} to {now} (precision selects the unit of the stored value and cannot change)"
    ),
}
"""What each says; `%s` stands for the words of the two schemas, "new" and "old"."""


_PLACE = re.compile(r"\{\w+\}")


def broken(rule: Rule, path: str, info: str) -> Incompatibility:
    """The finding that a rule is broken at a path (which has no words of a schema in it)."""
    text = f"{{errorType:'{rule}', description:'{TEXTS[rule]}', additionalInfo:'{{info}}'}}"
    parts = text.replace("{path}", path).split("%s")
    return Incompatibility(rule.value, path, tuple(part.replace("{info}", info) for part in parts))


class _UnitChange(Incompatibility):
    """Says the direction, not which of the two schemas is meant, and stands without the old one."""

    __slots__ = ()

    @property
    def quotes_old(self) -> bool:
        """It is not shown."""
        return False

    def message(self, reader: str, writer: str) -> str:  # noqa: ARG002
        """The wire text; the types are told in the order of time."""
        text, mine, yours = self.parts
        before, now = (yours, mine) if reader == "new" else (mine, yours)
        direction = "backward" if reader == "new" else "forward"
        words = {"{direction}": direction, "{path}": self.path, "{before}": before, "{now}": now}
        return _PLACE.sub(lambda place: words[place[0]], text)


def unit_changed(path: str, reader: str, writer: str) -> Incompatibility:
    """The finding that a time has another unit; the types are the reader's and the writer's."""
    rule = Rule.UNSUPPORTED_TYPE_CHANGE
    return _UnitChange(rule.value, path, (TEXTS[rule], reader, writer))


def failed(why: str) -> Incompatibility:
    """The finding that a comparison could not be made at all."""
    return Incompatibility("UNEXPECTED", "", (f"Unexpected exception during compatibility check: {why}",))
