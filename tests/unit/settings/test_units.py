"""Durations and sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registan.settings.units import format_bytes, format_duration, parse_bytes, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30.0),
        ("30", 30.0),
        ("0.5", 0.5),
        ("250ms", 0.25),
        ("1h", 3600.0),
        ("1h30m", 5400.0),
        ("1.5s", 1.5),
        ("2d", 172800.0),
        ("100us", 0.0001),
        ("100µs", 0.0001),
        ("5ns", 5e-9),
        ("120s", 120.0),
    ],
)
def test_durations(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "s", "-1s", "1 s", "1S", "1y", "30s ", "1e3", "inf", "nan", "१s", "1s-2s", "+1"]
)
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(30.0, "30s"), (3600.0, "1h"), (0.25, "250ms"), (90.0, "90s"), (1.5, "1500ms"), (0.0001, "100us")],
)
def test_durations_shown(seconds, text):
    assert format_duration(seconds) == text


@given(st.integers(1, 10**15))
def test_shown_durations_are_read_back(nanoseconds):
    seconds = round(nanoseconds / 1e9, 9)
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1048576", 1048576),
        ("64KiB", 65536),
        ("16 MiB", 16 * 2**20),
        ("1GiB", 2**30),
        ("10MB", 10**7),
        ("5B", 5),
    ],
)
def test_sizes(text, count):
    assert parse_bytes(text) == count


@pytest.mark.parametrize("text", ["", "-1", "1.5MiB", "MiB", "1 000", "1TiB", "1_000"])
def test_what_is_no_size(text):
    with pytest.raises(ValueError, match="is not a size"):
        parse_bytes(text)


@given(st.integers(0, 2**50))
def test_shown_sizes_are_read_back(count):
    assert parse_bytes(format_bytes(count)) == count
