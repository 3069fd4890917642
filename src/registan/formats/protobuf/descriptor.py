"""Base64 `FileDescriptorProto` → tree: what clients that only have compiled schemas send.

What lives here: the reading, with what the recorded registry keeps and what it loses (weak imports, options
it does not know, custom options other than those of `confluent`). Importing this module imports the
protobuf runtime: do so late. The way back is serialized.py.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    ServiceDescriptorProto,
)
from google.protobuf.message import DecodeError
from google.protobuf.message import Message as ProtoMessage

from registan.formats.protobuf.tree import (
    Aggregate,
    Constant,
    Enum,
    Extend,
    Extensions,
    Field,
    File,
    Items,
    Message,
    Oneof,
    Option,
    Quoted,
    Range,
    Reserved,
    Rpc,
    Service,
    Value,
)
from registan.formats.protocol import Invalid

META_NUMBER = 1088
"""The number of the five `confluent` extensions."""

KNOWN = {
    "file": [
        "java_package",
        "java_outer_classname",
        "java_multiple_files",
        "java_generate_equals_and_hash",
        "java_string_check_utf8",
        "optimize_for",
        "go_package",
        "cc_generic_services",
        "java_generic_services",
        "py_generic_services",
        "deprecated",
        "cc_enable_arenas",
        "objc_class_prefix",
        "csharp_namespace",
        "swift_prefix",
        "php_class_prefix",
        "php_namespace",
        "php_metadata_namespace",
        "ruby_package",
        "features",
    ],
    "message": ["no_standard_descriptor_accessor", "deprecated", "map_entry", "features"],
    "field": ["ctype", "packed", "jstype", "deprecated", "debug_redact", "retention", "targets", "features"],
    "oneof": ["features"],
    "range": ["verification"],
    "enum": ["allow_alias", "deprecated", "features"],
    "enum_value": ["deprecated", "debug_redact", "features"],
    "service": ["deprecated", "features"],
    "method": ["deprecated", "idempotency_level", "features"],
}
"""The plain options that are kept, by place, in the order in which they are printed."""

_TYPE_NAMES = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in FieldDescriptorProto.Type.items()
    if name not in ("TYPE_GROUP", "TYPE_MESSAGE", "TYPE_ENUM")
}
_LABELS = {1: "optional", 2: "required", 3: "repeated"}
_WIRE_BYTES = 2


def decode(text: str) -> FileDescriptorProto:
    """The descriptor in a base64 text (standard alphabet, padding optional). Raises `Invalid`."""
    if "=" in text and len(text) % 4:
        msg = "Could not parse Protobuf - wrong padding"
        raise Invalid(msg)
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        return FileDescriptorProto.FromString(data)
    except (binascii.Error, ValueError, DecodeError) as error:
        msg = "Could not parse Protobuf - neither a schema nor a file descriptor"
        raise Invalid(msg) from error


def file_of(proto: FileDescriptorProto) -> File:
    """The tree of a descriptor. Raises `Invalid` if a text in it is no UTF-8."""
    try:
        return _Reader(proto.syntax).file(proto)
    except UnicodeDecodeError as error:
        msg = "Could not parse Protobuf - a text of the file descriptor is no UTF-8"
        raise Invalid(msg) from error


class _Reader:
    def __init__(self, syntax: str) -> None:
        self.syntax = syntax

    def file(self, proto: FileDescriptorProto) -> File:
        public, weak = set(proto.public_dependency), set(proto.weak_dependency)
        imports = list(enumerate(proto.dependency))
        return File(
            "" if proto.syntax == "editions" else proto.syntax,
            "",
            proto.package,
            tuple(path for i, path in imports if i not in public and i not in weak),
            tuple(path for i, path in imports if i in public),
            known_options(proto, "file"),
            tuple(self.message(each) for each in proto.message_type),
            tuple(_enum(each) for each in proto.enum_type),
            self.extends(proto.extension),
            tuple(_service(each) for each in proto.service),
        )

    def field(self, proto: FieldDescriptorProto, *, member: bool = False) -> Field:
        if proto.HasField("type") and proto.type in _TYPE_NAMES:
            kind = _TYPE_NAMES[proto.type]
        else:
            kind = proto.type_name or "double"
        if member:
            label = ""
        elif self.syntax == "proto3":
            label = "repeated" if proto.label == proto.LABEL_REPEATED else ""
            label = "optional" if proto.proto3_optional else label
        else:
            label = _LABELS[proto.label]
        return Field(
            label,
            kind,
            proto.name,
            proto.number,
            known_options(proto, "field"),
            proto.default_value if proto.HasField("default_value") else None,
            proto.json_name if proto.HasField("json_name") else None,
        )

    def extends(self, protos: Iterable[FieldDescriptorProto]) -> tuple[Extend, ...]:
        grouped: dict[str, list[Field]] = {}
        for proto in protos:
            grouped.setdefault(proto.extendee, []).append(self.field(proto))
        return tuple(Extend(name, tuple(fields)) for name, fields in grouped.items())

    def message(self, proto: DescriptorProto) -> Message:
        """One frame for each level of nesting; the runtime reads 100 levels at most."""
        fields: list[Field] = []
        members: list[list[Field]] = [[] for _ in proto.oneof_decl]
        for each in proto.field:
            if each.HasField("oneof_index") and not each.proto3_optional:
                if not 0 <= each.oneof_index < len(members):
                    msg = f"Could not parse Protobuf - oneof_index of {each.name} is out of range"
                    raise Invalid(msg)
                members[each.oneof_index].append(self.field(each, member=True))
            else:
                fields.append(self.field(each))
        return Message(
            proto.name,
            _reserved(proto.reserved_range, proto.reserved_name, exclusive=True),
            known_options(proto, "message"),
            tuple(fields),
            tuple(
                Oneof(each.name, known_options(each, "oneof"), tuple(inside), ())
                for each, inside in zip(proto.oneof_decl, members, strict=True)
                if inside
            ),
            (),
            tuple(
                Extensions((_range(each.start, each.end - 1),), known_options(each, "range"))
                for each in proto.extension_range
            ),
            self.extends(proto.extension),
            tuple(self.message(each) for each in proto.nested_type),
            tuple(_enum(each) for each in proto.enum_type),
        )


def _range(start: int, end: int) -> int | Range:
    return start if start == end else Range(start, end)


def _reserved(ranges: Iterable[Any], names: Iterable[str], *, exclusive: bool) -> tuple[Reserved, ...]:
    numbers = [(_range(each.start, each.end - 1 if exclusive else each.end),) for each in ranges]
    return (*numbers, *((name,) for name in names))


def _enum(proto: EnumDescriptorProto) -> Enum:
    return Enum(
        proto.name,
        _reserved(proto.reserved_range, proto.reserved_name, exclusive=False),
        known_options(proto, "enum"),
        tuple(Constant(each.name, each.number, known_options(each, "enum_value")) for each in proto.value),
    )


def _service(proto: ServiceDescriptorProto) -> Service:
    rpcs = tuple(
        Rpc(
            each.name,
            each.input_type,
            each.output_type,
            each.client_streaming,
            each.server_streaming,
            known_options(each, "method"),
        )
        for each in proto.method
    )
    return Service(proto.name, known_options(proto, "service"), rpcs)


def known_options(proto: Any, place: str) -> tuple[Option, ...]:  # noqa: ANN401 (any descriptor)
    """The options of a descriptor that are kept, in the order of print."""
    if not proto.HasField("options"):
        return ()
    options: ProtoMessage = proto.options
    found: list[Option] = []
    for name in KNOWN[place]:
        field = options.DESCRIPTOR.fields_by_name.get(name)
        if field is None:
            continue
        value = getattr(options, name)
        if name == "targets":
            found += (Option(name, False, (), _plain(field, each)) for each in value)
        elif options.HasField(name):
            found.append(Option(name, False, (), _plain(field, value)))
    if (meta := _meta(options)) is not None:
        found.append(Option(f"confluent.{place}_meta", True, (), meta))
    return tuple(found)


def _plain(field: Any, value: Any) -> Value:  # noqa: ANN401 (values of options)
    if field.type == field.TYPE_STRING:
        return Quoted(value)
    if field.type == field.TYPE_BOOL:
        return "true" if value else "false"
    if field.type == field.TYPE_ENUM:
        constant = field.enum_type.values_by_number.get(value)
        return constant.name if constant else str(value)
    if field.type == field.TYPE_MESSAGE:
        return Aggregate(tuple((each.name, _plain(each, inner)) for each, inner in value.ListFields()))
    return str(value)


def _meta(options: ProtoMessage) -> Aggregate | None:
    """The `confluent` meta in the options, which the runtime knows as an unknown field at best."""
    doc: list[Value] = []
    params: list[Value] = []
    tags: list[Value] = []
    rules: list[Value] = []
    for number, data in wire_fields(options.SerializeToString()):
        if number == META_NUMBER:
            for inner, text in wire_fields(data):
                if inner == 1:
                    doc = [_text(text)]
                elif inner == 2:
                    params.append(_record(text, ("key", "value")))
                elif inner == 3:
                    tags.append(_text(text))
                elif inner == 4:
                    rules.append(_record(text, ("name", "doc", "expr", "sql")))
    entries: list[tuple[str, Value]] = [("doc", text) for text in doc]
    lists = {"params": params, "tags": tags, "rules": rules}
    entries += ((key, Items(tuple(values))) for key, values in lists.items() if values)
    return Aggregate(tuple(entries)) if entries else None


def _text(data: bytes) -> Quoted:
    return Quoted(data.decode())


def _record(data: bytes, names: tuple[str, ...]) -> Aggregate:
    """A message of texts, numbered from 1."""
    texts = {number: _text(text) for number, text in wire_fields(data)}
    return Aggregate(tuple((name, texts[i]) for i, name in enumerate(names, start=1) if i in texts))


def wire_fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a serialized message that the runtime has read before."""
    position, end = 0, len(data)

    def varint() -> int:
        nonlocal position
        value = shift = 0
        while position < end:
            byte = data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        return value

    while position < end:
        key = varint()
        kind = key & 7
        if kind == _WIRE_BYTES:
            size = varint()
            yield key >> 3, data[position : position + size]
            position += size
        elif kind == 0:
            varint()
        else:
            position += {1: 8, 5: 4}.get(kind, 0)
