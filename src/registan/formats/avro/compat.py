"""Whether a reader's schema can read what a writer's schema wrote (docs/wire.md, Avro, compatibility).

What lives here: the comparison of types; the rules that it finds broken are named in rules.py.

Each pair of types is compared once, and remembered with the paths it was first met under: so the recorded
server does, and so recursive types come to an end. That bounds the work to pairs of types that can meet,
which for contrived schemas are still too many: that is refused when the budget is used up
(formats/budget.py), and beyond another one incompatibilities are not listed.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any, TypeAlias

from registan.formats.avro.printer import print_type
from registan.formats.avro.rules import Rule, broken, failed
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
    label,
    run,
)
from registan.formats.budget import BUDGET, exceeded
from registan.formats.java_json import storable
from registan.formats.protocol import Incompatibility

Path: TypeAlias = "tuple[Path, str] | None"
"""The path around and one step more; None at the root. Long paths share what they have in common."""
_Found: TypeAlias = "Sequence[tuple[Rule, Path, str]]"
"""Rule, path and what the message adds."""
_Comparison: TypeAlias = "Generator[Any, _Found, _Found]"

_PROMOTED = frozenset(
    (
        *(("int", wider) for wider in ("long", "float", "double")),
        *(("long", wider) for wider in ("float", "double")),
        ("float", "double"),
        ("string", "bytes"),
        ("bytes", "string"),
    )
)
"""Kinds of a writer and a reader that differ and yet fit."""
_NOTHING: _Found = ()


class _Refused(Exception):  # noqa: N818  (a verdict)
    """The comparison ends with one finding, whatever was found before."""

    def __init__(self, finding: Incompatibility) -> None:
        super().__init__(finding)
        self.finding = finding


def incompatibilities(reader: Type, writer: Type) -> list[Incompatibility]:
    """Why `reader` cannot read all that `writer` wrote; empty when it can. Raises `Invalid` (budget)."""
    comparison = _Comparer()
    try:
        found = run(comparison.types(reader, writer, None))
    except _Refused as refused:
        return [refused.finding]
    listed: list[Incompatibility] = []
    length = 0
    for rule, path, info in found:
        listed.append(broken(rule, "".join(steps(path)) or "/", info))
        length += len(listed[-1].path)
        if length > BUDGET.avro_path_chars:
            break
    return listed


def steps(path: Path) -> list[str]:
    """The steps of a path, from the root."""
    listed = []
    while path is not None:
        path, step = path
        listed.append(step)
    listed.reverse()
    return listed


class _Comparer:
    """One comparison."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, int], _Found] = {}
        """What was found for pairs; nothing for those in progress."""
        self.steps_left = BUDGET.avro_comparison_steps
        self.listed_max = BUDGET.avro_differences
        self.depth = 0
        self.trials = 0
        self.indexes: dict[int, dict[tuple[str, str], list[Type]]] = {}

    def types(self, reader: Type, writer: Type, path: Path) -> _Comparison:
        """Compare any two types."""
        found = self._at_once(reader, writer, path)
        return (yield self._pair(reader, writer, path)) if found is None else found

    def _at_once(self, reader: Type, writer: Type, path: Path) -> _Found | None:
        """What is known or easily told about a pair; None if it has to be compared."""
        if isinstance(reader, Primitive):
            if not isinstance(writer, Union):
                return _NOTHING if _fits(reader, writer) else _mismatch(reader, writer, path)
            return [
                (Rule.TYPE_MISMATCH, (path, f"/{i}"), _kinds(reader, branch))
                for i, branch in enumerate(writer.branches)
                if not _fits(reader, branch)
            ]
        if isinstance(writer, Primitive):
            if not isinstance(reader, Union):
                return _mismatch(reader, writer, path)
            if any(_fits(branch, writer) for branch in reader.branches):
                return _NOTHING
            return [(Rule.MISSING_UNION_BRANCH, path, _lacking(writer))]
        return self.known.get((id(reader), id(writer)))

    def _count(self, work: int) -> None:
        self.steps_left -= work
        if self.steps_left < 0:
            raise exceeded("its comparison takes too many steps", "avro_comparison_steps")

    def _pair(self, reader: Type, writer: Type, path: Path) -> _Comparison:
        """Compare and remember two types that are no primitives (those are shared, so no place is theirs)."""
        key = (id(reader), id(writer))
        self.known[key] = _NOTHING
        self.depth += 1
        self._count(1)
        if self.depth > BUDGET.avro_comparison_depth:
            raise exceeded("its types lie too deep within one another", "avro_comparison_depth")
        found: _Found
        if isinstance(writer, Union):
            if isinstance(reader, Union):
                found = yield from self._unions(reader, writer, path)
            else:
                found = yield from self._plain_from_union(reader, writer, path)
        elif isinstance(reader, Union):
            found = yield from self._union_from_plain(reader, writer, path)
        elif reader.kind != writer.kind:
            found = _mismatch(reader, writer, path)
        elif isinstance(reader, Record) and isinstance(writer, Record):
            found = yield from self._records(reader, writer, path)
        elif isinstance(reader, Array) and isinstance(writer, Array):
            found = yield from self.types(reader.items, writer.items, (path, "/items"))
        elif isinstance(reader, Map) and isinstance(writer, Map):
            found = yield from self.types(reader.values, writer.values, (path, "/values"))
        else:
            found = _leaves(reader, writer, path)
        self.known[key] = found
        self.depth -= 1
        return found

    # -- unions

    def _unions(self, reader: Union, writer: Union, path: Path) -> _Comparison:
        found = []
        for i, branch in enumerate(writer.branches):
            if (yield from self.types(reader, branch, None)):
                found.append((Rule.MISSING_UNION_BRANCH, (path, f"/{i}"), _lacking(branch)))
        return found[: self.listed_max]

    def _plain_from_union(self, reader: Type, writer: Union, path: Path) -> _Comparison:
        found: list[tuple[Rule, Path, str]] = []
        for i, branch in enumerate(writer.branches):
            found += yield from self.types(reader, branch, (path, f"/{i}"))
        return found[: self.listed_max]

    def _union_from_plain(self, reader: Union, writer: Type, path: Path) -> _Comparison:
        branches = reader.branches
        self.trials += len(branches)
        if self.trials > BUDGET.avro_trials:
            branches = tuple(self._candidates(reader, writer))
        for branch in branches:
            if not (yield from self.types(branch, writer, None)):
                return _NOTHING
        return [(Rule.MISSING_UNION_BRANCH, path, _lacking(writer))]

    def _candidates(self, reader: Union, writer: Type) -> Iterator[Type]:
        """The branches that are of the writer's kind, and that have its name if it has one."""
        index = self.indexes.get(id(reader))
        if index is None:
            index = self.indexes[id(reader)] = {}
            for branch in reader.branches:
                aliases = branch.aliases if isinstance(branch, Named) else ()
                for name in (_short(branch), *aliases):
                    index.setdefault((branch.kind, name), []).append(branch)
        for name in {_short(writer), label(writer)}:
            yield from index.get((writer.kind, name), ())

    # -- records

    def _records(self, reader: Record, writer: Record, path: Path) -> _Comparison:
        found = list(_names(reader, writer, path))
        theirs = {field.name: field for field in writer.fields}
        self._count(len(reader.fields))
        for i, field in enumerate(reader.fields):
            other = theirs.get(field.name)
            if field.aliases:
                other = self._written_as(field, i, theirs, writer)
            if other is None:
                if field.default is ABSENT:
                    found += yield from self._missing(field, writer, (path, f"/fields/{i}"))
                continue
            mine, yours = field.type, other.type
            if mine is yours and type(mine) is Primitive:
                continue
            if type(mine) is Union and type(yours) is Union and mine.branches == yours.branches:
                continue  # all of them primitives: those are shared, other types are not
            place = (path, f"/fields/{i}/type")
            inside = self._at_once(mine, yours, place)
            if inside is None:
                inside = yield self._pair(mine, yours, place)
            if inside:
                found += inside
                if len(found) > self.listed_max:
                    return found[: self.listed_max]
        return found

    def _written_as(self, field: Field, i: int, theirs: dict[str, Field], writer: Record) -> Field | None:
        """The writer's field of one of the reader's names."""
        names = [name for name in (field.name, *field.aliases) if name in theirs]
        if len(names) > 1:
            text = storable(print_type(writer, set()))
            kind = field.type.kind.upper()
            raise _Refused(
                failed(
                    f"Reader record field {field.name} type:{kind} pos:{i} "
                    f"matches multiple fields in writer record schema {text}"
                )
            )
        return theirs[names[0]] if names else None

    def _missing(self, field: Field, writer: Record, path: Path) -> _Comparison:
        """A field without default that the writer lacks; an enum's own default is held against the record."""
        if isinstance(field.type, Enum) and field.type.default is not None:
            return (yield from self.types(field.type, writer, (path, "/type")))
        return [(Rule.READER_FIELD_MISSING_DEFAULT_VALUE, path, field.name)]


def _names(reader: Named, writer: Named, path: Path) -> _Found:
    """Namespaces do not matter, but for aliases."""
    if reader.name == writer.name or writer.full in reader.aliases:
        return _NOTHING
    return [(Rule.NAME_MISMATCH, (path, "/name"), f"expected: {writer.full}")]


def _leaves(reader: Type, writer: Type, path: Path) -> _Found:
    """Two enums or two fixed."""
    if isinstance(reader, Fixed) and isinstance(writer, Fixed):
        found = _names(reader, writer, path)
        if reader.size == writer.size:
            return found
        sizes = f"expected: {writer.size}, found: {reader.size}"
        return [*found, (Rule.FIXED_SIZE_MISMATCH, (path, "/size"), sizes)]
    assert isinstance(reader, Enum)
    assert isinstance(writer, Enum)
    found = _names(reader, writer, path)
    missing = set(writer.symbols).difference(reader.symbols)
    if not missing or reader.default is not None:
        return found
    listed = f"[{', '.join(sorted(missing))}]"
    return [*found, (Rule.MISSING_ENUM_SYMBOLS, (path, "/symbols"), listed)]


def _fits(reader: Type, writer: Type) -> bool:
    """Whether a primitive can be read as another; False for types that are none."""
    return isinstance(reader, Primitive) and (
        reader.kind == writer.kind or (writer.kind, reader.kind) in _PROMOTED
    )


def _mismatch(reader: Type, writer: Type, path: Path) -> _Found:
    return [(Rule.TYPE_MISMATCH, path, _kinds(reader, writer))]


def _kinds(reader: Type, writer: Type) -> str:
    return f"reader type: {reader.kind.upper()} not compatible with writer type: {writer.kind.upper()}"


def _lacking(writer: Type) -> str:
    return f"reader union lacking writer type: {writer.kind.upper()}"


def _short(type_: Type) -> str:
    """What a union's branches are looked up by: the name without namespace, or the kind."""
    return type_.name if isinstance(type_, Named) else type_.kind
