"""Reading JSON exactly: order of keys kept, numbers as they were written, one value, nothing else.

What lives here: the first of the three gates of parsing (docs/wire.md, JSON Schema 5.1). Integers become
`int`, other numbers `Decimal` with the digits and scale of the text, `NaN` and the infinities their names.
What the values mean as a schema is not known here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn, TypeAlias

from registan.formats.budget import BUDGET
from registan.formats.protocol import Invalid

Json: TypeAlias = Any
"""dict, list, str, int, Decimal, bool or None."""

MAX_NUMBER_DIGITS = 1_000
MAX_NAME_CHARS = 50_000
_SCALE_MAX = 2**31 - 1

_BLANKS = "".join(map(chr, range(33)))
_SPACE = " \t\r\n"
_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+)"')
_NAME = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"(?=[ \t\r\n]*:)', re.DOTALL)
_TOKEN = re.compile(
    r'[ \t\r\n]*(?:([{}\[\]:,])|("(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+")'
    r"|(-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?(?![0-9.]))"
    r"|(true|false|null|NaN|-?Infinity|\+Infinity|[+-]INF))"
)
_WORDS: dict[str, Json] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": "NaN",
    "Infinity": "Infinity",
    "+Infinity": "Infinity",
    "+INF": "Infinity",
    "-Infinity": "-Infinity",
    "-INF": "-Infinity",
}
_SIGNED = ("-INF", "+INF", "+Infinity")
"""Words for infinities that the fast reader does not know."""


class _UnreadableError(ValueError):
    """The text is no JSON; becomes `Invalid` before it leaves this module."""


def _integer(text: str) -> int:
    if len(text) > MAX_NUMBER_DIGITS and len(text.lstrip("-")) > MAX_NUMBER_DIGITS:
        raise _UnreadableError("number too long")
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > MAX_NUMBER_DIGITS and sum(map(str.isdigit, text)) > MAX_NUMBER_DIGITS:
        raise _UnreadableError("number too long")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise _UnreadableError("exponent out of range") from None
    if "e" in text or "E" in text:
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or not -_SCALE_MAX <= exponent <= _SCALE_MAX:
            raise _UnreadableError("exponent out of range")
    return value


_decoder = json.JSONDecoder(parse_int=_integer, parse_float=_decimal, parse_constant=_WORDS.__getitem__)
_scan: Callable[[str, int], tuple[Json, int]] = _decoder.raw_decode


def read(text: str) -> Json:
    """The first JSON value of a text; what follows it is ignored.

    A repeated key keeps its first place and its last value. Raises `Invalid` with the recorded words.
    """
    start = len(text) - len(text.lstrip(_SPACE))
    if start == len(text) or not text.strip(_BLANKS):
        raise Invalid("Empty schema")
    try:
        value, end = _read(text, start)
        if not isinstance(value, dict | list):
            _check_end(text, start, end)
    except ValueError as error:
        raise Invalid("Invalid JSON schema") from error
    return value


def _read(text: str, start: int) -> tuple[Json, int]:
    try:
        found = _scan(text, start)
    except RecursionError:
        return _read_deep(text, start)
    except json.JSONDecodeError as error:
        if text.startswith(_SIGNED, error.pos):
            return _read_deep(text, start)
        raise
    _check_depth(found[0])
    _check_names(text)
    return found


def _check_depth(value: Json) -> None:
    limit = BUDGET.nesting_depth_max
    level = [value] if isinstance(value, dict | list) else []
    depth = 0
    while level:
        depth += 1
        if depth > limit:
            raise _UnreadableError("nested too deep")
        level = [
            inner
            for each in level
            for inner in (each.values() if type(each) is dict else each)
            if type(inner) is dict or type(inner) is list
        ]


def _check_names(text: str) -> None:
    if len(text) <= MAX_NAME_CHARS:
        return
    # Escaped quotes are no ends of strings; a string that is split by none of them may be too long.
    if max(map(len, text.replace('\\"', "..").split('"'))) <= MAX_NAME_CHARS:
        return
    for name in _NAME.finditer(text):
        if name.end() - name.start() > MAX_NAME_CHARS and len(_unescaped(name[0])) > MAX_NAME_CHARS:
            raise _UnreadableError("name too long")


def _check_end(text: str, start: int, end: int) -> None:
    """A number or word at the root must end where the next token could begin."""
    following = text[end : end + 1]
    if text[start] == '"' or not following:
        return
    number = text[start] in "-+0123456789NI"
    if (following not in _SPACE) if number else (following.isalnum() or following in "_$"):
        raise _UnreadableError("unexpected character")


def _unescaped(token: str) -> str:
    unescaped: str = json.loads(token)
    return unescaped


def _fail() -> NoReturn:
    raise _UnreadableError("unexpected token")


def _read_deep(text: str, start: int) -> tuple[Json, int]:
    """As `_scan`, but with a stack of its own, and knowing the signed infinities. Slower."""
    root: list[Json] = []
    stack: list[list[Json] | dict[str, Json]] = [root]
    key, position, expected = "", start, "value"
    while True:
        token = _TOKEN.match(text, position) or _fail()
        position = token.end()
        mark, top = token[1], stack[-1]
        closing = "}" if isinstance(top, dict) else "]"
        if expected in ("key", "first key") and token[2]:
            key = _unescaped(token[2])
            if len(key) > MAX_NAME_CHARS:
                raise _UnreadableError("name too long")
            expected = "colon"
        elif expected == "colon" and mark == ":":
            expected = "value"
        elif expected == "end" and mark == ",":
            expected = "key" if isinstance(top, dict) else "value"
        elif mark == closing and expected in ("end", "first key", "first value"):
            stack.pop()
            expected = "end"
        elif expected in ("value", "first value"):
            value = _token_value(token)
            if isinstance(top, dict):
                top[key] = value
            else:
                top.append(value)
            expected = "end"
            if mark:
                stack.append(value)
                if len(stack) - 1 > BUDGET.nesting_depth_max:
                    raise _UnreadableError("nested too deep")
                expected = "first key" if mark == "{" else "first value"
        else:
            _fail()
        if len(stack) == 1:
            return root[0], position


def _token_value(token: re.Match[str]) -> Json:
    if token[1] in ("{", "["):
        return {} if token[1] == "{" else []
    if token[2]:
        return _unescaped(token[2])
    if token[3]:
        return _decimal(token[3]) if token[4] or token[5] else _integer(token[3])
    if token[6]:
        return _WORDS[token[6]]
    return _fail()
