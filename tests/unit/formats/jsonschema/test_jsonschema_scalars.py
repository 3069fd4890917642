"""Differences of strings, numbers and values, and of classes (docs/wire.md, JSON Schema 5.3, 5.4)."""

import pytest

CLASSIC = ["4", "6", "7"]
MODERN = ["2019", "2020"]
every = pytest.mark.parametrize("draft", [*CLASSIC, *MODERN])
STRING = {"type": "string"}
NUMBER = {"type": "number"}

BOUNDS = [
    # keyword, keyword of its class, added, tightened, lower and higher value; whether higher is tighter
    ("maxLength", STRING, "MAX_LENGTH", False),
    ("minLength", STRING, "MIN_LENGTH", True),
    ("maximum", NUMBER, "MAXIMUM", False),
    ("minimum", NUMBER, "MINIMUM", True),
    ("exclusiveMaximum", NUMBER, "EXCLUSIVE_MAXIMUM", False),
    ("exclusiveMinimum", NUMBER, "EXCLUSIVE_MINIMUM", True),
    ("maxProperties", {"type": "object"}, "MAX_PROPERTIES", False),
    ("minProperties", {"type": "object"}, "MIN_PROPERTIES", True),
    ("maxItems", {"type": "array"}, "MAX_ITEMS", False),
    ("minItems", {"type": "array"}, "MIN_ITEMS", True),
]


@every
@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize(("key", "class_", "name", "higher_is_tighter"), BOUNDS)
def test_bounds(kit, draft, key, class_, name, higher_is_tighter, typed):
    """Added and tightened is incompatible, removed and widened is not."""
    if draft == "4" and key.startswith("exclusive"):
        assert kit.found(draft, {**class_, "minimum": 1}, {**class_, "minimum": 1, key: True}) == []
        return
    base = class_ if typed else {}
    if not typed:
        base = {"minLength": 0} if class_ is STRING and key != "minLength" else {}
        base = {"pattern": "a"} if key == "minLength" else base
        base = {"multipleOf": 1} if class_ is NUMBER else base
        base = {"required": []} if "Properties" in key else base
        base = {"uniqueItems": False} if "Items" in key else base
    low, high = {**base, key: 3}, {**base, key: 4}
    tight, wide = (high, low) if higher_is_tighter else (low, high)
    tightened = f"{name}_{'INCREASED' if higher_is_tighter else 'DECREASED'}"
    assert kit.found(draft, base, low) == [(f"{name}_ADDED", f"#/{key}")]
    assert kit.found(draft, low, base) == []
    assert kit.found(draft, wide, tight) == [(tightened, f"#/{key}")]
    assert kit.found(draft, tight, wide) == []
    assert kit.found(draft, tight, tight) == []


@every
@pytest.mark.parametrize(
    ("one", "other"), [("1", "1.0"), ("100", "1E2"), ("9007199254740993", "9007199254740992")]
)
def test_bounds_are_compared_as_doubles(kit, draft, one, other):
    for key in ("minimum", "maximum"):
        old, new = ({"type": "number", key: value} for value in ("@", "@"))
        old_text = kit.text(kit.under(draft, old)).replace('"@"', one)
        new_text = kit.text(kit.under(draft, new)).replace('"@"', other)
        assert kit.found(draft, old_text, new_text) == []
        assert kit.found(draft, new_text, old_text) == []


@every
@pytest.mark.parametrize("key", ["minimum", "maximum"])
def test_bounds_beyond_all_doubles(kit, draft, key):
    """They are infinite, and the sign counts."""
    huge = {"type": "integer", key: 10**400}
    assert kit.found(draft, huge, {"type": "integer", key: 10**500}) == []
    found = kit.found(draft, huge, {"type": "integer", key: -(10**400)})
    assert found == ([] if key == "minimum" else [("MAXIMUM_DECREASED", "#/maximum")])


@pytest.mark.parametrize("draft", ["6", "7", *MODERN])
def test_a_lower_exclusive_maximum_looks_at_the_new_maximum(kit, draft):
    """The recorded slip: beside a maximum it counts only if the old one exceeds that."""
    old = {"type": "number", "exclusiveMaximum": 10}
    tight = ("EXCLUSIVE_MAXIMUM_DECREASED", "#/exclusiveMaximum")
    added = ("MAXIMUM_ADDED", "#/maximum")
    assert kit.found(draft, old, {"type": "number", "exclusiveMaximum": 9}) == [tight]
    assert kit.found(draft, old, {"type": "number", "exclusiveMaximum": 9, "maximum": 9}) == [tight, added]
    assert kit.found(draft, old, {"type": "number", "exclusiveMaximum": 9, "maximum": 10}) == [added]
    assert kit.found(draft, old, {"type": "number", "exclusiveMaximum": 9, "maximum": 11}) == [added]


@every
@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("2", "4", "EXPANDED"),
        ("4", "2", None),
        ("4", "6", "CHANGED"),
        ("0.1", "0.3", "EXPANDED"),
        ("0.3", "0.1", None),
        ("2", "2.0", None),
        ("1", "1E+2", "EXPANDED"),
        ("0.25", "0.1", "CHANGED"),
        ("2", "-4", "EXPANDED"),
        ("-4", "2", None),
    ],
)
def test_multiples_are_exact(kit, draft, old, new, rule):
    texts = [
        f'{{"$schema":"{kit.drafts[draft]}","type":"number","multipleOf":{each}}}' for each in (old, new)
    ]
    found = kit.found(draft, *texts)
    assert found == ([] if rule is None else [(f"MULTIPLE_OF_{rule}", "#/multipleOf")])


@every
def test_multiples_added_and_removed(kit, draft):
    multiple = {**NUMBER, "multipleOf": 2}
    assert kit.found(draft, NUMBER, multiple) == [("MULTIPLE_OF_ADDED", "#/multipleOf")]
    assert kit.found(draft, multiple, NUMBER) == []


@every
def test_integers_and_numbers(kit, draft):
    assert kit.found(draft, {"type": "integer"}, NUMBER) == []
    assert kit.found(draft, NUMBER, {"type": "integer"}) == [("TYPE_NARROWED", "#/")]
    old, new = ({"properties": {"a": each}} for each in (NUMBER, {"type": "integer"}))
    assert kit.found(draft, old, new) == [("TYPE_NARROWED", "#/properties/a")]


@every
def test_patterns(kit, draft):
    a, b = {**STRING, "pattern": "a"}, {**STRING, "pattern": "b"}
    assert kit.found(draft, STRING, a) == [("PATTERN_ADDED", "#/pattern")]
    assert kit.found(draft, a, b) == [("PATTERN_CHANGED", "#/pattern")]
    assert kit.found(draft, a, STRING) == []
    assert kit.found(draft, a, {**STRING, "pattern": "(?:a)"}) == [("PATTERN_CHANGED", "#/pattern")]


# -- values


def both(draft: str, old: str, new: str, kit, key: str = "enum"):
    texts = [f'{{"$schema":"{kit.drafts[draft]}","{key}":{each}}}' for each in (old, new)]
    return kit.found(draft, *texts)


@every
@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("[1,2]", "[2,1]", None),
        ("[1,2]", "[1,2,2]", None),
        ("[1]", "[1,2]", None),
        ("[1,2]", "[1]", "NARROWED"),
        ("[1,2]", "[1,3]", "CHANGED"),
        ("[1]", "[]", "NARROWED"),
        ("[]", "[1]", None),
        ("[1]", "[1.0]", "CHANGED"),
        ("[1.0]", "[1.00]", "CHANGED"),
        ("[1E+2]", "[100]", "CHANGED"),
        ('["1"]', "[1]", "CHANGED"),
        ("[true]", '["true"]', "CHANGED"),
        ("[null]", "[null,false]", None),
        ('[{"a":1,"b":2}]', '[{"b":2,"a":1}]', None),
        ('[{"a":1}]', '[{"a":1.0}]', "CHANGED"),
        ("[[1,2]]", "[[2,1]]", "CHANGED"),
        ('["\\u00e9"]', '["é"]', None),
    ],
)
def test_enumerations_are_sets_of_exact_values(kit, draft, old, new, rule):
    assert both(draft, old, new, kit) == ([] if rule is None else [(f"ENUM_ARRAY_{rule}", "#/enum")])


@pytest.mark.parametrize("draft", ["6", "7", *MODERN])
@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("1", "1", True),
        ("1", "2", False),
        ("1", "1.0", False),
        ('"1"', "1", False),
        ("null", "null", True),
        ("null", "1", False),
        ("1", "null", False),
        ('{"a":1,"b":2}', '{"b":2,"a":1}', True),
    ],
)
def test_constants(kit, draft, old, new, same):
    expected = [] if same else [("ENUM_ARRAY_CHANGED", "#/const")]
    assert both(draft, old, new, kit, "const") == expected


def test_draft_4_knows_no_constants(kit):
    assert both("4", "1", "2", kit, "const") == []


# -- classes

CLASSES = {
    "string": STRING,
    "number": NUMBER,
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "array": {"type": "array"},
    "object": {"type": "object"},
    "enum": {"enum": [1]},
    "not": {"not": {"type": "null"}},
    "combined": {"oneOf": [{"type": "null"}, {"type": "boolean"}, {"type": "array"}]},
}


@every
@pytest.mark.parametrize("old", CLASSES)
@pytest.mark.parametrize("new", CLASSES)
def test_classes_do_not_change(kit, draft, old, new):
    if new == "combined" and old in ("null", "boolean", "array"):
        assert kit.found(draft, CLASSES[old], CLASSES[new]) == []
        return
    expected = [] if old == new else [("TYPE_CHANGED", "#/")]
    assert kit.found(draft, CLASSES[old], CLASSES[new]) == expected


@every
@pytest.mark.parametrize("old", CLASSES)
def test_what_says_nothing_reads_everything(kit, draft, old):
    """And what said nothing is read by nothing else."""
    for empty in ({}, {"title": "x"}, {"default": 1}, {"unknown": 1}):
        assert kit.found(draft, CLASSES[old], empty) == []
        assert kit.found(draft, empty, CLASSES[old]) == [("TYPE_CHANGED", "#/")]


@pytest.mark.parametrize("draft", ["6", "7", *MODERN])
@pytest.mark.parametrize("kind", CLASSES)
def test_booleans_as_schemas(kit, draft, kind):
    def inside(schema):
        return {"properties": {"a": schema}}

    changed = [("TYPE_CHANGED", "#/properties/a")]
    assert kit.found(draft, inside(False), inside(CLASSES[kind])) == []
    assert kit.found(draft, inside(CLASSES[kind]), inside(False)) == changed
    assert kit.found(draft, inside(CLASSES[kind]), inside(True)) == []
    assert kit.found(draft, inside(True), inside(CLASSES[kind])) == changed
    assert kit.found(draft, inside(True), inside({})) == []
    assert kit.found(draft, inside({}), inside(True)) == []
    assert kit.found(draft, inside(True), inside(False)) == changed


@every
@pytest.mark.parametrize(
    "untyped",
    [
        ({"maxLength": 3}, "string"),
        ({"minimum": 3}, "number"),
        ({"properties": {}, "required": []}, "object"),
        ({"uniqueItems": False}, "array"),
    ],
)
def test_whether_a_type_was_written_is_not_compared(kit, draft, untyped):
    schema, type_ = untyped
    assert kit.found(draft, schema, {**schema, "type": type_}) == []
    assert kit.found(draft, {**schema, "type": type_}, schema) == []


@every
def test_annotations_are_not_compared(kit, draft):
    notes = {"title": "a", "description": "b", "default": 1, "x": 2, "examples": [1], "$comment": "c"}
    assert kit.found(draft, STRING, {**STRING, **notes}) == []
    assert kit.found(draft, {**STRING, **notes}, STRING) == []


@every
def test_bytes_may_become_whatever_they_are_called(kit, draft):
    one = {"type": "string", "connect.type": "bytes"}
    other = {"type": "object", "connect.type": "bytes"}
    assert kit.found(draft, one, other) == []
    assert kit.found(draft, one, {"type": "object", "connect.type": "int8"}) == [("TYPE_CHANGED", "#/")]
    assert kit.found(draft, one, {"type": "object"}) == [("TYPE_CHANGED", "#/")]


@pytest.mark.parametrize("draft", ["7", *MODERN])
def test_insides_of_conditions_are_not_compared(kit, draft):
    old = {"if": STRING, "then": {"minLength": 1}, "else": NUMBER}
    new = {"if": NUMBER, "then": {"maximum": 1}}
    assert kit.found(draft, old, new) == []
    assert kit.found(draft, old, {"then": {}, "if": {}}) == []
    assert kit.found(draft, old, STRING) == [("TYPE_CHANGED", "#/")]


@pytest.mark.parametrize("key", ["then", "else"])
def test_then_and_else_alone_are_a_condition_in_draft_7(kit, key):
    assert kit.found("7", {key: {}}, {"if": {}}) == []
    assert kit.found("7", {key: {}}, STRING) == [("TYPE_CHANGED", "#/")]
    assert kit.found("2020", STRING, {key: {}}) == []


@every
def test_negations_are_compared_the_other_way_round(kit, draft):
    def negated(length):
        return {"not": {"type": "string", "maxLength": length}}

    assert kit.found(draft, negated(5), negated(3)) == []
    assert kit.found(draft, negated(3), negated(5)) == [("NOT_TYPE_EXTENDED", "#/not")]
    assert kit.found(draft, {"not": STRING}, {"not": NUMBER}) == [("NOT_TYPE_EXTENDED", "#/not")]


# -- formats


@pytest.mark.parametrize("draft", CLASSIC)
def test_a_format_beside_a_number_is_a_string_beside_it(kit, draft):
    """So it is incompatible with the plain number before it, but not after it."""
    plain, formatted = {"type": "integer"}, {"type": "integer", "format": "int32"}
    assert kit.found(draft, plain, formatted) == [("TYPE_CHANGED", "#/")]
    assert kit.found(draft, formatted, plain) == []
    assert kit.found(draft, formatted, {**formatted, "format": "int64"}) == []


@pytest.mark.parametrize("draft", MODERN)
def test_a_modern_format_says_nothing(kit, draft):
    plain, formatted = {"type": "integer"}, {"type": "integer", "format": "int32"}
    assert kit.found(draft, plain, formatted) == []
    assert kit.found(draft, STRING, {"format": "date"}) == []
    assert kit.found(draft, {"format": "date"}, STRING) == [("TYPE_CHANGED", "#/")]


@pytest.mark.parametrize("draft", CLASSIC)
def test_a_classic_format_alone_is_a_string(kit, draft):
    assert kit.found(draft, {"format": "date"}, STRING) == []
    assert kit.found(draft, {"type": "string", "format": "date"}, {"type": "string", "format": "email"}) == []


# -- references


@every
def test_a_reference_counts_for_its_target_but_only_once(kit, draft):
    key = "$defs"
    defs = {key: {"a": STRING, "b": {"$ref": f"#/{key}/a"}, "n": NUMBER, "c": {"$ref": f"#/{key}/n"}}}

    def through(name):
        return {**defs, "properties": {"p": {"$ref": f"#/{key}/{name}"}}}

    plain = {"properties": {"p": STRING}}
    assert kit.found(draft, plain, through("a")) == []
    assert kit.found(draft, through("a"), plain) == []
    assert kit.found(draft, through("a"), through("n")) == [("TYPE_CHANGED", "#/properties/p")]
    assert kit.found(draft, through("b"), through("c")) == []
    assert kit.found(draft, plain, through("b")) == [("TYPE_CHANGED", "#/properties/p")]
