"""The canonical text of plain schemas, straight from the JSON: the quick way.

Most texts have nothing odd: names are defined where they stand first, defaults are null, a scalar or empty,
there are no aliases. For those the canonical text is made while reading, in a third of the time, without
types. At the first thing that is not plain the whole text is left to parser.py and printer.py, which know
all rules; nothing is ever refused here (tests/property/test_avro_properties.py compares the two).

The fields of a record are cut out of the text unread, and those met before are recalled: a new version has
most of its fields from the one before, and so have the schemas of one company from each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, NoReturn

import msgspec

from registan.formats.avro.cut import Read, cut_record
from registan.formats.avro.names import qualified
from registan.formats.avro.parser import _ENUM_RESERVED, _FIELD_RESERVED, _RESERVED, _SIZE_MAX
from registan.formats.avro.types import ABSENT, PRIMITIVES
from registan.formats.java_json import Tree, storable, string, write
from registan.formats.memo import Memo

_DEPTH_MAX = 40
_SPACE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_QUOTED = {kind: f'"{kind}"' for kind in PRIMITIVES}
_TYPE_KEYS = {
    "record": frozenset(("type", "name", "namespace", "doc", "fields")),
    "enum": frozenset(("type", "name", "namespace", "doc", "symbols", "default")),
    "fixed": frozenset(("type", "name", "namespace", "doc", "size")),
    "array": frozenset(("type", "items")),
    "map": frozenset(("type", "values")),
}
_INT = range(-(2**31), 2**31)
_LONG = range(-(2**63), 2**63)


class _Odd(Exception):  # noqa: N818  (not an error: the other way is taken)
    """Something that is not plain."""


class _Naming(NamedTuple):
    """What a field has to do with named types."""

    defined: frozenset[str]
    """Full names that it defines; none may be taken."""
    used: frozenset[str]
    """Full names that it uses and does not define; all must be there."""
    shunned: frozenset[str]
    """Names that would make what it says ambiguous; none may be there."""


class _Fragment(NamedTuple):
    """What is written of a field, as long as the names around it are what it was written among."""

    name: str
    text: str
    naming: _Naming | None
    """None where it has nothing to do with named types."""


FRAGMENTS: Memo[_Fragment] = Memo(1024 * 1024)
"""By text: fields that neither define nor use a named type, which mean the same in every namespace."""
NAMING: Memo[_Fragment] = Memo(1024 * 1024)
"""By text and namespace: the others, of which far more are met only once."""
_FRAGMENT_BYTES = 600
_FRAGMENT_CHARS = 2000
"""Longer fields are not kept."""


def plain_text(text: str, read: Read) -> str | None:
    """The canonical text of a valid, plain schema without references; None where that cannot be told.

    Raises `Invalid` where `read` does.
    """
    # Where no character is escaped in the text, none has to be in what is printed of it.
    writer = _Writer(string if "\\" in text else _bare)
    try:
        cut = cut_record(text, read)
        if cut is None:
            writer.write(read(text), "", 0)
        else:
            writer.write_cut(*cut, read)
    except _Odd:
        return None
    return storable("".join(writer.out))


def _odd() -> NoReturn:
    raise _Odd


def _bare(text: str) -> str:
    return f'"{text}"'


class _Writer:
    """Writes one text; `quoted` writes a string."""

    __slots__ = ("names", "out", "quoted", "shunned", "used")

    def __init__(self, quoted: Callable[[str], str]) -> None:
        self.quoted = quoted
        self.out: list[str] = []
        self.names: set[str] = set()
        """Full names that are defined, or being defined around the place."""
        self.used: set[str] = set()
        self.shunned: set[str] = set()

    def write_cut(self, node: dict[str, Tree], fields: list[msgspec.Raw], read: Read) -> None:
        """Write the outermost record, from its entries without `fields`, and these."""
        self._body(node, len(fields), "", lambda space: self._recalled(fields, space, read))

    def _recalled(self, fields: list[msgspec.Raw], space: str, read: Read) -> set[str]:
        """Write fields as they were written before, where their names allow that; gives their names."""
        names, texts = set(), []
        for raw in fields:
            field = bytes(raw)
            name, text, naming = (
                FRAGMENTS.get(field) or NAMING.get((field, space)) or self._fragment(field, space, read)
            )
            if naming is not None:
                self._take(naming)
            names.add(name)
            texts.append(text)
        self.out.append(",".join(texts))
        return names

    def _take(self, naming: _Naming) -> None:
        """Note the names that a field defines; odd where it means something else among those there are."""
        names = self.names
        if not (
            names.isdisjoint(naming.defined)
            and names.issuperset(naming.used)
            and names.isdisjoint(naming.shunned)
        ):
            _odd()
        names |= naming.defined

    def _fragment(self, field: bytes, space: str, read: Read) -> _Fragment:
        """Write one field by itself, and keep that unless it is long."""
        text = str(field, "utf-8")
        writer = _Writer(string if "\\" in text else _bare)
        writer.names |= self.names
        name = writer._field(read(text), space, 1)
        defined = writer.names - self.names
        size = len(field)
        naming = None
        if writer.used or defined:
            naming = _Naming(frozenset(defined), frozenset(writer.used - defined), frozenset(writer.shunned))
        made = _Fragment(name, "".join(writer.out), naming)
        if size <= _FRAGMENT_CHARS:
            if naming is not None:
                NAMING.put((field, space), made, _FRAGMENT_BYTES + 2 * size)
            else:
                FRAGMENTS.put(field, made, _FRAGMENT_BYTES + 2 * size)
        return made

    def write(self, node: Tree, space: str, depth: int) -> str:
        """Write a type; gives what a union tells it apart by."""
        shape = type(node)
        if shape is str:
            quoted = _QUOTED.get(node)
            if quoted is None:
                return self._name(node, space)
            self.out.append(quoted)
            return node  # type: ignore[no-any-return]
        if depth > _DEPTH_MAX:
            _odd()
        if shape is list:
            return self._union(node, space, depth)
        if shape is not dict:
            _odd()
        word = node.get("type")
        if type(word) is not str:
            _odd()
        if word in _QUOTED:
            props = self._props(node, _RESERVED) if len(node) > 1 else ""
            self.out.append(f'{{"type":"{word}"{props}}}' if props else _QUOTED[word])
            return word
        if word == "record":
            return self._record(node, space, depth)
        if word == "enum":
            return self._enum(node, space)
        if word in ("array", "map"):
            return self._collection(word, node, space, depth)
        if word == "fixed":
            return self._fixed(node, space)
        _odd()

    def _name(self, name: str, space: str) -> str:
        if "." in name or not space:
            full = name
        else:
            full = f"{space}.{name}"
            if name in self.names:
                _odd()  # it could be meant as well
            self.shunned.add(name)
        if full not in self.names:
            _odd()
        self.used.add(full)
        self.out.append(f'"{qualified(full, space)}"')
        return full

    def _union(self, nodes: list[Tree], space: str, depth: int) -> str:
        out = self.out
        labels = set()
        start = "["
        for node in nodes:
            if type(node) is list:
                _odd()
            out.append(start)
            start = ","
            labels.add(self.write(node, space, depth + 1))
        if len(labels) < len(nodes) or not nodes:
            _odd()
        out.append("]")
        return "union"

    def _define(self, word: str, node: dict[str, Tree], space: str) -> tuple[str, str]:
        """Begin a definition: write its head; gives its full name and its namespace."""
        name = node.get("name")
        if type(name) is not str or not (name.isascii() and name.isidentifier()):
            _odd()
        around = space
        if "namespace" in node:
            space = node["namespace"]
            if type(space) is not str or not _SPACE.fullmatch(space):
                _odd()
        elif not space and name in PRIMITIVES:
            _odd()
        full = f"{space}.{name}" if space else name
        if full in self.names:
            _odd()
        self.names.add(full)
        head = f'{{"type":"{word}","name":"{name}"'
        if space != around:
            head += f',"namespace":"{space}"'
        if "doc" in node:
            doc = node["doc"]
            if type(doc) is not str:
                _odd()
            head += f',"doc":{self.quoted(doc)}'
        self.out.append(head)
        return full, space

    def _record(self, node: dict[str, Tree], space: str, depth: int) -> str:
        fields = node.get("fields")
        if type(fields) is not list:
            _odd()
        return self._body(node, len(fields), space, lambda around: self._fields(fields, around, depth + 1))

    def _body(
        self, node: dict[str, Tree], count: int, space: str, write_fields: Callable[[str], set[str]]
    ) -> str:
        """Write a record whose fields `write_fields` writes (in its namespace); gives its full name."""
        full, space = self._define("record", node, space)
        self.out.append(',"fields":[')
        if len(write_fields(space)) < count:
            _odd()
        self.out.append("]" + self._tail(node, "record", _RESERVED))
        return full

    def _fields(self, fields: list[Tree], space: str, depth: int) -> set[str]:
        """Write fields; gives their names."""
        names: set[str] = set()
        for field in fields:
            if names:
                self.out.append(",")
            names.add(self._field(field, space, depth))
        return names

    def _field(self, field: Tree, space: str, depth: int) -> str:
        """Write a field; gives its name."""
        if type(field) is not dict or "type" not in field:
            _odd()
        name = field.get("name")
        if type(name) is not str or not (name.isascii() and name.isidentifier()):
            _odd()
        type_ = field["type"]
        quoted = _QUOTED.get(type_) if type(type_) is str else None
        if quoted is not None:
            self.out.append(f'{{"name":"{name}","type":{quoted}')
        else:
            self.out.append(f'{{"name":"{name}","type":')
            self.write(type_, space, depth)
        self.out.append(self._rest_of_field(field, type_) if len(field) > 2 else "}")
        return name

    def _enum(self, node: dict[str, Tree], space: str) -> str:
        full, _ = self._define("enum", node, space)
        symbols = node.get("symbols")
        if type(symbols) is not list or not symbols:
            _odd()
        for symbol in symbols:
            if type(symbol) is not str or not (symbol.isascii() and symbol.isidentifier()):
                _odd()
        if len(set(symbols)) < len(symbols):
            _odd()
        middle = f',"symbols":["{_BETWEEN.join(symbols)}"]'
        if "default" in node:
            default = node["default"]
            if default not in symbols:
                _odd()
            middle += f',"default":"{default}"'
        self.out.append(middle + self._tail(node, "enum", _ENUM_RESERVED))
        return full

    def _fixed(self, node: dict[str, Tree], space: str) -> str:
        full, _ = self._define("fixed", node, space)
        size = node.get("size")
        if type(size) is not int or not 0 <= size <= _SIZE_MAX:
            _odd()
        self.out.append(f',"size":{size}{self._tail(node, "fixed", _RESERVED)}')
        return full

    def _collection(self, word: str, node: dict[str, Tree], space: str, depth: int) -> str:
        key = "items" if word == "array" else "values"
        if key not in node:
            _odd()
        self.out.append(f'{{"type":"{word}","{key}":')
        self.write(node[key], space, depth + 1)
        self.out.append(self._tail(node, word, _RESERVED))
        return word

    def _tail(self, node: dict[str, Tree], word: str, reserved: frozenset[str]) -> str:
        """What stands behind a type's own entries."""
        if _TYPE_KEYS[word].issuperset(node):
            return "}"
        if "aliases" in node:
            _odd()
        return self._props(node, reserved) + "}"

    def _props(self, node: dict[str, Tree], reserved: frozenset[str]) -> str:
        quoted = self.quoted
        text = ""
        for key, value in node.items():
            if key not in reserved:
                shown = quoted(value) if type(value) is str else write(value)
                text += f",{quoted(key)}:{shown}"
        return text

    def _rest_of_field(self, field: dict[str, Tree], type_: Tree) -> str:
        """Doc, default and props of a field."""
        text = ""
        rest = len(field) - 2
        doc = field.get("doc", ABSENT)
        if doc is not ABSENT:
            if type(doc) is not str:
                _odd()
            text = f',"doc":{self.quoted(doc)}'
            rest -= 1
        default = field.get("default", ABSENT)
        if default is not ABSENT:
            text += _default(type_, default)
            rest -= 1
        if rest:
            if "order" in field or "aliases" in field:
                _odd()
            text += self._props(field, _FIELD_RESERVED)
        return text + "}"


_BETWEEN = '","'


def _default(type_: Tree, value: Tree) -> str:
    """A default that suits its type at first sight."""
    if value is None:
        if type_ == "null" or (type(type_) is list and "null" in type_):
            return ',"default":null'
        _odd()
    shape = type(value)
    if type(type_) is str:
        if shape is str:
            suits = type_ == "string"
        elif shape is bool:
            suits = type_ == "boolean"
        else:
            suits = shape is int and value in {"int": _INT, "long": _LONG}.get(type_, ())
        if suits:
            return f',"default":{write(value)}'
    elif type(type_) is dict and not value:
        word = type_.get("type")
        if (shape is list and word == "array") or (shape is dict and word == "map"):
            return f',"default":{write(value)}'
    _odd()
