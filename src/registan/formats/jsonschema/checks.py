"""What values of keywords must be, whatever the draft (docs/wire.md, JSON Schema 5.1, third gate)."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TypeGuard

from registan.formats.jsonschema.draft import BadSchema
from registan.formats.jsonschema.model import Array, Number
from registan.formats.jsonschema.pattern_program import tree
from registan.formats.jsonschema.text import Json, compact

TYPES = frozenset(("string", "integer", "number", "boolean", "null", "array", "object"))
_INT32 = range(-(2**31), 2**31)
_LARGE = 10**18
"""Lengths and counts beyond it are taken for it."""


def text(value: Json, key: str) -> str:
    """A string."""
    if isinstance(value, str):
        return value
    raise BadSchema(f"{key} must be a string")


def flag(value: Json, key: str) -> bool:
    """A boolean."""
    if isinstance(value, bool):
        return value
    raise BadSchema(f"{key} must be a boolean")


def is_number(value: Json) -> TypeGuard[Number]:
    """Whether a value is a number."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def number(value: Json, key: str) -> Number:
    """A number."""
    if is_number(value):
        return value
    raise BadSchema(f"{key} must be a number")


def double(value: Number) -> float:
    """A number as a double, which may be infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def int32(value: Json, key: str) -> int:
    """An integer that was written as one and fits 32 bits."""
    if isinstance(value, int) and not isinstance(value, bool) and value in _INT32:
        return value
    raise BadSchema(f"{key} must be a 32-bit integer")


def truncated(value: Json, key: str) -> int:
    """The integer part of a number."""
    found = number(value, key)
    if isinstance(found, Decimal):
        if found.adjusted() >= 18:
            return -_LARGE if found.is_signed() else _LARGE
        # Digits far behind the point would be many.
        return int(found) if found.adjusted() >= 0 else 0
    return found


def items(value: Json, key: str) -> list[Json]:
    """An array."""
    if isinstance(value, list):
        return value
    raise BadSchema(f"{key} must be an array")


def entries(value: Json, key: str) -> dict[str, Json]:
    """An object."""
    if isinstance(value, dict):
        return value
    raise BadSchema(f"{key} must be an object")


def names(value: Json, key: str) -> tuple[str, ...]:
    """An array of strings."""
    found = items(value, key)
    if not all(isinstance(name, str) for name in found):
        raise BadSchema(f"{key} must be an array of strings")
    return tuple(found)


def types(value: Json) -> tuple[str, ...]:
    """The names in a `type`, of which there may be a list."""
    if isinstance(value, str) and value in TYPES:
        return (value,)
    found = (value,) if isinstance(value, str) else names(value, "type")
    if not TYPES.issuperset(found):
        raise BadSchema("type must be one of the seven names, or a list of them")
    return found


def pattern(value: Json, key: str) -> str:
    """A regular expression."""
    found = text(value, key)
    if tree(found) is None:
        raise BadSchema(f"{key} is no regular expression")
    return found


def identity(value: Json) -> str:
    """What tells a value from others: type and scale do (`1`, `1.0`), order of keys does not."""
    return "s" + value if isinstance(value, str) else compact(value, ordered=True)


def counts_of_contains(json: dict[str, Json], node: Array) -> None:
    """Note `minContains` and `maxContains`, where they are numbers."""
    if is_number(low := json.get("minContains")):
        node.min_contains = truncated(low, "minContains")
    if is_number(high := json.get("maxContains")):
        node.max_contains = truncated(high, "maxContains")
