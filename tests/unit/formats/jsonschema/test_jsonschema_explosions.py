"""Schemas made to take all time or memory are answered, or refused in clear words, within the budgets.

Nothing is timed: each case is either judged, or refused because a budget (formats/budget.py) was used up.
"""

import json
import random
from typing import Any

import pytest

from registan.formats.budget import BUDGET
from registan.formats.jsonschema import JSON_SCHEMA, JsonSchema
from registan.formats.protocol import Invalid
from registan.model.schema import SchemaType, Source

CLASSIC = "http://json-schema.org/draft-07/schema#"
MODERN = "https://json-schema.org/draft/2020-12/schema"
DRAFTS = [(CLASSIC, "definitions"), (MODERN, "$defs")]
drafts = pytest.mark.parametrize(("draft", "key"), DRAFTS, ids=["7", "2020-12"])
STRING: dict[str, Any] = {"type": "string"}
INTEGER: dict[str, Any] = {"type": "integer"}
STEPS = "its comparison takes too many steps"
SCHEMAS = "it unfolds into too many schemas"
URIS = "its ids and references are too long"
NAMES = "names are matched with regular expressions for too long"
BIG = "a regular expression repeats too much"


TENTHS = ("json_schemas", "json_uri_chars", "json_comparison_steps", "json_pattern_steps")


def parse(tree: Any) -> JsonSchema:
    text = tree if isinstance(tree, str) else json.dumps(tree)
    return JSON_SCHEMA.parse(Source(SchemaType.JSON, text), {})


def judged(old: Any, new: Any) -> list[str]:
    """The rules that are broken."""
    return [each.rule for each in JSON_SCHEMA.incompatibilities(parse(new), parse(old))]


def refused(old: Any, new: Any, why: str) -> None:
    """By a tenth of the budgets, to be told sooner."""
    with pytest.MonkeyPatch.context() as patch:
        for name in TENTHS:
            patch.setattr(BUDGET, name, getattr(BUDGET, name) // 10)
        with pytest.raises(Invalid) as invalid:
            judged(old, new)
    assert not invalid.value.syntax
    assert invalid.value.why.startswith(f"The schema is too complex: {why} (limits.budget.json_")


def graph(draft: str, key: str, count: int, seed: int, *, changed: bool = False) -> dict[str, Any]:
    """Types that refer to each other at random."""
    rnd = random.Random(seed)
    types = {}
    for i in range(count):
        kind = INTEGER if changed else STRING
        fields = {f"f{j}": kind for j in range(6)}
        refs = {f"r{j}": {"$ref": f"#/{key}/T{rnd.randrange(count)}"} for j in range(4)}
        types[f"T{i}"] = {"type": "object", "properties": {**fields, **refs}}
    return {"$schema": draft, key: types, "$ref": f"#/{key}/T0"}


@drafts
def test_thousands_of_differences_in_circles_are_listed_up_to_the_limit(draft: str, key: str) -> None:
    found = judged(graph(draft, key, 1500, 1), graph(draft, key, 1500, 1, changed=True))
    assert set(found) == {"TYPE_CHANGED"}
    assert 8_000 < len(found) <= BUDGET.json_differences


@drafts
def test_every_type_may_meet_every_other_only_within_the_budget(draft: str, key: str) -> None:
    refused(graph(draft, key, 300, 1), graph(draft, key, 300, 2), STEPS)


def ring(draft: str, key: str, count: int, odd: Any = STRING) -> dict[str, Any]:
    """Types in a circle, each with a union; one is odd."""
    types = {
        f"T{i}": {
            "anyOf": [
                {"type": "object", "properties": {"n": {"$ref": f"#/{key}/T{(i + 1) % count}"}}},
                odd if i == count // 2 else STRING,
            ]
        }
        for i in range(count)
    }
    return {"$schema": draft, key: types, "$ref": f"#/{key}/T0"}


@drafts
def test_a_long_circle_is_compared_until_it_no_longer_changes(draft: str, key: str) -> None:
    assert not judged(ring(draft, key, 2000), ring(draft, key, 2000))
    assert judged(ring(draft, key, 2000), ring(draft, key, 2000, INTEGER)) == [
        "COMBINED_TYPE_SUBSCHEMAS_CHANGED"
    ]


@drafts
def test_circles_of_different_length_meet_everywhere(draft: str, key: str) -> None:
    refused(ring(draft, key, 301), ring(draft, key, 300), STEPS)


def union(draft: str, count: int, seed: int, *, changed: bool = False) -> dict[str, Any]:
    members = [
        {"type": "object", "properties": {"kind": {"const": f"{i}{'x' * (changed and not i % 3)}"}}}
        for i in range(count)
    ]
    random.Random(seed).shuffle(members)
    return {"$schema": draft, "oneOf": members}


@drafts
def test_wide_unions_find_their_partners_in_any_order(draft: str, key: str) -> None:
    assert not judged(union(draft, 2000, 1), union(draft, 2000, 2))


@drafts
def test_wide_unions_without_partners_are_told(draft: str, key: str) -> None:
    found = judged(union(draft, 2000, 1), union(draft, 2000, 2, changed=True))
    assert found == ["COMBINED_TYPE_SUBSCHEMAS_CHANGED"]


@drafts
def test_unions_inside_unions_are_compared_once(draft: str, key: str) -> None:
    """Each level of one meets only the same level of the other."""

    def levels(last: Any) -> dict[str, Any]:
        types = {
            f"L{i}": {
                "oneOf": [
                    {"properties": {"a": {"$ref": f"#/{key}/L{i + 1}"}, "n": {"const": j}}} for j in range(30)
                ]
            }
            for i in range(100)
        }
        return {"$schema": draft, key: {**types, "L100": last}, "$ref": f"#/{key}/L0"}

    assert not judged(levels(STRING), levels(STRING))
    assert judged(levels(STRING), levels(INTEGER)) == ["COMBINED_TYPE_SUBSCHEMAS_CHANGED"]


@drafts
def test_members_that_hardly_differ_are_matched_within_the_budget(draft: str, key: str) -> None:
    lengths = [{"type": "string", "maxLength": i} for i in range(5_000)]
    refused({"$schema": draft, "anyOf": lengths}, {"$schema": draft, "anyOf": lengths[::-1]}, STEPS)


@drafts
def test_long_chains_of_ids_are_refused(draft: str, key: str) -> None:
    chain: dict[str, Any] = STRING
    for i in range(300):
        chain = {"$id": f"{'p' * 1000}{i}/", "not": chain}
    schema = {"$schema": draft, "$id": "http://a/b/", "allOf": [chain]}
    refused(schema, schema, URIS)


@drafts
def test_many_references_below_a_long_id_are_refused(draft: str, key: str) -> None:
    ref = {"$ref": f"#/{key}/a"}
    properties = {f"p{i}": ref for i in range(600)}
    schema = {"$schema": draft, "$id": f"http://a/{'q' * 40_000}/", key: {"a": {}}, "properties": properties}
    refused(schema, schema, URIS)


@drafts
def test_huge_enumerations_are_sets(draft: str, key: str) -> None:
    values = [f"value-{i}" for i in range(60_000)]
    assert not judged({"$schema": draft, "enum": values}, {"$schema": draft, "enum": [*values[::-1], 1]})
    assert judged({"$schema": draft, "enum": values}, {"$schema": draft, "enum": values[1:]}) == [
        "ENUM_ARRAY_NARROWED"
    ]


def test_all_enumerations_against_all_count_their_values() -> None:
    def members(more: list[str]) -> dict[str, Any]:
        values = [f"v{i}" for i in range(6000)]
        return {"oneOf": [{"enum": [*values, *more[k:]]} for k in range(len(more))]}

    names = [f"k{k}" for k in range(20)]
    refused(members(names), members(names[::-1]), STEPS)


@drafts
@pytest.mark.parametrize("pattern", ["^x{}.*(a|b)+$", "p{}_", "(p+)*{}$", "(.)\\1{}"])
def test_many_patterns_for_many_names_are_refused(draft: str, key: str, pattern: str) -> None:
    old = {"$schema": draft, "properties": {f"prop_{i}": STRING for i in range(1000)}}
    new = {"$schema": draft, "patternProperties": {pattern.format(f"x{i}"): INTEGER for i in range(500)}}
    refused(old, new, NAMES)


def test_a_pattern_that_backtracks_forever_elsewhere_is_answered() -> None:
    old = {"properties": {"a" * 40: STRING}}
    new = {"patternProperties": {"^(a+)+$x": INTEGER, "^(a*)*$": STRING}}
    assert not judged(old, new)


def test_what_patterns_become_counts_towards_the_budget() -> None:
    old = {"properties": {"b": STRING}}
    new = {"patternProperties": {f"(a{{1000}}){{18}}{i}": STRING for i in range(50)}}
    refused(old, new, NAMES)


def test_a_pattern_that_repeats_too_much_is_refused_when_it_is_needed() -> None:
    new = {"patternProperties": {"((a{1000}){1000}){1000}": STRING}}
    assert not judged(new, new)
    refused({"properties": {"b": STRING}}, new, BIG)


@drafts
def test_too_many_schemas_are_refused(draft: str, key: str) -> None:
    schema = {"$schema": draft, "allOf": [{}] * (BUDGET.json_schemas // 10 + 1)}
    refused(schema, schema, SCHEMAS)


def test_dynamic_references_do_not_unfold_without_end() -> None:
    """2 kB that would unfold into 2^25 schemas, each of which asks all that enclose it."""
    inner: dict[str, Any] = {"$dynamicAnchor": "a0"}
    for i in range(1, 25):
        inner = {
            "$dynamicAnchor": f"a{i}",
            "$defs": {"x": inner},
            "allOf": [{"$dynamicRef": f"#a{i - 1}"}] * 2,
        }
    schema = {"$schema": MODERN, **inner, "$dynamicRef": "#a24"}
    refused(schema, schema, SCHEMAS)


@drafts
def test_numbers_of_any_size_are_compared(draft: str, key: str) -> None:
    def bounds(maximum: str, multiple: str) -> str:
        number = f'{{"type":"number","maximum":{maximum},"multipleOf":{multiple}}}'
        return f'{{"$schema":"{draft}","properties":{{"a":{number}}}}}'

    found = judged(bounds("1E+2000000000", "9" * 1000), bounds("-" + "9" * 999, "3E-300"))
    assert sorted(found) == ["MAXIMUM_DECREASED"]


@drafts
def test_what_is_written_alike_is_paid_for(draft: str, key: str) -> None:
    """Telling members apart takes work too."""
    schema = {"$schema": draft, "allOf": [{"properties": {"a": {"minLength": 1}}}] * 9_000}
    refused(schema, schema, STEPS)
