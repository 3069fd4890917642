"""Base64 descriptors in and out, as clients use them."""

import base64
import tempfile
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry import (
    RegisteredSchema,
    Schema,
    SchemaReference,
    topic_subject_name_strategy,
)
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_tools import protoc

from registan.formats.protobuf import PROTOBUF, wellknown
from registan.formats.protobuf.descriptor import wire_fields
from registan.formats.protocol import Invalid
from registan.model.schema import Reference, Referenced, SchemaType, Source

COMMON = """syntax = "proto3"; package acme.common;
message Money { string currency = 1; int64 units = 2; }
enum Region { UNKNOWN = 0; EU = 1; }
"""
ORDER = """syntax = "proto3"; package acme.orders;
import "acme/common.proto"; import "google/protobuf/timestamp.proto";
message Note { string text = 1; }
message Order {
  message Line { string sku = 1; map<string, acme.common.Money> prices = 2; }
  repeated Line lines = 1; acme.common.Region region = 2; google.protobuf.Timestamp at = 3;
  oneof paid { string card = 4; bytes voucher = 5; }
  optional int32 discount = 6; Note note = 7;
}
"""


def parse(text: str, refs: dict[str, Referenced] | None = None) -> Any:
    return PROTOBUF.parse(Source(SchemaType.PROTOBUF, text), refs or {})


def compiled(**texts: str) -> DescriptorPool:
    """What protobuf's compiler makes of files named with dots for slashes."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for name, text in texts.items():
            names.append(name.replace("__", "/") + ".proto")
            path = Path(folder, names[-1])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        include = Path(protoc.__file__).parent / "_proto"
        out = Path(folder, "out")
        options = [f"-I{folder}", f"-I{include}", f"--descriptor_set_out={out}", "--include_imports"]
        assert protoc.main(["protoc", *options, *names]) == 0
        pool = DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file:
            pool.Add(file)
        return pool


class Registry:
    """As much of a registry as the client's serializers ask for, on top of the format alone."""

    def __init__(self) -> None:
        self.schemas: list[tuple[str, int, Source]] = []
        self.asked: list[str | None] = []

    def config(self) -> dict[str, str]:
        return {}

    def register_schema_full_response(self, subject: str, schema: Schema, **asked: Any) -> RegisteredSchema:
        listed = tuple(Reference(r.name, r.subject, r.version) for r in schema.references or ())
        sent = Source(SchemaType.PROTOBUF, schema.schema_str, listed)
        parsed = PROTOBUF.parse(sent, self.closure(listed))
        if asked.get("normalize_schemas"):
            parsed = PROTOBUF.normalize(parsed)
        stored = Source(SchemaType.PROTOBUF, PROTOBUF.canonical(parsed), listed)
        known = [s for s in self.schemas if s[0] == subject]
        found = next((s for s in known if s[2] == stored), None)
        if found is None:
            found = (subject, len(known) + 1, stored)
            self.schemas.append(found)
        number = self.schemas.index(found) + 1
        return RegisteredSchema(subject, found[1], number, stored.guid, Schema(stored.text, "PROTOBUF"))

    def register_schema(self, subject: str, schema: Schema, **asked: Any) -> int:
        return self.register_schema_full_response(subject, schema, **asked).schema_id

    lookup_schema = register_schema_full_response

    def closure(self, listed: tuple[Reference, ...]) -> dict[str, Referenced]:
        found: dict[str, Referenced] = {}
        for name, subject, version in listed:
            source = next(s[2] for s in self.schemas if s[:2] == (subject, version))
            found |= self.closure(source.references) | found
            found.setdefault(name, Referenced(subject, version, source))
        return found

    def answer(self, source: Source, fmt: str | None) -> Schema:
        self.asked.append(fmt)
        parsed = PROTOBUF.parse(source, self.closure(source.references))
        listed = [SchemaReference(r.name, r.subject, r.version) for r in source.references]
        return Schema(PROTOBUF.render(parsed, fmt or ""), "PROTOBUF", listed)

    def get_schema(self, schema_id: int, subject: str | None = None, fmt: str | None = None) -> Schema:
        return self.answer(self.schemas[schema_id - 1][2], fmt)

    def get_version(self, subject: str, version: int, deleted: bool, fmt: str) -> RegisteredSchema:
        number = next(i for i, s in enumerate(self.schemas) if s[:2] == (subject, version))
        return RegisteredSchema(subject, version, number + 1, None, self.answer(self.schemas[number][2], fmt))


@pytest.mark.parametrize("settings", [{}, {"normalize.schemas": True}, {"skip.known.types": False}])
def test_the_python_client_reads_back_what_it_registered(settings: dict[str, bool]) -> None:
    """ProtobufSerializer registers descriptors, ProtobufDeserializer reads them serialized."""
    pool = compiled(acme__common=COMMON, order=ORDER)
    order_class = message_factory.GetMessageClass(pool.FindMessageTypeByName("acme.orders.Order"))
    order = order_class(region=1, card="c", discount=0)
    order.lines.add(sku="s").prices["eu"].units = 5
    order.at.seconds = 9
    order.note.text = "n"
    registry = Registry()
    context = SerializationContext("orders", MessageField.VALUE)
    by_topic = {"subject.name.strategy": topic_subject_name_strategy}
    serializer = ProtobufSerializer(order_class, registry, settings | by_topic)
    data = serializer(order, context)
    back = ProtobufDeserializer(order_class, by_topic, registry)(data, context)
    assert back == order
    assert "serialized" in registry.asked
    assert serializer(order, context) == data


def test_all_built_in_files_can_be_sent_as_descriptors() -> None:
    """Clients may register well-known files like any other; they print, read again and normalize."""
    for path in sorted(wellknown.PATHS):
        name = path.removesuffix(".proto").replace("/", ".")
        prefix = "confluent_kafka.schema_registry." if name.startswith("confluent") else ""
        module = __import__(f"{prefix}{name}_pb2", fromlist=["DESCRIPTOR"])
        schema = parse(base64.b64encode(module.DESCRIPTOR.serialized_pb).decode())
        text = PROTOBUF.canonical(schema)
        assert PROTOBUF.canonical(parse(text)) == text, path
        assert PROTOBUF.incompatibilities(PROTOBUF.normalize(schema), schema) == [], path
        descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(PROTOBUF.render(schema, "serialized")))


def descriptor(text: str) -> descriptor_pb2.FileDescriptorProto:
    encoded = PROTOBUF.render(parse(text), "serialized")
    return descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(encoded))


def test_serialized_has_its_peculiarities() -> None:
    """Members of oneofs first, entries of maps untyped and last, synthetic oneofs last, no groups."""
    file = descriptor(
        """syntax = "proto3"; import "nowhere.proto"; import "google/protobuf/any.proto"; message A {
        map<string, A> my_map = 3; optional int32 p = 4; oneof o { E e = 1; A a = 2; }
        message N {} enum E { Z = 0; } extensions 5, 10 to max; reserved 6 to 7, "x"; }"""
    )
    message = file.message_type[0]
    assert list(file.dependency) == ["google/protobuf/any.proto"]
    assert [(f.name, f.type, f.type_name) for f in message.field] == [
        ("e", 14, "E"),
        ("a", 11, "A"),
        ("my_map", 1, "MyMapEntry"),
        ("p", 5, ""),
    ]
    assert not message.field[2].HasField("type")
    assert [n.name for n in message.nested_type] == ["N", "MyMapEntry"]
    assert [o.name for o in message.oneof_decl] == ["o", "_p"]
    assert [(r.start, r.end) for r in message.extension_range] == [(5, 6), (10, 536870912)]
    assert [(r.start, r.end) for r in message.reserved_range] == [(6, 8)]
    group = descriptor("message A { optional group G = 1 { optional int32 x = 1; } }")
    assert not group.message_type[0].field


def test_serialized_keeps_known_options_and_meta() -> None:
    file = descriptor(
        """edition = "2023"; import "confluent/meta.proto";
        option java_package = "j"; option java_multiple_files = true; option optimize_for = CODE_SIZE;
        option features.enum_type = CLOSED; option unknown = 1; option deprecated = maybe;
        message A { int32 a = 1 [deprecated = true, targets = TARGET_TYPE_FIELD, targets = TARGET_TYPE_FILE,
            features = { field_presence: IMPLICIT }, (confluent.field_meta).tags = "T",
            (confluent.field_meta) = { doc: "d" params: { key: "k" value: "v" } rules: { name: "r" } }]; }"""
    )
    assert (file.syntax, file.edition) == ("editions", 1000)
    options = file.options
    assert (options.java_package, options.java_multiple_files, options.optimize_for) == ("j", True, 2)
    assert (options.features.enum_type, options.HasField("deprecated")) == (2, False)
    field = file.message_type[0].field[0].options
    assert (field.deprecated, list(field.targets), field.features.field_presence) == (True, [4, 1], 2)
    meta = dict(wire_fields(field.SerializeToString()))[1088]
    assert list(wire_fields(meta)) == [
        (1, b"d"),
        (2, b"\n\x01k\x12\x01v"),
        (3, b"T"),
        (4, b"\n\x01r"),
    ]


def test_texts_no_descriptor_can_hold_are_replaced() -> None:
    """Halves of surrogate pairs do not break the answer."""
    file = descriptor(
        'option java_package = "\ud800"; message A { optional string a = 1 [json_name = "\udfff"]; }'
    )
    assert file.options.java_package == "?"


@pytest.mark.parametrize("text", ["AAAA", "CgA", "Cg=", "CgA===", "C gA=", "CgA=\n", "_-8=", "YWJj"])
def test_what_is_no_descriptor_is_refused_as_text(text: str) -> None:
    if text == "CgA":
        assert PROTOBUF.canonical(parse(text)) == ""
        return
    with pytest.raises(Invalid, match=r"Syntax error|Empty") as refused:
        parse(text)
    assert refused.value.syntax


def test_descriptors_are_checked_like_texts() -> None:
    """Names that cannot be read again, unknown types, members of oneofs that are not there."""
    file = descriptor_pb2.FileDescriptorProto(name="f", syntax="proto3")
    field = file.message_type.add(name="A").field.add(name="x y", number=1, type=5)
    broken = [file.SerializeToString()]
    field.name, field.type, field.type_name = "x", 11, ".B"
    broken.append(file.SerializeToString())
    for data in broken:
        with pytest.raises(Invalid) as refused:
            parse(base64.b64encode(data).decode())
        assert not refused.value.syntax
    field.type, field.oneof_index = 5, 3
    with pytest.raises(Invalid):
        parse(base64.b64encode(file.SerializeToString()).decode())


def test_bad_utf8_in_a_descriptor_is_refused() -> None:
    file = descriptor_pb2.FileDescriptorProto(name="f", package="abc").SerializeToString()
    with pytest.raises(Invalid):
        parse(base64.b64encode(file.replace(b"abc", b"a\xff\xfe")).decode())
