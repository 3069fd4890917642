"""The canonical text, equality of look-ups, tags."""

import json

import pytest

from registan.formats.avro import AVRO, AvroSchema
from registan.formats.protocol import EntityTags, Invalid, TagEdit
from registan.model.schema import SchemaType, Source


def parse(schema) -> AvroSchema:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    return AVRO.parse(Source(SchemaType.AVRO, text), {})


# -- canonical text


def test_order_of_keys() -> None:
    """Props before aliases on types, behind them on fields; props in the order of the text."""
    text = (
        '{"z":1,"aliases":["n.A","B",".C","o.D"],"fields":[{"z":1,"aliases":["b"],"order":"DESCENDING",'
        '"default":1.0,"doc":"","type":"double","name":"f"}],"doc":"","namespace":"n","name":"R","type":"record",'
        '"default":2}'
    )
    assert parse(text).text == (
        '{"type":"record","name":"R","namespace":"n","doc":"","fields":[{"name":"f","type":"double","doc":"",'
        '"default":1.0,"order":"descending","aliases":["b"],"z":1}],"z":1,"default":2,"aliases":["A","B","C","o.D"]}'
    )


def test_reserved_keys_are_dropped_where_they_mean_nothing() -> None:
    text = (
        '{"type":"array","items":"int","name":"x","doc":"d","size":1,"symbols":1,"default":[1],"order":"x"}'
    )
    assert parse(text).text == '{"type":"array","items":"int","default":[1],"order":"x"}'


def test_names_are_short_in_their_namespace_unless_they_read_as_a_kind() -> None:
    def used(name: str, space: str) -> str:
        inner = {"type": "fixed", "name": name, "namespace": space, "size": 1}
        fields = [{"name": "a", "type": inner}, {"name": "b", "type": f"{space}.{name}" if space else name}]
        text = parse({"type": "record", "name": "n.R", "fields": fields}).text
        return json.loads(text)["fields"][1]["type"]

    assert used("F", "n") == "F"
    assert used("F", "m") == "m.F"
    assert used("map", "n") == "n.map"
    assert used("F", "") == "F"


def test_namespace_none_within_one_is_told() -> None:
    text = (
        '{"type":"record","name":"n.R","fields":[{"name":"a","type":{"type":"fixed","name":".F","size":1}}]}'
    )
    assert '{"type":"fixed","name":"F","namespace":"","size":1}' in parse(text).text


# -- equality

BASE = {
    "type": "record",
    "name": "R",
    "fields": [{"name": "a", "type": ["null", {"type": "int", "p": 1, "q": 2}], "default": None}],
    "aliases": ["X", "Y"],
}


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"aliases": ["Y", "X"]}, True),
        (
            {"fields": [{"name": "a", "type": ["null", {"type": "int", "q": 2, "p": 1}], "default": None}]},
            True,
        ),
        ({"type": "error"}, True),
        ({"doc": "d"}, False),
        ({"aliases": ["X"]}, False),
        ({"p": 1}, False),
        (
            {"fields": [{"name": "a", "type": ["null", {"type": "int", "p": 1.0, "q": 2}], "default": None}]},
            False,
        ),
        ({"fields": [{"name": "a", "type": ["null", {"type": "int", "p": 1, "q": 2}]}]}, False),
        (
            {"fields": [{"name": "a", "type": [{"type": "int", "p": 1, "q": 2}, "null"], "default": None}]},
            False,
        ),
        ({"name": "S"}, False),
    ],
)
def test_equality_of_look_ups(other: dict, same: bool) -> None:
    assert AVRO.same(parse(BASE), parse({**BASE, **other})) is same


def test_equality_of_recursive_types() -> None:
    def chain(doc: str) -> AvroSchema:
        return parse(
            f'{{"type":"record","name":"R","p":1,"q":2,"fields":[{{"name":"n","type":["null","R"],"doc":"{doc}"}}]}}'
        )

    swapped = parse(
        '{"type":"record","name":"R","q":2,"p":1,"fields":[{"name":"n","type":["null","R"],"doc":"a"}]}'
    )
    assert AVRO.same(chain("a"), swapped)
    assert not AVRO.same(chain("b"), swapped)


# -- tags

TAGGED = {
    "type": "record",
    "name": "n.R",
    "confluent:tags": ["TOP"],
    "fields": [
        {"name": "ssn", "type": "string", "confluent:tags": ["PII", "GDPR"]},
        {
            "name": "in",
            "type": {
                "type": "record",
                "name": "In",
                "fields": [{"name": "x", "type": "int", "confluent:tags": ["D"]}],
            },
        },
        {"name": "odd", "type": "int", "confluent:tags": "no list"},
    ],
}


def test_tags_in_the_order_of_the_document() -> None:
    assert AVRO.tags(parse(TAGGED)) == [
        EntityTags("n.R", False, ("TOP",)),
        EntityTags("n.R.ssn", True, ("PII", "GDPR")),
        EntityTags("n.In.x", True, ("D",)),
    ]


def test_tags_are_added_then_removed() -> None:
    add = [TagEdit("n.R.ssn", True, ("B", "A", "PII")), TagEdit("n.In", False, ("NEW",))]
    remove = [TagEdit("n.R.ssn", True, ("GDPR", "A", "none")), TagEdit("n.R", False, ("TOP",))]
    edited = AVRO.edit_tags(parse(TAGGED), add, remove)
    assert AVRO.tags(edited) == [
        EntityTags("n.R.ssn", True, ("PII", "B")),
        EntityTags("n.In", False, ("NEW",)),
        EntityTags("n.In.x", True, ("D",)),
    ]
    assert "TOP" not in edited.text


@pytest.mark.parametrize(
    ("path", "is_field"),
    [("n.R.none", True), ("n.R.in.x", True), ("n.R", True), ("n.R.ssn", False), ("R", False)],
)
def test_tags_of_no_place(path: str, is_field: bool) -> None:
    with pytest.raises(Invalid) as caught:
        AVRO.edit_tags(parse(TAGGED), [TagEdit(path, is_field, ("T",))], ())
    assert caught.value.why == f"No matching path '{path}' found in the schema"


def test_top_fields() -> None:
    assert AVRO.top_fields(parse(TAGGED)) == {"ssn", "in", "odd"}
    assert AVRO.top_fields(parse('["null"]')) == frozenset()
