"""Where `$ref` leads, in all drafts (docs/wire.md, JSON Schema 5.1, `$ref`).

Where a reference leads is told by comparing: the schema that refers to a string is unlike one of integers.
"""

import pytest

CLASSIC = ["4", "6", "7"]
MODERN = ["2019", "2020"]
classic = pytest.mark.parametrize("draft", CLASSIC)
modern = pytest.mark.parametrize("draft", MODERN)
every = pytest.mark.parametrize("draft", [*CLASSIC, *MODERN])
STRING = {"type": "string"}
INTEGER = {"type": "integer"}


def own(draft: str) -> str:
    return "id" if draft == "4" else "$id"


def leads(kit, draft, ref, around=None, refs=None):
    """What a property that is this reference means: "string", "integer", or None if it is refused."""
    schema = kit.under(draft, {**(around or {}), "allOf": [{"properties": {"p": {"$ref": ref}}}]})
    if kit.why(schema, refs) is not None:
        assert kit.why(schema, refs) == "Invalid JSON"
        return None
    work = [kit.parse(schema, refs).model]
    for each in work:
        work += getattr(each, "members", ())
    target = next(each for each in work if "p" in getattr(each, "properties", ())).properties["p"].target
    kind = type(target).__name__
    return ("integer" if target.integer else "number") if kind == "Numeric" else kind.lower()


@every
@pytest.mark.parametrize("ref", ["a b", "%zz", "#/%", "http://[1", "a\\b", "http:", "{x}", "#^", ":a"])
def test_what_is_no_uri_reference(kit, draft, ref):
    assert leads(kit, draft, ref) is None


@every
def test_references_lead_by_pointers_of_any_kind(kit, draft):
    key = "$defs"
    around = {
        key: {"a": STRING, "x y": STRING, "x/y": INTEGER, "x~y": STRING, "é": STRING, "a+b": INTEGER},
        "examples": [INTEGER, {"deep": [STRING]}],
        "enum": [STRING],
    }
    for pointer, found in {
        f"#/{key}/a": "string",
        f"#/{key}/x%20y": "string",
        f"#/{key}/x+y": "string",
        f"#/{key}/x~1y": "integer",
        f"#/{key}/x~0y": "string",
        f"#/{key}/é": "string",
        f"#/{key}/%C3%A9": "string",
        f"#/{key}/a%2Bb": "integer",
        f"#/{key}/a+b": None,
        f"#/{key}/b": None,
        "#/enum/0": "string",
        "#/examples/0": "integer",
        "#/examples/1/deep/0": "string",
        "#/examples/2": None,
        "#/examples/-1": None,
        "#/nowhere": None,
    }.items():
        assert leads(kit, draft, pointer, around) == found, pointer


@every
def test_definitions_are_found_as_defs_but_not_the_other_way_round(kit, draft):
    assert leads(kit, draft, "#/$defs/a", {"definitions": {"a": STRING}}) == "string"
    assert leads(kit, draft, "#/definitions/a", {"$defs": {"a": STRING}}) is None
    both = {"definitions": {"a": STRING}, "$defs": {"a": INTEGER, "b": STRING}}
    assert leads(kit, draft, "#/$defs/a", both) == "integer"
    assert leads(kit, draft, "#/definitions/a", both) == "string"
    assert leads(kit, draft, "#/definitions/b", both) is None


@every
def test_only_definitions_at_the_top_are_found_as_defs(kit, draft):
    around = {"properties": {"q": {"definitions": {"a": STRING}}}}
    assert leads(kit, draft, "#/properties/q/definitions/a", around) == "string"
    assert leads(kit, draft, "#/properties/q/$defs/a", around) is None


@every
def test_definitions_of_a_referenced_document_are_found_as_defs(kit, draft):
    refs = {"m.json": {"definitions": {"a": STRING}}}
    assert leads(kit, draft, "m.json#/$defs/a", refs=refs) == "string"
    assert leads(kit, draft, "m.json#/definitions/a", refs=refs) == "string"


@every
def test_a_reference_to_the_whole(kit, draft):
    assert leads(kit, draft, "#") == "combined"
    assert leads(kit, draft, "#/") == ("combined" if draft in CLASSIC else None)


@classic
def test_trailing_empty_parts_of_a_classic_pointer_are_dropped(kit, draft):
    assert leads(kit, draft, "#/$defs/a//", {"$defs": {"a": STRING}}) == "string"
    assert leads(kit, draft, "#//$defs/a", {"$defs": {"a": STRING}}) is None


@classic
def test_an_id_is_found_as_it_is_written(kit, draft):
    key = own(draft)
    around = {"$defs": {"a": {key: "#spot", **STRING}, "b": {key: "http://x/b", **INTEGER}}}
    assert leads(kit, draft, "#spot", around) == "string"
    assert leads(kit, draft, "http://x/b", around) == "integer"


@classic
def test_a_fragment_that_is_neither_id_nor_pointer_is_the_document(kit, draft):
    """The part before the first slash of a pointer is dropped, whatever it says."""
    assert leads(kit, draft, "#other", {"$defs": {"a": {"$anchor": "other", **STRING}}}) == "combined"


@classic
def test_a_relative_id_below_another_is_not_found_by_a_relative_reference(kit, draft):
    key = own(draft)
    around = {key: "http://x/root.json", "$defs": {"n": {key: "n.json", **STRING}}}
    assert leads(kit, draft, "n.json", around) is None
    assert leads(kit, draft, "http://x/n.json", around) is None


@classic
def test_an_id_that_is_written_absolute_is_found_by_a_relative_reference(kit, draft):
    key = own(draft)
    around = {key: "http://x/root.json", "$defs": {"n": {key: "http://x/n.json", **STRING}}}
    assert leads(kit, draft, "n.json", around) == "string"


@classic
def test_classic_pointers_start_at_the_root_of_the_document(kit, draft):
    """Whatever id is nearest."""
    key = own(draft)
    inner = {key: "http://y/z", "$defs": {"a": INTEGER}, "properties": {"p": {"$ref": "#/$defs/a"}}}
    around = {key: "http://x/root.json", "$defs": {"a": STRING, "inner": inner}}
    schema = kit.under(draft, {**around, "allOf": [{"$ref": "#/$defs/inner"}]})
    model = kit.parse(schema).model
    assert type(model.members[0].target.properties["p"].target).__name__ == "String"


@classic
def test_names_of_documents_are_resolved_against_the_id_of_the_root(kit, draft):
    key = own(draft)
    refs = {"m.json": STRING}
    assert leads(kit, draft, "m.json", refs=refs) == "string"
    assert leads(kit, draft, "./m.json", refs=refs) is None
    assert leads(kit, draft, "m.json", {key: "http://x/r.json"}, refs) == "string"
    assert leads(kit, draft, "./m.json", {key: "http://x/r.json"}, refs) == "string"
    assert leads(kit, draft, "http://x/m.json", {key: "http://x/r.json"}, refs) == "string"
    assert leads(kit, draft, "/m.json", {key: "http://x/a/r.json"}, refs) is None
    assert leads(kit, draft, "m.json", {key: "http://x/r.json"}, {"http://x/m.json": STRING}) == "string"
    assert leads(kit, draft, "m.json", refs={"http://x/m.json": STRING}) is None


@classic
def test_a_name_may_carry_a_fragment(kit, draft):
    refs = {"m.json#/$defs/a": STRING}
    assert leads(kit, draft, "m.json#/$defs/a", refs=refs) == "string"
    assert leads(kit, draft, "m.json", refs=refs) is None


@classic
def test_pointers_into_documents(kit, draft):
    refs = {"m.json": {"definitions": {"a": STRING}, "type": "integer"}}
    assert leads(kit, draft, "m.json#/definitions/a", refs=refs) == "string"
    assert leads(kit, draft, "m.json#", refs=refs) == "integer"
    assert leads(kit, draft, "m.json#/", refs=refs) == "integer"
    assert leads(kit, draft, "m.json#/nowhere", refs=refs) is None


@classic
def test_an_own_id_with_an_empty_fragment_is_not_the_document(kit, draft):
    key = own(draft)
    around = {key: "http://x/d/r.json", "$defs": {"n": {key: "http://x/d/n.json", **STRING}}}
    assert leads(kit, draft, "n.json", around) == "string"
    assert leads(kit, draft, "n.json#", around) is None


@classic
def test_a_name_equal_to_the_roots_id_wins_for_pointers(kit, draft):
    key = own(draft)
    around = {key: "http://x/r.json", "$defs": {"a": STRING}}
    refs = {"http://x/r.json": {"$defs": {"a": INTEGER}}}
    assert leads(kit, draft, "http://x/r.json#/$defs/a", around, refs) == "integer"
    assert leads(kit, draft, "#/$defs/a", around, refs) == "string"


@classic
def test_a_classic_boolean_document_is_refused(kit, draft):
    assert leads(kit, draft, "m.json", refs={"m.json": True}) is None


@modern
def test_a_modern_boolean_document_is_a_schema(kit, draft):
    assert leads(kit, draft, "m.json", refs={"m.json": True}) == "always"
    assert leads(kit, draft, "m.json", refs={"m.json": False}) == "never"


@modern
@pytest.mark.parametrize("ref", ["m.json", "./m.json", "mem://input/m.json", "m.json#"])
def test_names_of_modern_documents(kit, draft, ref):
    refs = {"m.json": STRING}
    assert leads(kit, draft, ref, refs=refs) == "string"
    assert leads(kit, draft, ref, {"$id": "http://x/r.json"}, refs) == "string"


@modern
def test_modern_ids_are_absolute(kit, draft):
    around = {"$id": "http://x/d/root.json", "$defs": {"n": {"$id": "n.json", **STRING}}}
    for ref in ("n.json", "http://x/d/n.json", "./n.json", "../d/n.json", "/d/n.json"):
        assert leads(kit, draft, ref, around) == "string", ref
    assert leads(kit, draft, "/n.json", around) is None
    assert leads(kit, draft, "root.json#/$defs/n", around) == "string"


@modern
def test_modern_anchors(kit, draft):
    around = {"$id": "http://x/r", "$defs": {"n": {"$anchor": "spot", **STRING}}}
    for ref in ("#spot", "r#spot", "http://x/r#spot"):
        assert leads(kit, draft, ref, around) == "string", ref
    assert leads(kit, draft, "#other", around) is None


@modern
def test_modern_anchors_belong_to_the_nearest_id(kit, draft):
    around = {
        "$id": "http://x/r",
        "$defs": {"n": {"$id": "m", "$defs": {"o": {"$anchor": "spot", **STRING}}}},
    }
    assert leads(kit, draft, "m#spot", around) == "string"
    assert leads(kit, draft, "#spot", around) is None


@modern
def test_modern_pointers_start_at_the_nearest_id(kit, draft):
    inner = {"$id": "http://y/z", "$defs": {"a": INTEGER}, "properties": {"p": {"$ref": "#/$defs/a"}}}
    model = kit.parse(kit.under(draft, {"$defs": {"a": STRING, "inner": inner}, "$ref": "http://y/z"})).model
    assert type(model.target.properties["p"].target).__name__ == "Numeric"


@every
@pytest.mark.parametrize("number", ["draft-04", "draft-06", "draft-07"])
def test_meta_schemas_come_with_us(kit, draft, number):
    """That of draft 4 is no modern schema, and would be read as one."""
    unreadable = draft in MODERN and number == "draft-04"
    for end in ("", "#"):
        found = leads(kit, draft, f"http://json-schema.org/{number}/schema{end}")
        assert (found is None) == unreadable


@modern
def test_modern_meta_schemas_come_with_us(kit, draft):
    for year in ("2019-09", "2020-12"):
        assert leads(kit, draft, f"https://json-schema.org/draft/{year}/schema") is not None


@every
@pytest.mark.parametrize(
    "ref", ["http://example.com/x.json", "https://x/y#/z", "urn:a:b", "file:///etc/passwd"]
)
def test_nothing_is_fetched(kit, draft, ref):
    assert leads(kit, draft, ref) is None


@every
def test_references_of_references_are_in_the_same_map(kit, draft):
    refs = {"n.json": STRING, "m.json": {"properties": {"q": {"$ref": "n.json"}}}}
    assert leads(kit, draft, "m.json", refs=refs) == "object"
    assert leads(kit, draft, "m.json", refs={"m.json": refs["m.json"]}) is None


@pytest.mark.parametrize(
    ("draft", "own_draft", "seen"),
    [
        ("7", "4", "4"),
        ("6", "4", "4"),
        ("4", "7", "7"),
        ("7", None, "7"),
        ("6", None, "6"),
        ("7", "2020", "7"),
    ],
)
def test_the_draft_of_a_referenced_document(kit, draft, own_draft, seen):
    """Its own among the classic ones, else that of who refers to it."""
    head = {} if own_draft is None else {"$schema": kit.drafts[own_draft]}
    told = (
        leads(kit, draft, "m", refs={"m": {**head, "type": "integer", "exclusiveMinimum": True}}) is not None,
        leads(kit, draft, "m", refs={"m": {**head, "if": 1}}) is not None,
    )
    assert told == {"4": (True, True), "6": (False, True), "7": (False, False)}[seen]


@pytest.mark.parametrize("url", ["https://json-schema.org/draft/2020-12/schema", "nonsense"])
def test_draft_4_refuses_documents_of_drafts_it_does_not_know(kit, url):
    assert leads(kit, "4", "m", refs={"m": {"$schema": url, **STRING}}) is None
    assert leads(kit, "4", "m", refs={"m": STRING}) == "string"


@modern
def test_documents_below_a_modern_root_are_modern(kit, draft):
    refs = {"m": {"$schema": kit.drafts["7"], "prefixItems": 1}}
    assert leads(kit, draft, "m", refs=refs) is None


# -- dynamic references


@modern
def test_a_dynamic_reference_is_its_target_in_place(kit, draft):
    schema = {"$defs": {"a": {"$dynamicAnchor": "x", **STRING}}, "properties": {"p": {"$dynamicRef": "#x"}}}
    found = kit.parse(kit.under(draft, schema)).model.properties["p"]
    assert type(found).__name__ in ("String", "Combined")
    assert kit.found(draft, schema, {"properties": {"p": STRING}}) == []
    assert kit.found(draft, {"properties": {"p": STRING}}, schema) == []


@modern
def test_a_dynamic_reference_without_an_answer_is_a_reference(kit, draft):
    schema = {"properties": {"q": {"$anchor": "x", **STRING}, "p": {"$dynamicRef": "#x"}}}
    assert type(kit.parse(kit.under(draft, schema)).model.properties["p"]).__name__ == "Reference"
    assert kit.why(kit.under(draft, {"$dynamicRef": "#nowhere"})) == "Invalid JSON"


@modern
def test_a_dynamic_reference_into_itself_comes_to_an_end(kit, draft):
    tree = {"$dynamicAnchor": "node", "properties": {"next": {"$dynamicRef": "#node"}, "value": STRING}}
    other = {**tree, "properties": {**tree["properties"], "value": INTEGER}}
    assert kit.found(draft, tree, tree) == []
    assert ("TYPE_CHANGED", "#/properties/value") in kit.found(draft, tree, other)
