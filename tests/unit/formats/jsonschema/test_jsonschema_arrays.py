"""Differences of arrays: items, content models, counts (docs/wire.md, JSON Schema 5.4, 5.5)."""

import pytest

from registan.formats.protocol import Policy

CLASSIC = ["4", "6", "7"]
MODERN = ["2019", "2020"]
every = pytest.mark.parametrize("draft", [*CLASSIC, *MODERN])
modern = pytest.mark.parametrize("draft", MODERN)
STRING = {"type": "string"}
SHORT = {"type": "string", "maxLength": 1}
INTEGER = {"type": "integer"}
NONE = object()


def arr(draft, listed=None, rest=NONE, **more):
    """An array schema of a list of items, with what holds for the rest."""
    first, then = ("prefixItems", "items") if draft in MODERN else ("items", "additionalItems")
    found = {"type": "array", **more}
    if listed is not None:
        found[first] = listed
    return found if rest is NONE else {**found, then: rest}


@every
def test_one_schema_for_all_items(kit, draft):
    def of(items):
        return {"type": "array", "items": items}

    plain = {"type": "array"}
    assert kit.found(draft, plain, of(STRING)) == [("SCHEMA_ADDED", "#/items")]
    assert kit.found(draft, plain, of({})) == [("SCHEMA_ADDED", "#/items")]
    assert kit.found(draft, of(STRING), plain) == []
    assert kit.found(draft, of(STRING), of(INTEGER)) == [("TYPE_CHANGED", "#/items")]
    assert kit.found(draft, of(STRING), of(SHORT)) == [("MAX_LENGTH_ADDED", "#/items/maxLength")]
    assert kit.found(draft, of(STRING), of({})) == []
    assert kit.found(draft, plain, of(STRING), Policy.LENIENT) == [("SCHEMA_ADDED", "#/items")]


@every
def test_items_by_place(kit, draft):
    old, new = arr(draft, [STRING, STRING]), arr(draft, [STRING, INTEGER])
    assert kit.found(draft, old, new) == [("TYPE_CHANGED", "#/items/1")]


@every
def test_items_added_to_an_open_array(kit, draft):
    old = arr(draft, [STRING])
    added = [("ITEM_ADDED_TO_OPEN_CONTENT_MODEL", "#/items/1")]
    assert kit.found(draft, old, arr(draft, [STRING, STRING])) == added
    assert kit.found(draft, old, arr(draft, [STRING, {}])) == []
    assert kit.found(draft, old, arr(draft, [STRING, STRING]), Policy.LENIENT) == added
    assert kit.found(draft, {"type": "array"}, arr(draft, [STRING])) == [
        ("ITEM_ADDED_TO_OPEN_CONTENT_MODEL", "#/items/0")
    ]


@every
def test_items_added_to_a_closed_array(kit, draft):
    assert kit.found(draft, arr(draft, [STRING], False), arr(draft, [STRING, INTEGER], False)) == []


@every
def test_items_added_where_a_schema_held_for_the_rest(kit, draft):
    old = arr(draft, [STRING], STRING)
    not_covered = ("ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", "#/items/1")
    inner = ("MAX_LENGTH_ADDED", "#/items/1/maxLength")
    assert kit.found(draft, old, arr(draft, [STRING, STRING], STRING)) == []
    assert kit.found(draft, old, arr(draft, [STRING, SHORT], STRING)) == sorted([not_covered, inner])
    assert kit.found(draft, old, arr(draft, [STRING, SHORT], STRING), Policy.LENIENT) == sorted(
        [not_covered, inner]
    )


@every
def test_items_removed(kit, draft):
    old = arr(draft, [STRING, STRING])
    removed = ("ADDITIONAL_ITEMS_REMOVED", "#/additionalItems")
    narrowed = ("ADDITIONAL_ITEMS_NARROWED", "#/additionalItems")
    closed = ("ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL", "#/items/1")
    not_covered = ("ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", "#/items/1")
    assert kit.found(draft, old, arr(draft, [STRING])) == []
    assert kit.found(draft, old, arr(draft, [STRING], False)) == [removed, closed]
    assert kit.found(draft, arr(draft, [STRING, STRING], False), arr(draft, [STRING], False)) == [closed]
    assert kit.found(draft, old, arr(draft, [STRING], STRING)) == [narrowed]
    assert kit.found(draft, old, arr(draft, [STRING], INTEGER)) == [
        narrowed,
        not_covered,
        ("TYPE_CHANGED", "#/items/1"),
    ]
    assert kit.found(draft, old, arr(draft, [STRING], False), Policy.LENIENT) == [removed, closed]


@pytest.mark.parametrize("draft", ["6", "7", *MODERN])
def test_a_forbidden_item_may_be_removed(kit, draft):
    assert kit.found(draft, arr(draft, [STRING, False], False), arr(draft, [STRING], False)) == []


@every
@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (NONE, True, None),
        (NONE, False, "REMOVED"),
        (STRING, False, "REMOVED"),
        (False, NONE, None),
        (False, STRING, None),
        (NONE, STRING, "NARROWED"),
        (True, {}, "NARROWED"),
        (STRING, {}, None),
        (STRING, NONE, None),
        (STRING, INTEGER, "TYPE_CHANGED"),
    ],
)
def test_additional_items(kit, draft, old, new, rule):
    """The path is that of the classic keyword under all drafts."""
    name = rule if rule == "TYPE_CHANGED" else f"ADDITIONAL_ITEMS_{rule}"
    expected = [] if rule is None else [(name, "#/additionalItems")]
    before, after = arr(draft, [STRING], old), arr(draft, [STRING], new)
    assert kit.found(draft, before, after) == expected
    assert kit.found(draft, before, after, Policy.LENIENT) == expected


@pytest.mark.parametrize("draft", CLASSIC)
def test_forbidden_additional_items_beside_one_schema_are_permitted(kit, draft):
    one = {"type": "array", "items": STRING}
    assert kit.found(draft, one, {**one, "additionalItems": False}) == []
    none = {"type": "array"}
    assert kit.found(draft, none, {**none, "additionalItems": False}) == [
        ("ADDITIONAL_ITEMS_REMOVED", "#/additionalItems")
    ]


@every
def test_a_list_is_no_schema_for_all_items(kit, draft):
    one, listed = {"type": "array", "items": STRING}, arr(draft, [STRING])
    assert kit.found(draft, one, listed) == [("ITEM_ADDED_TO_OPEN_CONTENT_MODEL", "#/items/0")]
    assert kit.found(draft, listed, one) == [("SCHEMA_ADDED", "#/items")]


@modern
def test_modern_items_without_a_list(kit, draft):
    """An empty list is none; false forbids more items, true says nothing."""
    plain, forbidden = {"type": "array"}, {"type": "array", "items": False}
    assert kit.found(draft, plain, {"type": "array", "items": True}) == []
    assert kit.found(draft, plain, {"type": "array", "prefixItems": [], "items": STRING}) == [
        ("SCHEMA_ADDED", "#/items")
    ]
    assert kit.found(draft, plain, forbidden) == [("ADDITIONAL_ITEMS_REMOVED", "#/additionalItems")]


@modern
@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (NONE, False, "REMOVED"),
        (NONE, True, "NARROWED"),
        (NONE, STRING, "NARROWED"),
        (False, NONE, None),
        (False, STRING, None),
        (STRING, False, "REMOVED"),
        (True, STRING, "NARROWED"),
        (STRING, True, None),
        (STRING, NONE, None),
        (STRING, INTEGER, "TYPE_CHANGED"),
    ],
)
def test_unevaluated_items(kit, draft, old, new, rule):
    key = "unevaluatedItems"
    before, after = (
        {"type": "array"} if each is NONE else {"type": "array", key: each} for each in (old, new)
    )
    name = rule if rule == "TYPE_CHANGED" else f"UNEVALUATED_ITEMS_{rule}"
    expected = [] if rule is None else [(name, f"#/{key}")]
    assert kit.found(draft, before, after) == expected
    assert kit.found(draft, before, after, Policy.LENIENT) == expected


@modern
def test_unevaluated_items_close_and_cover(kit, draft):
    def listed(items, rest):
        return {"type": "array", "prefixItems": items, "unevaluatedItems": rest}

    two, one = [STRING, STRING], [STRING]
    assert kit.found(draft, listed(two, True), listed(one, True)) == []
    assert kit.found(draft, listed(two, STRING), listed(one, STRING)) == []
    assert kit.found(draft, listed(one, STRING), listed(two, STRING)) == []
    assert kit.found(draft, listed(one, False), listed(two, False)) == []
    assert kit.found(draft, listed(two, False), listed(one, False)) == [
        ("ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL", "#/items/1")
    ]


@every
def test_unique_items(kit, draft):
    plain, unique = {"type": "array"}, {"type": "array", "uniqueItems": True}
    assert kit.found(draft, plain, unique) == [("UNIQUE_ITEMS_ADDED", "#/uniqueItems")]
    assert kit.found(draft, unique, plain) == []
    assert kit.found(draft, unique, {"type": "array", "uniqueItems": False}) == []
    assert kit.found(draft, plain, {"type": "array", "uniqueItems": False}) == []


# -- contains


@pytest.mark.parametrize("draft", ["6", "7", *MODERN])
def test_the_schema_of_contains_is_not_compared(kit, draft):
    old, new = ({"type": "array", "contains": each} for each in (STRING, INTEGER))
    assert kit.found(draft, old, new) == []


@modern
def test_modern_contains_is_at_least_one(kit, draft):
    plain, contains = {"type": "array"}, {"type": "array", "contains": STRING}
    added = [("MIN_CONTAINS_ADDED", "#/minContains")]
    assert kit.found(draft, plain, contains) == added
    assert kit.found(draft, contains, plain) == []
    assert kit.found(draft, plain, {**contains, "minContains": 0}) == added
    assert kit.found(draft, contains, {**contains, "minContains": 2}) == [
        ("MIN_CONTAINS_INCREASED", "#/minContains")
    ]
    assert kit.found(draft, contains, {**contains, "minContains": 1}) == []
    assert kit.found(draft, contains, {**contains, "maxContains": 2}) == [
        ("MAX_CONTAINS_ADDED", "#/maxContains")
    ]
    assert kit.found(draft, plain, {**plain, "minContains": 2, "maxContains": 1}) == []


@pytest.mark.parametrize("draft", CLASSIC)
def test_classic_counts_of_contains_are_read_off_a_mere_array(kit, draft):
    """They are unknown keywords of a schema that is an array and nothing else."""

    def counted(low, high):
        return {"type": "array", "minContains": low, "maxContains": high}

    assert kit.found(draft, counted(1, 5), counted(2, 4)) == [
        ("MAX_CONTAINS_DECREASED", "#/maxContains"),
        ("MIN_CONTAINS_INCREASED", "#/minContains"),
    ]
    assert kit.found(draft, counted(2, 4), counted(1, 5)) == []
    assert kit.found(draft, {"type": "array"}, counted(1, 2)) == [
        ("MAX_CONTAINS_ADDED", "#/maxContains"),
        ("MIN_CONTAINS_ADDED", "#/minContains"),
    ]
    enumerated = {"enum": [[]]}
    assert kit.found(draft, {**counted(1, 5), **enumerated}, {**counted(2, 4), **enumerated}) == []


@every
def test_counts_of_contains_are_integers(kit, draft):
    def counted(low):
        return {"type": "array", "contains": STRING, "minContains": low}

    assert kit.found(draft, counted(2.5), counted(2.9)) == []
    assert kit.found(draft, counted(2.9), counted(3)) == [("MIN_CONTAINS_INCREASED", "#/minContains")]
    assert kit.found(draft, counted("2"), counted("3")) == []
