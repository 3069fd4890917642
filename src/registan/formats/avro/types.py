"""The parsed form: what an Avro schema is made of.

What lives here: values. They are complete when the parser hands them out, and nobody changes them then.
A named type is one object wherever it is used, so a recursive schema is a cycle of objects.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from enum import Enum as _Choice
from typing import Any, Final, TypeAlias, TypeVar

from registan.formats.java_json import Tree

Props: TypeAlias = "Mapping[str, Tree] | None"
"""Whatever else stands in the object, in the order of the text."""


class Absent(_Choice):
    """The default of a field that has none (None is JSON's null, a default like others)."""

    ABSENT = 0


ABSENT: Final = Absent.ABSENT


class Primitive:
    """One of the eight types without a structure. Those without props are shared."""

    __slots__ = ("kind", "props")

    def __init__(self, kind: str, props: Props = None) -> None:
        self.kind = kind
        self.props = props


class Array:
    """A list of items."""

    __slots__ = ("items", "props")
    kind = "array"

    def __init__(self, items: Type, props: Props) -> None:
        self.items = items
        self.props = props


class Map:
    """Values by string."""

    __slots__ = ("props", "values")
    kind = "map"

    def __init__(self, values: Type, props: Props) -> None:
        self.values = values
        self.props = props


class Union:
    """One of several types."""

    __slots__ = ("branches",)
    kind = "union"

    def __init__(self, branches: tuple[Type, ...]) -> None:
        self.branches = branches


class Named:
    """What record, enum and fixed have in common. Aliases are full names; `space` is "" for none."""

    __slots__ = ("aliases", "doc", "full", "name", "props", "space")

    def __init__(
        self, name: str, space: str, doc: str | None, props: Props, aliases: tuple[str, ...]
    ) -> None:
        self.name = name
        self.space = space
        self.full = f"{space}.{name}" if space else name
        self.doc = doc
        self.props = props
        self.aliases = aliases


class Field:
    """A field of a record. `order` is "" for the usual one."""

    __slots__ = ("aliases", "default", "doc", "name", "order", "props", "type")

    def __init__(self, name: str, type_: Type, doc: str | None, default: Tree | Absent) -> None:
        self.name = name
        self.type = type_
        self.doc = doc
        self.default = default
        self.order = ""
        self.aliases: tuple[str, ...] = ()
        self.props: Props = None

    def replaced(self, **changes: Any) -> Field:  # noqa: ANN401
        """A copy with other values."""
        copy = Field(self.name, self.type, self.doc, self.default)
        copy.order, copy.aliases, copy.props = self.order, self.aliases, self.props
        for name, value in changes.items():
            setattr(copy, name, value)
        return copy


class Record(Named):
    """Fields in an order; an error is a record that was called so."""

    __slots__ = ("fields", "is_error")
    kind = "record"
    fields: tuple[Field, ...]
    is_error: bool


class Enum(Named):
    """One of several words."""

    __slots__ = ("default", "symbols")
    kind = "enum"
    symbols: tuple[str, ...]
    default: str | None


class Fixed(Named):
    """So many bytes."""

    __slots__ = ("size",)
    kind = "fixed"
    size: int


class Unresolved:
    """A name that was used before it was defined. None is left in a parsed schema."""

    __slots__ = ("full",)
    kind = "record"

    def __init__(self, full: str) -> None:
        self.full = full


Type: TypeAlias = "Primitive | Array | Map | Union | Record | Enum | Fixed | Unresolved"

PRIMITIVES: Final[Mapping[str, Primitive]] = {
    kind: Primitive(kind) for kind in ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
}


def label(type_: Type) -> str:
    """What a union tells its branches apart by: the full name, or else the kind."""
    return type_.full if isinstance(type_, Named | Unresolved) else type_.kind


def inner(type_: Type) -> tuple[Type, ...]:
    """The types that a type is directly made of."""
    if isinstance(type_, Record):
        return tuple(field.type for field in type_.fields)
    if isinstance(type_, Union):
        return type_.branches
    if isinstance(type_, Array):
        return (type_.items,)
    return (type_.values,) if isinstance(type_, Map) else ()


T = TypeVar("T")


def run(first: Generator[Any, Any, T]) -> T:
    """Run a computation that asks for others like it by yielding them; nesting costs no stack."""
    stack: list[Generator[Any, Any, Any]] = [first]
    answer: Any = None
    while True:
        try:
            asked = stack[-1].send(answer)
        except StopIteration as stop:
            answer = stop.value
            stack.pop()
            if not stack:
                return answer  # type: ignore[no-any-return]  # the first one's own
        else:
            stack.append(asked)
            answer = None
