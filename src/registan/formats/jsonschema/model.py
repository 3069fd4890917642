"""The object model that compatibility sees: what a schema says, in classes that can be compared.

What lives here: the classes, nothing about how they are read (classic.py, modern.py) or compared
(compare.py). Docs: docs/wire.md, JSON Schema 5.3. Nodes are filled while a document is read and never
changed afterwards; they may refer to each other in circles, by references only.
"""

from __future__ import annotations

from decimal import Decimal
from enum import IntEnum
from typing import Any, TypeAlias

from registan.formats.jsonschema.draft import Draft
from registan.formats.jsonschema.text import Json

Number: TypeAlias = "int | Decimal"


class Kind(IntEnum):
    """The classes that are told apart. From `OBJECT` on, nodes hold others that are compared."""

    EMPTY = 0
    TRUE = 1
    FALSE = 2
    BOOLEAN = 3
    NULL = 4
    STRING = 5
    NUMBER = 6
    ENUM = 7
    CONST = 8
    CONDITIONAL = 9
    REFERENCE = 10
    OBJECT = 11
    ARRAY = 12
    NOT = 13
    COMBINED = 14


class Node:
    """One schema. Attributes that a schema does not set keep the defaults of the class."""

    kind = Kind.EMPTY
    source: dict[str, Json] | None = None
    """The object it was read from; None for parts of a schema that are not the outermost."""
    default = False
    """Whether it has a default."""
    draft = Draft.MODERN
    """The draft it was read under, if that is not a modern one."""
    typed = False
    """Whether the class was named by `type`."""


class Empty(Node):
    """`{}`, or nothing but annotations."""


class Always(Node):
    """`true`."""

    kind = Kind.TRUE


class Never(Node):
    """`false`."""

    kind = Kind.FALSE


class Boolean(Node):
    """`type: boolean`."""

    kind = Kind.BOOLEAN


class Null(Node):
    """`type: null`."""

    kind = Kind.NULL


class String(Node):
    """What is said about strings."""

    kind = Kind.STRING
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None


class Numeric(Node):
    """What is said about numbers."""

    kind = Kind.NUMBER
    integer = False
    minimum: Number | None = None
    maximum: Number | None = None
    exclusive_minimum: Number | None = None
    exclusive_maximum: Number | None = None
    exclusive_flags: tuple[bool | None, bool | None] = (None, None)
    """Draft 4: whether minimum and maximum are exclusive."""
    multiple_of: Number | None = None


class Enum(Node):
    """`enum`: the identities of its values (see `identity`)."""

    kind = Kind.ENUM
    values: frozenset[str] = frozenset()


class Const(Node):
    """`const`: the identity of its value."""

    kind = Kind.CONST
    value = ""


class Conditional(Node):
    """`if`, `then`, `else`, which are not compared."""

    kind = Kind.CONDITIONAL
    condition: Node | None = None
    then: Node | None = None
    otherwise: Node | None = None


class Reference(Node):
    """`$ref`."""

    kind = Kind.REFERENCE
    text = ""
    """As written, or as the absolute form it counts as."""
    target: Node


class Object(Node):
    """What is said about objects."""

    kind = Kind.OBJECT

    def __init__(self) -> None:
        self.properties: dict[str, Node] = {}

    required: tuple[str, ...] = ()
    min_properties: int | None = None
    max_properties: int | None = None
    permits_additional = True
    additional: Node | None = None
    unevaluated: Node | None = None
    patterns: dict[str, Node] | None = None
    needed_names: dict[str, frozenset[str]] | None = None
    """Property → names that must be there beside it."""
    needed_schemas: dict[str, Node] | None = None
    names: Node | None = None
    """`propertyNames`, which is not compared."""


class Array(Node):
    """What is said about arrays."""

    kind = Kind.ARRAY
    items: Node | None = None
    """The schema of all items."""
    listed: list[Node] | None = None
    """The schemas of the first items, one by one."""
    permits_additional = True
    additional: Node | None = None
    unevaluated: Node | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique = False
    contains: Node | None = None
    """Not compared, unlike the next two."""
    min_contains: int | None = None
    max_contains: int | None = None


class Not(Node):
    """`not`."""

    kind = Kind.NOT
    inner: Node


class Combined(Node):
    """Several schemas: `allOf`, `anyOf`, `oneOf`, a `type` list, or a schema of several classes."""

    kind = Kind.COMBINED
    loose = False
    """Whether no keyword said so, but several classes met in one schema, or types in a list."""

    def __init__(self, criterion: str, members: list[Node]) -> None:
        self.criterion = criterion
        self.members = members


ALWAYS = Always()
NEVER = Never()


def put(holder: Any, key: Any, node: Node) -> None:  # noqa: ANN401
    """Put a node where it belongs: into a dict, a list or an attribute."""
    if isinstance(holder, dict | list):
        holder[key] = node
    else:
        setattr(holder, key, node)
