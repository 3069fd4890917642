"""What must hold for any Avro text, valid or not."""

import json
import random
import runpy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from registan.core.compatibility import Old, violations
from registan.formats.avro import AVRO, AvroSchema
from registan.formats.memo import Parsed
from registan.formats.protocol import Invalid, Policy
from registan.model.policy import CompatibilityLevel
from registan.model.schema import SchemaType, Source

LIMITS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
Maker = runpy.run_path(str(Path(__file__).parents[1] / "fuzz" / "fuzz_avro.py"))["Maker"]

makers = st.integers(0, 2**48).map(lambda seed: Maker(random.Random(seed)))


def parse(text: str) -> AvroSchema:
    return AVRO.parse(Source(SchemaType.AVRO, text), {}, strict=False)


def outcome(text: str) -> str:
    """The stored text, or why there is none."""
    try:
        return AVRO.parse(Source(SchemaType.AVRO, text), {}).text
    except Invalid as invalid:
        return invalid.why


def accepted(tree: Any) -> AvroSchema:
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


PLAIN_FIELDS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            [
                "int",
                "string",
                "R",
                "n.E",
                ["null", "string"],
                ["null", "R"],
                {"type": "array", "items": "E"},
                {"type": "bytes", "logicalType": "decimal", "precision": 4},
                {"type": "int", "p": [1, {"a": 2.5}]},
            ]
        )
    },
    optional={
        "doc": st.sampled_from(["", 'a "b"', 5]),
        "default": st.sampled_from([None, 0, -1, 2**31, "", "x", [], {}, 1.5, True]),
        "prop": st.sampled_from(["x", None, [1.0]]),
        "order": st.just("descending"),
    },
)


@LIMITS
@given(st.lists(PLAIN_FIELDS, max_size=5), st.sampled_from([None, "n", "a.b", ""]))
def test_the_quick_way_leads_to_the_same_text(fields: list[dict[str, Any]], space: str | None) -> None:
    """What is told of a schema without types is what its types print."""
    enum = {"type": {"type": "enum", "name": "E", "namespace": "n", "symbols": ["A", "B"]}, "name": "e"}
    named = [{"name": f"f{i}", **field} for i, field in enumerate(fields)]
    record = {"type": "record", "name": "R", "fields": [enum, *named]}
    if space is not None:
        record["namespace"] = space
    text = json.dumps(record)
    plain = AVRO.plain_text(Source(SchemaType.AVRO, text))
    assert plain in (None, outcome(text))


def quick_text(fields: list[dict[str, Any]], order: list[int], name: str) -> str | None:
    """The canonical text of a record of some of the fields, among them one that defines an enum."""
    enum = {"type": {"type": "enum", "name": "E", "namespace": "n", "symbols": ["A", "B"]}, "name": "e"}
    named = [enum, *({"name": f"f{i}", **field} for i, field in enumerate(fields))]
    record = {"type": "record", "name": name, "fields": [named[i] for i in order if i < len(named)]}
    return AVRO.plain_text(Source(SchemaType.AVRO, json.dumps(record)))


ORDERS = st.lists(st.integers(0, 5), unique=True, max_size=6)


@LIMITS
@given(st.lists(PLAIN_FIELDS, min_size=1, max_size=5), ORDERS, ORDERS, st.sampled_from(["R", "R", "R", "S"]))
def test_a_verdict_at_first_sight_is_right(
    fields: list[dict[str, Any]], first: list[int], second: list[int], name: str
) -> None:
    """Where two texts show that one reads the other, the comparison of their types says the same."""
    reader, writer = quick_text(fields, first, "R"), quick_text(fields, second, name)
    if reader is not None and writer is not None and AVRO.evidently_reads(reader, writer):
        assert not AVRO.incompatibilities(parse(reader), parse(writer))


@LIMITS
@given(makers)
def test_canonical_text_is_stable(maker: Any) -> None:
    schema = accepted(maker.record(4))
    again = parse(schema.text)
    assert again.text == schema.text
    assert AVRO.same(schema, again)
    assert AVRO.same(again, schema)


@LIMITS
@given(makers)
def test_nothing_is_incompatible_with_itself(maker: Any) -> None:
    """Unless a field has an alias that is another field."""
    schema = accepted(maker.record(4))
    assert {each.rule for each in AVRO.incompatibilities(schema, schema)} <= {"UNEXPECTED"}


@LIMITS
@given(makers)
def test_full_is_both_directions(maker: Any) -> None:
    tree = maker.record(4)
    new, old = accepted(tree), accepted(maker.changed(tree))
    parsed = Parsed(AVRO, new, object())
    olds = [Old(1, Parsed(AVRO, old, object()), old.text)]

    def good(level: CompatibilityLevel) -> bool:
        return not violations(level, parsed, olds, Policy.STRICT)

    backward, forward = good(CompatibilityLevel.BACKWARD), good(CompatibilityLevel.FORWARD)
    assert good(CompatibilityLevel.FULL) == (backward and forward)


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
def test_the_order_of_attributes_does_not_matter(maker: Any, seed: int) -> None:
    """Not for look-ups, and nothing of it is left in the normal form."""
    tree = maker.record(4)
    one, other = accepted(tree), accepted(reordered(tree, random.Random(seed)))
    assert AVRO.same(one, other)
    try:
        normal = AVRO.normalize(one)
    except Invalid:
        return
    assert AVRO.normalize(other).text == normal.text
    assert parse(normal.text).text == normal.text
