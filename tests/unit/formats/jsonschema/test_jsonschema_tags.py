"""Inline tags: read, added, removed, and the places that carry them."""

import pytest

from registan.formats.jsonschema import JSON_SCHEMA
from registan.formats.protocol import EntityTags, Invalid, TagEdit

TAGS = "confluent:tags"
SCHEMA = {
    "type": "object",
    TAGS: ["TOP"],
    "properties": {
        "a": {"type": "string", TAGS: ["PII", "X"]},
        "b.c": {"type": "object", "properties": {"d": {TAGS: ["D"]}}, TAGS: ["B"]},
        "list": {"type": "array", "items": {"type": "object", "properties": {"e": {TAGS: ["E"]}}}},
        "pair": {"items": [{}, {"properties": {"f": {TAGS: ["F"]}}, TAGS: ["P"]}]},
        "either": {"oneOf": [{"type": "null"}, {"properties": {"g": {TAGS: ["G"]}}}]},
    },
    "not": {"properties": {"h": {TAGS: ["H"]}}},
    "if": {"properties": {"i": {TAGS: ["I"]}}},
}
PLACES = [
    EntityTags("object", False, ("TOP",)),
    EntityTags("not.object.h", True, ("H",)),
    EntityTags("object.a", True, ("PII", "X")),
    EntityTags("object.b.c", True, ("B",)),
    EntityTags("object.b.c.object.d", True, ("D",)),
    EntityTags("object.list.array.object.e", True, ("E",)),
    EntityTags("object.pair.array.1.object", False, ("P",)),
    EntityTags("object.pair.array.1.object.f", True, ("F",)),
    EntityTags("object.either.oneof.1.object.g", True, ("G",)),
    EntityTags("conditional.if.object.i", True, ("I",)),
]


def test_tags_and_their_places(kit):
    assert list(JSON_SCHEMA.tags(kit.parse(SCHEMA))) == PLACES


@pytest.mark.parametrize("place", PLACES)
def test_tags_are_added_then_removed_at_any_place(kit, place):
    """Present ones are not doubled, new ones come in order."""
    schema = kit.parse(SCHEMA)
    add = TagEdit(place.path, place.is_field, ("Z2", "Z1", place.tags[0]))
    remove = TagEdit(place.path, place.is_field, (place.tags[0], "none"))
    edited = JSON_SCHEMA.edit_tags(schema, [add], [remove])
    found = {each.path: each.tags for each in JSON_SCHEMA.tags(edited)}
    assert found[place.path] == (*place.tags[1:], "Z1", "Z2")
    others = {each.path: each.tags for each in PLACES if each.path != place.path}
    assert {path: tags for path, tags in found.items() if path != place.path} == others
    assert list(JSON_SCHEMA.tags(schema)) == PLACES


def test_the_last_tag_takes_the_keyword_with_it(kit):
    edited = JSON_SCHEMA.edit_tags(
        kit.parse({"properties": {"a": {TAGS: ["X"]}}}), [], [TagEdit("object.a", True, ("X",))]
    )
    assert edited.text == '{"properties":{"a":{}}}'


@pytest.mark.parametrize("path", ["object.A", "OBJECT.a"])
def test_places_are_found_in_any_case(kit, path):
    edited = JSON_SCHEMA.edit_tags(kit.parse({"properties": {"a": {}}}), [TagEdit(path, True, ("X",))], [])
    assert edited.text == '{"properties":{"a":{"confluent:tags":["X"]}}}'


@pytest.mark.parametrize(
    ("path", "is_field"),
    [
        ("object.nope", True),
        ("object.a", False),
        ("object", True),
        ("object.a.object.x", True),
        ("x", True),
    ],
)
def test_a_place_that_is_not_there(kit, path, is_field):
    schema = kit.parse({"properties": {"a": True, "b": {}}})
    with pytest.raises(Invalid) as refused:
        JSON_SCHEMA.edit_tags(schema, [TagEdit(path, is_field, ("X",))], [])
    assert refused.value.why == f"No matching path '{path}' found in the schema"


def test_a_place_in_its_own_case_goes_before_others(kit):
    schema = kit.parse({"properties": {"A": {}, "a": {}, "á": {}}})
    edited = JSON_SCHEMA.edit_tags(schema, [TagEdit("object.a", True, ("X",))], [])
    assert list(JSON_SCHEMA.tags(edited)) == [EntityTags("object.a", True, ("X",))]


def test_two_keywords_for_items_have_one_place_each(kit):
    """The place in the other keyword is read where the first has none, and edited there."""
    tagged = {"type": "object", TAGS: ["X"]}
    schema = kit.parse({"prefixItems": [{}], "items": [tagged, tagged]})
    place = EntityTags("array.1.object", False, ("X",))
    assert list(JSON_SCHEMA.tags(schema)) == [place]
    edited = JSON_SCHEMA.edit_tags(schema, [TagEdit(place.path, False, ("Y",))], [])
    assert list(JSON_SCHEMA.tags(edited)) == [place._replace(tags=("X", "Y"))]


@pytest.mark.parametrize("value", ["PII", 1, None, {}, []])
def test_what_is_no_list_of_tags_is_none(kit, value):
    assert list(JSON_SCHEMA.tags(kit.parse({"properties": {"a": {TAGS: value}}}))) == []


@pytest.mark.parametrize("schema", [True, False, {}, {TAGS: ["X"]}])
def test_schemas_without_places(kit, schema):
    assert list(JSON_SCHEMA.tags(kit.parse(schema))) == []


def test_a_normal_form_stays_normal(kit):
    schema = JSON_SCHEMA.normalize(kit.parse({"properties": {"a": {"type": "string"}}}))
    edited = JSON_SCHEMA.edit_tags(schema, [TagEdit("object.a", True, ("X",))], [])
    assert edited.text == '{"properties":{"a":{"confluent:tags":["X"],"type":"string"}}}'
    assert edited.normal


def test_top_fields_are_the_properties_of_the_root(kit):
    assert JSON_SCHEMA.top_fields(kit.parse(SCHEMA)) == {"a", "b.c", "list", "pair", "either"}
    assert JSON_SCHEMA.top_fields(kit.parse(True)) == frozenset()
