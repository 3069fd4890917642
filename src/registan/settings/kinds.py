"""Kinds of settings: what a section is, and the values that text in a configuration can stand for.

What lives here: the marks that the tree is written with. What never does: a setting, a source.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

REDACTED = "***"
"""What is printed in the place of a secret that is set."""


class Secret:
    """A text that is never printed: `str`, `repr` and formatting give three asterisks.

    Only `reveal` gives the text; call it where the secret is used and nowhere else.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    def __str__(self) -> str:
        return REDACTED if self._text else ""


class Unit(StrEnum):
    """How the text of a number is read and shown; the mark `Meta(extra={"unit": …})`."""

    DURATION = "duration"
    BYTES = "bytes"


def _without_unit(attribute: str) -> str:
    return attribute.removesuffix("_s")


class Section(Struct, frozen=True, kw_only=True, rename=_without_unit, forbid_unknown_fields=True):
    """A mapping of settings, each with a default.

    Attributes of durations end in `_s` (seconds); the keys of the file do not, since durations
    are written with their unit there.
    """


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An element of a list or mapping that is one setting as a whole (a user, a role)."""


Duration = Annotated[float, Meta(gt=0, extra={"unit": Unit.DURATION})]
"""Seconds, written `30s`, `1h30m`, `250ms` or as a plain number of seconds."""

Bytes = Annotated[int, Meta(extra={"unit": Unit.BYTES})]
"""A size, written as a plain number of bytes or as `64KiB`, `16MiB`, `1GiB`."""

Port = Annotated[int, Meta(ge=1, le=65535)]
"""A TCP port."""
