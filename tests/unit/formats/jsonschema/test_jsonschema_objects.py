"""Differences of objects: properties, content models, dependencies (docs/wire.md, JSON Schema 5.4, 5.5)."""

import pytest

from registan.formats.protocol import Policy

CLASSIC = ["4", "6", "7"]
MODERN = ["2019", "2020"]
every = pytest.mark.parametrize("draft", [*CLASSIC, *MODERN])
modern = pytest.mark.parametrize("draft", MODERN)
STRING = {"type": "string"}
SHORT = {"type": "string", "maxLength": 1}
INTEGER = {"type": "integer"}
AT = "#/properties/p"


def obj(properties=None, *, rest=None, **more):
    """An object schema; `rest` is its additionalProperties."""
    found = {"type": "object", "properties": {"k": STRING, **(properties or {})}, **more}
    return found if rest is None else {**found, "additionalProperties": rest}


# -- required


@every
def test_a_property_on_both_sides_becomes_required(kit, draft):
    plain, required = obj({"p": STRING}), obj({"p": STRING}, required=["p"])
    added = [("REQUIRED_ATTRIBUTE_ADDED", "#/required/p")]
    assert kit.found(draft, plain, required) == added
    assert kit.found(draft, required, plain) == []
    assert kit.found(draft, plain, required, Policy.LENIENT) == added
    assert kit.found(draft, plain, obj({"p": STRING}, required=["p", "p"])) == added


@every
@pytest.mark.parametrize("value", ["x", None])
def test_a_default_lets_a_property_become_required(kit, draft, value):
    """Any, even null, under the classic drafts; one that is not null under the modern ones."""
    new = obj({"p": {**STRING, "default": value}}, required=["p"])
    allowed = value is not None or draft in CLASSIC
    expected = [] if allowed else [("REQUIRED_ATTRIBUTE_ADDED", "#/required/p")]
    assert kit.found(draft, obj({"p": STRING}), new) == expected


@every
def test_a_default_is_never_seen_on_a_reference(kit, draft):
    defs = {"$defs": {"a": {**STRING, "default": "x"}}}
    old = {**obj({"p": STRING}), **defs}
    new = {**obj({"p": {"$ref": "#/$defs/a", "default": "x"}}, required=["p"]), **defs}
    assert kit.found(draft, old, new) == [("REQUIRED_ATTRIBUTE_ADDED", "#/required/p")]


@every
def test_required_names_without_a_property_are_not_compared(kit, draft):
    assert kit.found(draft, obj(), obj(required=["x"])) == []
    assert kit.found(draft, obj(required=["x"]), obj()) == []


# -- properties that are added


@every
@pytest.mark.parametrize("empty", [{}, {"title": "x"}, {"default": 1}])
@pytest.mark.parametrize("required", [[], ["p"]])
def test_a_property_that_says_nothing_may_be_added_to_an_open_object(kit, draft, empty, required):
    assert kit.found(draft, obj(), obj({"p": empty}, required=required)) == []


@every
@pytest.mark.parametrize("rest", [None, True])
def test_properties_added_to_an_open_object(kit, draft, rest):
    old = obj(rest=rest)

    def new(property_, required):
        return obj({"p": property_}, rest=rest, required=required)

    default = {**STRING, "default": "x"}
    optional = "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"
    required = "REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"
    with_default = "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL"
    assert kit.found(draft, old, new(STRING, [])) == [(optional, AT)]
    assert kit.found(draft, old, new(default, [])) == [(optional, AT)]
    assert kit.found(draft, old, new(STRING, ["p"])) == [(required, AT)]
    assert kit.found(draft, old, new(default, ["p"])) == [(with_default, AT)]
    assert kit.found(draft, old, new(STRING, []), Policy.LENIENT) == []
    assert kit.found(draft, old, new(default, ["p"]), Policy.LENIENT) == []
    assert kit.found(draft, old, new(STRING, ["p"]), Policy.LENIENT) == [(required, AT)]


@every
def test_a_reference_does_not_say_nothing_whatever_its_target(kit, draft):
    new = {**obj({"p": {"$ref": "#/$defs/a"}}), "$defs": {"a": {}}}
    found = kit.found(draft, {**obj(), "$defs": {"a": {}}}, new)
    assert found == [("OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", AT)]


@every
def test_properties_added_to_a_closed_object(kit, draft):
    old = obj(rest=False)
    required = [("REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", AT)]
    assert kit.found(draft, old, obj({"p": STRING}, rest=False)) == []
    assert kit.found(draft, old, obj({"p": STRING}, rest=False, required=["p"])) == required
    assert kit.found(draft, old, obj({"p": {}}, rest=False, required=["p"])) == required
    default = {**STRING, "default": "x"}
    assert kit.found(draft, old, obj({"p": default}, rest=False, required=["p"])) == []
    assert kit.found(draft, old, obj({"p": STRING}, rest=False, required=["p"]), Policy.LENIENT) == required


@every
def test_properties_added_where_a_schema_held_for_the_rest(kit, draft):
    old = obj(rest=STRING)
    not_covered = ("PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", AT)
    required = ("REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", AT)
    inner = ("MAX_LENGTH_ADDED", f"{AT}/maxLength")
    assert kit.found(draft, old, obj({"p": STRING}, rest=STRING)) == []
    assert kit.found(draft, old, obj({"p": {}}, rest=STRING)) == []
    assert kit.found(draft, old, obj({"p": SHORT}, rest=STRING)) == [inner, not_covered]
    assert kit.found(draft, old, obj({"p": INTEGER}, rest=STRING)) == [not_covered, ("TYPE_CHANGED", AT)]
    assert kit.found(draft, old, obj({"p": STRING}, rest=STRING, required=["p"])) == [required]
    assert kit.found(draft, old, obj({"p": SHORT}, rest=STRING, required=["p"])) == [
        inner,
        not_covered,
        required,
    ]
    assert kit.found(draft, old, obj({"p": SHORT}, rest=STRING), Policy.LENIENT) == [inner]


# -- properties that are removed


@every
def test_properties_removed(kit, draft):
    old = obj({"p": STRING}, required=["p"])
    closed = ("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", AT)
    narrowed = ("ADDITIONAL_PROPERTIES_NARROWED", "#/additionalProperties")
    removed = ("ADDITIONAL_PROPERTIES_REMOVED", "#/additionalProperties")
    not_covered = ("PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", AT)
    assert kit.found(draft, old, obj()) == []
    assert kit.found(draft, old, obj(rest=False)) == [removed, closed]
    assert kit.found(draft, {**old, "additionalProperties": False}, obj(rest=False)) == [closed]
    assert kit.found(draft, old, obj(rest=STRING)) == [narrowed]
    assert kit.found(draft, old, obj(rest={})) == [narrowed]
    assert kit.found(draft, old, obj(rest=INTEGER)) == [narrowed, not_covered, ("TYPE_CHANGED", AT)]
    assert kit.found(draft, old, obj(rest=SHORT)) == [
        narrowed,
        ("MAX_LENGTH_ADDED", f"{AT}/maxLength"),
        not_covered,
    ]
    assert kit.found(draft, old, obj(rest=False), Policy.LENIENT) == []
    assert kit.found(draft, old, obj(rest=INTEGER), Policy.LENIENT) == [("TYPE_CHANGED", AT)]


@pytest.mark.parametrize("draft", ["6", "7", *MODERN])
def test_a_forbidden_property_may_be_removed(kit, draft):
    assert kit.found(draft, obj({"p": False}, rest=False), obj(rest=False)) == []
    assert kit.found(draft, obj({"p": False}, rest=STRING), obj(rest=STRING)) == []


# -- patterns


@every
def test_a_pattern_covers_what_it_occurs_in(kit, draft):
    """Found anywhere in the name, even where the object is closed otherwise."""
    for rest in (None, False, INTEGER):
        new = obj(rest=rest, patternProperties={"p": STRING})
        assert kit.found(draft, obj({"xpx": STRING}, rest=rest), new) == []
        old = obj(rest=rest, patternProperties={"^p": STRING})
        assert kit.found(draft, old, obj({"pp": STRING}, rest=rest, patternProperties={"^p": STRING})) == []


@every
def test_patterns_that_do_not_match_make_an_object_closed(kit, draft):
    old, new = obj({"p": STRING}), obj(patternProperties={"^q": STRING})
    assert kit.found(draft, old, new) == [("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", AT)]
    assert kit.found(draft, new, old) == []
    assert kit.found(draft, new, obj({"p": STRING}, required=["p"])) == [
        ("REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", AT)
    ]


@every
def test_schemas_of_patterns_are_not_compared(kit, draft):
    one = obj(patternProperties={"^x": STRING})
    assert kit.found(draft, one, obj(patternProperties={"^x": INTEGER})) == []
    assert kit.found(draft, one, obj(patternProperties={"^y": INTEGER})) == []
    assert kit.found(draft, one, obj()) == []
    assert kit.found(draft, obj(), one) == []


# -- additional properties


@every
@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (None, True, None),
        (None, False, "REMOVED"),
        (True, False, "REMOVED"),
        (STRING, False, "REMOVED"),
        (False, True, None),
        (False, None, None),
        (False, STRING, None),
        (None, STRING, "NARROWED"),
        (True, {}, "NARROWED"),
        ({}, STRING, "TYPE_CHANGED"),
        (STRING, {}, None),
        (STRING, True, None),
        (STRING, None, None),
        (STRING, INTEGER, "TYPE_CHANGED"),
    ],
)
def test_additional_properties(kit, draft, old, new, rule):
    name = rule if rule == "TYPE_CHANGED" else f"ADDITIONAL_PROPERTIES_{rule}"
    expected = [] if rule is None else [(name, "#/additionalProperties")]
    assert kit.found(draft, obj(rest=old), obj(rest=new)) == expected
    lenient = kit.found(draft, obj(rest=old), obj(rest=new), Policy.LENIENT)
    assert lenient == (expected if rule == "TYPE_CHANGED" else [])


# -- unevaluated properties


@modern
@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (None, False, "REMOVED"),
        (None, True, "NARROWED"),
        (None, {}, "NARROWED"),
        (None, STRING, "NARROWED"),
        (False, None, None),
        (False, True, None),
        (False, STRING, None),
        (False, False, None),
        (STRING, False, "REMOVED"),
        (True, False, "REMOVED"),
        ({}, STRING, "NARROWED"),
        (True, STRING, "NARROWED"),
        (STRING, {}, None),
        (STRING, True, None),
        (STRING, None, None),
        (True, {}, None),
        (STRING, INTEGER, "TYPE_CHANGED"),
        (STRING, STRING, None),
    ],
)
def test_unevaluated_properties(kit, draft, old, new, rule):
    key = "unevaluatedProperties"
    before, after = (obj() if each is None else obj(**{key: each}) for each in (old, new))
    name = rule if rule == "TYPE_CHANGED" else f"UNEVALUATED_PROPERTIES_{rule}"
    expected = [] if rule is None else [(name, f"#/{key}")]
    assert kit.found(draft, before, after) == expected
    lenient = kit.found(draft, before, after, Policy.LENIENT)
    assert lenient == (expected if rule == "TYPE_CHANGED" else [])


@modern
def test_unevaluated_properties_close_and_cover(kit, draft):
    key = "unevaluatedProperties"
    closed = ("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", AT)
    for rest in (True, {}):
        assert kit.found(draft, obj({"p": STRING}, **{key: rest}), obj(**{key: rest})) == []
    assert kit.found(draft, obj({"p": STRING}, **{key: False}), obj(**{key: False})) == [closed]
    assert kit.found(draft, obj({"p": STRING}, **{key: STRING}), obj(**{key: STRING})) == []
    assert kit.found(draft, obj(**{key: STRING}), obj({"p": STRING}, **{key: STRING})) == []
    assert kit.found(draft, obj(**{key: False}), obj({"p": STRING}, **{key: False})) == []


@pytest.mark.parametrize("draft", CLASSIC)
def test_classic_drafts_know_nothing_unevaluated(kit, draft):
    assert kit.found(draft, obj(), obj(unevaluatedProperties=False)) == []


# -- dependencies


def needing(draft, names=None, schemas=None):
    if draft in MODERN:
        found = {} if names is None else {"dependentRequired": names}
        return obj(**found) if schemas is None else obj(**found, dependentSchemas=schemas)
    return (
        obj() if names is None and schemas is None else obj(dependencies={**(names or {}), **(schemas or {})})
    )


@every
@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (None, ["a"], "ADDED"),
        (["a"], None, None),
        (["a"], ["a", "b"], "EXTENDED"),
        (["a", "b"], ["a"], None),
        (["a", "b"], ["b", "a", "a"], None),
        (["a"], ["b"], "CHANGED"),
        (["a", "b"], ["b", "c"], "CHANGED"),
        (None, [], None),
        (["a"], [], None),
        ([], ["a"], "ADDED"),
    ],
)
def test_names_that_a_property_needs(kit, draft, old, new, rule):
    before, after = (needing(draft, None if each is None else {"d": each}) for each in (old, new))
    expected = [] if rule is None else [(f"DEPENDENCY_ARRAY_{rule}", "#/dependencies/d")]
    assert kit.found(draft, before, after) == expected


@every
def test_schemas_that_a_property_needs(kit, draft):
    none = needing(draft)
    one, other = (
        needing(draft, schemas={"d": {"required": [], "properties": {"x": each}}})
        for each in (STRING, INTEGER)
    )
    assert kit.found(draft, none, one) == [("DEPENDENCY_SCHEMA_ADDED", "#/dependencies/d")]
    assert kit.found(draft, one, none) == []
    assert kit.found(draft, one, other) == [("TYPE_CHANGED", "#/dependencies/d/properties/x")]


@every
def test_names_that_become_a_schema(kit, draft):
    names, schemas = needing(draft, {"d": ["a"]}), needing(draft, schemas={"d": STRING})
    assert kit.found(draft, names, schemas) == [("DEPENDENCY_SCHEMA_ADDED", "#/dependencies/d")]
    assert kit.found(draft, schemas, names) == [("DEPENDENCY_ARRAY_ADDED", "#/dependencies/d")]


@pytest.mark.parametrize("draft", ["6", "7", *MODERN])
def test_names_of_properties_are_not_compared(kit, draft):
    assert kit.found(draft, obj(), obj(propertyNames={"maxLength": 1})) == []


# -- paths


@every
def test_paths_hold_names_as_they_are(kit, draft):
    name = "a/b~c %d é"
    old, new = ({"properties": {"x": {"properties": {name: each}}}} for each in (STRING, INTEGER))
    assert kit.found(draft, old, new) == [("TYPE_CHANGED", f"#/properties/x/properties/{name}")]
    deep = [{"additionalProperties": {"properties": {"x": each}}} for each in (STRING, INTEGER)]
    assert kit.found(draft, *deep) == [("TYPE_CHANGED", "#/additionalProperties/properties/x")]


@every
def test_a_change_in_a_circle_is_told_once_more_one_turn_deeper(kit, draft):
    def tree(value):
        node = {"properties": {"value": value, "next": {"$ref": "#/$defs/node"}}}
        return {"$defs": {"node": node}, "properties": {"top": {"$ref": "#/$defs/node"}}}

    found = kit.found(draft, tree(STRING), tree(INTEGER))
    base = "#/properties/top/properties/"
    told = [(rule, path) for rule, path in found if path.startswith(base)]
    assert told == found
    assert ("TYPE_CHANGED", f"{base}value") in found
    assert ("TYPE_CHANGED", f"{base}next/properties/value") in found
    assert len(found) == (2 if draft in CLASSIC else 3)
