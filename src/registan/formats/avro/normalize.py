"""The normal form (docs/wire.md, Avro, normalize): a tree to be read again.

What lives here: the tree with every definition under its full name, props and aliases sorted, defaults in
the form that their type gives them. What moves by being read again (a type without namespace into the one
around it) moves by the parser's own rules.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum as _Choice
from typing import Any

from registan.formats.avro.types import (
    ABSENT,
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
)
from registan.formats.java_json import Tree, in_order, with_sorted_names
from registan.formats.java_numbers import as_float, float_text

_INT = range(-(2**31), 2**31)
_LONG = range(-(2**63), 2**63)
_LOGICAL = {
    "big-decimal": "bytes",
    "date": "int",
    "time-millis": "int",
    **dict.fromkeys(
        (
            "time-micros",
            *(
                f"{local}timestamp-{unit}"
                for local in ("", "local-")
                for unit in ("millis", "micros", "nanos")
            ),
        ),
        "long",
    ),
}
"""Logical types that suit one primitive type. The others are decimal, uuid and duration."""
_FIRST = ("logicalType", "precision", "scale")


class _Lost(_Choice):
    """In the place of a value that its type cannot take."""

    LOST = 0


def normal_tree(root: Type, written: set[str]) -> Tree:
    """The tree of a schema's normal form. Types named in `written` are written by name; it grows."""
    top: list[Tree] = [None]
    work: list[tuple[Any, Any, Type]] = [(top, 0, root)]
    while work:
        holder, key, type_ = work.pop()
        node, inside = _node(type_, written)
        holder[key] = node
        work += reversed(inside)
    return top[0]


def _node(type_: Type, written: set[str]) -> tuple[Tree, list[tuple[Any, Any, Type]]]:
    """A node, and the places in it where types are still to be put."""
    if isinstance(type_, Union):
        node: list[Tree] = [None] * len(type_.branches)
        return node, [(node, i, branch) for i, branch in enumerate(type_.branches)]
    if isinstance(type_, Primitive):
        return {"type": type_.kind, **_props(type_, type_.props)}, []
    if isinstance(type_, Array):
        array: dict[str, Tree] = {"type": "array", "items": None, **_props(type_, type_.props)}
        return array, [(array, "items", type_.items)]
    if isinstance(type_, Map):
        map_: dict[str, Tree] = {"type": "map", "values": None, **_props(type_, type_.props)}
        return map_, [(map_, "values", type_.values)]
    assert isinstance(type_, Record | Enum | Fixed)
    if type_.full in written:
        return type_.full, []
    written.add(type_.full)
    return _definition(type_)


def _definition(type_: Record | Enum | Fixed) -> tuple[Tree, list[tuple[Any, Any, Type]]]:
    node: dict[str, Tree] = {"name": type_.full, "type": type_.kind, **_props(type_, type_.props)}
    if type_.doc:
        node["doc"] = type_.doc
    if type_.aliases:
        node["aliases"] = in_order(type_.aliases)
    if isinstance(type_, Fixed):
        node["size"] = type_.size
        return node, []
    if isinstance(type_, Enum):
        node["symbols"] = list(type_.symbols)
        if type_.default is not None:
            node["default"] = type_.default
        return node, []
    fields = [_field(field) for field in type_.fields]
    node["fields"] = fields
    return node, [(each, "type", field.type) for each, field in zip(fields, type_.fields, strict=True)]


def _field(field: Field) -> dict[str, Tree]:
    node: dict[str, Tree] = {"name": field.name, "type": None, **_sorted(field.props)}
    if field.doc is not None:
        node["doc"] = field.doc
    if field.order:
        node["order"] = field.order
    if field.aliases:
        node["aliases"] = in_order(field.aliases)
    if field.default is not ABSENT:
        value = _normal_default(field.type, field.default)
        if value is not _Lost.LOST:
            node["default"] = value
    return node


# -- props


def _sorted(props: Props) -> Mapping[str, Tree]:
    return {} if props is None else with_sorted_names(dict(props))


def _props(type_: Type, props: Props) -> Mapping[str, Tree]:
    """Sorted; a valid logical type and its parameters go first."""
    if props is None:
        return {}
    entries: dict[str, Tree] = with_sorted_names(dict(props))
    logical = entries.get("logicalType")
    if not isinstance(logical, str) or not _is_valid(type_, logical, entries):
        return entries
    first = _FIRST if logical == "decimal" else _FIRST[:1]
    return {key: entries[key] for key in first if key in entries} | entries


def _is_valid(type_: Type, logical: str, props: Mapping[str, Tree]) -> bool:
    """Whether a logical type suits its type."""
    size = type_.size if isinstance(type_, Fixed) else None
    if logical == "decimal":
        return (type_.kind == "bytes" or size is not None) and _is_decimal(props, size)
    if logical == "uuid":
        return type_.kind == "string" or size == 16
    if logical == "duration":
        return size == 12
    return _LOGICAL.get(logical) == type_.kind


def _is_decimal(props: Mapping[str, Tree], size: int | None) -> bool:
    precision, scale = props.get("precision"), props.get("scale", 0)
    if type(precision) is not int or type(scale) is not int or precision not in _INT:
        return False
    if size is not None and precision > math.floor(math.log10(2) * (8 * size - 1)):
        return False
    return precision > 0 and 0 <= scale <= precision


# -- defaults


def _normal_default(type_: Type, value: Tree) -> Tree:
    """The value as a field of this type keeps it, or LOST. Inside of it, what would be lost is left alone."""
    if not isinstance(value, dict | list):
        return _normal_scalar(_first(type_), value)
    top: list[Tree] = [value]
    work: list[tuple[Any, Any, Type | None]] = [(top, 0, type_)]
    while work:
        holder, key, inside = work.pop()
        value, inside = holder[key], _first(inside)
        if isinstance(value, dict):
            holder[key] = copy = {name: value[name] for name in in_order(value)}
            work += ((copy, name, _member(inside, name)) for name in copy)
        elif isinstance(value, list):
            holder[key] = items = value.copy()
            item = inside.items if isinstance(inside, Array) else None
            work += ((items, i, item) for i in range(len(items)))
        else:
            scalar = _normal_scalar(inside, value)
            holder[key] = value if scalar is _Lost.LOST else scalar
    return top[0]


def _first(type_: Type | None) -> Type | None:
    """A union stands for its first branch."""
    if isinstance(type_, Union):
        return type_.branches[0] if type_.branches else None
    return type_


def _member(type_: Type | None, name: str) -> Type | None:
    """The type of an entry of an object."""
    if isinstance(type_, Map):
        return type_.values
    if isinstance(type_, Record):
        return next((field.type for field in type_.fields if field.name == name), None)
    return None


def _normal_scalar(type_: Type | None, value: Tree) -> Tree:
    """None as type means that nothing is known about the value."""
    if value is None or isinstance(value, bool) or (type_ is None and not isinstance(value, int)):
        return value
    kind = type_.kind if type_ is not None else "long"
    if isinstance(value, str):
        if kind in ("bytes", "fixed"):
            return "".join(char if char <= "\xff" else "?" for char in value)
        return value if kind in ("string", "enum") else _Lost.LOST
    if isinstance(value, int):
        return _normal_integer(kind, value)
    if kind == "double":
        return value
    return _narrow(value) if kind == "float" else _Lost.LOST


def _narrow(value: float) -> float:
    """The number that is read from what a 32-bit number prints as."""
    narrow = as_float(value)
    return float(float_text(narrow)) if math.isfinite(narrow) else narrow


def _normal_integer(kind: str, value: int) -> Tree:
    if value not in _LONG:
        return _Lost.LOST
    if kind == "double":
        return float(value)
    if kind == "float":
        return _narrow(float(value))
    return value if kind == "long" or (kind == "int" and value in _INT) else _Lost.LOST
