"""Writing JSON as the recorded server does: compact, numbers exact, its way of escaping.

What lives here: canonical and normal text (docs/wire.md, JSON Schema 5.2). Reading is exact.py's.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from registan.formats.jsonschema.exact import Json

# An escaped backslash is consumed whole, so that a backslash before a word is left alone.
_CONTROL_OR_BACKSLASH = re.compile(r"\\\\|\\u00[01][0-9a-f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_MARKED = re.compile(r'"\\u0000([-0-9.E+]+)"')
_quoted = json.encoder.encode_basestring


def number(value: Decimal) -> str:
    """As java.math.BigDecimal prints it; a zero has no sign."""
    text = str(value)
    return text[1:] if text[0] == "-" and not value else text


def compact(value: Json, *, ordered: bool = False) -> str:
    """The text of a value, without blanks; `ordered` puts the keys of all objects in order."""
    text = _fast(value, ordered=ordered)
    if "\\u00" in text:
        text = _CONTROL_OR_BACKSLASH.sub(_upper_digits, text)
    if not text.isascii() and _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        text = _SURROGATE.sub("?", text)
    return text


def _upper_digits(match: re.Match[str]) -> str:
    text = match[0]
    return text if text == "\\\\" else "\\u" + text[2:].upper()


def _fast(value: Json, *, ordered: bool) -> str:
    """By the native encoder, which knows no exact numbers: they pass it as marked strings."""
    marked = 0

    def marker(found: Any) -> str:  # noqa: ANN401
        nonlocal marked
        marked += 1
        return "\0" + number(found)

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
        return _slow(value, ordered=ordered)
    if ordered and not text.isascii() and _BEYOND_BMP.search(text):
        # The native order is that of code points.
        return _slow(value, ordered=ordered)
    if "\\u0000" in text:
        text, found = _MARKED.subn(r"\1", text)
        if found != marked:
            return _slow(value, ordered=ordered)
    return text


def _code_units(item: tuple[str, Json]) -> bytes:
    return item[0].encode("utf-16-be", "surrogatepass")


def _slow(value: Json, *, ordered: bool) -> str:
    """Piece by piece, with a stack of its own: for deep values, and for orders the encoder lacks."""
    pieces: list[str] = []
    stack: list[Json | _Raw] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, _Raw):
            pieces.append(item)
        elif isinstance(item, dict):
            entries = list(item.items())
            if ordered:
                entries.sort(key=_code_units)
            stack.append(_Raw("}"))
            for i in range(len(entries) - 1, -1, -1):
                key, inner = entries[i]
                stack += (inner, _Raw(("," if i else "") + _quoted(key) + ":"))
            pieces.append("{")
        elif isinstance(item, list):
            stack.append(_Raw("]"))
            for i in range(len(item) - 1, -1, -1):
                stack.append(item[i])
                if i:
                    stack.append(_Raw(","))
            pieces.append("[")
        else:
            pieces.append(_scalar(item))
    return "".join(pieces)


class _Raw(str):
    """Text that is written as it is."""

    __slots__ = ()


def _scalar(value: Json) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Decimal):
        return number(value)
    return json.dumps(value)
