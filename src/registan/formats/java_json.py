"""JSON texts read and written as a Java server's parser does, for formats whose schemas are JSON.

What lives here: from a text to a tree and back. A tree is made of dict (in the order of the text; a name
given twice keeps its first place and its last value), list, str, bool, None, int of any size, and float or
Decimal. What a schema is never enters here; how numbers print is java_numbers.py's.

The common case costs one call of a native parser. Only what that refuses is read again by a slower one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple, NoReturn, TypeAlias

import msgspec

from registan.formats.budget import BUDGET
from registan.formats.java_numbers import big_decimal_text, double_text
from registan.formats.protocol import Invalid

Tree: TypeAlias = Any
"""dict[str, Tree] | list[Tree] | str | bool | None | int | float | Decimal"""

MAX_DIGITS = 1000
MAX_NAME_CHARS = 50_000
MAX_SCALE = 2**31 - 1

_DIGITS = re.compile(r"[0-9]")
_LONG_DIGITS = re.compile(rf"[0-9]{{{MAX_DIGITS + 1}}}")
_SPACE = re.compile(r"[ \t\n\r]*")
_SPACE_OR_COMMENTS = re.compile(
    r"(?:[ \t\n\r]++"
    r"|//[^\x00-\x08\x0a-\x1f]*+"
    r"|/\*(?:[^\x00-\x08\x0b\x0c\x0e-\x1f*]|\*(?!/))*+\*/)*+"
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<real>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![0-9.eE])")
_WORD = re.compile(r"-?[A-Za-z]+")
_LITERALS = {"true": True, "false": False, "null": None}
_NON_FINITE = frozenset(("NaN", "Infinity", "-Infinity"))
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_ESCAPES = {chr(code): f"\\u{code:04X}" for code in range(0x20)} | {
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    '"': '\\"',
    "\\": "\\\\",
}
_string_at = JSONDecoder().raw_decode
_SURROGATE = re.compile("[\ud800-\udfff]")


class Dialect(NamedTuple):
    """The liberties that a reader takes. Without any, the text is one JSON value and blanks."""

    exact: bool = False
    """Numbers with a point or exponent become Decimal, as written; else the nearest float."""
    comments: bool = False
    """`/* */` and `//` count as blanks before and inside the value, not behind it."""
    non_finite: bool = False
    """The words NaN, Infinity and -Infinity are read as strings of that name."""
    rest_ignored: bool = False
    """Nothing behind the value is looked at; else only characters up to U+0020 may follow."""


def reader(dialect: Dialect) -> Callable[[str], Tree]:
    """A function that reads one text. It raises `Invalid` for any other; nothing else, whatever the text."""
    fast = msgspec.json.Decoder(float_hook=_decimal if dialect.exact else _double).decode

    def read(text: str) -> Tree:
        try:
            tree = fast(text)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError, ValueError):
            return _Reader(text, dialect).read()
        if len(text) > BUDGET.nesting_depth and not _within_limits(text, tree):
            return _Reader(text, dialect).read()
        return tree

    return read


def _within_limits(text: str, tree: Tree) -> bool:
    """Whether a long text keeps the limits for sure; numbers with a point are checked as they are read."""
    if text.count("{") + text.count("[") > BUDGET.nesting_depth and depth(tree) > BUDGET.nesting_depth:
        return False
    if len(text) > MAX_NAME_CHARS and _longest_name(tree) > MAX_NAME_CHARS:
        return False
    # More digits than the limit would stand at one of these places, too.
    return not (_DIGITS.search(text[MAX_DIGITS :: MAX_DIGITS + 1]) and _LONG_DIGITS.search(text))


def _is_too_long(number: str) -> bool:
    """Point, signs and `e` do not count."""
    return len(number) > MAX_DIGITS and sum(map(str.isdigit, number)) > MAX_DIGITS


def _double(digits: str) -> float:
    if _is_too_long(digits):
        raise ValueError(digits)
    return float(digits)


def _decimal(digits: str) -> Decimal:
    if _is_too_long(digits):
        raise ValueError(digits)
    try:
        number = Decimal(digits)
    except InvalidOperation:
        raise ValueError(digits) from None
    if "e" in digits or "E" in digits:
        exponent = number.as_tuple().exponent
        # A scale is a 32-bit integer.
        if not isinstance(exponent, int) or abs(exponent) > MAX_SCALE:
            raise ValueError(digits)
    return number


class _Reader:
    """Reads one text from left to right, with a stack of its own, and says where it is no JSON."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.space = _SPACE_OR_COMMENTS if dialect.comments else _SPACE
        self.position = 0
        self.open: list[tuple[dict[str, Tree] | list[Tree], str]] = []
        """Containers and the names that they stand under."""

    def fail(self, why: str, position: int | None = None) -> NoReturn:
        at = self.position if position is None else position
        before = self.text[:at].replace("\r\n", "\n").replace("\r", "\n")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise Invalid(f"{why} (line {line}, column {column})")

    def read(self) -> Tree:
        """The tree of the text."""
        root = self._value()
        while self.open:
            self._entry()
        rest = self.text[self.position :].strip(_BLANK)
        if rest and not self.dialect.rest_ignored:
            self.fail(f"dangling content after the end of the value: {rest[:100]}")
        return root

    def _next(self) -> str:
        """The next character that is no blank; empty at the end."""
        found = self.space.match(self.text, self.position)
        assert found
        self.position = found.end()
        return self.text[self.position : self.position + 1]

    def _entry(self) -> None:
        """One entry of the innermost container, or its end."""
        container, _ = self.open[-1]
        close = "}" if isinstance(container, dict) else "]"
        char = self._next()
        if char == close:
            self.position += 1
            self.open.pop()
            return
        if container:
            if char != ",":
                self._unexpected(char, f"expected a comma or '{close}'")
            self.position += 1
            char = self._next()
        if isinstance(container, list):
            container.append(self._value())
            return
        if char != '"':
            self._unexpected(char, "expected a name in double quotes")
        name = self._string()
        if len(name) > MAX_NAME_CHARS:
            self.fail(f"name of {len(name)} characters exceeds the maximum of {MAX_NAME_CHARS}")
        char = self._next()
        if char != ":":
            self._unexpected(char, "expected a colon")
        self.position += 1
        container[name] = None
        container[name] = self._value()

    def _value(self) -> Tree:
        """The value ahead; a container is opened."""
        char = self._next()
        if char == '"':
            return self._string()
        if char in ("{", "["):
            if len(self.open) == BUDGET.nesting_depth:
                self.fail(f"nested deeper than {BUDGET.nesting_depth} levels")
            container: dict[str, Tree] | list[Tree] = {} if char == "{" else []
            self.open.append((container, char))
            self.position += 1
            return container
        number = _NUMBER.match(self.text, self.position)
        if number is not None:
            self.position = number.end()
            return self._number(number[0], real=bool(number["real"]))
        word = _WORD.match(self.text, self.position)
        if word is not None:
            self.position = word.end()
            if word[0] in _LITERALS:
                return _LITERALS[word[0]]
            if word[0] in _NON_FINITE and self.dialect.non_finite:
                return word[0]
            self.fail(f"unknown word '{word[0][:100]}'", word.start())
        self._unexpected(char, "expected a value")
        return None

    def _string(self) -> str:
        try:
            text, self.position = _string_at(self.text, self.position)
        except JSONDecodeError as error:
            self.fail(error.msg.removesuffix(" at"), error.pos)
        return str(text)

    def _number(self, digits: str, *, real: bool) -> int | float | Decimal:
        if _is_too_long(digits):
            self.fail(f"number of more than {MAX_DIGITS} digits")
        try:
            return int(digits) if not real else _decimal(digits) if self.dialect.exact else _double(digits)
        except ValueError:
            self.fail(f"number out of range: {digits[:100]}")

    def _unexpected(self, char: str, expected: str) -> NoReturn:
        self.fail(f"unexpected '{char}', {expected}" if char else f"unexpected end, {expected}")


_BLANK = "".join(map(chr, range(0x21)))


def _containers(tree: Tree) -> Iterator[Iterable[Tree]]:
    """The containers of a tree, level by level, from the root down."""
    level = [tree] if isinstance(tree, dict | list) else []
    while level:
        yield level
        values = (each.values() if isinstance(each, dict) else each for each in level)
        level = [inner for each in values for inner in each if isinstance(inner, dict | list)]


def depth(tree: Tree) -> int:
    """How deep containers nest; 0 for a scalar."""
    return sum(1 for _ in _containers(tree))


def _longest_name(tree: Tree) -> int:
    names = (
        len(name) for level in _containers(tree) for each in level if isinstance(each, dict) for name in each
    )
    return max(names, default=0)


class _Done(str):
    """A piece of text among values that are still to be written."""

    __slots__ = ()


_COMMA, _END_OBJECT, _END_LIST = _Done(","), _Done("}"), _Done("]")


def write(tree: Tree) -> str:
    """The compact text of a tree. Lone surrogates stay (see `storable`)."""
    if type(tree) is not dict and type(tree) is not list:
        return scalar(tree)
    if not tree:
        return "{}" if type(tree) is dict else "[]"
    out: list[str] = []
    work: list[Any] = [tree]
    while work:
        each = work.pop()
        if type(each) is _Done:
            out.append(each)
        else:
            pieces = _object_pieces(each) if isinstance(each, dict) else _list_pieces(each)
            work.extend(reversed(pieces))
    return "".join(out)


def _object_pieces(entries: dict[str, Tree]) -> list[Any]:
    pieces: list[Any] = [_Done("{")]
    for name, value in entries.items():
        start = f"{string(name)}:" if len(pieces) == 1 else f",{string(name)}:"
        if isinstance(value, dict | list):
            pieces += (_Done(start), value)
        else:
            pieces.append(_Done(start + scalar(value)))
    pieces.append(_END_OBJECT)
    return pieces


def _list_pieces(values: list[Tree]) -> list[Any]:
    pieces: list[Any] = [_Done("[")]
    for value in values:
        if len(pieces) > 1:
            pieces.append(_COMMA)
        pieces.append(value if isinstance(value, dict | list) else _Done(scalar(value)))
    pieces.append(_END_LIST)
    return pieces


def scalar(value: Tree) -> str:
    """The text of a string, number, bool or None; numbers that are not finite are quoted."""
    if isinstance(value, str):
        return string(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return big_decimal_text(value)
    text = double_text(value)
    return f'"{text}"' if text[-1] in "Ny" else text


def string(text: str) -> str:
    """A string in quotes; those, backslashes and characters below U+0020 are escaped, nothing else."""
    if _ESCAPED.search(text):
        text = _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)
    return f'"{text}"'


def storable(text: str) -> str:
    """The text as a Java server stores it: a lone surrogate becomes a question mark."""
    return text if text.isascii() else _SURROGATE.sub("?", text)


def code_units(name: str) -> str | bytes:
    """A key to sort strings by, in Java's order: UTF-16 code units, not code points."""
    return name.encode("utf-16-be", "surrogatepass")


def in_order(names: Iterable[str]) -> list[str]:
    """Strings in Java's order."""
    names = list(names)
    return sorted(names) if "".join(names).isascii() else sorted(names, key=code_units)


def with_sorted_names(tree: Tree) -> Tree:
    """A copy with the entries of each object in the order of their names, at every depth."""
    root = [tree]
    work: list[Any] = [root]
    while work:
        each = work.pop()
        for key, value in each.items() if isinstance(each, dict) else enumerate(each):
            if isinstance(value, dict):
                each[key] = {name: value[name] for name in in_order(value)}
            elif isinstance(value, list):
                each[key] = value.copy()
            else:
                continue
            work.append(each[key])
    return root[0]
