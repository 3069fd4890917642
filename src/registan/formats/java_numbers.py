"""Numbers as a Java server prints and reads them, digit by digit.

What lives here: texts of `double`, `float` and `BigDecimal`, and the syntax of `Double.valueOf`. JSON is
java_json.py's. Nothing here knows a schema.

A server on Java 18 or older does not always print the shortest digits that read back as the same number,
as Python does: it divides with an estimated power of ten and stops when the rest is within half a unit in
the last place, judged as if neighbours were equally far on both sides (docs/wire.md, Avro, canonical text).
Stored texts and their hashes depend on it, so the same division is done here.
"""

from __future__ import annotations

import math
import re
import struct
from decimal import Decimal
from functools import lru_cache

_SPECIAL = {math.inf: "Infinity", -math.inf: "-Infinity"}
_DOUBLE_BITS = 53
_FLOAT_BITS = 24
_WORDS = (32, 64)
_PLAIN_FROM = -3
_PLAIN_TO = 8
"""Numbers from 10^-3 to 10^7 print without an exponent."""

_JAVA_DOUBLE = re.compile(
    r"[+-]?(?:NaN|Infinity"
    r"|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?"
    r"|(?P<hex>0[xX](?:[0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[fFdD]?)"
)
_BLANK = "".join(map(chr, range(0x21)))
"""What Java's `trim` takes off."""


def double_text(value: float) -> str:
    """`Double.toString`: `1.0`, `1.0E-5`, `-0.0`; `NaN` and `Infinity` without quotes."""
    return _text(value, _DOUBLE_BITS, -1074)


def float_text(value: float) -> str:
    """`Float.toString` of a number that is a `float` (see `as_float`)."""
    return _text(value, _FLOAT_BITS, -149)


def as_float(value: float) -> float:
    """The nearest 32-bit number; infinite where it is too large."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def big_decimal_text(value: Decimal) -> str:
    """`BigDecimal.toString`, which keeps trailing zeros and has no negative zero: `1.50E+3`, `0.0`."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # finite
    text = "".join(map(str, digits))
    minus = "-" if sign and text.strip("0") else ""
    adjusted = len(text) - 1 + exponent
    if exponent <= 0 and adjusted >= -6:
        if exponent == 0:
            return minus + text
        text = text.rjust(1 - exponent, "0")
        return f"{minus}{text[:exponent]}.{text[exponent:]}"
    point = "." if len(text) > 1 else ""
    return f"{minus}{text[0]}{point}{text[1:]}" + (f"E{adjusted:+d}" if adjusted else "")


def parse_double(text: str) -> float | None:
    """`Double.valueOf`: blanks around, a suffix `f` or `d`, hexadecimal digits, `NaN`, `Infinity`.

    None where it would fail.
    """
    found = _JAVA_DOUBLE.fullmatch(text.strip(_BLANK))
    if found is None:
        return None
    word = found[0]
    if found["hex"] is not None:
        try:
            return float.fromhex(_no_suffix(word))
        except OverflowError:
            return -math.inf if word[0] == "-" else math.inf
    return float(word if word.endswith(("NaN", "Infinity")) else _no_suffix(word))


def _no_suffix(word: str) -> str:
    return word[:-1] if word[-1] in "fFdD" else word


def _text(value: float, precision: int, lowest: int) -> str:
    """The text of a number with `precision` bits whose smallest unit is 2^`lowest`."""
    if value != value:
        return "NaN"
    if value in _SPECIAL:
        return _SPECIAL[value]
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    return sign + ("0.0" if value == 0 else _positive_text(abs(value), precision, lowest))


@lru_cache(maxsize=4096)
def _positive_text(value: float, precision: int, lowest: int) -> str:
    fraction, exponent = math.frexp(value)
    # The number is mantissa * 2^(exponent - bits), where bits are fewer for the smallest ones.
    bits = min(precision, exponent - lowest)
    mantissa = int(math.ldexp(fraction, bits))
    return _placed(*_digits(mantissa, exponent - bits, bits))


def _placed(digits: str, point: int) -> str:
    """Digits with the decimal point behind the first `point` of them."""
    if 0 < point < _PLAIN_TO:
        return f"{digits[:point].ljust(point, '0')}.{digits[point:] or '0'}"
    if _PLAIN_FROM < point <= 0:
        return f"0.{'0' * -point}{digits}"
    return f"{digits[0]}.{digits[1:] or '0'}E{point - 1}"


def _digits(mantissa: int, exponent: int, bits: int) -> tuple[str, int]:
    """The digits of mantissa * 2^exponent and how many of them stand before the point."""
    zeros = (mantissa & -mantissa).bit_length() - 1
    odd, low = mantissa >> zeros, exponent + zeros
    # The number is odd * 2^low, and 1.something * 2^high.
    high = exponent + bits - 1
    if low >= 0 and high <= max(_WORDS) - 2:
        return _whole(odd << low, high - bits)
    return _divided(odd, low, high, bits)


def _whole(value: int, excess: int) -> tuple[str, int]:
    """The digits of an integer without those that say less than its unit, about 2^`excess`, is worth."""
    dropped = len(str(1 << (excess - 1))) - 1 if excess > 0 else 0
    if dropped:
        # Half is rounded up, whatever stands before.
        value = (value + 10**dropped // 2) // 10**dropped
    text = str(value)
    return text.rstrip("0"), len(text) + dropped


def _divided(odd: int, low: int, high: int, bits: int) -> tuple[str, int]:
    """The digits by long division, until the rest is within half a unit in the last place."""
    estimate = math.floor(
        (odd / (1 << (odd.bit_length() - 1)) - 1.5) * 0.289529654 + 0.176091259 + high * 0.301029995663981
    )
    rest, whole, half, word = _scaled(odd, low, bits, estimate)
    digits: list[int] = []
    while True:
        digit, rest = divmod(rest, whole)
        rest, half = rest * 10, _wrapped(half * 10, word)
        down = rest < half or half <= 0
        # Only beyond machine words does a rest of exactly half a unit count.
        after = _wrapped(rest + half, word)
        up = after > whole * 10 or half <= 0 or (not word and after == whole * 10)
        if digits or digit or up:
            first = not digits
            digits.append(digit)
        else:
            first = True
            estimate -= 1
        if first and not _PLAIN_FROM <= estimate < _PLAIN_TO:
            continue  # with an exponent there are two digits at least
        if down or up:
            break
    if up:
        beyond = _wrapped(rest * 2 - whole * 10, word)
        if not down or beyond > 0 or (beyond == 0 and digits[-1] % 2):
            estimate += _round_up(digits)
    return "".join(map(str, digits)), estimate + 1


def _scaled(odd: int, low: int, bits: int, estimate: int) -> tuple[int, int, int, int]:
    """Integers r, w, h: r / w is the number over 10^`estimate`, h / w half a unit in its last place.

    And the bits of the machine word that they are kept in; 0 where they need more than one.
    """
    fives, tens = max(0, -estimate), max(0, estimate)
    rest_twos, whole_twos = fives + max(0, low), tens + max(0, -low)
    half_twos = rest_twos + odd.bit_length() - 1 - bits
    shift = -min(rest_twos, whole_twos)
    if odd == 1:
        half_twos -= 1  # below a power of two the neighbour is nearer
    shift = max(shift, -half_twos)
    rest_twos, whole_twos, half_twos = rest_twos + shift, whole_twos + shift, half_twos + shift
    rest_bits = odd.bit_length() + rest_twos + _bits_of_five(fives)
    whole_bits = whole_twos + 1 + _bits_of_five(tens + 1)
    return (
        (odd * 5**fives) << rest_twos,
        5**tens << whole_twos,
        5**fives << half_twos,
        next((word for word in _WORDS if max(rest_bits, whole_bits) < word), 0),
    )


def _wrapped(value: int, word: int) -> int:
    """What a machine word keeps of a number: sums that are too large turn negative there."""
    return value if not word else (value + (1 << (word - 1))) % (1 << word) - (1 << (word - 1))


def _bits_of_five(power: int) -> int:
    return (5**power).bit_length() if power else 0


def _round_up(digits: list[int]) -> int:
    """Add one to the last digit; 1 if that makes another digit before the point."""
    last = len(digits) - 1
    while last > 0 and digits[last] == 9:
        digits[last] = 0
        last -= 1
    if digits[last] < 9:
        digits[last] += 1
        return 0
    digits[0] = 1
    return 1
