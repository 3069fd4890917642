"""JSON Schema texts: read exactly, and written as the recorded server stores them.

What lives here: the first of the three gates of parsing, canonical and normal text (docs/wire.md, JSON
Schema 5.1, 5.2). Numbers are `int` or `Decimal`, never float, so that the native encoder may write all else.
"""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias

from registan.formats.java_json import Dialect, Tree, reader, storable, with_sorted_names, write
from registan.formats.java_numbers import big_decimal_text
from registan.formats.protocol import Invalid

Json: TypeAlias = Tree
"""dict, list, str, int, Decimal, bool or None."""

_BLANKS = "".join(map(chr, range(33)))
_SCALAR = re.compile(
    r"\s*(?:\".*|-?[0-9.eE+-]+(?:\s.*)?|(?:true|false|null|NaN|-?Infinity)(?:[^\w$].*)?)", re.DOTALL
)
"""A value that is no container must end where another could begin."""
# An escaped backslash is consumed whole, so that a backslash before a word is left alone.
_CONTROL_OR_BACKSLASH = re.compile(r"\\\\|\\u00[01][0-9a-f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_MARKED = re.compile(r'"\\u0000([-0-9.E+]+)"')

_parse = reader(Dialect(exact=True, non_finite=True, rest_ignored=True))


def read(text: str) -> Json:
    """The first JSON value of a text; what follows it is ignored. Raises `Invalid` in the recorded words."""
    if not text.strip(_BLANKS):
        raise Invalid("Empty schema")
    try:
        value = _parse(text)
    except Invalid as invalid:
        raise Invalid("Invalid JSON schema") from invalid
    if not isinstance(value, dict | list) and _SCALAR.fullmatch(text) is None:
        raise Invalid("Invalid JSON schema")
    if _may_hold_halves(text):
        # They are stored as question marks, which may make names alike.
        stored = compact(value)
        value = _parse(stored)
    return value


def _may_hold_halves(text: str) -> bool:
    """Whether half a character may be in a text, written as an escape or as it is."""
    return "\\ud" in text or "\\uD" in text or not (text.isascii() or _SURROGATE.search(text) is None)


def compact(value: Json, *, ordered: bool = False) -> str:
    """The text of a value, without blanks; `ordered` puts the keys of all objects in order."""
    text = _encoded(value, ordered=ordered)
    if text is None:
        text = write(with_sorted_names(value) if ordered and isinstance(value, dict | list) else value)
    if _may_hold_halves(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return storable(text)


def _encoded(value: Json, *, ordered: bool) -> str | None:
    """By the native encoder, which knows no exact numbers: they pass it as marked strings.

    None where it cannot do it: values nested deep, names whose order it does not know.
    """
    marked = 0

    def marker(found: Any) -> str:  # noqa: ANN401
        nonlocal marked
        marked += 1
        return "\0" + big_decimal_text(found)

    try:
        text = json.dumps(
            value,
            ensure_ascii=False,
            check_circular=False,
            separators=(",", ":"),
            default=marker,
            sort_keys=ordered,
        )
    except RecursionError:
        return None
    if ordered and not text.isascii() and _BEYOND_BMP.search(text):
        # The native order is that of code points.
        return None
    if "\\u0000" in text:
        text, found = _MARKED.subn(r"\1", text)
        if found != marked:
            return None
    return _CONTROL_OR_BACKSLASH.sub(_upper_digits, text) if "\\u00" in text else text


def _upper_digits(match: re.Match[str]) -> str:
    text = match[0]
    return text if text == "\\\\" else "\\u" + text[2:].upper()
