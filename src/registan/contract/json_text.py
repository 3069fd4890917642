"""JSON as the recorded server writes it: compact UTF-8, with its way of escaping.

One function. Reading is jackson.py's; schema texts have writers of their own in formats/.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder()

_BEYOND_BMP = re.compile(rb"[\xf0-\xf4][\x80-\xbf]{3}")
# An escaped backslash is consumed whole, so that `\\u001f` (a backslash and a word) is left alone.
_CONTROL_OR_BACKSLASH = re.compile(rb"\\\\|\\u00[01][0-9a-f]")


def encode(value: Any) -> bytes:  # noqa: ANN401  (whatever msgspec can encode)
    """Encode a struct, dict, list or scalar.

    Other than plain msgspec: characters beyond the BMP are escaped surrogate pairs, and escaped control
    characters have upper-case digits (docs/wire.md, transport). Raises what msgspec raises for a
    value that is no JSON, and UnicodeEncodeError for a lone surrogate.
    """
    raw = _encoder.encode(value)
    if b"\\u00" in raw:
        raw = _CONTROL_OR_BACKSLASH.sub(_upper_digits, raw)
    if not raw.isascii() and _BEYOND_BMP.search(raw):
        raw = _BEYOND_BMP.sub(_surrogate_pair, raw)
    return raw


def _upper_digits(match: re.Match[bytes]) -> bytes:
    text = match[0]
    return text if text == rb"\\" else rb"\u" + text[2:].upper()


def _surrogate_pair(match: re.Match[bytes]) -> bytes:
    offset = ord(match[0].decode()) - 0x10000
    return b"\\u%04X\\u%04X" % (0xD800 + (offset >> 10), 0xDC00 + (offset & 0x3FF))
