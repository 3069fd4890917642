"""What each rule says, and which the lenient policy lets pass (docs/wire.md, JSON Schema 5.5, 5.6)."""

import pytest

from registan.formats.jsonschema import JSON_SCHEMA
from registan.formats.jsonschema.rules import LENIENT, Rule, broken, let_pass
from registan.formats.protocol import Policy

BOUNDS = ("LENGTH", "PROPERTIES", "ITEMS", "CONTAINS")
HIGHEST = [*(f"MAX_{each}" for each in BOUNDS), "MAXIMUM", "EXCLUSIVE_MAXIMUM"]
LOWEST = [*(f"MIN_{each}" for each in BOUNDS), "MINIMUM", "EXCLUSIVE_MINIMUM"]
REST = [f"{kind}_{what}" for kind in ("ADDITIONAL", "UNEVALUATED") for what in ("PROPERTIES", "ITEMS")]
TEXTS = {
    "The keyword at path 'P' in the new schema is not present in the old schema": [
        *(f"{each}_ADDED" for each in (*HIGHEST, *LOWEST)),
        *("PATTERN_ADDED", "MULTIPLE_OF_ADDED", "UNIQUE_ITEMS_ADDED", "REQUIRED_ATTRIBUTE_ADDED"),
        *("DEPENDENCY_ARRAY_ADDED", "DEPENDENCY_SCHEMA_ADDED"),
        *(f"{each}_REMOVED" for each in REST),
    ],
    "The value at path 'P' in the new schema is more than its value in the old schema": [
        *(f"{each}_INCREASED" for each in LOWEST),
        "MULTIPLE_OF_EXPANDED",
    ],
    "The value at path 'P' in the new schema is less than its value in the old schema": [
        f"{each}_DECREASED" for each in HIGHEST
    ],
    "The value at path 'P' is different between the new and old schema": [
        *("PATTERN_CHANGED", "MULTIPLE_OF_CHANGED", "DEPENDENCY_ARRAY_CHANGED"),
    ],
    "An array or combined type at path 'P' has fewer elements in the new schema than the old schema": [
        *("SUM_TYPE_NARROWED", "ENUM_ARRAY_NARROWED"),
        *(f"{each}_NARROWED" for each in REST),
    ],
    "An array or combined type at path 'P' has more elements in the new schema than the old schema": [
        *("PRODUCT_TYPE_EXTENDED", "NOT_TYPE_EXTENDED", "DEPENDENCY_ARRAY_EXTENDED"),
    ],
    "A type at path 'P' is different between the new schema and the old schema": [
        *("TYPE_CHANGED", "TYPE_NARROWED", "COMBINED_TYPE_CHANGED"),
        *("COMBINED_TYPE_SUBSCHEMAS_CHANGED", "ENUM_ARRAY_CHANGED"),
    ],
    "The new schema has an open content model and has a property or item at path 'P' which is missing in the"
    " old schema": [
        *(
            f"{each}_ADDED_TO_OPEN_CONTENT_MODEL"
            for each in ("REQUIRED_PROPERTY", "OPTIONAL_PROPERTY", "ITEM")
        ),
        "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL",
    ],
    "The new schema has an unopen content model and has a required property at path 'P' which is missing in"
    " the old schema": ["REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL"],
    "The new has a closed content model and is missing a property or item present at path 'P' in the old"
    " schema": [f"{each}_REMOVED_FROM_CLOSED_CONTENT_MODEL" for each in ("PROPERTY", "ITEM")],
    "A property or item is missing in the new schema but present at path 'P' in the old schema and is not"
    " covered by its partially open content model": [
        f"{each}_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL" for each in ("PROPERTY", "ITEM")
    ],
    "The new schema has a property or item at path 'P' which is missing in the old schema and is not covered"
    " by its partially open content model": [
        f"{each}_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL" for each in ("PROPERTY", "ITEM")
    ],
    "": ["SCHEMA_ADDED"],
}
SAID = [(name, text) for text, names in TEXTS.items() for name in names]


@pytest.mark.parametrize(("name", "text"), SAID)
def test_what_a_rule_says(name, text):
    """The quotes do not match, as on the wire."""
    message = broken(Rule(name), "P").message("new", "old")
    assert message == f'{{errorType:"{name}", description:"{text}\'}}'


def test_every_rule_says_something():
    assert sorted(name for name, _ in SAID) == sorted(Rule)


def test_forward_exchanges_the_words():
    message = broken(Rule.MAXIMUM_DECREASED, "#/maximum").message("old", "new")
    assert "in the old schema is less than its value in the new schema" in message


@pytest.mark.parametrize("name", ["%s", "a%sb", "{path}", "new", "{}", "'"])
def test_names_pass_through_no_formatter(kit, name):
    schemas = [kit.parse({"properties": {name: {"type": kind}}}) for kind in ("string", "null")]
    (found,) = JSON_SCHEMA.incompatibilities(*schemas)
    assert found.message("new", "old") == (
        f'{{errorType:"TYPE_CHANGED", description:"A type at path \'#/properties/{name}\' is different'
        " between the new schema and the old schema'}"
    )


def test_what_the_lenient_policy_lets_pass():
    both = [
        f"{kind}_PROPERTIES_{how}"
        for kind in ("ADDITIONAL", "UNEVALUATED")
        for how in ("NARROWED", "REMOVED")
    ]
    names = [
        *("REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN", "OPTIONAL_PROPERTY_ADDED_TO_OPEN"),
        *("PROPERTY_REMOVED_FROM_CLOSED", "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN"),
        "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN",
    ]
    assert sorted(LENIENT) == sorted([*both, *(f"{name}_CONTENT_MODEL" for name in names)])
    assert let_pass(Policy.LENIENT) == LENIENT
    assert not let_pass(Policy.STRICT)
    assert not let_pass(Policy.LOGICAL)


def test_the_policy_counts_inside_of_combined_schemas(kit):
    """A member that is compatible only leniently finds a partner only leniently."""
    old = {"oneOf": [{"type": "null"}, {"type": "object", "properties": {"a": {}}}]}
    new = {"oneOf": [{"type": "null"}, {"type": "object", "properties": {"a": {}, "b": {"type": "null"}}}]}
    assert kit.found("7", old, new) == [("COMBINED_TYPE_SUBSCHEMAS_CHANGED", "#/")]
    assert kit.found("7", old, new, Policy.LENIENT) == []
