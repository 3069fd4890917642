"""Numbers as Java prints and reads them. The expected texts were printed by Java 17."""

import math
from decimal import Decimal

import pytest

from registan.formats.java_numbers import as_float, big_decimal_text, double_text, float_text, parse_double


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (100.0, "100.0"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (1e23, "9.999999999999999E22"),
        (2e23, "1.9999999999999998E23"),
        (5e-324, "4.9E-324"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (float.fromhex("0x1.6ad6d26deee0ep84"), "2.7415350929100086E25"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
    ],
)
def test_double(value: float, text: str) -> None:
    assert double_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (16777217.0, "1.6777216E7"), (1e39, "Infinity"), (2.0**83, "9.6714065E24")],
)
def test_float(value: float, text: str) -> None:
    assert float_text(as_float(value)) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        *(("1.0", "1.0"), ("25e-1", "2.5"), ("5e+0", "5"), ("-0.0", "0.0"), ("1e2", "1E+2")),
        *(("1.50e3", "1.50E+3"), ("0.0000001", "1E-7"), ("0.000001", "0.000001"), ("0e5", "0E+5")),
        *(("-12.300", "-12.300"), ("123e-8", "0.00000123"), ("123e-9", "1.23E-7")),
    ],
)
def test_big_decimal(written: str, text: str) -> None:
    assert big_decimal_text(Decimal(written)) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(
            (" 4 ", 4.0),
            ("1.5f", 1.5),
            ("2d", 2.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("-Infinity", -math.inf),
        ),
        *(("0x1p3", 8.0), ("0x.8P1d", 1.0), ("-0x1p9999", -math.inf), ("\x01 1\x00", 1.0)),
        *(("", None), ("abc", None), ("1_0", None), ("0x1", None), ("inf", None), ("1 2", None), ("١", None)),
    ],
)
def test_parse_double(text: str, value: float | None) -> None:
    assert parse_double(text) == value


def test_parse_nan() -> None:
    found = parse_double("+NaN")
    assert found is not None
    assert math.isnan(found)
