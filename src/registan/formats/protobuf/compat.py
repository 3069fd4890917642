"""Whether a reader's schema can read what a writer's schema wrote.

Fields are matched by tag, messages by their nesting path. What lives here: the comparison; the rules it
finds broken are named in rules.py, types of fields are found in field_types.py. Groups, extends, services,
options, reserved ranges and defaults are not compared, and enums may change freely.

Types of references are compared anew at every field that uses them, so findings can multiply. That is
bounded by budgets (formats/budget.py): so many findings are listed, and once so many fields have been
compared, a pair of types that was compared before is taken with its first findings. The stack is explicit,
so that chains of types may be long.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple, TypeAlias

from registan.formats.budget import BUDGET
from registan.formats.protobuf.field_types import MapType, NamedType, Side, View
from registan.formats.protobuf.resolve import Definition, Scope
from registan.formats.protobuf.rules import Rule, broken
from registan.formats.protobuf.tree import Field, Message, is_map_entry
from registan.formats.protocol import Incompatibility

_GROUPS = (
    ("int32", "int64", "uint32", "uint64", "bool", "enum"),
    ("sint32", "sint64"),
    ("string", "bytes"),
    ("fixed32", "sfixed32"),
    ("fixed64", "sfixed64"),
    ("float",),
    ("double",),
)
_GROUP = {name: group[0] for group in _GROUPS for name in group}
"""Scalar → the group it may change in."""

_Found: TypeAlias = "tuple[Rule, str]"


class _Pair(NamedTuple):
    """Two messages to compare and the path of what is found in them."""

    writer: Definition
    reader: Definition
    path: str


_Comparison: TypeAlias = "Generator[_Pair, list[_Found], list[_Found]]"
"""A comparison that asks for others by yielding them."""


def incompatibilities(reader: Scope, writer: Scope) -> list[Incompatibility]:
    """Why `reader` cannot read all that `writer` wrote; empty when it can."""
    return [broken(*each) for each in _Differ(reader, writer).run()]


class _Frame:
    """One comparison that has begun. `lowest` is the outermost comparison in progress it has met."""

    __slots__ = ("key", "lowest", "work")

    def __init__(self, work: _Comparison, key: tuple[int, int], depth: int) -> None:
        self.work = work
        self.key = key
        self.lowest = depth


class _Differ:
    def __init__(self, reader: Scope, writer: Scope) -> None:
        self.reader = Side(reader)
        self.writer = Side(writer)
        self.settled: dict[tuple[int, int], list[_Found]] = {}
        """Findings that do not depend on what was in progress."""
        self.first: dict[tuple[int, int], list[_Found]] = {}
        self.work = 0
        self.listed_max = BUDGET.protobuf_differences

    def run(self) -> list[_Found]:
        """Compare the files, and whatever that asks for."""
        stack = [_Frame(self._files(), (0, 0), 0)]
        opened = {(0, 0): 0}
        answer: list[_Found] | None = None
        while True:
            frame = stack[-1]
            try:
                asked = next(frame.work) if answer is None else frame.work.send(answer)
            except StopIteration as stop:
                answer = stop.value[: self.listed_max]
                stack.pop()
                if not stack:
                    return answer
                self._remember(frame, answer, len(stack))
                del opened[frame.key]
                stack[-1].lowest = min(stack[-1].lowest, frame.lowest)
                continue
            key = (id(asked.writer.node), id(asked.reader.node))
            answer = self._known(key)
            if answer is not None:
                continue
            if key in opened:
                frame.lowest = min(frame.lowest, opened[key])
                answer = []
            else:
                opened[key] = len(stack)
                stack.append(_Frame(self._messages(asked), key, len(stack)))

    def _known(self, key: tuple[int, int]) -> list[_Found] | None:
        if key in self.settled:
            return self.settled[key]
        return self.first.get(key) if self.work > BUDGET.protobuf_comparison_fields else None

    def _remember(self, frame: _Frame, findings: list[_Found], depth: int) -> None:
        self.first.setdefault(frame.key, findings)
        if frame.lowest >= depth:
            self.settled[frame.key] = findings

    def _files(self) -> _Comparison:
        writer, reader = self.writer.scope.own, self.reader.scope.own
        found: list[_Found] = []
        if writer.file.package != reader.file.package:
            found.append((Rule.PACKAGE_CHANGED, "#/"))
        theirs = {each.name: each for each in reader.file.messages}
        for name, message in {each.name: each for each in writer.file.messages}.items():
            found += yield from self._place(
                Definition(writer.root[0] + name, message, writer),
                Definition(reader.root[0] + name, theirs[name], reader) if name in theirs else None,
                f"#/{name}",
            )
        return found

    def _place(
        self, writer: Definition, reader: Definition | None, path: str
    ) -> Generator[_Pair, list[_Found], list[_Found]]:
        """Compare a message of the writer with that at the same place of the reader."""
        if reader is not None:
            return (yield _Pair(writer, reader, path))
        if isinstance(writer.node, Message) and is_map_entry(writer.node):
            return []
        return [(Rule.MESSAGE_REMOVED, path)]

    def _messages(self, pair: _Pair) -> _Comparison:
        writer, reader = self.writer.view(pair.writer), self.reader.view(pair.reader)
        path = pair.path
        self.work += len(writer.members) + 1
        found = _oneofs(writer, reader, path)
        for tag, (field, _) in writer.members.items():
            other = reader.members.get(tag)
            if other is None:
                if field.label == "required":
                    found.append((Rule.REQUIRED_FIELD_REMOVED, f"{path}/{tag}"))
            elif not _same_scalars(field, other[0]):
                where = f"{path}/{other[1]}/{tag}" if other[1] is not None else f"{path}/{tag}"
                found += yield from self._fields((writer, field), (reader, other[0]), where)
                if len(found) > self.listed_max:
                    return found
        found += (
            (Rule.REQUIRED_FIELD_ADDED, f"{path}/{tag}")
            for tag, (field, _) in reader.members.items()
            if field.label == "required" and tag not in writer.members
        )
        theirs = reader.nested()
        for name, nested in writer.nested().items():
            found += yield from self._place(nested, theirs.get(name), f"{path}/{name}")
        return found

    def _fields(self, writer: tuple[View, Field], reader: tuple[View, Field], path: str) -> _Comparison:
        """Compare two fields of one tag."""
        ours, theirs = writer[0].type(writer[1]), reader[0].type(reader[1])
        if isinstance(ours, str) and isinstance(theirs, str):
            if _GROUP[ours] != _GROUP[theirs]:
                return [(Rule.FIELD_SCALAR_KIND_CHANGED, path)]
            labels = {writer[1].label, reader[1].label}
            if _GROUP[ours] != "string" and "" not in labels and len(labels) > 1:
                return [(Rule.FIELD_NUMERIC_LABEL_CHANGED, path)]
            return []
        return (yield from self._types(ours, theirs, path))

    def _types(
        self, ours: str | MapType | NamedType, theirs: str | MapType | NamedType, path: str
    ) -> _Comparison:
        """Compare two types without regard to labels. Maps of maps are as deep as the parser allows."""
        if type(ours) is not type(theirs):
            return [(Rule.FIELD_KIND_CHANGED, path)]
        if isinstance(ours, str) and isinstance(theirs, str):
            same = _GROUP[ours] == _GROUP[theirs]
            return [] if same else [(Rule.FIELD_SCALAR_KIND_CHANGED, path)]
        if isinstance(ours, MapType) and isinstance(theirs, MapType):
            found = yield from self._types(ours.key, theirs.key, path)
            return found + (yield from self._types(ours.value, theirs.value, path))
        if isinstance(ours, NamedType) and isinstance(theirs, NamedType):
            changed = (Rule.FIELD_NAMED_TYPE_CHANGED, path)
            if ours.local != theirs.local:
                return [changed]
            if ours.origin != theirs.origin:
                pair = (self.writer.load(ours), self.reader.load(theirs))
                if pair[0] is not None and pair[1] is not None:
                    place = "#/" + ours.local.replace(".", "/")
                    inside = yield _Pair(pair[0], pair[1], place)
                    return [*inside, changed] if inside else []
        return []


def _same_scalars(ours: Field, theirs: Field) -> bool:
    """The plain case, told without looking up any type."""
    return ours.type == theirs.type and ours.type in _GROUP and ours.label == theirs.label


def _oneofs(writer: View, reader: View, path: str) -> list[_Found]:
    """The rules about fields that enter or leave oneofs."""
    found: list[_Found] = []
    kept = {oneof.name for oneof in reader.oneofs}
    for oneof in writer.oneofs:
        gone = [field.tag for field in oneof.fields if field.tag not in reader.members]
        if len(gone) < len(oneof.fields) or oneof.name in kept:
            found += ((Rule.ONEOF_FIELD_REMOVED, f"{path}/{oneof.name}/{tag}") for tag in gone)
    for oneof in reader.oneofs:
        sources = [writer.members[field.tag][1] for field in oneof.fields if field.tag in writer.members]
        moved = sources.count(None)
        if moved > 1:
            found.append((Rule.MULTIPLE_FIELDS_MOVED_TO_ONEOF, f"{path}/{oneof.name}"))
        elif moved + len(set(sources) - {None}) > 1:
            found.append((Rule.FIELD_MOVED_TO_EXISTING_ONEOF, f"{path}/{oneof.name}"))
    return found
