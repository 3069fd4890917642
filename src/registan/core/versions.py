"""Version numbers as clients write them."""

from __future__ import annotations

from registan.model.fault import Fault, Refusal

LATEST = -1
NUMBER_MAX = 2**31 - 1


def version_number(text: str) -> int:
    """A number from 1 to 2^31-1, or `LATEST`. Raises `Refusal` INVALID_VERSION."""
    trimmed = text.strip()
    if trimmed.lower() == "latest" or trimmed == "-1":
        return LATEST
    digits = trimmed.removeprefix("+")
    if digits.isascii() and digits.isdigit() and len(digits.lstrip("0")) <= 10:
        number = int(digits)
        if 1 <= number <= NUMBER_MAX:
            return number
    raise Refusal(Fault.INVALID_VERSION, version=text)
