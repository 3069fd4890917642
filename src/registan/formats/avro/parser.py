"""From a JSON tree to types (docs/wire.md, Avro, parsing).

What lives here: the shape of each kind of type and the table of names. A name that is not defined yet is
left open and closed by resolve.py once the whole text is read.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from typing import Any, NoReturn, TypeAlias

from registan.formats.avro.defaults import Judge
from registan.formats.avro.names import check_name, check_space, joined, split
from registan.formats.avro.same import same_definition
from registan.formats.avro.types import (
    ABSENT,
    PRIMITIVES,
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Primitive,
    Props,
    Record,
    Type,
    Union,
    Unresolved,
    label,
    run,
)
from registan.formats.java_json import Tree, storable, write
from registan.formats.java_numbers import parse_double
from registan.formats.protocol import Invalid

Names: TypeAlias = "dict[str, Record | Enum | Fixed]"

_RESERVED = frozenset(
    ("type", "name", "namespace", "doc", "fields", "symbols", "size", "items", "values", "aliases")
)
"""Keys that are never props of a type, not even where they mean nothing."""
_ENUM_RESERVED = _RESERVED | {"default"}
_FIELD_RESERVED = frozenset(("name", "type", "doc", "default", "order", "aliases"))
_NULL = PRIMITIVES["null"]
_LEAVES = frozenset((*PRIMITIVES, "enum", "fixed"))
_RECORDS = frozenset(("record", "error"))
_ORDERS = {"ASCENDING": "", "DESCENDING": "descending", "IGNORE": "ignore"}
_SIZE_MAX = 2**31 - 9
_SHOWN_MAX = 1000

_Reading: TypeAlias = "Generator[Generator[Any, Type, Type], Type, Type]"


def fail(why: str, node: Tree = ABSENT) -> NoReturn:
    """Refuse a text, showing the JSON that is to blame."""
    raise Invalid(why if node is ABSENT else f"{why}: {write(node)[:_SHOWN_MAX]}")


def props_of(node: Mapping[str, Tree], reserved: frozenset[str]) -> Props:
    """All entries with other keys; None if there are none."""
    if reserved.issuperset(node):
        return None
    return {key: value for key, value in node.items() if key not in reserved} or None


_OPTIONAL = {(a, b): Union((PRIMITIVES[a], PRIMITIVES[b])) for a in PRIMITIVES for b in PRIMITIVES if a != b}
"""Unions of two primitives are shared like these: most optional fields are one."""


class Parser:
    """Reads one text. `names` (full name → type) gets what the text defines, in the order it is complete."""

    def __init__(self, names: Names, *, strict: bool) -> None:
        self.names = names
        self.strict = strict
        self.judge = Judge()
        self.spaces: set[str] = {""}
        """Namespaces that were found well-formed."""
        self.open: list[Field | Array | Map | Union] = []
        """Holders of unresolved names."""
        self.doubtful: dict[int, list[Field]] = {}
        """By record: fields whose default was judged without knowing all of the type."""

    def read(self, tree: Tree) -> Type:
        """The type that a tree describes, with unresolved names where they came before a definition."""
        type_ = self._simple(tree, "")
        return run(self._nested(tree, "")) if type_ is None else type_

    def _simple(self, node: Tree, space: str) -> Type | None:
        """A type that can be read without reading others first; None if it cannot."""
        shape = type(node)
        if shape is str:
            return PRIMITIVES.get(node) or self._named(node, space)
        if shape is list:
            if len(node) == 2 and type(node[0]) is str and type(node[1]) is str:
                shared = _OPTIONAL.get((node[0], node[1]))
                if shared is not None:
                    return shared
            return self._union([self._simple(each, space) for each in node]) if _are_leaves(node) else None
        if shape is not dict:
            fail("Schema not yet supported", node)
        word = node.get("type")
        if type(word) is not str:
            fail("No type", node)
        plain = PRIMITIVES.get(word)
        if plain is None:
            return self._complex(word, node, space)
        props = props_of(node, _RESERVED) if len(node) > 1 else None
        return Primitive(plain.kind, props) if props else plain

    def _complex(self, word: str, node: dict[str, Tree], space: str) -> Type | None:
        if word == "enum":
            return self._enum(node, space)
        if word == "fixed":
            return self._fixed(node, space)
        if word in _RECORDS:
            return None
        if word in ("array", "map"):
            held = _held(word, node)
            type_ = self._simple(held, space) if type(held) is str or _are_leaves((held,)) else None
            return None if type_ is None else self._collection(word, node, type_)
        return self._named(word, space)

    def _nested(self, node: Tree, space: str) -> _Reading:
        """A type that others must be read for; they are asked for by yielding."""
        if type(node) is list:
            return self._branches(node, space)
        word = node["type"]
        return self._record(node, space) if word in _RECORDS else self._holder(word, node, space)

    def _branches(self, nodes: list[Tree], space: str) -> _Reading:
        branches = []
        for each in nodes:
            if type(each) is list:
                fail("Nested union", nodes)
            type_ = self._simple(each, space)
            branches.append((yield self._nested(each, space)) if type_ is None else type_)
        return self._union(branches)

    def _holder(self, word: str, node: dict[str, Tree], space: str) -> _Reading:
        held = _held(word, node)
        type_ = self._simple(held, space)
        return self._collection(word, node, (yield self._nested(held, space)) if type_ is None else type_)

    # -- names

    def _named(self, name: str, space: str) -> Type:
        """The type of this name, as far as it is known (docs/wire.md, Avro, resolution)."""
        full = f"{space}.{name}" if space and "." not in name else name
        return self.names.get(full) or self.names.get(name) or Unresolved(full)

    def _name(self, node: Mapping[str, Tree], space: str) -> tuple[str, str]:
        """Name and namespace of a definition."""
        name = node.get("name")
        if not isinstance(name, str):
            fail("No name in schema", node)
        given = node.get("namespace")
        name, space = split(name, given if isinstance(given, str) else space)
        if not (name.isascii() and name.isidentifier()):
            check_name(name, strict=self.strict)
        if not space and name in PRIMITIVES:
            fail(f"Schemas may not be named after primitives: {name}")
        if self.strict and space not in self.spaces:
            check_space(space)
            self.spaces.add(space)
        # Messages name it, and must be fit for an answer.
        return name, storable(space)

    def _aliases(self, node: Mapping[str, Tree], space: str) -> tuple[str, ...]:
        """Full names of the aliases of a definition."""
        if "aliases" not in node:
            return ()
        pairs = [split(alias, space) for alias in _alias_texts(node)]
        for name, _ in pairs:
            check_name(name, strict=self.strict)
        return tuple(dict.fromkeys(joined(*pair) for pair in pairs))

    def _define(self, type_: Record | Enum | Fixed) -> None:
        known = self.names.setdefault(type_.full, type_)
        if known is not type_ and not same_definition(known, type_):
            fail(f"Can't redefine: {type_.full}")

    # -- kinds

    def _union(self, branches: list[Any]) -> Union:
        names = [each.kind if type(each) is Primitive else label(each) for each in branches]
        if len(set(names)) < len(names):
            fail("Duplicate in union:" + next(name for name in names if names.count(name) > 1))
        union = Union(tuple(branches))
        for each in branches:
            if type(each) is Unresolved:
                self.open.append(union)
                break
        return union

    def _collection(self, word: str, node: dict[str, Tree], held: Type) -> Array | Map:
        props = props_of(node, _RESERVED) if len(node) > 2 else None
        type_ = Array(held, props) if word == "array" else Map(held, props)
        if type(held) is Unresolved:
            self.open.append(type_)
        return type_

    def _enum(self, node: dict[str, Tree], space: str) -> Enum:
        name, space = self._name(node, space)
        symbols = node.get("symbols")
        if not isinstance(symbols, list):
            fail("Enum has no symbols", node)
        for symbol in symbols:
            if type(symbol) is not str:
                fail("Null name")
            if not (symbol.isascii() and symbol.isidentifier()):
                check_name(symbol, strict=self.strict)
        if len(set(symbols)) < len(symbols):
            fail("Duplicate enum symbol: " + next(each for each in symbols if symbols.count(each) > 1))
        default = _text(node, "default")
        if default is not None and default not in symbols:
            fail(f"The Enum Default: {default} is not in the enum symbol set: [{', '.join(symbols)}]")
        props, aliases = props_of(node, _ENUM_RESERVED), self._aliases(node, space)
        type_ = Enum(name, space, _text(node, "doc"), props, aliases)
        type_.symbols = tuple(symbols)
        type_.default = default
        self._define(type_)
        return type_

    def _fixed(self, node: dict[str, Tree], space: str) -> Fixed:
        name, space = self._name(node, space)
        size = node.get("size")
        if type(size) is not int or not -(2**31) <= size < 2**31:
            fail("Invalid or no size", node)
        if not 0 <= size <= _SIZE_MAX:
            fail(f"The size of a fixed must be between 0 and {_SIZE_MAX}: {size}")
        props, aliases = props_of(node, _RESERVED), self._aliases(node, space)
        type_ = Fixed(name, space, _text(node, "doc"), props, aliases)
        type_.size = size
        self._define(type_)
        return type_

    def _record(self, node: dict[str, Tree], space: str) -> _Reading:
        name, space = self._name(node, space)
        nodes = node.get("fields")
        if not isinstance(nodes, list):
            fail("Record has no fields", node)
        fields: dict[str, Field] = {}
        doubtful = []
        judge, simple, read_field = self.judge, self._simple, self._field
        for each in nodes:
            if type(each) is not dict or type(own := each.get("name")) is not str:
                fail("No field name", each)
            if "type" not in each:
                fail("No field type", each)
            word = each["type"]
            type_ = (PRIMITIVES.get(word) if type(word) is str else None) or simple(word, space)
            if type_ is None:
                type_ = yield self._nested(word, space)
            if own in fields:
                fail(f"Duplicate field {own} in record {joined(name, space)}")
            fields[own] = field = read_field(own, each, type_)
            if judge.guessed:
                judge.guessed = False
                doubtful.append(field)
        props, aliases = props_of(node, _RESERVED), self._aliases(node, space)
        record = Record(name, space, _text(node, "doc"), props, aliases)
        record.fields = tuple(fields.values())
        record.is_error = node["type"] == "error"
        self._define(record)
        if doubtful:
            self.doubtful[id(record)] = doubtful
        return record

    def _field(self, name: str, node: dict[str, Tree], type_: Type) -> Field:
        if not (name.isascii() and name.isidentifier()):
            check_name(name, strict=self.strict)
        rest = len(node) - 2
        default: Tree = ABSENT
        doc = None
        if rest:
            if "default" in node:
                default = self._default(name, type_, node["default"])
                rest -= 1
            if "doc" in node:
                doc = _text(node, "doc")
                rest -= 1
        field = Field(name, type_, doc, default)
        if rest:
            if "order" in node:
                field.order = _order(node["order"])
            if "aliases" in node:
                field.aliases = tuple(dict.fromkeys(_alias_texts(node)))
            field.props = props_of(node, _FIELD_RESERVED)
        if type(type_) is Unresolved:
            self.open.append(field)
        return field

    def _default(self, name: str, type_: Type, value: Tree) -> Tree:
        """The default as it is kept."""
        if value is None and type(type_) is Union and _NULL in type_.branches:
            return value
        if type(value) is str and type_.kind in ("float", "double"):
            number = parse_double(value)
            if number is None:
                fail(f"Invalid default for field {name}, no number", value)
            return number
        if self.strict and not self.judge.suits(type_, value):
            fail(f"Invalid default for field {name}, not a {label(type_)}", value)
        return value


def _are_leaves(nodes: Iterable[Tree]) -> bool:
    """Whether none of the types needs others to be read first."""
    for node in nodes:
        if type(node) is not str:
            word = node.get("type") if type(node) is dict else None
            if type(word) is not str or word not in _LEAVES:
                return False
    return True


def _held(word: str, node: dict[str, Tree]) -> Tree:
    """What an array or map holds."""
    key = "items" if word == "array" else "values"
    if key not in node:
        fail(f"{word.capitalize()} has no {key} type", node)
    return node[key]


def _text(node: Mapping[str, Tree], key: str) -> str | None:
    """A text, or None for anything else."""
    value = node.get(key)
    return value if isinstance(value, str) else None


def _alias_texts(node: Mapping[str, Tree]) -> list[str]:
    aliases = node["aliases"]
    if not isinstance(aliases, list):
        fail("aliases not an array", node)
    for alias in aliases:
        if not isinstance(alias, str):
            fail("alias not a string", alias)
    return aliases


def _order(value: Tree) -> str:
    order = _ORDERS.get(value.upper()) if isinstance(value, str) else None
    if order is None:
        fail("order is none of ascending, descending and ignore", value)
    return order
