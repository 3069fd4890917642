"""What must hold for any .proto text, valid or not."""

import base64
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry.common.protobuf import _init_pool, _str_to_proto
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_tools import protoc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registan.formats.protobuf import PROTOBUF, ProtobufSchema
from registan.formats.protocol import Invalid
from registan.model.schema import SchemaType, Source
from registan.testing.proto_texts import Made, files

LIMITS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
COMPILED = settings(LIMITS, max_examples=40)


def parse(text: str) -> ProtobufSchema:
    return PROTOBUF.parse(Source(SchemaType.PROTOBUF, text), {})


WORDS = """message enum oneof option reserved extensions extend service rpc returns stream map group optional
repeated required syntax package import public weak to max edition int32 string A b 1 -1 0x1F 017 1.5
99999999999 true .A.b a.b _x // /* */ é { } [ ] ( ) < > = ; , . : - / ' " \\ "proto3" "2023" 'it' """
TOKENS = st.sampled_from([*WORDS.split(), "\n", "\0", "\ud800", "/* x */", "// y\n", '"\\x"'])


@settings(LIMITS, max_examples=300)
@given(st.lists(TOKENS, max_size=40).map(" ".join) | st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the text, it is parsed or refused as invalid, and what is parsed can be used."""
    try:
        schema = parse(text)
        PROTOBUF.normalize(schema)
    except Invalid:
        return
    PROTOBUF.render(schema, "serialized")
    PROTOBUF.render(schema, "ignore_extensions")
    assert PROTOBUF.incompatibilities(schema, schema) == []


@settings(LIMITS, max_examples=150)
@given(files(), st.data())
def test_damaged_text_is_read_or_refused(made: Made, data: Any) -> None:
    """A valid text with a few characters changed is parsed or refused."""
    text = list(made.text())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 5))] = data.draw(TOKENS)
    try:
        parse("".join(text))
    except Invalid as refused:
        assert refused.why  # noqa: PT017 (either outcome is fine)


@LIMITS
@given(files())
def test_canonical_is_stable(made: Made) -> None:
    """What is printed prints the same when it is read again."""
    text = PROTOBUF.canonical(parse(made.text()))
    assert PROTOBUF.canonical(parse(text)) == text


@LIMITS
@given(files())
def test_normalize_is_idempotent(made: Made) -> None:
    """The normal form of a normal form is itself, in memory and by way of its text."""
    normal = PROTOBUF.normalize(parse(made.text()))
    text = PROTOBUF.canonical(normal)
    assert PROTOBUF.canonical(PROTOBUF.normalize(normal)) == text
    assert PROTOBUF.canonical(PROTOBUF.normalize(parse(text))) == text


@LIMITS
@given(files(), st.integers())
def test_order_is_normalized(made: Made, seed: int) -> None:
    """Order of fields, constants, options and the like, and comments, do not reach the normal form."""
    normal = PROTOBUF.canonical(PROTOBUF.normalize(parse(made.text())))
    other = PROTOBUF.normalize(parse(made.text(random.Random(seed))))
    assert PROTOBUF.canonical(other) == normal


@LIMITS
@given(files(), st.integers())
def test_nothing_is_incompatible_with_itself(made: Made, seed: int) -> None:
    """A schema reads what it wrote, however it is written down."""
    forms = [parse(made.text()), parse(made.text(random.Random(seed)))]
    forms.append(PROTOBUF.normalize(forms[0]))
    for reader in forms:
        for writer in forms:
            assert PROTOBUF.incompatibilities(reader, writer) == []


def compiled(text: str) -> descriptor_pb2.FileDescriptorProto:
    """What protobuf's own compiler makes of a text."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "t.proto").write_text(text, "utf-8")
        include = Path(protoc.__file__).parent / "_proto"
        out = place / "out"
        arguments = ["protoc", f"-I{folder}", f"-I{include}", f"--descriptor_set_out={out}", "t.proto"]
        assert protoc.main(arguments) == 0, text
        return descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file[0]


def shape(proto: Any) -> Any:
    """A descriptor without the order of its parts, oneofs by name."""
    if isinstance(proto, descriptor_pb2.DescriptorProto):
        proto = type(proto).FromString(proto.SerializeToString())
        oneofs = [each.name for each in proto.oneof_decl]
        names = {f.name: oneofs[f.oneof_index] for f in proto.field if f.HasField("oneof_index")}
        for each in proto.field:
            each.ClearField("oneof_index")
        del proto.oneof_decl[:]
        return ("message", sorted(names.items()), *_parts(proto))
    return _parts(proto)


def _parts(proto: Any) -> tuple[Any, ...]:
    parts: list[Any] = []
    for descriptor, value in proto.ListFields():
        if descriptor.is_repeated:
            items = sorted(map(shape, value), key=repr) if descriptor.message_type else sorted(value)
            parts.append((descriptor.name, items))
        else:
            parts.append((descriptor.name, shape(value) if descriptor.message_type else value))
    return tuple(parts)


@COMPILED
@given(files())
def test_the_compiler_reads_what_we_print(made: Made) -> None:
    """Canonical and normal text compile to the descriptor of the input, but for order."""
    source = made.text()
    schema = parse(source)
    wanted = shape(compiled(source))
    assert shape(compiled(PROTOBUF.canonical(schema))) == wanted
    normal = PROTOBUF.canonical(PROTOBUF.normalize(schema))
    if not normal.startswith("syntax") and "syntax" in source:
        normal = 'syntax = "proto2";\n' + normal
    assert shape(compiled(normal)) == wanted


def pooled(encoded: str) -> Any:
    """A descriptor as a client of the registry loads it."""
    pool = DescriptorPool()
    _init_pool(pool)
    pool.Add(_str_to_proto("default", encoded))
    return pool.FindFileByName("default")


def seen(file: Any) -> Any:
    """All that a client sees of a loaded file."""
    return {
        "package": file.package,
        "messages": {name: _message(each) for name, each in file.message_types_by_name.items()},
        "enums": {name: _enum(each) for name, each in file.enum_types_by_name.items()},
        "services": {
            name: [
                (m.name, m.input_type.full_name, m.output_type.full_name, m.server_streaming)
                for m in s.methods
            ]
            for name, s in file.services_by_name.items()
        },
    }


def _enum(enum: Any) -> Any:
    return {each.name: each.number for each in enum.values}


def _message(message: Any) -> Any:
    def fields(each: Any) -> Any:
        inner = each.message_type
        entry = inner is not None and inner.GetOptions().map_entry
        return (
            each.name,
            each.type,
            each.is_repeated,
            each.is_required,
            each.has_presence,
            each.json_name,
            each.default_value if not each.is_repeated else None,
            each.GetOptions().deprecated,
            _message(inner)["fields"] if entry else inner and inner.full_name,
            each.enum_type and each.enum_type.full_name,
            each.containing_oneof and each.containing_oneof.name,
        )

    return {
        "fields": {number: fields(each) for number, each in message.fields_by_number.items()},
        "enums": {each.name: _enum(each) for each in message.enum_types},
        "nested": {
            each.name: _message(each) for each in message.nested_types if not each.GetOptions().map_entry
        },
        "deprecated": message.GetOptions().deprecated,
    }


@COMPILED
@given(files().filter(lambda made: "edition" not in made.head))
def test_clients_get_back_the_descriptor_they_sent(made: Made) -> None:
    """Descriptor in, canonical text, `format=serialized` out: a client sees the same types."""
    sent = base64.b64encode(compiled(made.text()).SerializeToString()).decode()
    stored = PROTOBUF.canonical(parse(sent))
    assert seen(pooled(PROTOBUF.render(parse(stored), "serialized"))) == seen(pooled(sent))


@COMPILED
@given(files())
def test_clients_can_load_what_was_sent_as_text(made: Made) -> None:
    """Text in, `format=serialized` out: a client sees what the compiler would have given it."""
    encoded = PROTOBUF.render(parse(made.text()), "serialized")
    wanted = base64.b64encode(compiled(made.text()).SerializeToString()).decode()
    assert seen(pooled(encoded)) == seen(pooled(wanted))


@pytest.mark.parametrize("text", ["{" * 5000, "message A {" * 5000, "option (a) = " + "[" * 5000])
def test_deep_nesting_is_refused(text: str) -> None:
    """Depth is limited, not recursed into."""
    with pytest.raises(Invalid):
        parse(text)
