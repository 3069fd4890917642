"""Puts numbers into the one spelling that normalized texts use.

Integers become decimal; numbers with a point or exponent have at most three fraction digits, rounded to
even, and neither exponent nor trailing zeros. The recorded registry takes such a number for a 32-bit
float whenever that prints like the 64-bit one in Java, which shows in large and in halfway values.
"""

from __future__ import annotations

import re
import struct
from decimal import ROUND_HALF_EVEN, Context, Decimal

_INTEGER = re.compile(r"(-?)(?:0[xX]([0-9A-Fa-f]+)|(0[0-7]+)|(0|[1-9][0-9]*))([lL]?)")
_DECIMAL = re.compile(r"(-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE](-?[0-9]{1,4}))?)([fFdD]?)")
_LONGEST = 1000
"""Numbers with more characters, or a greater exponent, stay as they are."""
_FRACTION = Decimal("0.001")
_EXACT = Context(prec=3 * _LONGEST, rounding=ROUND_HALF_EVEN)
_FLOAT_DIGITS = 9
_MAX_FLOAT = 3.4028235677973366e38


def normal(word: str) -> str:
    """The normal spelling of a number; any other word as it is."""
    if len(word) > _LONGEST:
        return word
    if (integer := _INTEGER.fullmatch(word)) is not None:
        return _integer(word, integer)
    if (number := _DECIMAL.fullmatch(word)) is None:
        return word
    text, exponent, suffix = number.groups()
    if exponent is None and "." not in text and not suffix:
        return word
    if exponent is not None and abs(int(exponent)) > _LONGEST:
        return word
    exact = Decimal(text)
    value = float(text)
    narrow = _narrow(value)
    if suffix in ("f", "F"):
        is_float = narrow is not None and (narrow != 0 or exact == 0)
    elif suffix:
        is_float = False
    else:
        is_float = narrow is not None and _prints_alike(narrow, value, exact)
    return _plain(exact if not is_float or narrow is None else _digits(narrow))


def _integer(word: str, match: re.Match[str]) -> str:
    sign, hexadecimal, octal, decimal, suffix = match.groups()
    if hexadecimal is not None:
        if suffix:
            return word
        value = int(hexadecimal, 16)
    elif octal is not None:
        value = int(octal, 8)
    else:
        return sign + decimal
    return f"{'-' if sign and value else ''}{value}"


def _narrow(value: float) -> float | None:
    """The nearest 32-bit float, if it is finite."""
    if abs(value) >= _MAX_FLOAT:
        return None
    narrow: float = struct.unpack("f", struct.pack("f", value))[0]
    return narrow


def _prints_alike(narrow: float, value: float, exact: Decimal) -> bool:
    """Whether the shortest texts of a 32-bit float and a 64-bit one are the same."""
    if narrow == 0:
        return exact == 0
    for digits in range(_FLOAT_DIGITS):
        shortest = f"{narrow:.{digits}e}"
        if _narrow(float(shortest)) == narrow:
            return Decimal(shortest) == Decimal(repr(value))
    return False


def _digits(value: float) -> Decimal:
    """What a decimal format sees of a float: its shortest digits, or, to be rounded, its exact value."""
    shortest = Decimal(repr(value))
    exponent = shortest.as_tuple().exponent
    return shortest if isinstance(exponent, int) and exponent >= -3 else Decimal(value)


def _plain(value: Decimal) -> str:
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -3:
        value = value.quantize(_FRACTION, context=_EXACT)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
