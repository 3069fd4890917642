"""The rules of compatibility: which differences there are, which are compatible, and what they say.

What lives here: names, sets and message templates, as on the wire (docs/wire.md, JSON Schema 5.5, 5.6).
When a difference is found is compare.py's matter. Differences that are always compatible have no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from registan.formats.protocol import Incompatibility, Policy


class Rule(StrEnum):
    """Differences that make two schemas incompatible, at least under the strict policy."""

    SCHEMA_ADDED = "SCHEMA_ADDED"
    TYPE_CHANGED = "TYPE_CHANGED"
    TYPE_NARROWED = "TYPE_NARROWED"
    # strings
    MAX_LENGTH_ADDED = "MAX_LENGTH_ADDED"
    MAX_LENGTH_DECREASED = "MAX_LENGTH_DECREASED"
    MIN_LENGTH_ADDED = "MIN_LENGTH_ADDED"
    MIN_LENGTH_INCREASED = "MIN_LENGTH_INCREASED"
    PATTERN_ADDED = "PATTERN_ADDED"
    PATTERN_CHANGED = "PATTERN_CHANGED"
    # numbers
    MAXIMUM_ADDED = "MAXIMUM_ADDED"
    MAXIMUM_DECREASED = "MAXIMUM_DECREASED"
    MINIMUM_ADDED = "MINIMUM_ADDED"
    MINIMUM_INCREASED = "MINIMUM_INCREASED"
    EXCLUSIVE_MAXIMUM_ADDED = "EXCLUSIVE_MAXIMUM_ADDED"
    EXCLUSIVE_MAXIMUM_DECREASED = "EXCLUSIVE_MAXIMUM_DECREASED"
    EXCLUSIVE_MINIMUM_ADDED = "EXCLUSIVE_MINIMUM_ADDED"
    EXCLUSIVE_MINIMUM_INCREASED = "EXCLUSIVE_MINIMUM_INCREASED"
    MULTIPLE_OF_ADDED = "MULTIPLE_OF_ADDED"
    MULTIPLE_OF_EXPANDED = "MULTIPLE_OF_EXPANDED"
    MULTIPLE_OF_CHANGED = "MULTIPLE_OF_CHANGED"
    # values, negation, combination
    ENUM_ARRAY_NARROWED = "ENUM_ARRAY_NARROWED"
    ENUM_ARRAY_CHANGED = "ENUM_ARRAY_CHANGED"
    NOT_TYPE_EXTENDED = "NOT_TYPE_EXTENDED"
    COMBINED_TYPE_CHANGED = "COMBINED_TYPE_CHANGED"
    COMBINED_TYPE_SUBSCHEMAS_CHANGED = "COMBINED_TYPE_SUBSCHEMAS_CHANGED"
    PRODUCT_TYPE_EXTENDED = "PRODUCT_TYPE_EXTENDED"
    SUM_TYPE_NARROWED = "SUM_TYPE_NARROWED"
    # objects
    REQUIRED_ATTRIBUTE_ADDED = "REQUIRED_ATTRIBUTE_ADDED"
    MAX_PROPERTIES_ADDED = "MAX_PROPERTIES_ADDED"
    MAX_PROPERTIES_DECREASED = "MAX_PROPERTIES_DECREASED"
    MIN_PROPERTIES_ADDED = "MIN_PROPERTIES_ADDED"
    MIN_PROPERTIES_INCREASED = "MIN_PROPERTIES_INCREASED"
    ADDITIONAL_PROPERTIES_REMOVED = "ADDITIONAL_PROPERTIES_REMOVED"
    ADDITIONAL_PROPERTIES_NARROWED = "ADDITIONAL_PROPERTIES_NARROWED"
    UNEVALUATED_PROPERTIES_REMOVED = "UNEVALUATED_PROPERTIES_REMOVED"
    UNEVALUATED_PROPERTIES_NARROWED = "UNEVALUATED_PROPERTIES_NARROWED"
    DEPENDENCY_ARRAY_ADDED = "DEPENDENCY_ARRAY_ADDED"
    DEPENDENCY_ARRAY_EXTENDED = "DEPENDENCY_ARRAY_EXTENDED"
    DEPENDENCY_ARRAY_CHANGED = "DEPENDENCY_ARRAY_CHANGED"
    DEPENDENCY_SCHEMA_ADDED = "DEPENDENCY_SCHEMA_ADDED"
    REQUIRED_PROPERTY_ADDED_TO_OPEN = "REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"
    REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN = (
        "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL"
    )
    OPTIONAL_PROPERTY_ADDED_TO_OPEN = "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"
    REQUIRED_PROPERTY_ADDED_TO_UNOPEN = "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL"
    PROPERTY_REMOVED_FROM_CLOSED = "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL"
    PROPERTY_REMOVED_NOT_COVERED = "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
    PROPERTY_ADDED_NOT_COVERED = "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
    # arrays
    MAX_ITEMS_ADDED = "MAX_ITEMS_ADDED"
    MAX_ITEMS_DECREASED = "MAX_ITEMS_DECREASED"
    MIN_ITEMS_ADDED = "MIN_ITEMS_ADDED"
    MIN_ITEMS_INCREASED = "MIN_ITEMS_INCREASED"
    MAX_CONTAINS_ADDED = "MAX_CONTAINS_ADDED"
    MAX_CONTAINS_DECREASED = "MAX_CONTAINS_DECREASED"
    MIN_CONTAINS_ADDED = "MIN_CONTAINS_ADDED"
    MIN_CONTAINS_INCREASED = "MIN_CONTAINS_INCREASED"
    UNIQUE_ITEMS_ADDED = "UNIQUE_ITEMS_ADDED"
    ADDITIONAL_ITEMS_REMOVED = "ADDITIONAL_ITEMS_REMOVED"
    ADDITIONAL_ITEMS_NARROWED = "ADDITIONAL_ITEMS_NARROWED"
    UNEVALUATED_ITEMS_REMOVED = "UNEVALUATED_ITEMS_REMOVED"
    UNEVALUATED_ITEMS_NARROWED = "UNEVALUATED_ITEMS_NARROWED"
    ITEM_ADDED_TO_OPEN = "ITEM_ADDED_TO_OPEN_CONTENT_MODEL"
    ITEM_REMOVED_FROM_CLOSED = "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL"
    ITEM_REMOVED_NOT_COVERED = "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
    ITEM_ADDED_NOT_COVERED = "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"


LENIENT = frozenset(
    (
        Rule.ADDITIONAL_PROPERTIES_NARROWED,
        Rule.ADDITIONAL_PROPERTIES_REMOVED,
        Rule.UNEVALUATED_PROPERTIES_NARROWED,
        Rule.UNEVALUATED_PROPERTIES_REMOVED,
        Rule.REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN,
        Rule.OPTIONAL_PROPERTY_ADDED_TO_OPEN,
        Rule.PROPERTY_REMOVED_FROM_CLOSED,
        Rule.PROPERTY_REMOVED_NOT_COVERED,
        Rule.PROPERTY_ADDED_NOT_COVERED,
    )
)
"""What the lenient policy lets pass."""


def let_pass(policy: Policy) -> frozenset[Rule]:
    """The rules that may be broken under a policy."""
    return LENIENT if policy is Policy.LENIENT else frozenset()


_PRESENT = "The keyword at path '{path}' in the %s schema is not present in the %s schema"
_MORE = "The value at path '{path}' in the %s schema is more than its value in the %s schema"
_LESS = "The value at path '{path}' in the %s schema is less than its value in the %s schema"
_DIFFERENT = "The value at path '{path}' is different between the %s and %s schema"
_FEWER = "An array or combined type at path '{path}' has fewer elements in the %s schema than the %s schema"
_ELEMENTS = "An array or combined type at path '{path}' has more elements in the %s schema than the %s schema"
_TYPE = "A type at path '{path}' is different between the %s schema and the %s schema"
_OPEN = (
    "The %s schema has an open content model and has a property or item at path '{path}' which is missing"
    " in the %s schema"
)
_UNOPEN = (
    "The %s schema has an unopen content model and has a required property at path '{path}' which is"
    " missing in the %s schema"
)
_CLOSED = (
    "The %s has a closed content model and is missing a property or item present at path '{path}' in the"
    " %s schema"
)
_REMOVED = (
    "A property or item is missing in the %s schema but present at path '{path}' in the %s schema and is"
    " not covered by its partially open content model"
)
_ADDED = (
    "The %s schema has a property or item at path '{path}' which is missing in the %s schema and is not"
    " covered by its partially open content model"
)

_ENDINGS = {
    "ADDED_TO_OPEN_CONTENT_MODEL": _OPEN,
    "ADDED_TO_UNOPEN_CONTENT_MODEL": _UNOPEN,
    "REMOVED_FROM_CLOSED_CONTENT_MODEL": _CLOSED,
    "REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL": _REMOVED,
    "ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL": _ADDED,
    "_INCREASED": _MORE,
    "_EXPANDED": _MORE,
    "_DECREASED": _LESS,
    "TYPE_EXTENDED": _ELEMENTS,
    "ARRAY_EXTENDED": _ELEMENTS,
    "TYPE_CHANGED": _TYPE,
    "SUBSCHEMAS_CHANGED": _TYPE,
    "ENUM_ARRAY_CHANGED": _TYPE,
    "_CHANGED": _DIFFERENT,
    "SCHEMA_ADDED": "",
    "_ADDED": _PRESENT,
    "_REMOVED": _PRESENT,
    "_NARROWED": _FEWER,
}
"""How a name ends → what it says; the first that fits."""

TEXTS: Mapping[Rule, str] = {
    **{rule: next(text for ending, text in _ENDINGS.items() if rule.endswith(ending)) for rule in Rule},
    Rule.TYPE_NARROWED: _TYPE,
    Rule.DEPENDENCY_SCHEMA_ADDED: _PRESENT,
}
"""What each says; `%s` stands for the words of the two schemas, "new" and "old"."""

_PARTS = {
    rule: tuple(f'{{errorType:"{rule}", description:"{text}\'}}'.split("%s")) for rule, text in TEXTS.items()
}


def broken(rule: Rule, path: str) -> Incompatibility:
    """The finding that a rule is broken at a path."""
    parts = tuple(part.replace("{path}", path, 1) for part in _PARTS[rule])
    return Incompatibility(rule.value, path, parts)
