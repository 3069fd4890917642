"""What a source of settings says, before anybody knows which setting it is: texts with their places.

A scalar stays the text that was written; the type of the setting decides how it is read, never
the guess of a file format. So `no` may be a password and `22:22` a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """Where something was said: `config.yaml:12`, `env SERVER_PORT` or `--server.port`."""

    source: str
    line: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


class Problem(NamedTuple):
    """Something that is wrong, and where."""

    place: Place
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One text. `is_null` when it was left out or written as `null`."""

    place: Place
    text: str
    is_null: bool = False
    is_broken: bool = False
    """What was written is wrong and already told; there is no value."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping: keys, each with its own place, in the order written; keys are unique."""

    place: Place
    entries: tuple[tuple[str, Place, Node], ...]


Node = Scalar | Items | Table
