"""Combined schemas: what becomes one, and how two are compared (docs/wire.md, JSON Schema 5.3, 5.4)."""

import itertools

import pytest

CLASSIC = ["4", "6", "7"]
MODERN = ["2019", "2020"]
every = pytest.mark.parametrize("draft", [*CLASSIC, *MODERN])
classic = pytest.mark.parametrize("draft", CLASSIC)
modern = pytest.mark.parametrize("draft", MODERN)
STRING, INTEGER, NULL, BOOLEAN = ({"type": name} for name in ("string", "integer", "null", "boolean"))
ARRAY = {"type": "array"}
CHANGED = [("TYPE_CHANGED", "#/")]
CRITERION = [("COMBINED_TYPE_CHANGED", "#/")]
MEMBERS = ("COMBINED_TYPE_SUBSCHEMAS_CHANGED", "#/")


def shape(kit, draft, schema):
    """What a schema is read as: its class, or the criterion with the shapes of the members."""

    def of(node):
        name = type(node).__name__
        return (node.criterion, [of(each) for each in node.members]) if name == "Combined" else name

    return of(kit.parse(kit.under(draft, schema)).model)


# -- one side is combined


@every
@pytest.mark.parametrize("criterion", ["anyOf", "oneOf"])
def test_a_schema_may_become_one_of_several(kit, draft, criterion):
    assert kit.found(draft, STRING, {criterion: [INTEGER, STRING]}) == []
    assert kit.found(draft, STRING, {criterion: [STRING]}) == []
    assert kit.found(draft, STRING, {criterion: [INTEGER, NULL]}) == CHANGED
    assert kit.found(draft, {criterion: [STRING, INTEGER]}, STRING) == CHANGED
    assert kit.found(draft, {criterion: [STRING]}, STRING) == []
    assert kit.found(draft, STRING, {criterion: []}) == CHANGED


@every
def test_one_of_all_may_do(kit, draft):
    assert kit.found(draft, {"allOf": [STRING, {"minLength": 1}]}, STRING) == []
    assert kit.found(draft, STRING, {"allOf": [STRING, {"minLength": 1}]}) == CHANGED
    assert kit.found(draft, STRING, {"allOf": [STRING]}) == []
    assert kit.found(draft, {"allOf": [STRING, INTEGER]}, NULL) == CHANGED


@every
def test_a_type_becomes_a_list_of_types(kit, draft):
    assert kit.found(draft, STRING, {"type": ["string", "null"]}) == []
    assert kit.found(draft, {"type": ["string", "null"]}, STRING) == CHANGED
    assert kit.found(draft, {"type": ["string"]}, STRING) == []
    assert kit.found(draft, {"type": ["string", "null"]}, {"anyOf": [NULL, STRING]}) == []


# -- both are


@every
@pytest.mark.parametrize(("old", "new"), list(itertools.product(["allOf", "anyOf", "oneOf"], repeat=2)))
def test_criteria(kit, draft, old, new):
    """The same, or anyOf now, or but one member on the right side."""
    two = [STRING, INTEGER]
    same = old == new or new == "anyOf"
    assert kit.found(draft, {old: two}, {new: two}) == ([] if same else CRITERION)
    assert kit.found(draft, {old: [STRING]}, {new: [STRING]}) == []
    widened = same or new == "oneOf"
    grown = [("PRODUCT_TYPE_EXTENDED", "#/")] if new == "allOf" else []
    assert kit.found(draft, {old: [STRING]}, {new: two}) == (grown if widened else CRITERION)
    shrunk = [("SUM_TYPE_NARROWED", "#/")] if old != "allOf" else []
    narrowed = same or old == "allOf"
    assert kit.found(draft, {old: two}, {new: [STRING]}) == (shrunk if narrowed else CRITERION)


@every
@pytest.mark.parametrize("criterion", ["allOf", "anyOf", "oneOf"])
def test_each_member_of_the_smaller_side_needs_a_partner(kit, draft, criterion):
    long, short = {"type": "string", "maxLength": 9}, {"type": "string", "maxLength": 3}
    assert kit.found(draft, {criterion: [STRING, NULL]}, {criterion: [NULL, STRING]}) == []
    assert kit.found(draft, {criterion: [STRING, NULL]}, {criterion: [INTEGER, STRING]}) == [MEMBERS]
    assert kit.found(draft, {criterion: [short, NULL]}, {criterion: [NULL, long]}) == []
    assert kit.found(draft, {criterion: [long, NULL]}, {criterion: [NULL, short]}) == [MEMBERS]
    old, new = {criterion: [short, long, STRING]}, {criterion: [STRING, short, long]}
    assert kit.found(draft, old, new) == []
    one_for_two = {criterion: [long, {"type": "string", "maxLength": 2}, NULL]}
    assert kit.found(draft, {criterion: [short, long, NULL]}, one_for_two) == [MEMBERS]


@every
def test_more_and_fewer_members(kit, draft):
    for criterion in ("anyOf", "oneOf"):
        few, many = {criterion: [STRING, NULL]}, {criterion: [STRING, NULL, INTEGER]}
        assert kit.found(draft, few, many) == []
        assert kit.found(draft, many, few) == [("SUM_TYPE_NARROWED", "#/")]
    few, many = {"allOf": [STRING, NULL]}, {"allOf": [STRING, NULL, INTEGER]}
    assert kit.found(draft, few, many) == [("PRODUCT_TYPE_EXTENDED", "#/")]
    assert kit.found(draft, many, few) == []
    assert kit.found(draft, {"anyOf": [STRING, NULL, INTEGER]}, {"anyOf": [BOOLEAN]}) == [
        MEMBERS,
        ("SUM_TYPE_NARROWED", "#/"),
    ]


@every
def test_nothing_is_told_from_inside(kit, draft):
    old, new = (
        {"oneOf": [NULL, {"type": "object", "properties": {"a": each}}]} for each in (STRING, INTEGER)
    )
    assert kit.found(draft, old, new) == [MEMBERS]
    old, new = ({"properties": {"p": each}} for each in (old, new))
    assert kit.found(draft, old, new) == [("COMBINED_TYPE_SUBSCHEMAS_CHANGED", "#/properties/p")]


# -- members that are alike


def alike(kit, draft, one, other):
    """Whether two members count as one: three become two, so the two before suffice."""
    return kit.found(draft, {"anyOf": [one, other, NULL]}, {"anyOf": [one, NULL]}) == []


@every
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (STRING, STRING, True),
        ({"type": "string", "maxLength": 1}, {"maxLength": 1, "type": "string"}, True),
        ({"enum": [1, 2]}, {"enum": [2, 1, 1]}, True),
        ({"type": "object"}, {"type": "object", "additionalProperties": True}, True),
        ({"type": "array"}, {"type": "array", "uniqueItems": False}, True),
        ({"type": "object"}, {"type": "object", "required": []}, True),
        ({"type": "number", "maximum": 1}, {"type": "number", "maximum": 1.0}, True),
        (STRING, {"type": "string", "title": "a"}, False),
        (STRING, {"type": "string", "description": "a"}, False),
        (STRING, {"type": "string", "default": "a"}, False),
        (STRING, {"type": "string", "x": 1}, False),
        ({"required": ["a", "b"]}, {"required": ["b", "a"]}, False),
        ({"type": ["string", "integer"]}, {"type": ["integer", "string"]}, False),
        ({"type": "string", "maxLength": 1}, {"maxLength": 1}, False),
    ],
)
def test_which_members_are_alike(kit, draft, one, other, same):
    assert alike(kit, draft, one, other) == same


@pytest.mark.parametrize(
    ("name", "since"),
    [
        *((name, 4) for name in ("date-time", "uri", "email", "ipv4", "ipv6", "hostname")),
        *((name, 6) for name in ("json-pointer", "uri-reference", "uri-template")),
        *((name, 7) for name in ("date", "time", "regex", "relative-json-pointer")),
        *((name, 99) for name in ("uuid", "nonsense", "int32", "iri", "duration")),
    ],
)
def test_formats_tell_members_apart_where_the_draft_knows_them(kit, name, since):
    formatted = {"type": "string", "format": name}
    for draft in CLASSIC:
        assert alike(kit, draft, STRING, formatted) == (int(draft) < since)
    assert alike(kit, "2020", STRING, formatted)


@every
@pytest.mark.parametrize(
    "note", [{"readOnly": True}, {"writeOnly": True}, {"deprecated": True}, {"$anchor": "q"}]
)
def test_modern_notes_that_do_not_tell_members_apart(kit, draft, note):
    assert alike(kit, draft, STRING, {**STRING, **note}) == (draft in MODERN)


@pytest.mark.parametrize("draft", ["6", "7", *MODERN])
def test_true_is_unlike_an_empty_schema(kit, draft):
    assert not alike(kit, draft, True, {})
    assert alike(kit, draft, True, True)


@every
def test_references_are_alike_by_their_text(kit, draft):
    defs = {"$defs": {"a": STRING, "b": STRING}}

    def of(*members):
        return {**defs, "anyOf": [*({"$ref": f"#/$defs/{each}"} for each in members), NULL]}

    assert kit.found(draft, of("a", "a"), of("a")) == []
    assert kit.found(draft, of("a", "b"), of("a")) == [("SUM_TYPE_NARROWED", "#/")]


@classic
def test_a_format_beside_a_classic_reference_may_be_anything(kit, draft):
    ref = {"$ref": "#/$defs/a"}
    old = {"$defs": {"a": STRING}, "anyOf": [ref, {**ref, "format": {"x": []}}, NULL]}
    assert kit.found(draft, old, {**old, "anyOf": [ref, NULL]}) == []


@modern
@pytest.mark.parametrize(
    ("note", "same"),
    [({"format": "date"}, True), ({"readOnly": True}, True), ({"title": "a"}, False), ({"x": 1}, False)],
)
def test_what_tells_modern_references_apart(kit, draft, note, same):
    ref = {"$ref": "#/$defs/a"}
    old = {"$defs": {"a": STRING}, "anyOf": [ref, {**ref, **note}, NULL]}
    found = kit.found(draft, old, {**old, "anyOf": [ref, NULL]})
    assert found == ([] if same else [("SUM_TYPE_NARROWED", "#/")])


@classic
def test_below_an_id_the_second_reference_is_written_absolute(kit, draft):
    key = "id" if draft == "4" else "$id"
    base = {key: "http://x/y", "$defs": {"a": STRING}}
    ref = {"$ref": "#/$defs/a"}
    assert kit.found(draft, {**base, "anyOf": [ref, ref, NULL]}, {**base, "anyOf": [ref, NULL]}) == [
        ("SUM_TYPE_NARROWED", "#/")
    ]


# -- several classes in one schema


@classic
@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, "Empty"),
        ({"title": "x"}, "Empty"),
        ({"type": "string"}, "String"),
        ({"type": ["string"]}, ("anyOf", ["String"])),
        ({"type": []}, ("anyOf", [])),
        ({"minLength": 1}, "String"),
        ({"properties": {}}, "Object"),
        ({"dependencies": {}}, "Object"),
        ({"items": {}}, "Array"),
        ({"allOf": [{}]}, ("allOf", ["Empty"])),
        ({"type": "object", "oneOf": [{}]}, ("allOf", ["Object", ("oneOf", ["Empty"])])),
        ({"type": "string", "enum": ["a"]}, ("allOf", ["Enum", "String"])),
        ({"type": "integer", "format": "int32"}, ("allOf", ["Numeric", "String"])),
        ({"type": ["string", "null"], "minimum": 1}, ("allOf", ["Numeric", ("anyOf", ["Null", "String"])])),
        ({"type": ["string", "null"], "minLength": 1}, ("anyOf", ["Null", "String"])),
        (
            {"minLength": 1, "minimum": 1, "items": {}, "required": []},
            ("allOf", ["Array", "Numeric", "Object", "String"]),
        ),
        ({"$ref": "#/definitions/a", "type": "string"}, "Reference"),
        ({"not": {}, "enum": []}, ("allOf", ["Enum", "Not"])),
        ({"anyOf": [], "oneOf": [], "allOf": []}, ("allOf", [("allOf", []), ("anyOf", []), ("oneOf", [])])),
        ({"anyOf": [{"type": "string", "enum": ["a"]}]}, ("anyOf", [("allOf", ["Enum", "String"])])),
        ({"prefixItems": [], "unevaluatedProperties": False, "dependentRequired": {}}, "Empty"),
        ({"type": "null", "default": 1}, "Null"),
    ],
)
def test_classic_schemas_of_several_classes(kit, draft, schema, expected):
    assert in_order(shape(kit, draft, {**schema, "definitions": {"a": {}}})) == expected


def in_order(found):
    """The members in an order of their own, which never matters in classic drafts."""
    if isinstance(found, str):
        return found
    return found[0], sorted(
        (in_order(each) for each in found[1]), key=lambda each: (not isinstance(each, str), each)
    )


@modern
@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, "Empty"),
        ({"format": "date", "readOnly": True}, "Empty"),
        ({"type": "integer", "format": "int32"}, "Numeric"),
        ({"type": ["string"]}, ("anyOf", ["String"])),
        ({"type": ["string", "null"], "minLength": 1}, ("anyOf", ["Null", "String"])),
        ({"type": "string", "enum": ["a"]}, ("allOf", ["Enum", "String"])),
        ({"$ref": "#/$defs/a", "description": "x"}, "Reference"),
        ({"$ref": "#/$defs/a", "maxLength": 3}, ("allOf", ["Reference", "String"])),
        ({"additionalProperties": True}, "Object"),
        ({"items": True}, "Array"),
        ({"items": False}, "Array"),
        ({"minContains": 1}, "Empty"),
        ({"then": {}, "else": {}}, "Empty"),
        ({"if": {}}, "Conditional"),
        ({"properties": {}}, "Empty"),
        ({"patternProperties": {}}, "Empty"),
        ({"required": []}, "Object"),
        ({"unevaluatedProperties": False}, "Object"),
        ({"unevaluatedItems": False}, "Array"),
        ({"definitions": {}, "additionalItems": False, "dependencies": {}}, "Empty"),
        (
            {"oneOf": [{"type": "string", "enum": ["a"]}, {"type": "integer"}]},
            ("oneOf", ["Enum", "Numeric", "String"]),
        ),
        ({"allOf": [{"type": "string", "enum": ["a"]}]}, ("allOf", ["Enum", "String"])),
        ({"anyOf": [{"type": ["string", "null"]}]}, ("anyOf", [("anyOf", ["Null", "String"])])),
        (
            {"type": "string", "minimum": 1, "properties": {"a": {}}},
            ("allOf", ["Numeric", "Object", "String"]),
        ),
    ],
)
def test_modern_schemas_of_several_classes(kit, draft, schema, expected):
    assert in_order(shape(kit, draft, {**schema, "$defs": {"a": {}}})) == expected
