"""The normal form (docs/wire.md, Avro, normalize)."""

import json

import pytest

from registan.formats.avro import AVRO
from registan.formats.protocol import Invalid
from registan.model.schema import Referenced, SchemaType, Source


def normal(schema, *references: str) -> str:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    refs = {
        str(i): Referenced(f"s{i}", 1, Source(SchemaType.AVRO, each)) for i, each in enumerate(references)
    }
    return AVRO.canonical(AVRO.normalize(AVRO.parse(Source(SchemaType.AVRO, text), refs)))


def default(type_, value: str) -> str | None:
    """What becomes of a default, as text."""
    found = normal(
        f'{{"type":"record","name":"R","fields":[{{"name":"f","type":{json.dumps(type_)},"default":{value}}}]}}'
    )
    return found[:-3].split('"default":')[1] if '"default":' in found else None


def test_props_are_sorted_at_every_depth() -> None:
    assert normal('{"type":"string","z":[{"b":1,"a":{"d":1,"c":2}}],"a":1}') == (
        '{"type":"string","a":1,"z":[{"a":{"c":2,"d":1},"b":1}]}'
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            '{"type":"bytes","zz":1,"scale":2,"aa":2,"precision":8,"logicalType":"decimal"}',
            '{"type":"bytes","logicalType":"decimal","precision":8,"scale":2,"aa":2,"zz":1}',
        ),
        (
            '{"type":"bytes","scale":9,"precision":8,"logicalType":"decimal"}',
            '{"type":"bytes","logicalType":"decimal","precision":8,"scale":9}',
        ),
        ('{"type":"int","aa":1,"logicalType":"date"}', '{"type":"int","logicalType":"date","aa":1}'),
        ('{"type":"long","logicalType":"date","aa":1}', '{"type":"long","aa":1,"logicalType":"date"}'),
        (
            '{"type":"fixed","name":"F","size":16,"logicalType":"uuid","a":1}',
            '{"type":"fixed","name":"F","size":16,"logicalType":"uuid","a":1}',
        ),
        (
            '{"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":5,"a":1}',
            '{"type":"fixed","name":"F","size":2,"a":1,"logicalType":"decimal","precision":5}',
        ),
    ],
)
def test_a_valid_logical_type_goes_first(given: str, expected: str) -> None:
    assert normal(given) == expected


def test_aliases_docs_and_errors() -> None:
    schema = {
        "type": "error",
        "name": "b.R",
        "doc": "",
        "aliases": ["n.b", "m.a", "c"],
        "fields": [{"name": "f", "type": "int", "doc": "", "aliases": ["y", "x"], "order": "ignore"}],
    }
    assert normal(schema) == (
        '{"type":"record","name":"R","namespace":"b","fields":[{"name":"f","type":"int","doc":"",'
        '"order":"ignore","aliases":["x","y"]}],"aliases":["c","m.a","n.b"]}'
    )


def test_a_type_without_namespace_moves_in() -> None:
    inner = {"type": "fixed", "name": "F", "namespace": "", "size": 1}
    schema = {"type": "record", "name": "n.R", "fields": [{"name": "a", "type": inner}]}
    assert normal(schema) == (
        '{"type":"record","name":"R","namespace":"n","fields":'
        '[{"name":"a","type":{"type":"fixed","name":"F","size":1}}]}'
    )
    schema["fields"].append({"name": "b", "type": {**inner, "namespace": "n", "size": 2}})
    with pytest.raises(Invalid) as caught:
        normal(schema)
    assert caught.value.why == "Can't redefine: n.F"
    assert not caught.value.syntax


def test_referenced_types_do_not_move() -> None:
    schema = {"type": "record", "name": "n.R", "fields": [{"name": "a", "type": "F"}]}
    assert normal(schema, '{"type":"fixed","name":"F","size":1}').endswith('"type":"F"}]}')


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("double", "1", "1.0"),
        ("float", "16777217", "1.6777216E7"),
        ("float", "1e39", '"Infinity"'),
        ("float", "0.1", "0.1"),
        ("double", "123456789012345678901234567890", None),
        (["null", "int"], "3", None),
        (["null", "string"], '"x"', None),
        (["null", "boolean"], "true", "true"),
        (["float", "int"], "4", "4.0"),
        ("bytes", '"\u0100\U0001f680a"', '"??a"'),
        ({"type": "map", "values": "double"}, '{"b":1,"a":2}', '{"a":2.0,"b":1.0}'),
        ({"type": "array", "items": "double"}, "[1]", "[1.0]"),
        ({"type": "array", "items": ["null", "int"]}, "[null,3]", "[null,3]"),
        (["null", {"type": "array", "items": "int"}], "[1]", "[1]"),
    ],
)
def test_defaults_go_through_their_type(type_, value: str, expected: str | None) -> None:
    """What the first branch cannot take is lost, but not inside of lists and objects."""
    assert default(type_, value) == expected
