"""What makes a JSON object a schema, draft by draft (docs/wire.md, JSON Schema 5.1, third gate)."""

import pytest

ALL = ["4", "6", "7", "2019", "2020"]
CLASSIC = ["4", "6", "7"]
MODERN = ["2019", "2020"]
all_drafts = pytest.mark.parametrize("draft", ALL)

SCALARS = [1, "x", True, None, 1.5]
NO_STRING = [1, None, True, [], {}]
NO_OBJECT = [1, "x", None, True, []]
NO_LIST = [1, "x", None, True, {}]
NO_FLAG = [1, "x", None, [], {}, "true"]
NO_NUMBER = ["1", None, True, [], {}]
NO_SCHEMA = [1, "x", None, []]

# -- which draft


@pytest.mark.parametrize(
    ("url", "draft"),
    [
        ("http://json-schema.org/draft-04/schema", "4"),
        ("http://json-schema.org/draft-04/schema#", "4"),
        ("https://json-schema.org/draft-04/schema#", "4"),
        ("http://json-schema.org/schema#", "4"),
        ("https://json-schema.org/schema", "4"),
        ("http://json-schema.org/draft-06/schema#", "6"),
        ("http://json-schema.org/draft-07/schema#", "7"),
        ("https://json-schema.org/draft-07/schema", "7"),
        ("http://json-schema.org/draft-07/schema#x", "7"),
        ("http://json-schema.org/draft-04/schemata", "4"),
        ("http://json-schema.org/draft-06/schema##", "6"),
        ("https://json-schema.org/draft/2019-09/schema", "modern"),
        ("http://json-schema.org/draft/2019-09/schema#", "modern"),
        ("https://json-schema.org/draft/2020-12/schema#", "modern"),
        ("https://json-schema.org/draft/2020-12/schema##", "7"),
        ("https://json-schema.org/draft/2020-12/schemata", "7"),
        ("http://json-schema.org/draft-05/schema#", "7"),
        ("http://json-schema.org/draft-03/schema#", "7"),
        ("http://www.json-schema.org/draft-04/schema#", "7"),
        ("HTTP://json-schema.org/draft-04/schema#", "7"),
        (" http://json-schema.org/draft-04/schema#", "7"),
        ("json-schema.org/draft-04/schema#", "7"),
        ("", "7"),
        ("nonsense", "7"),
        (None, "7"),
    ],
)
def test_the_draft_is_that_of_the_root(kit, url, draft):
    """Told by what each refuses: 4 a true for items, 6 a number for propertyNames but no if, and so on."""
    head = {} if url is None else {"$schema": url}
    told = (
        kit.why({**head, "exclusiveMinimum": True, "minimum": 1}) is None,
        kit.why({**head, "propertyNames": 1}) is None,
        kit.why({**head, "if": 1}) is None,
        kit.why({**head, "prefixItems": 1}) is None,
    )
    assert (
        told
        == {
            "4": (True, True, True, True),
            "6": (False, False, True, True),
            "7": (False, False, False, True),
            "modern": (False, False, False, False),
        }[draft]
    )


@pytest.mark.parametrize("value", [1, None, {}, [], True])
def test_a_schema_url_is_a_string(kit, value):
    assert kit.why({"$schema": value}) == "Invalid JSON"


@all_drafts
def test_a_nested_schema_url_means_nothing(kit, draft):
    assert kit.accepts(draft, {"properties": {"a": {"$schema": 1}}})
    assert kit.accepts(draft, {"properties": {"a": {"$schema": kit.drafts["4"], "minLength": 1}}})


# -- what keywords must be

STRINGS = ["title", "description", "$ref", "format", "pattern"]
COUNTS = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]
REFUSED: list[tuple[list[str], str, list]] = [
    *((ALL, key, NO_STRING) for key in STRINGS),
    *((ALL, key, NO_NUMBER) for key in (*COUNTS, "minimum", "maximum", "multipleOf")),
    *((CLASSIC, key, [2.0, 1.5, 2**31, -(2**31) - 1, 1e2]) for key in COUNTS),
    (["4"], "exclusiveMinimum", [1, "x", None, 1.5]),
    (["4"], "exclusiveMaximum", [1, "x", None]),
    (["6", "7", *MODERN], "exclusiveMinimum", NO_NUMBER),
    (["6", "7", *MODERN], "exclusiveMaximum", NO_NUMBER),
    (CLASSIC, "multipleOf", [0, 0.0, -0.0]),
    (ALL, "uniqueItems", NO_FLAG),
    (["7", *MODERN], "readOnly", NO_FLAG),
    (["7", *MODERN], "writeOnly", NO_FLAG),
    (MODERN, "deprecated", NO_FLAG),
    (["4"], "id", NO_STRING),
    (["6", "7"], "$id", NO_STRING),
    (ALL, "enum", NO_LIST),
    (ALL, "allOf", [*NO_LIST, [1], [None], ["x"]]),
    (ALL, "anyOf", [*NO_LIST, [1], [[]]]),
    (ALL, "oneOf", [*NO_LIST, [{}, 1]]),
    (ALL, "required", [*NO_LIST, [1], ["a", None], [[]]]),
    (ALL, "type", [1, None, True, {}, "any", "String", "", ["string", 1], [["string"]], ["any"]]),
    (ALL, "properties", [*NO_OBJECT, {"a": 1}, {"a": None}, {"a": []}, {"a": "x"}]),
    (ALL, "patternProperties", [*NO_OBJECT, {"a": 1}, {"(": {}}]),
    (
        CLASSIC,
        "dependencies",
        [*NO_OBJECT, {"a": 1}, {"a": None}, {"a": "b"}, {"a": [1]}, {"a": {"type": 1}}],
    ),
    (CLASSIC, "items", [1, "x", None, [1], [{}, None]]),
    (["4"], "items", [True, False]),
    (MODERN, "items", [*NO_SCHEMA, [{}]]),
    (CLASSIC, "additionalItems", NO_SCHEMA),
    (ALL, "additionalProperties", NO_SCHEMA),
    (ALL, "not", [*NO_SCHEMA, {"type": 1}]),
    (["6", "7", *MODERN], "contains", NO_SCHEMA),
    (["6", "7", *MODERN], "propertyNames", NO_SCHEMA),
    (["7"], "if", NO_SCHEMA),
    (["7"], "then", NO_SCHEMA),
    (["7"], "else", NO_SCHEMA),
    (MODERN, "if", NO_SCHEMA),
    (MODERN, "prefixItems", [*NO_LIST, [1]]),
    (MODERN, "dependentRequired", [*NO_OBJECT, {"a": "b"}, {"a": [1]}, {"a": {}}]),
    (MODERN, "dependentSchemas", [*NO_OBJECT, {"a": 1}, {"a": ["b"]}]),
    (MODERN, "unevaluatedItems", NO_SCHEMA),
    (MODERN, "unevaluatedProperties", NO_SCHEMA),
    (MODERN, "$dynamicRef", NO_STRING),
    (MODERN, "$dynamicAnchor", NO_STRING),
    (MODERN, "$defs", [*NO_OBJECT, {"a": 1}]),
]
ACCEPTED: list[tuple[list[str], str, list]] = [
    *((ALL, key, [0, -1, 2**31 - 1, -(2**31)]) for key in COUNTS),
    *((MODERN, key, [2.0, 1.5, 1e30, -1.5, 10**40]) for key in COUNTS),
    (ALL, "minimum", [0, -1.5, 1e300, 10**400]),
    (ALL, "multipleOf", [-1, 0.01, 1e-300]),
    (MODERN, "multipleOf", [0, 0.0, -0.0]),
    (["4"], "exclusiveMinimum", [True, False]),
    (ALL, "enum", [[], [1, 1], [None, {}, []], ["a", "a"]]),
    *((ALL, key, [[], [{}], [{}, {}]]) for key in ("allOf", "anyOf", "oneOf")),
    (ALL, "required", [[], ["a", "a"]]),
    (ALL, "type", ["null", [], ["string", "string"], ["array", "object", "boolean"]]),
    (ALL, "default", [None, 1, {}]),
    (ALL, "examples", SCALARS),
    (ALL, "$comment", SCALARS),
    (ALL, "unknown", [*SCALARS, {"type": 1}]),
    (["6", "7", *MODERN], "const", [*SCALARS, {}, []]),
    (CLASSIC, "items", [{}, [], [{}, {}]]),
    (["6", "7", *MODERN], "items", [True, False]),
    (MODERN, "items", [{}]),
    (ALL, "additionalProperties", [True, False, {}]),
    (CLASSIC, "additionalItems", [True, False, {}]),
    (CLASSIC, "dependencies", [{}, {"a": []}, {"a": ["b", "b"]}, {"a": {}}]),
    (["6", "7"], "dependencies", [{"a": True}]),
    (MODERN, "$id", [1, None, {}]),
    (MODERN, "$anchor", [1, None]),
    (["4"], "$id", [1, None]),
    (["6", "7", *MODERN], "id", [1, None]),
    # keywords of other drafts
    (["4"], "const", SCALARS),
    *((["4"], key, SCALARS) for key in ("contains", "propertyNames")),
    *((["4", "6"], key, SCALARS) for key in ("if", "then", "else", "readOnly", "writeOnly")),
    *((MODERN, key, SCALARS) for key in ("then", "else")),
    *((CLASSIC, key, SCALARS) for key in ("prefixItems", "dependentRequired", "dependentSchemas")),
    *((CLASSIC, key, SCALARS) for key in ("unevaluatedItems", "unevaluatedProperties", "$anchor")),
    *((ALL, key, SCALARS) for key in ("minContains", "maxContains", "nullable")),
    *((CLASSIC, key, SCALARS) for key in ("$dynamicRef", "$dynamicAnchor", "deprecated", "$recursiveRef")),
    *((MODERN, key, SCALARS) for key in ("$recursiveRef", "$recursiveAnchor", "additionalItems")),
    *((CLASSIC, key, [1, {"a": 1}, {"a": {"type": 1}}]) for key in ("definitions", "$defs")),
]


def spread(rows):
    return [(draft, key, value) for drafts, key, values in rows for draft in drafts for value in values]


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize(("draft", "key", "value"), spread(REFUSED))
def test_what_a_keyword_may_not_be(kit, draft, key, value, nested):
    schema = {key: value}
    assert not kit.accepts(draft, {"properties": {"p": schema}} if nested else schema)


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize(("draft", "key", "value"), spread(ACCEPTED))
def test_what_a_keyword_may_be(kit, draft, key, value, nested):
    schema = {key: value}
    assert kit.accepts(draft, {"properties": {"p": schema}} if nested else schema)


# -- patterns


@all_drafts
@pytest.mark.parametrize(
    "pattern",
    [
        "{",
        "[[]",
        "a**",
        "\\y",
        "\\c",
        "\\u{41}",
        "(",
        ")",
        "[",
        "*",
        "+a",
        "?",
        "[b-a]",
        "(?<1a>x)",
        "a{2,1}",
    ],
)
def test_what_is_no_pattern_of_java(kit, draft, pattern):
    assert not kit.accepts(draft, {"pattern": pattern})
    assert not kit.accepts(draft, {"patternProperties": {pattern: {}}})


@all_drafts
@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "^a$",
        "a++",
        "(?<=a)b",
        "(?<!a)b",
        "a{2}",
        "a{2,}",
        "]",
        "}",
        "[a&&b]",
        "\\p{L}",
        "\\Q*\\E",
        "(?i)a",
    ],
)
def test_patterns_of_java(kit, draft, pattern):
    assert kit.accepts(draft, {"pattern": pattern})
    assert kit.accepts(draft, {"patternProperties": {pattern: {}}})


# -- what is looked at


@pytest.mark.parametrize("draft", CLASSIC)
@pytest.mark.parametrize("key", ["definitions", "$defs"])
def test_classic_definitions_count_once_something_refers_to_them(kit, draft, key):
    definitions = {key: {"a": {"type": 1}, "b": {"type": "string"}}}
    assert kit.accepts(draft, definitions)
    assert kit.accepts(draft, {**definitions, "properties": {"p": {"$ref": f"#/{key}/b"}}})
    assert not kit.accepts(draft, {**definitions, "properties": {"p": {"$ref": f"#/{key}/a"}}})


@pytest.mark.parametrize("draft", MODERN)
def test_modern_definitions_are_looked_at(kit, draft):
    """All of `$defs` at any depth, and `definitions` of the root."""
    assert not kit.accepts(draft, {"$defs": {"a": {"type": 1}}})
    assert not kit.accepts(draft, {"properties": {"p": {"$defs": {"a": {"type": 1}}}}})
    assert not kit.accepts(draft, {"definitions": {"a": {"type": 1}}})
    assert kit.accepts(draft, {"properties": {"p": {"definitions": {"a": {"type": 1}}}}})
    assert kit.accepts(draft, {"unknown": {"$defs": {"a": {"type": 1}}}})


@pytest.mark.parametrize("draft", CLASSIC)
def test_what_stands_beside_a_classic_reference_is_ignored(kit, draft):
    schema = {"definitions": {"a": {}}, "properties": {"p": {"$ref": "#/definitions/a", "minLength": "x"}}}
    assert kit.accepts(draft, schema)


@pytest.mark.parametrize("draft", MODERN)
def test_what_stands_beside_a_modern_reference_counts(kit, draft):
    schema = {"$defs": {"a": {}}, "properties": {"p": {"$ref": "#/$defs/a", "minLength": "x"}}}
    assert not kit.accepts(draft, schema)


@pytest.mark.parametrize(
    ("draft", "own", "other"), [("4", "id", "$id"), ("6", "$id", "id"), ("7", "$id", "id")]
)
def test_a_property_named_like_the_id_may_be_no_schema(kit, draft, own, other):
    assert kit.accepts(draft, {"properties": {own: "x"}})
    assert kit.accepts(draft, {"properties": {own: 1}})
    assert not kit.accepts(draft, {"properties": {own: {"type": 1}}})
    assert not kit.accepts(draft, {"properties": {other: "x"}})


@pytest.mark.parametrize("draft", ["4"])
def test_booleans_are_schemas_in_draft_4_but_for_two_places(kit, draft):
    for schema in (
        {"properties": {"a": True}},
        {"not": False},
        {"allOf": [True]},
        {"items": [True]},
        {"patternProperties": {"a": False}},
    ):
        assert kit.accepts(draft, schema)
    assert not kit.accepts(draft, {"items": True})
    assert not kit.accepts(draft, {"dependencies": {"a": True}})


# -- ids and anchors


@pytest.mark.parametrize("draft", MODERN)
def test_names_of_modern_schemas_are_there_once(kit, draft):
    twice = {"properties": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}
    assert not kit.accepts(draft, twice)
    assert not kit.accepts(draft, {"properties": {"a": {"$id": "x"}, "b": {"$id": "x"}}})
    assert not kit.accepts(draft, {"unknown": [{"$id": "x"}, {"$id": "x"}]})
    assert kit.accepts(draft, {"properties": {"a": {"$id": "x", "$anchor": "y"}, "b": {"$anchor": "y"}}})
    assert kit.accepts(draft, {"properties": {"a": {"$id": "x"}, "b": {"enum": [{"$id": "x"}]}}})
    assert kit.accepts(draft, {"properties": {"a": {"$id": "x"}, "b": {"const": {"$id": "x"}}}})


@pytest.mark.parametrize("draft", MODERN)
@pytest.mark.parametrize("key", ["$dynamicAnchor", "$anchor"])
def test_a_dynamic_anchor_may_be_there_beside_another(kit, draft, key):
    """In either order of the two, so that the normal form is a schema where the text is."""
    schemas = [{"$dynamicAnchor": "x"}, {key: "x"}]
    assert kit.accepts(draft, {"allOf": schemas})
    assert kit.accepts(draft, {"allOf": schemas[::-1]})


@pytest.mark.parametrize("draft", ["6", "7"])
def test_names_of_classic_schemas_may_be_there_twice(kit, draft):
    assert kit.accepts(draft, {"properties": {"a": {"$id": "x"}, "b": {"$id": "x"}}})


@pytest.mark.parametrize("draft", MODERN)
def test_a_modern_root_id_has_no_fragment(kit, draft):
    assert not kit.accepts(draft, {"$id": "http://a/b#c"})
    assert kit.accepts(draft, {"$id": "http://a/b#"})
    assert kit.accepts(draft, {"$id": "http://a/b"})


@pytest.mark.parametrize("draft", MODERN)
@pytest.mark.parametrize("anchor", ["a b", "1 bad#", "%zz", "a#b"])
def test_an_anchor_makes_a_uri(kit, draft, anchor):
    assert not kit.accepts(draft, {"properties": {"a": {"$anchor": anchor}}})
