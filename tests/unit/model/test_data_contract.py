"""Metadata and rule sets: what merging keeps and replaces (docs/wire.md, register flow)."""

from __future__ import annotations

import pytest

from registan.model.data_contract import (
    ExecutionEnvironment,
    Metadata,
    Rule,
    RuleSet,
    merge_metadata,
    merge_rule_sets,
)


def test_metadata_are_sorted_and_said_once():
    metadata = Metadata.of({"b": ["Y", "X", "Y"], "a": []}, {"z": "1", "y": "2"}, ["q", "p", "q"])
    assert list(metadata.tags.items()) == [("a", ()), ("b", ("X", "Y"))]
    assert list(metadata.properties) == ["y", "z"]
    assert metadata.sensitive == ("p", "q")


def test_nothing_makes_empty_metadata():
    assert Metadata.of() == Metadata() != None  # noqa: E711  (empty and absent differ)


def test_a_property_is_set_in_a_copy():
    before = Metadata.of(None, {"b": "1"})
    assert before.with_property("a", "2").properties == {"a": "2", "b": "1"}
    assert before.properties == {"b": "1"}


@pytest.mark.parametrize("present", [Metadata(), Metadata.of(None, {"k": "v"})])
def test_metadata_merged_with_none_are_as_they_were(present):
    assert merge_metadata(None, present) is present
    assert merge_metadata(present, None) is present
    assert merge_metadata(None, None) is None


def test_the_newer_value_of_a_key_replaces_the_older():
    older = Metadata.of({"a": ["X"], "b": ["B"]}, {"k": "old", "o": "1"}, ["s"])
    newer = Metadata.of({"a": ["Y"]}, {"k": "new"}, ["t"])
    assert merge_metadata(older, newer) == Metadata.of(
        {"a": ["Y"], "b": ["B"]}, {"k": "new", "o": "1"}, ["s", "t"]
    )


def rules(*names, doc=None):
    return tuple(Rule(name=name, doc=doc) for name in names)


def test_old_rules_of_the_same_name_go_and_new_ones_come_last():
    older = RuleSet(domain_rules=rules("a", "b", "c", doc="old"))
    newer = RuleSet(domain_rules=rules("b", "d", doc="new"))
    merged = merge_rule_sets(older, newer).domain_rules
    assert [(rule.name, rule.doc) for rule in merged] == [
        ("a", "old"),
        ("c", "old"),
        ("b", "new"),
        ("d", "new"),
    ]


def test_lists_are_merged_each_for_itself():
    older = RuleSet(migration_rules=rules("a"), encoding_rules=rules("e"))
    newer = RuleSet(domain_rules=rules("a"), encoding_rules=())
    assert merge_rule_sets(older, newer) == RuleSet(
        migration_rules=rules("a"), domain_rules=rules("a"), encoding_rules=rules("e")
    )


@pytest.mark.parametrize(
    ("older", "newer", "found"),
    [
        (ExecutionEnvironment.ALL, None, ExecutionEnvironment.ALL),
        (ExecutionEnvironment.ALL, ExecutionEnvironment.NONE, ExecutionEnvironment.NONE),
        (None, None, None),
    ],
)
def test_where_rules_take_effect_is_said_by_the_newer(older, newer, found):
    assert merge_rule_sets(RuleSet(enable_at=older), RuleSet(enable_at=newer)).enable_at is found


def test_a_rule_set_merged_with_none_is_as_it_was():
    present = RuleSet(domain_rules=rules("a"))
    assert merge_rule_sets(None, present) is present
    assert merge_rule_sets(present, None) is present


def test_rules_are_told_in_the_order_of_their_lists():
    rule_set = RuleSet(encoding_rules=rules("e"), migration_rules=rules("m"), domain_rules=rules("d"))
    assert [rule.name for rule in rule_set.rules()] == ["m", "d", "e"]
