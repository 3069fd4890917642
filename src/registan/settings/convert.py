"""From a node to the value of a setting: the one place where text becomes a number, a choice, a user.

Every problem is told with its place; the value of a secret is never quoted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final

import msgspec
import msgspec.inspect as shape

from registan.settings.fields import bare, inner
from registan.settings.kinds import Secret, Unit
from registan.settings.nodes import Items, Node, Problem, Scalar, Table
from registan.settings.units import format_bytes, format_duration, parse_bytes, parse_duration

FAILED: Final[Any] = object()
"""What `convert` returns when it told a problem."""

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?", re.ASCII)


def convert(node: Node, kind: shape.Type, path: str, problems: list[Problem]) -> Any:  # noqa: ANN401
    """The value of the setting at `path`, or `FAILED` after adding to `problems`."""
    try:
        return _value(node, kind, path, problems)
    except _Wrong as wrong:
        problems.append(Problem(wrong.node.place, f"{wrong.path} {wrong.why}"))
        return FAILED


class _Wrong(Exception):  # noqa: N818  (a verdict on a value)
    def __init__(self, node: Node, path: str, why: str) -> None:
        super().__init__(why)
        self.node, self.path, self.why = node, path, why


def _value(node: Node, kind: shape.Type, path: str, problems: list[Problem]) -> Any:  # noqa: ANN401
    kind, extra, _ = bare(kind)
    kind, optional = inner(kind)
    kind, more, _ = bare(kind)
    if isinstance(node, Scalar):
        if node.is_broken:
            return FAILED
        if node.is_null:
            if optional:
                return None
            raise _Wrong(node, path, 'has no value (write "" for an empty text)')
    match kind:
        case shape.VarTupleType():
            return _tuple(node, kind, path, problems)
        case shape.DictType():
            return _dict(node, kind, path, problems)
        case shape.StructType():
            return _struct(node, kind, path, problems)
    if not isinstance(node, Scalar):
        has = "a list" if isinstance(node, Items) else "a mapping"
        raise _Wrong(node, path, f"must be {_expected(kind)}, not {has}")
    try:
        return _scalar(node.text, kind, more.get("unit", extra.get("unit")))
    except ValueError as error:
        raise _Wrong(node, path, str(error)) from None


def _tuple(node: Node, kind: shape.VarTupleType, path: str, problems: list[Problem]) -> Any:  # noqa: ANN401
    if not isinstance(node, Items):
        raise _Wrong(node, path, "must be a list")
    if len(node.items) < (kind.min_length or 0):
        raise _Wrong(node, path, f"must have at least {kind.min_length} item(s)")
    items = tuple(
        convert(item, kind.item_type, f"{path}[{index}]", problems) for index, item in enumerate(node.items)
    )
    return FAILED if FAILED in items else items


def _dict(node: Node, kind: shape.DictType, path: str, problems: list[Problem]) -> Any:  # noqa: ANN401
    if not isinstance(node, Table):
        raise _Wrong(node, path, "must be a mapping")
    made = {key: convert(value, kind.value_type, f"{path}.{key}", problems) for key, _, value in node.entries}
    return FAILED if any(value is FAILED for value in made.values()) else made


def _struct(node: Node, kind: shape.StructType, path: str, problems: list[Problem]) -> Any:  # noqa: ANN401
    if not isinstance(node, Table):
        raise _Wrong(node, path, f"must be a mapping with {', '.join(f.encode_name for f in kind.fields)}")
    known = {field.encode_name: field for field in kind.fields}
    given: dict[str, Any] = {}
    sound = True
    for key, place, value in node.entries:
        field = known.get(key)
        if field is None:
            sound = False
            near = get_close_matches(key, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            problems.append(Problem(place, f"{path}.{key} is not a setting; {hint}"))
            continue
        given[field.name] = convert(value, field.type, f"{path}.{key}", problems)
    for key, field in known.items():
        if field.required and field.name not in given:
            sound = False
            problems.append(Problem(node.place, f"{path} has no {key}"))
    if not sound or any(value is FAILED for value in given.values()):
        return FAILED
    return kind.cls(**given)


def _scalar(text: str, kind: shape.Type, unit: Unit | None) -> Any:  # noqa: ANN401
    read = _READERS.get(type(kind))
    assert read is not None, kind
    return read(text, kind, unit)


def _custom(text: str, kind: Any, _unit: Unit | None) -> Secret:  # noqa: ANN401
    assert kind.cls is Secret, kind
    return Secret(text)


def _bool(text: str, _kind: Any, _unit: Unit | None) -> bool:  # noqa: ANN401
    folded = text.casefold()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise ValueError(f"must be true or false, not {_quoted(text)}")


def _int(text: str, kind: Any, unit: Unit | None) -> int:  # noqa: ANN401
    if unit is Unit.BYTES:
        number = _united(text, parse_bytes)
    elif _WHOLE.fullmatch(text):
        number = int(text)
    else:
        raise ValueError(f"must be a whole number, not {_quoted(text)}")
    _check_bounds(number, kind, format_bytes if unit is Unit.BYTES else str)
    return int(number)


def _float(text: str, kind: Any, unit: Unit | None) -> float:  # noqa: ANN401
    if unit is Unit.DURATION:
        number = _united(text, parse_duration)
    elif _NUMBER.fullmatch(text):
        number = float(text)
    else:
        raise ValueError(f"must be a number, not {_quoted(text)}")
    if not math.isfinite(number):
        raise ValueError("is too big")
    _check_bounds(number, kind, format_duration if unit is Unit.DURATION else str)
    return number


def _united(text: str, parse: Callable[[str], float]) -> float:
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(f"{error}: {_quoted(text)}") from None


def _check_bounds(number: float, kind: Any, show: Callable[[Any], str]) -> None:  # noqa: ANN401
    if kind.gt is not None and number <= kind.gt:
        raise ValueError(f"must be more than {kind.gt}")
    if kind.ge is not None and number < kind.ge:
        raise ValueError(f"must be at least {show(kind.ge)}, not {show(number)}")
    if kind.le is not None and number > kind.le:
        raise ValueError(f"must be at most {show(kind.le)}, not {show(number)}")


def _str(text: str, kind: Any, _unit: Unit | None) -> str:  # noqa: ANN401
    if len(text) < (kind.min_length or 0):
        raise ValueError("must not be empty")
    if kind.pattern is not None and not re.search(kind.pattern, text):
        raise ValueError(f"must match {kind.pattern}, not {_quoted(text)}")
    return text


def _literal(text: str, kind: Any, _unit: Unit | None) -> str:  # noqa: ANN401
    return _choice(text, kind.values)


def _enum(text: str, kind: Any, _unit: Unit | None) -> Any:  # noqa: ANN401
    return kind.cls(_choice(text, tuple(member.value for member in kind.cls)))


def _choice(text: str, choices: tuple[str, ...]) -> str:
    """The choice that is the text but for upper and lower case."""
    by_fold = {choice.casefold(): choice for choice in choices}
    if text.casefold() in by_fold:
        return by_fold[text.casefold()]
    near = get_close_matches(text.casefold(), by_fold, 1)
    hint = f"; did you mean {by_fold[near[0]]}?" if near else ""
    raise ValueError(f"must be one of {', '.join(choices)}, not {_quoted(text)}{hint}")


def _datetime(text: str, _kind: Any, _unit: Unit | None) -> datetime:  # noqa: ANN401
    try:
        made = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        made = None
    if made is None or made.tzinfo is None:
        raise ValueError(f"must be a time such as 2030-12-31T23:59:59Z, not {_quoted(text)}")
    return made


_READERS: dict[type[shape.Type], Callable[[str, Any, Unit | None], Any]] = {
    shape.CustomType: _custom,
    shape.BoolType: _bool,
    shape.IntType: _int,
    shape.FloatType: _float,
    shape.StrType: _str,
    shape.LiteralType: _literal,
    shape.EnumType: _enum,
    shape.DateTimeType: _datetime,
}

_EXPECTED: dict[type[shape.Type], str] = {
    shape.BoolType: "true or false",
    shape.IntType: "a whole number",
    shape.FloatType: "a number",
    shape.DateTimeType: "a time",
}


def _expected(kind: shape.Type) -> str:
    return _EXPECTED.get(type(kind), "a text")


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")
