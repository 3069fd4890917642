"""Names and what they mean: scopes, references, built-in files."""

import importlib
import subprocess
import sys

import pytest

from registan.formats.protobuf import PROTOBUF, wellknown
from registan.formats.protobuf.tree import Enum
from registan.formats.protocol import Invalid
from registan.model.schema import Referenced, SchemaType, Source


def referenced(**texts: str) -> dict[str, Referenced]:
    return {
        f"{name}.proto": Referenced(name, 1, Source(SchemaType.PROTOBUF, text))
        for name, text in texts.items()
    }


def normalized(text: str, **texts: str) -> str:
    schema = PROTOBUF.parse(Source(SchemaType.PROTOBUF, text), referenced(**texts))
    return PROTOBUF.canonical(PROTOBUF.normalize(schema))


def test_innermost_scope_that_knows_the_whole_name_wins() -> None:
    """A nearer first segment alone does not shadow."""
    text = """syntax = "proto3"; package p; message F { message B {} }
        message Z { message F {} F.B b = 1; F f = 2; }"""
    shown = normalized(text)
    assert ".p.F.B b = 1;" in shown
    assert ".p.Z.F f = 2;" in shown


def test_all_of_all_references_is_visible_without_import() -> None:
    shown = normalized(
        'syntax = "proto3"; message A { p.B b = 1; q.C c = 2; }',
        b='syntax = "proto3"; package p; message B {}',
        c='syntax = "proto3"; package q; message C {}',
    )
    assert ".p.B b = 1;\n  .q.C c = 2;" in shown


def test_a_reference_may_shadow_a_built_in_file() -> None:
    text = 'syntax = "proto3"; message A { google.protobuf.Timestamp t = 1; }'
    own = 'syntax = "proto3"; package google.protobuf; message Timestamp { string x = 1; }'
    old = PROTOBUF.parse(Source(SchemaType.PROTOBUF, text), {})
    new = PROTOBUF.parse(Source(SchemaType.PROTOBUF, text), referenced(t=own))
    found = PROTOBUF.incompatibilities(new, old)
    assert [(each.rule, each.path) for each in found] == [
        ("FIELD_SCALAR_KIND_CHANGED", "#/Timestamp/1"),
        ("FIELD_NAMED_TYPE_CHANGED", "#/A/1"),
    ]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("message A { X x = 1; }", "X"),
        ("message A { .X x = 1; }", ".X"),
        ("message A { oneof o { X x = 1; } }", "X"),
        ("message A { optional group G = 1 { X x = 1; } }", "X"),
        ("message A { optional group G = 1 { int32 x = 1; } G g = 2; }", "G"),
        ("message A { extend X { int32 x = 1; } }", "X"),
        ("extend X { int32 x = 1; }", "X"),
        ("message A {} extend A { X x = 1; }", "X"),
        ("service S { rpc R (X) returns (X); }", "X"),
        ("message A {} service S { rpc R (A) returns (int32); }", "int32"),
    ],
)
def test_unknown_names_are_refused(statement: str, named: str) -> None:
    with pytest.raises(Invalid) as refused:
        normalized(f'syntax = "proto3"; {statement}')
    assert refused.value.why == f"Could not resolve type: {named}"
    assert not refused.value.syntax


def test_unknown_values_of_maps_and_options_are_fine() -> None:
    text = (
        'syntax = "proto3"; message A { option (x.y) = 1; map<string, X> m = 1; map<bool, map<A, A>> n = 2; }'
    )
    assert "map<string, X> m = 1;" in normalized(text)


@pytest.mark.parametrize("key", ["float", "double", "bytes", "A", "map<string, string>"])
def test_keys_of_maps(key: str) -> None:
    with pytest.raises(Invalid, match="map key must be non-byte"):
        normalized(f'syntax = "proto3"; message A {{ map<{key}, string> m = 1; }}')


@pytest.mark.parametrize("default", ['""', '"a b"', '"é"', "'\\377'", '"a;"'])
@pytest.mark.parametrize("kind", ["bytes", "A"])
def test_defaults_that_would_not_be_read_again_are_refused(kind: str, default: str) -> None:
    """They lose their quotes in print, unless the field is a string."""
    with pytest.raises(Invalid) as refused:
        normalized(f"message A {{ optional {kind} a = 1 [default = {default}]; }}")
    assert not refused.value.syntax


def test_a_reference_of_another_language_is_refused() -> None:
    with pytest.raises(Invalid):
        normalized('syntax = "proto3"; message A {}', avro='{"type": "string"}')


def test_the_table_of_built_in_types_is_true() -> None:
    """Every listed type is declared in its file, as what the table says."""
    for full, path in wellknown.TYPES.items():
        node = wellknown.home(path).types[full]
        assert isinstance(node, Enum) == (full in wellknown.ENUMS), full


def test_all_types_of_built_in_files_are_listed() -> None:
    """Newer runtimes may add to descriptor.proto; nothing else grows."""
    for path in wellknown.PATHS - {"google/protobuf/descriptor.proto"}:
        declared = set(wellknown.home(path).types) - {"google.protobuf.Struct.FieldsEntry"}
        assert declared == {full for full, where in wellknown.TYPES.items() if where == path}


def test_confluent_files_are_those_of_the_clients() -> None:
    """The three files agree with the descriptors that confluent-kafka carries."""
    for module, path in (
        ("meta_pb2", "confluent/meta.proto"),
        ("type.decimal_pb2", "confluent/type/decimal.proto"),
        ("type.variant_pb2", "confluent/type/variant.proto"),
    ):
        theirs = importlib.import_module(f"confluent_kafka.schema_registry.confluent.{module}").DESCRIPTOR
        ours = wellknown.home(path)
        assert ours.file.package == theirs.package
        for name, message in theirs.message_types_by_name.items():
            node = ours.types[f"{theirs.package}.{name}"]
            assert {f.name: f.tag for f in node.fields} == {f.name: f.number for f in message.fields}
        assert set(theirs.extensions_by_name) == {name.rpartition(".")[2] for name in ours.extensions}


def test_the_runtime_is_not_imported_for_texts() -> None:
    """Reading, printing, normalizing and comparing .proto texts leaves protobuf alone."""
    program = """
import sys
from registan.formats.protobuf import PROTOBUF
from registan.model.schema import Source, SchemaType
text = '''syntax = "proto3"; import "google/protobuf/timestamp.proto"; import "confluent/meta.proto";
message A { google.protobuf.Timestamp t = 1 [(confluent.field_meta).tags = "PII"];
  google.type.Date d = 2; }'''
a = PROTOBUF.parse(Source(SchemaType.PROTOBUF, text), {})
PROTOBUF.canonical(PROTOBUF.normalize(a)); PROTOBUF.incompatibilities(a, a); PROTOBUF.tags(a)
PROTOBUF.render(a, "ignore_extensions"); PROTOBUF.check_fields(a)
sys.exit(any(name.startswith("google") for name in sys.modules))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_reference_with_the_path_of_a_built_in_file_stands_in_its_place() -> None:
    """The types of that file are then unknown unless the reference declares them."""
    text = """syntax = "proto3"; import "google/protobuf/timestamp.proto";
        message A { google.protobuf.Timestamp t = 1; }"""
    other = Referenced("other", 1, Source(SchemaType.PROTOBUF, 'syntax = "proto3"; message Other {}'))
    with pytest.raises(Invalid, match="Could not resolve type"):
        PROTOBUF.parse(Source(SchemaType.PROTOBUF, text), {"google/protobuf/timestamp.proto": other})
