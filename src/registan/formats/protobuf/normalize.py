"""Puts a file in normal form: everything whose order or spelling means nothing in one order and spelling.

Sorted: imports, options, reserved numbers and names, fields and groups by tag, oneofs by their lowest
tag, constants by number. Kept in order: messages, enums, services, rpcs (message indexes are on the
wire). Names are qualified with a leading dot, maps written out as messages become maps. What never lives
here: the printing; in normal form it sorts `default` and `json_name` in with the options and drops empty
extends and oneofs.
"""

from __future__ import annotations

from collections.abc import Iterable

from registan.formats.budget import BUDGET, exceeded
from registan.formats.protobuf.index import Prefixes
from registan.formats.protobuf.number_form import normal
from registan.formats.protobuf.options_fold import normal_options
from registan.formats.protobuf.resolve import Scope
from registan.formats.protobuf.tree import (
    SCALARS,
    Constant,
    Enum,
    Extend,
    Extensions,
    Field,
    File,
    Group,
    Identifier,
    Message,
    Oneof,
    Option,
    Range,
    Reserved,
    Rpc,
    Service,
    is_map_entry,
    map_parts,
)


def normal_file(scope: Scope) -> File:
    """The normal form of a scope's own file, whose names have been checked. Raises `Invalid`."""
    return _Normalizer(scope).file()


class _Normalizer:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.known: dict[tuple[str, str], str] = {}
        """Names that have been qualified, by scope."""
        self.grown = 0
        """How long all names are that were printed qualified."""

    def file(self) -> File:
        file, root = self.scope.own.file, self.scope.own.root
        return File(
            "" if file.syntax == "proto2" else file.syntax,
            file.edition,
            file.package,
            tuple(sorted(set(file.imports))),
            tuple(sorted(set(file.public_imports))),
            self.options(file.options, root),
            tuple(self.message(each, root) for each in file.messages if not is_map_entry(each)),
            tuple(self.enum(each, root) for each in file.enums),
            self.extends(file.extends, root),
            tuple(self.service(each, root) for each in file.services),
        )

    def options(self, options: tuple[Option, ...], scopes: Prefixes) -> tuple[Option, ...]:
        return normal_options(options, self.scope, scopes) if options else options

    def name(self, name: str, scopes: Prefixes) -> str:
        """A type name, qualified if it means something."""
        key = (scopes[0], name)
        qualified = self.known.get(key)
        if qualified is None:
            full = self.scope.resolve(name, scopes)
            qualified = self.known[key] = name if full is None else "." + full
        self.grown += len(qualified)
        if self.grown > BUDGET.protobuf_name_chars:
            # Short names in deep scopes could grow without bound.
            raise exceeded("the qualified names of its normal form are too long", "protobuf_name_chars")
        return qualified

    def type(self, kind: str, scopes: Prefixes) -> str:
        """The type of a field, which may be a scalar or a map."""
        if kind in SCALARS:
            return kind
        parts = map_parts(kind)
        if parts is None:
            return self.name(kind, scopes)
        key, value = parts
        return kind if value.startswith("map<") else f"map<{key}, {self.type(value, scopes)}>"

    def written_map(self, field: Field, scopes: Prefixes) -> str | None:
        """The map type of a repeated field whose message is the entry of a map."""
        if field.label != "repeated" or field.type in SCALARS:
            return None
        full = self.name(field.type, scopes).removeprefix(".")
        entry = self.scope.declared(full)
        if not isinstance(entry, Message) or not is_map_entry(entry):
            return None
        types = {each.name: each.type for each in entry.fields}
        inside = self.scope.definition(full).scopes()
        return f"map<{types['key']}, {self.type(types['value'], inside)}>"

    def fields(self, fields: Iterable[Field], scopes: Prefixes) -> tuple[Field, ...]:
        return tuple([self.field(each, scopes) for each in sorted(fields, key=_tag)])

    def field(self, field: Field, scopes: Prefixes) -> Field:
        as_map = self.written_map(field, scopes)
        label, kind = ("", as_map) if as_map else (field.label, self.type(field.type, scopes))
        return Field(
            label,
            kind,
            field.name,
            field.tag,
            self.options(field.options, scopes),
            None if field.default is None else self.default(field.default, field.type, kind),
            field.json_name,
        )

    def default(self, text: str, kind: str, qualified: str) -> str:
        """Numbers in defaults get their normal spelling, except where they are none."""
        if kind in ("string", "bool") or (qualified[0] == "." and self.scope.is_enum(qualified[1:])):
            return text
        return normal(text)

    def message(self, message: Message, around: Prefixes) -> Message:
        """One frame for each level of nesting."""
        scopes = (f"{around[0]}{message.name}.", *around)
        oneofs = [self.oneof(each, scopes) for each in message.oneofs]
        oneofs.sort(key=_lowest_tag)
        nested = []
        for each in message.messages:
            if not is_map_entry(each):
                nested.append(self.message(each, scopes))  # noqa: PERF401 (a frame less)
        return Message(
            message.name,
            _reserved(message.reserved),
            self.options(message.options, scopes),
            self.fields(message.fields, scopes),
            tuple(oneofs),
            self.groups(message.groups, scopes),
            self.extensions(message.extensions, scopes),
            self.extends(message.extends, scopes),
            tuple(nested),
            tuple(self.enum(each, scopes) for each in message.enums),
        )

    def oneof(self, oneof: Oneof, scopes: Prefixes) -> Oneof:
        return Oneof(
            oneof.name,
            self.options(oneof.options, scopes),
            self.fields(oneof.fields, scopes),
            self.groups(oneof.groups, scopes),
        )

    def groups(self, groups: Iterable[Group], scopes: Prefixes) -> tuple[Group, ...]:
        ordered: list[Group] = sorted(groups, key=_tag)
        return tuple(each._replace(fields=self.fields(each.fields, scopes)) for each in ordered)

    def extensions(self, statements: Iterable[Extensions], scopes: Prefixes) -> tuple[Extensions, ...]:
        """One statement for each range."""
        single = [
            Extensions((_collapsed(item),), self.options(statement.options, scopes))
            for statement in statements
            for item in statement.ranges
        ]
        single.sort(key=lambda each: _start(each.ranges[0]))
        return tuple(single)

    def extends(self, extends: Iterable[Extend], scopes: Prefixes) -> tuple[Extend, ...]:
        """One block for each extended message."""
        grouped: dict[str, list[Field]] = {}
        for extend in extends:
            grouped.setdefault(self.name(extend.name, scopes), []).extend(extend.fields)
        return tuple(Extend(name, self.fields(each, scopes)) for name, each in grouped.items())

    def enum(self, enum: Enum, scopes: Prefixes) -> Enum:
        constants = [
            Constant(name, number, self.options(options, scopes)) for name, number, options in enum.constants
        ]
        constants.sort(key=lambda each: (each.number, each.name))
        return Enum(
            enum.name,
            _reserved(enum.reserved),
            self.options(enum.options, scopes),
            tuple(constants),
        )

    def service(self, service: Service, scopes: Prefixes) -> Service:
        rpcs = tuple(
            Rpc(
                rpc.name,
                self.name(rpc.request, scopes),
                self.name(rpc.response, scopes),
                rpc.request_streams,
                rpc.response_streams,
                self.options(rpc.options, scopes),
            )
            for rpc in service.rpcs
        )
        return Service(service.name, self.options(service.options, scopes), rpcs)


def _tag(node: Field | Group) -> int:
    return node.tag


def _lowest_tag(oneof: Oneof) -> int:
    tags = [field.tag for field in oneof.fields] + [group.tag for group in oneof.groups]
    return min(tags, default=0)


def _start(item: int | Range) -> int:
    return item.start if isinstance(item, Range) else item


def _collapsed(item: int | Range) -> int | Range:
    return item.start if isinstance(item, Range) and item.start == item.end else item


def _reserved(statements: tuple[Reserved, ...]) -> tuple[Reserved, ...]:
    """One statement for each item, numbers by start, then names."""
    numbers: list[int | Range] = []
    names: list[str | Identifier] = []
    for statement in statements:
        for item in statement:
            if isinstance(item, int | Range):
                numbers.append(_collapsed(item))
            else:
                names.append(item)
    numbers.sort(key=_start)
    names.sort(key=lambda item: item if isinstance(item, str) else item.name)
    return (*((item,) for item in numbers), *((item,) for item in names))
