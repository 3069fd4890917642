"""The syntax tree of a .proto file, as written: no name is resolved, no comment is kept.

What lives here: values only. Reading text is parser.py, printing is canonical.py, meaning is resolve.py.
Declarations of one kind stand together in source order; across kinds the order is not kept, because
the stored text does not show it.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

MAX_TAG = 536870911
"""The greatest field number; a range that ends there or beyond prints `max`."""

MAP_KEYS = frozenset(
    [
        "int32",
        "int64",
        "uint32",
        "uint64",
        "sint32",
        "sint64",
        "fixed32",
        "fixed64",
        "sfixed32",
        "sfixed64",
        "bool",
        "string",
    ]
)
"""Scalars that may be the key of a map."""

SCALARS = MAP_KEYS | {"double", "float", "bytes"}


class Quoted(NamedTuple):
    """A string literal, unescaped and joined."""

    text: str


class Aggregate(NamedTuple):
    """`{ key: value … }`; a key stands once, keys in brackets keep them."""

    entries: tuple[tuple[str, Value], ...]


class Items(NamedTuple):
    """`[ value, … ]`."""

    values: tuple[Value, ...]


Value: TypeAlias = "str | Quoted | Aggregate | Items"
"""The value of an option; a bare `str` is a word (number, boolean, enum constant) as written."""


class Option(NamedTuple):
    """`name = value` or `(name).steps = value`."""

    name: str
    """Without the parentheses of an extension name."""
    extension: bool
    steps: tuple[str, ...]
    """Field names after the name of an extension; those in parentheses keep them."""
    value: Value


class Field(NamedTuple):
    """A field of a message, oneof, group or extend block; `label` is empty if there is none."""

    label: str
    type: str
    """As written; maps are `map<key, value>`."""
    name: str
    tag: int
    options: tuple[Option, ...] = ()
    default: str | None = None
    """The text of the `default` option, unescaped if it was a string."""
    json_name: str | None = None


class Group(NamedTuple):
    """A proto2 group."""

    label: str
    name: str
    tag: int
    fields: tuple[Field, ...]


class Oneof(NamedTuple):
    """A oneof with its members."""

    name: str
    options: tuple[Option, ...]
    fields: tuple[Field, ...]
    groups: tuple[Group, ...]


class Range(NamedTuple):
    """`start to end`, both included; a single number is a plain `int` instead."""

    start: int
    end: int


class Identifier(NamedTuple):
    """A reserved name without quotes, as editions write it."""

    name: str


Reserved: TypeAlias = "tuple[int | Range | str | Identifier, ...]"
"""The items of one `reserved` statement; a `str` is a quoted name."""


class Extensions(NamedTuple):
    """One `extensions` statement."""

    ranges: tuple[int | Range, ...]
    options: tuple[Option, ...]


class Extend(NamedTuple):
    """One `extend` block; `name` is the extended message as written."""

    name: str
    fields: tuple[Field, ...]


class Constant(NamedTuple):
    """One enum constant."""

    name: str
    number: int
    options: tuple[Option, ...] = ()


class Enum(NamedTuple):
    """An enum."""

    name: str
    reserved: tuple[Reserved, ...]
    options: tuple[Option, ...]
    constants: tuple[Constant, ...]


class Message(NamedTuple):
    """A message."""

    name: str
    reserved: tuple[Reserved, ...] = ()
    options: tuple[Option, ...] = ()
    fields: tuple[Field, ...] = ()
    oneofs: tuple[Oneof, ...] = ()
    groups: tuple[Group, ...] = ()
    extensions: tuple[Extensions, ...] = ()
    extends: tuple[Extend, ...] = ()
    messages: tuple[Message, ...] = ()
    enums: tuple[Enum, ...] = ()


class Rpc(NamedTuple):
    """One method of a service."""

    name: str
    request: str
    response: str
    request_streams: bool
    response_streams: bool
    options: tuple[Option, ...]


class Service(NamedTuple):
    """A service."""

    name: str
    options: tuple[Option, ...]
    rpcs: tuple[Rpc, ...]


class File(NamedTuple):
    """A whole file. `syntax`, `edition` and `package` are empty where the file has none."""

    syntax: str = ""
    edition: str = ""
    package: str = ""
    imports: tuple[str, ...] = ()
    public_imports: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    messages: tuple[Message, ...] = ()
    enums: tuple[Enum, ...] = ()
    extends: tuple[Extend, ...] = ()
    services: tuple[Service, ...] = ()

    @property
    def blank(self) -> bool:
        """Whether there is nothing in it but perhaps weak imports."""
        return not any(self)


def map_parts(type_name: str) -> tuple[str, str] | None:
    """Key and value type of `map<key, value>`; None for any other type."""
    if not type_name.startswith("map<"):
        return None
    key, _, value = type_name[4:-1].partition(", ")
    return key, value


def is_map_entry(message: Message) -> bool:
    """Whether a message is the written-out entry of a map."""
    return any(
        option.name == "map_entry" and option.value == "true" and not option.extension
        for option in message.options
    ) and {"key", "value"} <= {field.name for field in message.fields}


def members(message: Message) -> tuple[Field, ...]:
    """All fields of a message, those of its oneofs after the others; groups are no fields."""
    if not message.oneofs:
        return message.fields
    return message.fields + tuple(field for oneof in message.oneofs for field in oneof.fields)
