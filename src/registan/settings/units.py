"""Durations and sizes as people write them: text to number and back. Pure."""

from __future__ import annotations

import re

_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
_BYTES = {
    "": 1,
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
}
_PLAIN = re.compile(r"\d+(\.\d+)?", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)", re.ASCII)
_PARTS = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_SIZE = re.compile(r"(\d+) ?([A-Za-z]*)", re.ASCII)


def parse_duration(text: str) -> float:
    """Seconds of `30s`, `1h30m`, `250ms`, or of a plain number. Raises `ValueError`."""
    if _PLAIN.fullmatch(text):
        return float(text)
    if not _PARTS.fullmatch(text):
        raise ValueError("is not a duration such as 30s, 1h or 250ms")
    # rounded to a nanosecond: 250 * 1e-3 and the like are not exact
    return round(sum(float(n) * _SECONDS[unit] for n, unit, *_ in _PART.findall(text)), 9)


def format_duration(seconds: float) -> str:
    """The shortest single-unit text that `parse_duration` reads as the same number."""
    for unit in ("h", "m", "s"):
        count = seconds / _SECONDS[unit]
        if count >= 1 and count == int(count):
            return f"{int(count)}{unit}"
    for unit in ("ms", "us", "ns"):
        count = round(seconds / _SECONDS[unit], 9)
        if count == int(count):
            return f"{int(count)}{unit}"
    return f"{seconds:.9f}".rstrip("0") + "s"


def parse_bytes(text: str) -> int:
    """Bytes of `1048576`, `64KiB`, `16 MiB`, `10MB`. Raises `ValueError`."""
    match = _SIZE.fullmatch(text)
    if match is None or match[2].upper() not in _BYTES:
        raise ValueError("is not a size in bytes such as 1048576, 64KiB or 16MiB")
    return int(match[1]) * _BYTES[match[2].upper()]


def format_bytes(count: int) -> str:
    """The text with the largest binary unit that divides the number."""
    for unit in ("GiB", "MiB", "KiB"):
        size = _BYTES[unit.upper()]
        if count and count % size == 0:
            return f"{count // size}{unit}"
    return str(count)
