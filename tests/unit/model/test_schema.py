"""The guid of a content: vectors recorded from the original (docs/wire.md, guid)."""

from __future__ import annotations

import pytest

from registan.model.data_contract import ExecutionEnvironment, Metadata, Rule, RuleKind, RuleMode, RuleSet
from registan.model.schema import Reference, SchemaType, Source, guid


def of(text='"int"', references=(), metadata=None, rule_set=None, type_=SchemaType.AVRO):
    return Source(type_, text, tuple(references), metadata, rule_set).guid


N = Reference("n", "t", 1)
M = Reference("m", ":.v:t", 1)


@pytest.mark.parametrize(
    ("digest", "content"),
    [
        ("ef524ea1-b91e-7317-3d93-8ade36c1db32", {}),
        ("1d1d1f70-2ee5-5e03-8ce5-4f3b6703c50f", {"metadata": Metadata()}),
        ("1971c938-f93c-9a8e-c077-629ff020f4b7", {"metadata": Metadata.of(None, {"k": "v"})}),
        (
            "5c68f06a-4f98-c696-fa52-37f34290e14c",
            {"metadata": Metadata.of({"a": ["X", "Y"]}, {"k": "v"}, ["k"])},
        ),
        (
            "9dd4917f-f869-3a34-8c90-f3f5adc886f5",
            {"metadata": Metadata.of(None, {"confluent:version": "1"})},
        ),
        ("997bed3b-0043-64a6-25fc-bb9343324037", {"references": [N]}),
        ("d4df69e5-2661-aab3-8b26-6f47651ef95e", {"metadata": Metadata(), "references": [N, M]}),
        ("d41d8cd9-8f00-b204-e980-0998ecf8427e", {"text": ""}),
    ],
)
def test_recorded_guids(digest, content):
    assert of(**content) == digest


def test_the_type_is_not_part_of_the_content():
    assert of(type_=SchemaType.JSON) == of(type_=SchemaType.AVRO) == of(type_=SchemaType.PROTOBUF)


def test_the_order_of_references_is():
    assert of(references=[N, M]) != of(references=[M, N])


def test_the_order_in_which_metadata_were_sent_is_not():
    one = Metadata(tags={"b": ("Y", "X"), "a": ()}, properties={"z": "1", "y": "2"}, sensitive=("q", "p"))
    other = Metadata.of({"a": [], "b": ["X", "Y"]}, {"y": "2", "z": "1"}, ["p", "q"])
    assert of(metadata=one) == of(metadata=other)


def test_nothing_separates_the_parts():
    """As recorded: these are one hash, so the hash alone does not tell contents apart."""
    twins = [
        Metadata.of(None, {"ab": "c"}),
        Metadata.of(None, {"a": "bc"}),
        Metadata.of({"abc": []}),
    ]
    assert len({of(metadata=metadata) for metadata in twins}) == 1
    assert of(metadata=Metadata.of(None, {"k": ""})) == of(metadata=Metadata.of(None, None, ["k"]))


def test_negative_versions_are_hashed_as_32_bits():
    assert of(references=[Reference("n", "t", -1)]) != of(references=[N])


RULE = Rule(name="r", doc="d", kind=RuleKind.CONDITION, mode=RuleMode.WRITE, type="CEL", expr="e")


@pytest.mark.parametrize(
    "rule_set",
    [
        RuleSet(),
        RuleSet(domain_rules=(RULE,)),
        RuleSet(domain_rules=(RULE, RULE)),
        RuleSet(domain_rules=(Rule(name="r"),)),
        RuleSet(domain_rules=(Rule(name="r", disabled=True),)),
        RuleSet(domain_rules=(Rule(name="r", tags=("PII",)),)),
        RuleSet(domain_rules=(Rule(name="r", params={"a": "b"}),)),
        RuleSet(domain_rules=(Rule(name="r", on_success="NONE", on_failure="ERROR"),)),
        RuleSet(enable_at=ExecutionEnvironment.ALL),
    ],
)
def test_every_part_of_a_rule_set_counts(rule_set):
    others = [None, RuleSet(migration_rules=(Rule(name="other"),))]
    assert of(rule_set=rule_set) not in {of(rule_set=other) for other in others}


def test_it_does_not_matter_in_which_list_a_rule_stands():
    """The lists are hashed one after the other, without their names."""
    assert of(rule_set=RuleSet(domain_rules=(RULE,))) == of(rule_set=RuleSet(encoding_rules=(RULE,)))


def test_a_lone_surrogate_has_a_guid_too():
    assert guid(Source(SchemaType.JSON, "\ud800")) != guid(Source(SchemaType.JSON, "\ud801"))
