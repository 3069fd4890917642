"""From types to the canonical text (docs/wire.md, Avro, canonical text).

What lives here: the order of keys and the writing of names. A named type is written in full where it is met
first, and by its name after that.
"""

from __future__ import annotations

from typing import TypeAlias

from registan.formats.avro.names import qualified
from registan.formats.avro.types import (
    ABSENT,
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Named,
    Primitive,
    Record,
    Type,
    Union,
)
from registan.formats.java_json import string, write

_BETWEEN = '","'

_Piece: TypeAlias = "str | tuple[Type, str]"
"""A text, or a type with the namespace around it."""


def print_type(root: Type, written: set[str]) -> str:
    """The canonical text. Types named in `written` are written by name; it grows."""
    out: list[str] = []
    put = out.append
    work: list[_Piece] = [(root, "")]
    while work:
        piece = work.pop()
        if isinstance(piece, str):
            put(piece)
            continue
        type_, space = piece
        if type(type_) is Primitive:
            put(_primitive(type_))
        elif isinstance(type_, Named):
            if type_.full in written:
                put(string(qualified(type_.full, space)))
                continue
            written.add(type_.full)
            if isinstance(type_, Record):
                work += _record(type_, space)
            else:
                put(_leaf(type_, space))
        else:
            work += _container(type_, space)
    return "".join(out)


def _primitive(type_: Primitive) -> str:
    if type_.props is None:
        return f'"{type_.kind}"'
    return f'{{"type":"{type_.kind}"{_props(type_)}}}'


def _props(holder: Primitive | Array | Map | Named | Field) -> str:
    props = holder.props
    if props is None:
        return ""
    return "".join(f",{string(key)}:{write(value)}" for key, value in props.items())


def _head(type_: Named, kind: str, space: str) -> str:
    head = f'{{"type":"{kind}","name":"{type_.name}"'
    if type_.space != space:
        head += f',"namespace":{string(type_.space)}'
    return head if type_.doc is None else f'{head},"doc":{string(type_.doc)}'


def _tail(type_: Named) -> str:
    tail = _props(type_)
    if type_.aliases:
        names = ",".join(string(qualified(alias, type_.space)) for alias in type_.aliases)
        tail += f',"aliases":[{names}]'
    return tail + "}"


def _leaf(type_: Enum | Fixed, space: str) -> str:
    head = _head(type_, type_.kind, space)
    if isinstance(type_, Fixed):
        return f'{head},"size":{type_.size}{_tail(type_)}'
    symbols = '","'.join(type_.symbols)
    middle = f',"symbols":["{symbols}"]' if symbols else ',"symbols":[]'
    if type_.default is not None:
        middle += f',"default":"{type_.default}"'
    return head + middle + _tail(type_)


def _container(type_: Type, space: str) -> list[_Piece]:
    """The pieces of a union, array or map, last one first."""
    if isinstance(type_, Union):
        plain = _plain_union(type_)
        if plain is not None:
            return [plain]
        pieces: list[_Piece] = ["]"]
        for branch in reversed(type_.branches):
            pieces += ((branch, space), ",")
        pieces[-1] = "["
        return pieces
    assert isinstance(type_, Array | Map)
    held, start = (
        (type_.items, '{"type":"array","items":')
        if isinstance(type_, Array)
        else (type_.values, '{"type":"map","values":')
    )
    return [_props(type_) + "}", (held, space), start]


def _plain_union(type_: Union) -> str | None:
    """The text of a union of primitives without props; None for others."""
    names = []
    for branch in type_.branches:
        if type(branch) is not Primitive or branch.props is not None:
            return None
        names.append(branch.kind)
    return f'["{_BETWEEN.join(names)}"]' if names else "[]"


def _record(type_: Record, space: str) -> list[_Piece]:
    """The pieces of a record, last one first."""
    pieces: list[_Piece] = []
    text = _head(type_, "error" if type_.is_error else "record", space) + ',"fields":['
    inside = type_.space
    comma = ""
    for field in type_.fields:
        held = field.type
        text += f'{comma}{{"name":"{field.name}","type":'
        comma = ","
        plain = None
        if type(held) is Primitive:
            plain = f'"{held.kind}"' if held.props is None else _primitive(held)
        elif type(held) is Union:
            plain = _plain_union(held)
        if plain is None:
            pieces += (text, (held, inside))
            text = ""
        else:
            text += plain
        if field.doc is not None:
            text += f',"doc":{string(field.doc)}'
        default = field.default
        if default is not ABSENT:
            text += ',"default":null' if default is None else f',"default":{write(default)}'
        if field.order or field.aliases or field.props is not None:
            text += _field_tail(field)
        text += "}"
    pieces.append(f"{text}]{_tail(type_)}")
    pieces.reverse()
    return pieces


def _field_tail(field: Field) -> str:
    """What few fields have."""
    tail = f',"order":"{field.order}"' if field.order else ""
    if field.aliases:
        tail += f',"aliases":[{",".join(map(string, field.aliases))}]'
    return tail + _props(field)
