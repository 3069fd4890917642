"""The format as a whole: styles, sameness, fields, checks."""

import pytest

from registan.formats.protobuf import PROTOBUF, ProtobufSchema
from registan.formats.protocol import Invalid, SchemaFormat
from registan.model.schema import SchemaType, Source


def parse(text: str) -> ProtobufSchema:
    return PROTOBUF.parse(Source(SchemaType.PROTOBUF, text), {})


def test_it_is_a_schema_format() -> None:
    schema_format: SchemaFormat[ProtobufSchema] = PROTOBUF
    assert schema_format.type is SchemaType.PROTOBUF


def test_ignore_extensions() -> None:
    """Everything about extensions goes, at every place, but the meta of confluent."""
    schema = parse(
        """syntax = "proto2"; import "x.proto"; option (a) = 1; option b = 2;
        message M { option (a) = 1; extensions 5; extend M { optional int32 e = 5; }
          optional int32 f = 1 [(a) = 1, deprecated = true, (.confluent.field_meta).doc = "d"];
          oneof o { option (a) = 1; int32 g = 2 [(a) = 1]; group H = 3 { optional int32 i = 1 [(a) = 1]; } }
          message N { option (a) = 1; } enum E { option (a) = 1; Z = 0 [(a) = 1]; } }
        extend M { optional int32 k = 6; }
        service S { option (a) = 1; rpc R (M) returns (M) { option (a) = 1; } }"""
    )
    shown = PROTOBUF.render(schema, "ignore_extensions")
    assert "(a)" not in shown
    assert "exten" not in shown
    assert "import" in shown
    assert "(.confluent.field_meta).doc" in shown
    assert PROTOBUF.canonical(parse(shown)) == shown


@pytest.mark.parametrize("style", ["", "default", "resolved", "bogus"])
def test_other_styles_are_the_canonical_text(style: str) -> None:
    schema = parse('syntax="proto3";message A{}')
    assert (
        PROTOBUF.render(schema, style) == PROTOBUF.canonical(schema) == 'syntax = "proto3";\n\nmessage A {}\n'
    )


def test_same_is_the_same_canonical_text() -> None:
    """Order of fields tells two apart; layout does not."""
    one = parse('syntax = "proto3"; message A { int32 a = 1; int32 b = 2; }')
    assert PROTOBUF.same(one, parse('syntax="proto3";message A{int32 a=1;int32 b=2;}'))
    assert not PROTOBUF.same(one, parse('syntax = "proto3"; message A { int32 b = 2; int32 a = 1; }'))


def test_top_fields_are_those_of_all_top_messages() -> None:
    schema = parse(
        """syntax = "proto3"; message A { int32 a = 1; oneof o { int32 b = 2; } message N { int32 c = 1; } }
        message B { int32 d = 1; }"""
    )
    assert PROTOBUF.top_fields(schema) == {"a", "b", "d"}


@pytest.mark.parametrize("text", [";", "// nothing", 'import weak "a.proto";', "reserved 1;"])
def test_nothing_is_no_schema(text: str) -> None:
    """What would be stored as an empty text is refused."""
    with pytest.raises(Invalid, match="Empty schema"):
        parse(text)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            "message P { int32 a = 1; int32 b = 1; }",
            'P.b: Field number 1 has already been used in "P" by field "a".',
        ),
        ("message P { int32 a = 1; int32 a = 2; }", 'P.a: "a" is already defined in "P".'),
        ("message P { oneof o { int32 a = 1; } int32 a = 2; }", 'P.a: "a" is already defined in "P".'),
        ("message P { message Q {} enum Q { Z = 0; } }", 'P.Q: "Q" is already defined in "P".'),
        ("enum E { A = 0; } enum F { A = 0; }", 'A: "A" is already defined.'),
        ("message A {} service A {}", 'A: "A" is already defined.'),
        ("message P { int32 a = 0; }", "P.a: Field numbers must be positive integers."),
        ("enum E {}", "E: Enums must contain at least one value."),
        ("message P { int32 a = 1 [default = x]; }", 'P.a: Could not parse default value: "x"'),
        ("message P { bool a = 1 [default = 1]; }", 'P.a: Could not parse default value: "1"'),
        (
            "message P { repeated int32 a = 1 [default = 1]; }",
            "P.a: Repeated fields cannot have default values.",
        ),
    ],
)
def test_check_fields(body: str, why: str) -> None:
    """What parses leniently but makes no descriptor."""
    schema = parse(f'syntax = "proto3"; {body}')
    with pytest.raises(Invalid) as refused:
        PROTOBUF.check_fields(schema)
    assert refused.value.why == f"Invalid protobuf schema definition: {why}"
    assert not refused.value.syntax


def test_check_fields_passes_what_is_well() -> None:
    PROTOBUF.check_fields(
        parse(
            """syntax = "proto2"; package p; message A { optional int32 a = 1 [default = 0x10];
            optional int64 b = 2 [default = -017]; optional bool c = 3 [default = true]; message B {}
            extend A { optional int32 e = 100; } extensions 100 to 200; enum E { Z = 0; } }
            service S { rpc R (A) returns (A); }"""
        )
    )
