"""Comparing strings, numbers and values (docs/wire.md, JSON Schema 5.4). What is compatible is not told."""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation
from typing import TypeAlias

from registan.formats.jsonschema.checks import double
from registan.formats.jsonschema.model import Const, Enum, Node, Number, Numeric, String
from registan.formats.jsonschema.rules import Rule

Found: TypeAlias = "list[tuple[Rule, str]]"

_EXACT = Context(prec=3_000)


def compare_scalars(original: Node, update: Node) -> Found:
    """What is incompatible between two nodes of one class that hold no others."""
    found: Found = []
    if isinstance(original, String) and isinstance(update, String):
        _strings(original, update, found)
    elif isinstance(original, Numeric) and isinstance(update, Numeric):
        _numbers(original, update, found)
    elif isinstance(original, Enum) and isinstance(update, Enum):
        if not update.values >= original.values:
            narrowed = update.values < original.values
            found.append((Rule.ENUM_ARRAY_NARROWED if narrowed else Rule.ENUM_ARRAY_CHANGED, "enum"))
    elif isinstance(original, Const) and isinstance(update, Const) and original.value != update.value:
        found.append((Rule.ENUM_ARRAY_CHANGED, "const"))
    return found


def upper(was: int | None, is_: int | None, added: Rule, decreased: Rule, path: str, found: Found) -> None:
    """Compare a highest count."""
    if is_ is not None and (was is None or is_ < was):
        found.append((added if was is None else decreased, path))


def lower(was: int | None, is_: int | None, added: Rule, increased: Rule, path: str, found: Found) -> None:
    """Compare a lowest count."""
    if is_ is not None and (was is None or is_ > was):
        found.append((added if was is None else increased, path))


def _strings(was: String, is_: String, found: Found) -> None:
    if is_.max_length is not None:
        upper(
            was.max_length,
            is_.max_length,
            Rule.MAX_LENGTH_ADDED,
            Rule.MAX_LENGTH_DECREASED,
            "maxLength",
            found,
        )
    if is_.min_length is not None:
        lower(
            was.min_length,
            is_.min_length,
            Rule.MIN_LENGTH_ADDED,
            Rule.MIN_LENGTH_INCREASED,
            "minLength",
            found,
        )
    if is_.pattern is not None and is_.pattern != was.pattern:
        found.append((Rule.PATTERN_ADDED if was.pattern is None else Rule.PATTERN_CHANGED, "pattern"))


def _numbers(was: Numeric, is_: Numeric, found: Found) -> None:
    if is_.maximum is not None:
        if was.maximum is None:
            found.append((Rule.MAXIMUM_ADDED, "maximum"))
        elif double(is_.maximum) < double(was.maximum):
            found.append((Rule.MAXIMUM_DECREASED, "maximum"))
    if is_.minimum is not None:
        if was.minimum is None:
            found.append((Rule.MINIMUM_ADDED, "minimum"))
        elif double(is_.minimum) > double(was.minimum):
            found.append((Rule.MINIMUM_INCREASED, "minimum"))
    if is_.exclusive_maximum is not None:
        _exclusive_maximum(was.exclusive_maximum, is_.exclusive_maximum, is_.maximum, found)
    if is_.exclusive_minimum is not None:
        if was.exclusive_minimum is None:
            found.append((Rule.EXCLUSIVE_MINIMUM_ADDED, "exclusiveMinimum"))
        elif double(is_.exclusive_minimum) > double(was.exclusive_minimum):
            found.append((Rule.EXCLUSIVE_MINIMUM_INCREASED, "exclusiveMinimum"))
    if is_.multiple_of is not None:
        _multiple_of(was.multiple_of, is_.multiple_of, found)
    if is_.integer and not was.integer:
        found.append((Rule.TYPE_NARROWED, ""))


def _exclusive_maximum(was: Number | None, is_: Number, maximum: Number | None, found: Found) -> None:
    if was is None:
        found.append((Rule.EXCLUSIVE_MAXIMUM_ADDED, "exclusiveMaximum"))
    elif double(is_) < double(was) and (maximum is None or double(was) > double(maximum)):
        # The recorded server looks at the new maximum here, if there is one.
        found.append((Rule.EXCLUSIVE_MAXIMUM_DECREASED, "exclusiveMaximum"))


def _multiple_of(was: Number | None, is_: Number, found: Found) -> None:
    if was is None:
        found.append((Rule.MULTIPLE_OF_ADDED, "multipleOf"))
    elif was != is_:
        if _is_multiple(is_, was):
            found.append((Rule.MULTIPLE_OF_EXPANDED, "multipleOf"))
        elif not _is_multiple(was, is_):
            found.append((Rule.MULTIPLE_OF_CHANGED, "multipleOf"))


def _is_multiple(number: Number, of: Number) -> bool:
    """Whether one number divides another exactly; numbers of very different size are taken not to."""
    try:
        return of != 0 and _EXACT.remainder(Decimal(number), Decimal(of)) == 0
    except InvalidOperation:
        return False
