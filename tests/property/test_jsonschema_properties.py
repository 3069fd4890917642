"""What must hold for any JSON Schema text, valid or not."""

import json
import random
import runpy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from registan.core.compatibility import Old, violations
from registan.formats.jsonschema import JSON_SCHEMA, JsonSchema
from registan.formats.memo import Parsed
from registan.formats.protocol import Invalid, Policy
from registan.model.policy import CompatibilityLevel
from registan.model.schema import SchemaType, Source

LIMITS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
Maker = runpy.run_path(str(Path(__file__).parents[1] / "fuzz" / "fuzz_jsonschema.py"))["Maker"]

makers = st.integers(0, 2**48).map(lambda seed: Maker(random.Random(seed)))


def parse(text: str) -> JsonSchema:
    return JSON_SCHEMA.parse(Source(SchemaType.JSON, text), {})


def outcome(text: str) -> str:
    """The stored text, or why there is none."""
    try:
        return parse(text).text
    except Invalid as invalid:
        return invalid.why


def accepted(tree: Any) -> JsonSchema:
    try:
        return parse(json.dumps(tree))
    except Invalid:
        assume(False)
        raise


@LIMITS
@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    assert outcome(text)


@LIMITS
@given(makers)
def test_changed_schemas_are_read_or_refused(maker: Any) -> None:
    assert outcome(maker.text())


@LIMITS
@given(makers)
def test_canonical_text_is_stable(maker: Any) -> None:
    schema = accepted(maker.root())
    again = parse(schema.text)
    assert again.text == schema.text
    assert JSON_SCHEMA.same(schema, again)


@LIMITS
@given(makers, st.sampled_from([Policy.STRICT, Policy.LENIENT]))
def test_nothing_is_incompatible_with_itself(maker: Any, policy: Policy) -> None:
    """Neither with the same form nor with another one of the same text."""
    schema = accepted(maker.root())
    assert not JSON_SCHEMA.incompatibilities(schema, schema, policy)
    assert not JSON_SCHEMA.incompatibilities(schema, parse(schema.text), policy)


@LIMITS
@given(makers)
def test_full_is_both_directions(maker: Any) -> None:
    tree = maker.root()
    new, old = accepted(tree), accepted(maker.changed(tree))
    parsed = Parsed(JSON_SCHEMA, new, object())
    olds = [Old(1, Parsed(JSON_SCHEMA, old, object()), old.text)]

    def good(level: CompatibilityLevel) -> bool:
        return not violations(level, parsed, olds, Policy.STRICT)

    backward, forward = good(CompatibilityLevel.BACKWARD), good(CompatibilityLevel.FORWARD)
    assert good(CompatibilityLevel.FULL) == (backward and forward)


@LIMITS
@given(makers)
def test_the_lenient_policy_only_allows_more(maker: Any) -> None:
    tree = maker.root()
    new, old = accepted(tree), accepted(maker.changed(tree))
    if not JSON_SCHEMA.incompatibilities(new, old, Policy.STRICT):
        assert not JSON_SCHEMA.incompatibilities(new, old, Policy.LENIENT)


def reordered(node: Any, rnd: random.Random) -> Any:
    """The same with the entries of all objects in another order."""
    if isinstance(node, list):
        return [reordered(each, rnd) for each in node]
    if not isinstance(node, dict):
        return node
    keys = list(node)
    rnd.shuffle(keys)
    return {key: reordered(node[key], rnd) for key in keys}


@LIMITS
@given(makers, st.integers())
def test_the_order_of_keys_is_normalized(maker: Any, seed: int) -> None:
    """Nothing of it is left in the normal form, which is normal when it is read again."""
    tree = maker.root()
    one, other = accepted(tree), accepted(reordered(tree, random.Random(seed)))
    normal = JSON_SCHEMA.normalize(one).text
    assert JSON_SCHEMA.normalize(other).text == normal
    assert JSON_SCHEMA.normalize(parse(normal)).text == normal
    blanks = json.dumps(tree, indent=2)
    assert JSON_SCHEMA.normalize(parse(blanks)).text == normal


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"not":', "}"),
        ('{"items":', "}"),
        ('{"properties":{"a":', "}}"),
        ('{"allOf":[', "]}"),
        ('{"default":', "}"),
        ("[", "]"),
    ],
)
@pytest.mark.parametrize("depth", [1001, 100_000])
def test_deep_nesting_is_refused(before: str, after: str, depth: int) -> None:
    """Depth is limited, not recursed into."""
    with pytest.raises(Invalid, match="Invalid JSON schema"):
        parse(before * depth + "{}" + after * depth)


@pytest.mark.parametrize("keyword", ["not", "items", "additionalProperties", "if"])
@pytest.mark.parametrize("draft", ["draft-07/schema#", "draft/2020-12/schema"])
def test_what_may_nest_is_compared(keyword: str, draft: str) -> None:
    """As deep as texts may nest, schemas are read, normalized and compared."""
    text = f'{{"{keyword}":' * 999 + "{}" + "}" * 999
    text = f'{{"$schema":"http://json-schema.org/{draft}",{text[1:]}'
    schema = parse(text)
    assert JSON_SCHEMA.normalize(schema).text == parse(text).text
    assert not JSON_SCHEMA.incompatibilities(schema, parse(text))
