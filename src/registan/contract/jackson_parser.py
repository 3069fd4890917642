"""A tolerant JSON parser that complains in the recorded server's words.

It runs only on bodies that the fast parser refuses, and keeps what the fast one throws away: the text
of numbers, the order of names, and what was read before a mistake, because the recorded server maps
values while it reads and so tells the first objection of either kind. What values mean is jackson.py's.

Syntax as recorded (docs/wire.md, transport): `NaN`, `Infinity`, `-Infinity`, `+INF` and the like are
numbers; comments, single quotes, trailing commas, leading zeros or `+` are not.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple, NoReturn

MAX_DEPTH = 1000
MAX_STRING_CHARS = 20_000_000
MAX_NAME_CHARS = 50_000
MAX_NUMBER_CHARS = 1000
MAX_VALUES = 200_000
"""Values in one body read here. Ordinary bodies have dozens; the limit bounds the time a bad one takes."""

_EXPECTED = "(JSON String, Number (or 'NaN'/'+INF'/'-INF'), Array, Object or token 'null', 'true' or 'false')"
_REDACTED = (
    "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: %d, column: %d]"
)

_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+')
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_NON_FINITE = re.compile(rb"NaN|Infinity|[+-](?:INF|Infinity)")
_WORD = re.compile(rb"[A-Za-z0-9_$\x80-\xff]*")
_LITERALS = {b"true": True, b"false": False, b"null": None}


class Number(NamedTuple):
    """A number as it was written."""

    text: str
    integral: bool
    """Without fraction and exponent; `NaN` and the infinities are not."""


class Pairs(list[tuple[str, "Value"]]):
    """An object: names and values in the order written, duplicates included."""


class Values(list["Value"]):
    """An array."""


Value = Pairs | Values | Number | str | bool | None


class Unreadable(Exception):  # noqa: N818  (an expected no)
    """The body is no JSON. `partial` is what was read before: the root, perhaps incomplete."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.partial: Value = None


class _Frame:
    """An open object or array."""

    __slots__ = ("container", "name", "start")

    def __init__(self, container: Pairs | Values, start: int) -> None:
        self.container = container
        self.start = start
        self.name = ""

    @property
    def kind(self) -> str:
        return "Object" if isinstance(self.container, Pairs) else "Array"

    def add(self, value: Value) -> None:
        if isinstance(self.container, Pairs):
            self.container.append((self.name, value))
        else:
            self.container.append(value)


def parse(raw: bytes, bound_as: str) -> Value:
    """Read one JSON value in UTF-8. `bound_as` is the type name in the message about trailing tokens.

    Raises `Unreadable`.
    """
    parser = _Parser(raw)
    root: Value = None
    try:
        try:
            parser.read_value()
        finally:
            root = parser.root
        position = parser.skip_space(parser.position)
        if position < len(raw):
            parser.fail(
                f"Trailing token (of type {parser.token_name(position)}) found after value "
                f"(bound as `{bound_as}`): "
                "not allowed as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`"
            )
    except Unreadable as unreadable:
        unreadable.partial = root
        raise
    return root


class _Parser:
    """One pass over one body, with a stack of its own instead of recursion."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.position = 0
        self.root: Value = None
        self.stack: list[_Frame] = []
        self.values = 0

    def fail(self, message: str) -> NoReturn:
        raise Unreadable(message)

    # -- structure

    def read_value(self) -> None:
        """Read the root value; leave the position behind it."""
        self._value(self.skip_space(self.position))
        while self.stack:
            self._next_in(self.stack[-1])

    def _next_in(self, frame: _Frame) -> None:
        """Read one entry of the innermost container, or its end."""
        position = self.skip_space(self.position)
        if position >= len(self.raw):
            self.fail(
                f"Unexpected end-of-input: expected close marker for {frame.kind} "
                f"(start marker at {self._location(frame.start)})"
            )
        byte = self.raw[position]
        if byte in b"]}":
            if byte != (ord("}") if frame.kind == "Object" else ord("]")):
                expected = "}" if frame.kind == "Object" else "]"
                self._fail_mismatch(position, expected, frame.kind, self._location(frame.start))
            self.stack.pop()
            self.position = position + 1
            return
        if frame.container:
            if byte != ord(","):
                self._fail_character(position, f"was expecting comma to separate {frame.kind} entries")
            position = self._skip_to_entry(position + 1, frame)
        if isinstance(frame.container, Pairs):
            position = self._name(position, frame)
        self._value(position)

    def _skip_to_entry(self, position: int, frame: _Frame) -> int:
        position = self.skip_space(position)
        if position >= len(self.raw):
            self.fail(f"Unexpected end-of-input within/between {frame.kind} entries")
        return position

    def _name(self, position: int, frame: _Frame) -> int:
        if self.raw[position] != ord('"'):
            self._fail_character(position, "was expecting double-quote to start field name")
        frame.name, position = self._string(position + 1, "name")
        position = self._skip_to_entry(position, frame)
        if self.raw[position] != ord(":"):
            self._fail_character(position, "was expecting a colon to separate field name and value")
        return self._skip_to_entry(position + 1, frame)

    def _value(self, position: int) -> None:
        """Read a scalar, or open a container, and put it where it belongs."""
        self.values += 1
        if self.values > MAX_VALUES:
            self.fail(f"Number of values exceeds the maximum allowed ({MAX_VALUES})")
        byte = self.raw[position]
        if byte in b"{[":
            if len(self.stack) == MAX_DEPTH:
                self._fail_limit("Document nesting depth", MAX_DEPTH + 1, MAX_DEPTH, "getMaxNestingDepth()")
            container = Pairs() if byte == ord("{") else Values()
            self._put(container)
            self.stack.append(_Frame(container, position))
            self.position = position + 1
        elif byte == ord('"'):
            text, self.position = self._string(position + 1, "string value")
            self._put(text)
        elif byte in b"-+0123456789NI" and (number := self._number(position)) is not None:
            self._put(number)
        else:
            self._put(self._literal(position))

    def _put(self, value: Value) -> None:
        if self.stack:
            self.stack[-1].add(value)
        else:
            self.root = value

    # -- scalars

    def _string(self, position: int, what: str) -> tuple[str, int]:
        """The string after its opening quote, and the position behind its closing one."""
        found = _STRING.match(self.raw, position)
        assert found
        token, end = found[0], found.end()
        if end >= len(self.raw):
            self._fail_open_string(what, empty=not token)
        byte = self.raw[end]
        if byte == ord("\\"):
            self._fail_escape(end, what)
        if byte != ord('"'):
            self.fail(
                f"Illegal unquoted character ({_describe(chr(byte))}): "
                f"has to be escaped using backslash to be included in {what}"
            )
        text = self._text(token)
        if what == "name" and len(text) > MAX_NAME_CHARS:
            self._fail_limit("Name length", len(text), MAX_NAME_CHARS, "getMaxNameLength()")
        if len(text) > MAX_STRING_CHARS:
            self._fail_limit("String value length", len(text), MAX_STRING_CHARS, "getMaxStringLength()")
        return text, end + 1

    def _text(self, token: bytes) -> str:
        try:
            text = token.decode()
        except UnicodeDecodeError as error:
            self._fail_utf8(error)
        if "\\" not in text:
            return text
        unescaped: str = json.loads(f'"{text}"')
        if _SURROGATE.search(unescaped):
            # The recorded server reads half a character and fails when it writes it.
            self.fail("Incomplete surrogate pair in a string")
        return unescaped

    def _number(self, position: int) -> Number | None:
        """The number at `position`, or None when it is a word beginning like one."""
        raw = self.raw
        found = _NON_FINITE.match(raw, position)
        if found:
            self.position = found.end()
            return Number(found[0].decode(), integral=False)
        found = _NUMBER.match(raw, position)
        if not found:
            if raw[position] in b"NI":
                return None
            self._fail_sign(position)
        end = found.end()
        following = raw[end : end + 1]
        if following.isdigit() and not found["fraction"] and not found["exponent"]:
            self.fail("Invalid numeric value: Leading zeroes not allowed")
        if following == b"." and not found["fraction"] and not found["exponent"]:
            self._fail_in_number(end + 1, "Decimal point not followed by a digit")
        if following in (b"e", b"E") and not found["exponent"]:
            sign = raw[end + 1 : end + 2] in (b"+", b"-")
            self._fail_in_number(end + 1 + sign, "Exponent indicator not followed by a digit")
        if end - position > MAX_NUMBER_CHARS:
            self._fail_limit("Number value length", end - position, MAX_NUMBER_CHARS, "getMaxNumberLength()")
        if not self.stack and following and following not in b" \t\r\n":
            self._fail_character(end, "Expected space separating root-level values")
        self.position = end
        return Number(found[0].decode(), integral=not (found["fraction"] or found["exponent"]))

    def _literal(self, position: int) -> bool | None:
        byte = self.raw[position]
        if byte in b"]}" and not self.stack:
            expected = "}" if byte == ord("]") else "]"
            self._fail_mismatch(position, expected, "root", _REDACTED % (1, 0))
        if byte in b",}" or (byte == ord("]") and self.stack[-1].kind == "Array"):
            self._fail_character(position, "expected a value")
        found = _WORD.match(self.raw, position)
        assert found
        word = found[0]
        if not word or word[:1].isdigit():
            self._fail_character(position, f"expected a valid value {_EXPECTED}")
        if word in _LITERALS:
            self.position = found.end()
            return _LITERALS[word]
        try:
            text = word.decode()
        except UnicodeDecodeError as error:
            self._fail_utf8(error)
        shown = text if len(text) < 256 else text[:256] + "..."
        self.fail(f"Unrecognized token '{shown}': was expecting {_EXPECTED}")
        return None

    def token_name(self, position: int) -> str:
        """The recorded name of the token at `position`, which is read and replaces the root."""
        self._value(position)
        match self.root:
            case Pairs():
                return "START_OBJECT"
            case Values():
                return "START_ARRAY"
            case Number(integral=integral):
                return "VALUE_NUMBER_INT" if integral else "VALUE_NUMBER_FLOAT"
            case str():
                return "VALUE_STRING"
            case None:
                return "VALUE_NULL"
            case _:
                return "VALUE_TRUE" if self.root else "VALUE_FALSE"

    # -- space, places, complaints

    def skip_space(self, position: int) -> int:
        """The position of the next token, or the end."""
        found = _SPACE.match(self.raw, position)
        assert found
        position = found.end()
        if position < len(self.raw):
            byte = self.raw[position]
            if byte < 0x20:
                self.fail(
                    f"Illegal character ({_describe(chr(byte))}): "
                    "only regular white space (\\r, \\n, \\t) is allowed between tokens"
                )
            if byte == ord("/"):
                self._fail_character(
                    position,
                    "maybe a (non-standard) comment? "
                    "(not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)",
                )
        return position

    def _location(self, position: int) -> str:
        before = self.raw[:position].replace(b"\r\n", b" \n").replace(b"\r", b"\n")
        line = before.count(b"\n") + 1
        return _REDACTED % (line, position - before.rfind(b"\n"))

    def _character(self, position: int) -> str:
        for length in (1, 2, 3, 4):
            try:
                return self.raw[position : position + length].decode()
            except UnicodeDecodeError as error:
                last = error
        self._fail_utf8(last)
        return None

    def _fail_utf8(self, error: UnicodeDecodeError) -> NoReturn:
        kind = "middle" if error.end < len(error.object) and "continuation" in error.reason else "start"
        byte = error.object[error.end if kind == "middle" else error.start]
        self.fail(f"Invalid UTF-8 {kind} byte 0x{byte:x}")

    def _fail_character(self, position: int, comment: str) -> NoReturn:
        self.fail(f"Unexpected character ({_describe(self._character(position))}): {comment}")

    def _fail_in_number(self, position: int, comment: str) -> NoReturn:
        if position >= len(self.raw):
            self.fail("Unexpected end-of-input in a Number value")
        described = _describe(self._character(position))
        self.fail(f"Unexpected character ({described}) in numeric value: {comment}")

    def _fail_sign(self, position: int) -> NoReturn:
        if self.raw[position] == ord("+") and position + 1 < len(self.raw):
            self._fail_in_number(
                position,
                "JSON spec does not allow numbers to have plus signs: "
                "enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow",
            )
        self._fail_in_number(
            position + 1, "expected digit (0-9) to follow minus sign, for valid numeric value"
        )

    def _fail_open_string(self, what: str, *, empty: bool = False) -> NoReturn:
        if what != "name":
            self.fail("Unexpected end-of-input in VALUE_STRING")
        self.fail(
            "Unexpected end-of-input"
            + (": was expecting closing '\"' for name" if empty else " in field name")
        )

    def _fail_escape(self, position: int, what: str) -> NoReturn:
        """Complain about the backslash at `position`, which begins no escape."""
        rest = self.raw[position + 1 : position + 6]
        if rest and rest[:1] != b"u":
            self.fail(f"Unrecognized character escape {_describe(self._character(position + 1))}")
        for offset, digit in enumerate(rest[1:], start=position + 2):
            if digit not in b"0123456789abcdefABCDEF":
                self._fail_character(offset, "expected a hex-digit for character escape sequence")
        self._fail_open_string(what)

    def _fail_mismatch(self, position: int, expected: str, kind: str, location: str) -> NoReturn:
        self.fail(
            f"Unexpected close marker '{chr(self.raw[position])}': expected '{expected}' "
            f"(for {kind} starting at {location})"
        )

    def _fail_limit(self, what: str, found: int, limit: int, source: str) -> NoReturn:
        self.fail(f"{what} ({found}) exceeds the maximum allowed ({limit}, from `{source}`)")


def _describe(character: str) -> str:
    code = ord(character)
    if code < 0x20 or 0x7F <= code < 0xA0:
        return f"(CTRL-CHAR, code {code})"
    if code > 255:
        return f"'{character}' (code {code} / 0x{code:x})"
    return f"'{character}' (code {code})"
