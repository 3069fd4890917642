"""Names: what may be one, and how one is written where a namespace surrounds it.

What never lives here: which names are defined.
"""

from __future__ import annotations

import unicodedata

from registan.formats.avro.types import PRIMITIVES
from registan.formats.protocol import Invalid

_KINDS = frozenset((*PRIMITIVES, "record", "enum", "array", "map", "union", "fixed"))
"""Short names that would read as something else."""
_LETTERS = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo"))


def check_name(name: str, *, strict: bool) -> None:
    """Raise `Invalid` for what is no name: letters, digits and `_`, no digit first.

    `strict` allows ASCII only; else letters and digits of any script within the basic plane.
    """
    if name.isascii() and name.isidentifier():
        return
    if not name:
        msg = "Empty name"
        raise Invalid(msg)
    if not _is_letter(name[0], strict=strict):
        msg = f"Illegal initial character: {name}"
        raise Invalid(msg)
    if not all(_is_letter(char, strict=strict) or _is_digit(char, strict=strict) for char in name):
        msg = f"Illegal character in: {name}"
        raise Invalid(msg)


def _is_letter(char: str, *, strict: bool) -> bool:
    if char.isascii():
        return char.isalpha() or char == "_"
    return not strict and char <= "\uffff" and unicodedata.category(char) in _LETTERS


def _is_digit(char: str, *, strict: bool) -> bool:
    if char.isascii():
        return char.isdigit()
    return not strict and char <= "\uffff" and unicodedata.category(char) == "Nd"


def check_space(space: str) -> None:
    """Raise `Invalid` for a namespace with a part that is no name; asked of new schemas only."""
    for part in space.split("."):
        try:
            check_name(part, strict=True)
        except Invalid as error:
            msg = f'Namespace part "{part}" is invalid: {error.why}'
            raise Invalid(msg) from None


def split(name: str, space: str) -> tuple[str, str]:
    """Name and namespace; one within the name goes before `space`."""
    before, dot, last = name.rpartition(".")
    return (last, before) if dot else (name, space)


def joined(name: str, space: str) -> str:
    """The full name."""
    return f"{space}.{name}" if space else name


def qualified(full: str, space: str) -> str:
    """How a name is written inside a namespace: short where it is of that very namespace.

    Not so if it would then read as a kind of type (docs/wire.md, Avro, canonical text).
    """
    if not space:
        return full
    before, _, name = full.rpartition(".")
    return name if before == space and name not in _KINDS else full
