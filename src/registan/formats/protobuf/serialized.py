"""Tree → base64 `FileDescriptorProto`, as `?format=serialized` answers it.

What lives here: the shape clients get from the recorded registry, in its peculiarities (type names as
written, members of oneofs before other fields, entries of maps without type, no groups). Custom options
other than the `confluent` meta are lost. Importing this module imports the protobuf runtime: do so late.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Set
from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    Edition,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    ServiceDescriptorProto,
)

from registan.formats.protobuf.descriptor import KNOWN, META_NUMBER
from registan.formats.protobuf.index import Prefixes
from registan.formats.protobuf.meta import meta_of, texts, values
from registan.formats.protobuf.resolve import Scope
from registan.formats.protobuf.tree import (
    SCALARS,
    Aggregate,
    Enum,
    Extend,
    Field,
    Identifier,
    Message,
    Option,
    Quoted,
    Range,
    Reserved,
    Service,
    Value,
    map_parts,
)

_NAME = "default"
_INT_MAX = 2**31 - 1


def encode(scope: Scope, served: Set[str]) -> str:
    """The descriptor of a scope's own file; of its imports only those in `served` are named."""
    data: bytes = _Writer(scope).file(served).SerializeToString(deterministic=True)
    return base64.b64encode(data).decode("ascii")


class _Writer:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.syntax = scope.own.file.syntax

    def file(self, served: Set[str]) -> FileDescriptorProto:
        file, root = self.scope.own.file, self.scope.own.root
        proto = FileDescriptorProto(name=_NAME)
        if file.edition:
            proto.syntax = "editions"
            proto.edition = Edition.Value(f"EDITION_{file.edition}")
        elif file.syntax:
            proto.syntax = file.syntax
        if file.package:
            proto.package = file.package
        public = set(file.public_imports)
        for path in dict.fromkeys((*file.imports, *file.public_imports)):
            if path in served:
                if path in public:
                    proto.public_dependency.append(len(proto.dependency))
                proto.dependency.append(_utf8(path))
        for message in file.messages:
            self.message(message, proto.message_type.add(), root)
        for enum in file.enums:
            self.enum(enum, proto.enum_type.add(), root)
        for service in file.services:
            self.service(service, proto.service.add())
        self.extends(file.extends, proto.extension, root)
        self.options(file.options, proto, "file", root)
        return proto

    def message(self, message: Message, proto: DescriptorProto, around: Prefixes) -> None:
        """One frame for each level of nesting."""
        scopes = (f"{around[0]}{message.name}.", *around)
        proto.name = message.name
        for nested in message.messages:
            self.message(nested, proto.nested_type.add(), scopes)
        for enum in message.enums:
            self.enum(enum, proto.enum_type.add(), scopes)
        for oneof in message.oneofs:
            if oneof.fields:
                for field in oneof.fields:
                    made = self.field(field, proto.field.add(), scopes)
                    made.label = made.LABEL_OPTIONAL
                    made.oneof_index = len(proto.oneof_decl)
                made_oneof = proto.oneof_decl.add(name=oneof.name)
                made_oneof.options.SetInParent()
                self.options(oneof.options, made_oneof, "oneof", scopes)
        for field in message.fields:
            self.member(field, proto, scopes)
        for statement in message.extensions:
            for item in statement.ranges:
                start, end = _bounds(item, exclusive=True)
                made_range = proto.extension_range.add(start=start, end=end)
                made_range.options.SetInParent()
                self.options(statement.options, made_range, "range", scopes)
        self.extends(message.extends, proto.extension, scopes)
        _reserved(message.reserved, proto, exclusive=True)
        self.options(message.options, proto, "message", scopes)

    def member(self, field: Field, proto: DescriptorProto, scopes: Prefixes) -> None:
        """A field outside of oneofs; maps add their entry, proto3 optional its oneof."""
        made = self.field(field, proto.field.add(), scopes)
        parts = map_parts(field.type)
        if parts is not None:
            entry = proto.nested_type.add(name=_entry_name(field.name))
            made.label, made.type_name = made.LABEL_REPEATED, entry.name
            for number, (name, kind) in enumerate(zip(("key", "value"), parts, strict=True), 1):
                self.field(Field("", kind, name, number), entry.field.add(), scopes)
            entry.options.map_entry = True
        elif field.label == "optional" and self.syntax == "proto3":
            made.oneof_index, made.proto3_optional = len(proto.oneof_decl), True
            proto.oneof_decl.add(name=f"_{field.name}").options.SetInParent()

    def field(self, field: Field, proto: FieldDescriptorProto, scopes: Prefixes) -> FieldDescriptorProto:
        proto.name, proto.number = field.name, field.tag
        if field.label:
            proto.label = FieldDescriptorProto.Label.Value(f"LABEL_{field.label.upper()}")
        if field.type in SCALARS:
            proto.type = FieldDescriptorProto.Type.Value(f"TYPE_{field.type.upper()}")
        else:
            proto.type_name = field.type
            full = self.scope.resolve(field.type, scopes)
            if full is not None:
                is_enum = self.scope.is_enum(full)
                proto.type = proto.TYPE_ENUM if is_enum else proto.TYPE_MESSAGE
        if field.default is not None:
            proto.default_value = _utf8(field.default)
        if field.json_name is not None:
            proto.json_name = _utf8(field.json_name)
        self.options(field.options, proto, "field", scopes)
        return proto

    def extends(self, extends: Iterable[Extend], protos: Any, scopes: Prefixes) -> None:  # noqa: ANN401
        for extend in extends:
            for field in extend.fields:
                self.field(field, protos.add(), scopes).extendee = extend.name

    def enum(self, enum: Enum, proto: EnumDescriptorProto, scopes: Prefixes) -> None:
        proto.name = enum.name
        for constant in enum.constants:
            made = proto.value.add(name=constant.name, number=constant.number)
            self.options(constant.options, made, "enum_value", scopes)
        _reserved(enum.reserved, proto, exclusive=False)
        self.options(enum.options, proto, "enum", scopes)

    def service(self, service: Service, proto: ServiceDescriptorProto) -> None:
        scopes = self.scope.own.root
        proto.name = service.name
        for rpc in service.rpcs:
            made = proto.method.add(name=rpc.name, input_type=rpc.request, output_type=rpc.response)
            if rpc.request_streams:
                made.client_streaming = True
            if rpc.response_streams:
                made.server_streaming = True
            self.options(rpc.options, made, "method", scopes)
        self.options(service.options, proto, "service", scopes)

    def options(self, options: Iterable[Option], proto: Any, place: str, scopes: Prefixes) -> None:  # noqa: ANN401
        """Put the known options and the meta of a declaration into its descriptor."""
        for option in options:
            if not option.extension:
                name, _, rest = option.name.partition(".")
                if name in KNOWN[place]:
                    value = option.value
                    for step in reversed(rest.split(".") if rest else ()):
                        value = Aggregate(((step, value),))
                    _assign(proto.options, name, value)
        meta = meta_of(options, place, self.scope, scopes)
        if meta is not None:
            proto.options.MergeFromString(_record(META_NUMBER, _meta(meta)))


def _entry_name(field: str) -> str:
    """The name of a map's entry; the first letter keeps its case unless there is an underscore."""
    if "_" not in field:
        return f"{field}Entry"
    return "".join(part[:1].upper() + part[1:].lower() for part in field.split("_")) + "Entry"


def _bounds(item: int | Range, *, exclusive: bool) -> tuple[int, int]:
    start, end = (item.start, item.end) if isinstance(item, Range) else (item, item)
    return start, min(end + 1, _INT_MAX) if exclusive else end


def _utf8(text: str) -> str:
    """A text without halves of surrogate pairs, which no descriptor can hold."""
    return text.encode("utf-8", "replace").decode()


def _reserved(statements: Iterable[Reserved], proto: Any, *, exclusive: bool) -> None:  # noqa: ANN401
    for statement in statements:
        for item in statement:
            if isinstance(item, int | Range):
                start, end = _bounds(item, exclusive=exclusive)
                proto.reserved_range.add(start=start, end=end)
            else:
                name = item.name if isinstance(item, Identifier) else item
                proto.reserved_name.append(_utf8(name))


def _assign(options: Any, name: str, value: Value) -> None:  # noqa: ANN401
    """Set one plain option; a value that does not fit is left out."""
    field = options.DESCRIPTOR.fields_by_name.get(name)
    if field is None:
        return
    if field.type == field.TYPE_MESSAGE:
        if isinstance(value, Aggregate):
            for key, each in value.entries:
                _assign(getattr(options, name), key, each)
        return
    plain = _plain(field, value)
    if plain is None:
        return
    if name == "targets":
        options.targets.append(plain)
    else:
        setattr(options, name, plain)


def _plain(field: Any, value: Value) -> str | bool | int | None:  # noqa: ANN401
    if field.type == field.TYPE_STRING:
        return _utf8(value.text) if isinstance(value, Quoted) else None
    if not isinstance(value, str):
        return None
    if field.type == field.TYPE_BOOL:
        return {"true": True, "false": False}.get(value)
    if field.type == field.TYPE_ENUM:
        constant = field.enum_type.values_by_name.get(value)
        return constant.number if constant else None
    return None


def _record(number: int, data: bytes) -> bytes:
    """A length-delimited field."""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _text(number: int, text: str) -> bytes:
    return _record(number, text.encode("utf-8", "replace"))


def _meta(meta: Aggregate) -> bytes:
    """A serialized `confluent.Meta`."""
    out = [_text(1, text) for text in texts(meta, "doc")[-1:]]
    out += (_record(2, _texts(each, ("key", "value"))) for each in values(meta, "params"))
    out += (_text(3, text) for text in texts(meta, "tags"))
    rule = ("name", "doc", "expr", "sql")
    out += (_record(4, _texts(each, rule)) for each in values(meta, "rules"))
    return b"".join(out)


def _texts(value: Value, names: tuple[str, ...]) -> bytes:
    if not isinstance(value, Aggregate):
        return b""
    given = {key: each.text for key, each in value.entries if isinstance(each, Quoted)}
    return b"".join(_text(i, given[name]) for i, name in enumerate(names, 1) if name in given)
