"""Messages as compatibility sees them: fields by tag, with the types their names mean.

What lives here: the view of one schema. Built-in files are not loaded to tell that two fields are of the
same built-in type.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from registan.formats.protobuf import wellknown
from registan.formats.protobuf.index import Home, Origin, Prefixes
from registan.formats.protobuf.resolve import Definition, Scope
from registan.formats.protobuf.tree import (
    SCALARS,
    Enum,
    Field,
    Message,
    Oneof,
    is_map_entry,
    map_parts,
)


class NamedType(NamedTuple):
    """A message type."""

    full: str
    local: str
    """The nesting path, without the package."""
    origin: Origin
    home: Home | None
    """None for built-in files, which are loaded on demand, and for types nobody declares."""


class MapType(NamedTuple):
    """A map, written as such or as a repeated entry."""

    key: FieldType
    value: FieldType


FieldType: TypeAlias = "str | NamedType | MapType"
"""The type of a field; a `str` is a scalar, or `enum` for any enum."""


class Side:
    """One of the two schemas of a comparison."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._views: dict[int, View] = {}

    def view(self, definition: Definition) -> View:
        """The view of a message."""
        key = id(definition.node)
        view = self._views.get(key)
        if view is None:
            view = self._views[key] = View(self, definition)
        return view

    def load(self, type_: NamedType) -> Definition | None:
        """The declaration of a message type, if there is one."""
        if type_.home is None and type_.full not in wellknown.TYPES:
            return None
        home = type_.home or wellknown.home(wellknown.TYPES[type_.full])
        node = home.types.get(type_.full)
        return None if node is None else Definition(type_.full, node, home)

    def type(self, name: str, scopes: Prefixes, home: Home, *, repeated: bool = False) -> FieldType:
        """What the type of a field means; `home` is the file it is written in."""
        if name in SCALARS:
            return name
        parts = map_parts(name)
        if parts is not None:
            return MapType(self.type(parts[0], scopes, home), self.type(parts[1], scopes, home))
        full = self.scope.resolve(name, scopes)
        if full is None:
            return NamedType(name, name, None, None)
        where = self.scope.home_of(full, home)
        if where is None:
            if full in wellknown.ENUMS:
                return "enum"
            path = wellknown.TYPES[full]
            return NamedType(full, full.removeprefix(wellknown.package(path) + "."), path, None)
        node = where.types[full]
        if isinstance(node, Enum):
            return "enum"
        if repeated and is_map_entry(node):
            inside = Definition(full, node, where).scopes()
            types = {field.name: field.type for field in node.fields}
            return MapType(self.type(types["key"], inside, where), self.type(types["value"], inside, where))
        return NamedType(full, where.local(full), where.origin, where)


class View:
    """One message of one side."""

    def __init__(self, side: Side, definition: Definition) -> None:
        self.side = side
        self.definition = definition
        self.oneofs: tuple[Oneof, ...] = ()
        self.members: dict[int, tuple[Field, str | None]] = {}
        """Fields by tag, each with the name of its oneof; of several with one tag the last."""
        message = definition.node
        if isinstance(message, Message):
            self.oneofs = message.oneofs
            self.members = {field.tag: (field, None) for field in message.fields}
            for oneof in message.oneofs:
                self.members.update((field.tag, (field, oneof.name)) for field in oneof.fields)
        self._types: dict[tuple[str, bool], FieldType] = {}

    def type(self, field: Field) -> FieldType:
        """The type of one of the fields."""
        if field.type in SCALARS:
            return field.type
        repeated = field.label == "repeated"
        key = (field.type, repeated)
        known = self._types.get(key)
        if known is None:
            scopes, home = self.definition.scopes(), self.definition.home
            known = self._types[key] = self.side.type(field.type, scopes, home, repeated=repeated)
        return known

    def nested(self) -> dict[str, Definition]:
        """Messages declared inside, by name."""
        full, message, home = self.definition
        if not isinstance(message, Message):
            return {}
        return {each.name: Definition(f"{full}.{each.name}", each, home) for each in message.messages}
