"""What a level means: which pairs are compared, in which direction, with which words."""

from __future__ import annotations

import pytest

from registan.core.compatibility import (
    OTHER_TYPE,
    SHOWN_MAX,
    Old,
    closing,
    reserved_field_violations,
    violations,
)
from registan.formats.memo import Parsed
from registan.formats.protocol import Incompatibility, Policy
from registan.model.data_contract import RESERVED_PROPERTY, Metadata
from registan.model.policy import CompatibilityLevel as Level
from registan.model.schema import SchemaType


class Letters:
    """A format whose schemas are sets of letters: a reader needs all the letters it has."""

    type = SchemaType.AVRO

    def evidently_reads(self, reader, writer):
        return False

    def canonical(self, form):
        return "".join(sorted(form))

    def incompatibilities(self, reader, writer, policy):
        return [
            Incompatibility("LETTER", "/", (f"{letter} is in the ", " schema, not in the ", ""))
            for letter in sorted(set(reader) - set(writer))
        ]

    def top_fields(self, form):
        return frozenset(form)


class Other(Letters):
    type = SchemaType.JSON


FORMAT, OTHER = Letters(), Other()


def parsed(letters, format_=FORMAT):
    return Parsed(format_, frozenset(letters), ("letters", letters, format_.type))


def olds(*texts):
    """Earlier versions, newest first."""
    return [Old(len(texts) - i, parsed(text), text) for i, text in enumerate(texts)]


def judged(level, new, *texts):
    return violations(level, parsed(new), olds(*texts), Policy.STRICT)


BACKWARD = "b is in the new schema, not in the old"
FORWARD = "b is in the old schema, not in the new"


@pytest.mark.parametrize("level", Level)
def test_the_same_schema_fits_every_level(level):
    assert judged(level, "ab", "ab") == []


@pytest.mark.parametrize(
    ("level", "new", "old", "message"),
    [
        (Level.BACKWARD, "ab", "a", BACKWARD),
        (Level.BACKWARD_TRANSITIVE, "ab", "a", BACKWARD),
        (Level.FORWARD, "a", "ab", FORWARD),
        (Level.FORWARD_TRANSITIVE, "a", "ab", FORWARD),
        (Level.FULL, "ab", "a", BACKWARD),
    ],
)
def test_who_must_read_what_the_other_wrote(level, new, old, message):
    assert judged(level, new, old) == [message, "{oldSchemaVersion: 1}", f"{{oldSchema: '{old}'}}"]


@pytest.mark.parametrize(("level", "new", "old"), [(Level.BACKWARD, "a", "ab"), (Level.FORWARD, "ab", "a")])
def test_the_other_direction_does_not_matter(level, new, old):
    assert judged(level, new, old) == []


def test_full_tells_forward_first_and_the_old_schema_only_with_backward():
    """As recorded: an offence in the forward direction alone carries no old schema."""
    assert judged(Level.FULL, "a", "ab") == [FORWARD]
    assert judged(Level.FULL, "ac", "ab") == [
        FORWARD,
        "c is in the new schema, not in the old",
        "{oldSchemaVersion: 1}",
        "{oldSchema: 'ab'}",
    ]


def test_only_the_first_offended_version_is_told():
    assert judged(Level.BACKWARD_TRANSITIVE, "ab", "ab", "a", "b") == [
        BACKWARD,
        "{oldSchemaVersion: 2}",
        "{oldSchema: 'a'}",
    ]


def test_versions_are_looked_at_only_as_far_as_needed():
    def endless():
        yield from olds("a")
        raise AssertionError("looked further than the first offence")

    assert violations(Level.BACKWARD_TRANSITIVE, parsed("ab"), endless(), Policy.STRICT)


def test_another_type_fits_nothing_and_is_told_without_trailers():
    old = Old(1, parsed("a", OTHER), "a")
    assert violations(Level.BACKWARD, parsed("a"), [old], Policy.STRICT) == [OTHER_TYPE]


def test_a_long_old_schema_is_cut():
    old = Old(1, parsed("a"), "x" * (SHOWN_MAX + 1))
    found = violations(Level.BACKWARD, parsed("ab"), [old], Policy.STRICT)
    assert found[-1] == f"{{oldSchema: <truncated> '{'x' * SHOWN_MAX}...'}}"


def test_a_schema_at_the_limit_is_shown_whole():
    old = Old(1, parsed("a"), "x" * SHOWN_MAX)
    assert (
        violations(Level.BACKWARD, parsed("ab"), [old], Policy.STRICT)[-1] == f"{{oldSchema: '{old.text}'}}"
    )


@pytest.mark.parametrize(("flag", "word"), [(True, "true"), (False, "false")])
def test_the_closing_line_tells_level_and_switch(flag, word):
    line = closing(Level.FULL_TRANSITIVE, validate_fields=flag)
    assert line == f"{{validateFields: '{word}', compatibility: 'FULL_TRANSITIVE'}}"


def reserving(names):
    return Metadata.of(None, {RESERVED_PROPERTY: names})


def test_a_reserved_field_may_not_be_taken_off_the_list():
    assert reserved_field_violations(parsed("x"), reserving("b"), reserving("a, b ,c")) == [
        f"The new schema has reserved field {name} removed from its metadata which is present in the old "
        "schema's metadata."
        for name in "ac"
    ]


def test_a_reserved_field_may_not_be_a_field():
    assert reserved_field_violations(parsed("ab"), reserving("b, c,b"), None) == [
        "The new schema has field that conflicts with the reserved field b."
    ]


@pytest.mark.parametrize("metadata", [None, Metadata(), reserving(""), reserving(" , ")])
def test_without_reserved_fields_nothing_is_said(metadata):
    assert reserved_field_violations(parsed("ab"), metadata, metadata) == []


def test_a_finding_that_does_not_quote_the_old_schema_stands_alone(monkeypatch):
    class Alone(Incompatibility):
        quotes_old = False

    found = [Alone("LETTER", "/", ("the ", " schema has more", ""))]
    monkeypatch.setattr(Letters, "incompatibilities", lambda *_: found)
    assert judged(Level.BACKWARD, "xyz", "xy") == ["the new schema has moreold"]
