"""Whether two types are equal.

Two equalities: that of look-ups (everything counts, docs and aliases too) and that of definitions of one
name (docs, aliases and defaults of enums do not count). Neither cares for the order of props, nor whether
a record is called an error (docs/wire.md, Avro, equality). A name that is still open equals only itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from registan.formats.avro.types import (
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Named,
    Props,
    Record,
    Type,
    Union,
    Unresolved,
    inner,
)
from registan.formats.java_json import Tree, with_sorted_names, write


def same_schema(a: Type, b: Type) -> bool:
    """The equality of look-ups."""
    return _same(a, b, full=True)


def same_definition(a: Type, b: Type) -> bool:
    """The equality of two definitions of one name."""
    return _same(a, b, full=False)


def _same(a: Type, b: Type, *, full: bool) -> bool:
    work: list[tuple[Type, Type]] = [(a, b)]
    seen: set[tuple[int, int]] = set()
    while work:
        a, b = work.pop()
        if a is b:
            continue
        if isinstance(a, Named | Union | Array | Map):
            if (id(a), id(b)) in seen:
                continue
            seen.add((id(a), id(b)))
        inside = _alike(a, b, full=full) and zip(inner(a), inner(b), strict=True)
        if not inside:
            return False
        work.extend(inside)
    return True


def _alike(a: Type, b: Type, *, full: bool) -> bool:
    """Whether two types are equal but for the types inside, which are as many."""
    if type(a) is not type(b) or a.kind != b.kind or isinstance(a, Unresolved):
        return False
    if isinstance(a, Union) and isinstance(b, Union):
        return len(a.branches) == len(b.branches)
    if isinstance(a, Named) and isinstance(b, Named):
        if a.full != b.full or (full and (a.doc != b.doc or set(a.aliases) != set(b.aliases))):
            return False
        if not _same_structure(a, b, full=full):
            return False
    return _same_props(getattr(a, "props", None), getattr(b, "props", None))


def _same_structure(a: Named, b: Named, *, full: bool) -> bool:
    if isinstance(a, Enum) and isinstance(b, Enum):
        return a.symbols == b.symbols and not (full and a.default != b.default)
    if isinstance(a, Fixed) and isinstance(b, Fixed):
        return a.size == b.size
    if isinstance(a, Record) and isinstance(b, Record):
        return len(a.fields) == len(b.fields) and all(
            _same_field(*pair, full=full) for pair in zip(a.fields, b.fields, strict=True)
        )
    return False


def _same_field(a: Field, b: Field, *, full: bool) -> bool:
    return (
        a.name == b.name
        and a.order == b.order
        and not (full and (a.doc != b.doc or set(a.aliases) != set(b.aliases)))
        and same_value(a.default, b.default)
        and _same_props(a.props, b.props)
    )


def _same_props(a: Props, b: Props) -> bool:
    if a is None or b is None:
        return a is b
    return a.keys() == b.keys() and all(same_value(value, b[key]) for key, value in a.items())


def same_value(a: Tree, b: Tree) -> bool:
    """Whether two JSON values are equal: 1 is not 1.0, and the order of names does not matter."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Mapping | list):
        return write(with_sorted_names(a)) == write(with_sorted_names(b))
    return bool(a == b) if not isinstance(a, float) else write(a) == write(b)
