"""Compatibility beyond the recorded cases: identity, bounds and the shape of findings."""

import pytest

from registan.formats.budget import BUDGET
from registan.formats.protobuf import PROTOBUF, ProtobufSchema
from registan.formats.protobuf.rules import Rule, broken
from registan.model.schema import Referenced, SchemaType, Source

HEAD = 'syntax = "proto3"; '


def parse(text: str, refs: dict[str, Referenced] | None = None) -> ProtobufSchema:
    return PROTOBUF.parse(Source(SchemaType.PROTOBUF, HEAD + text), refs or {})


def reference(subject: str, version: int, text: str) -> Referenced:
    return Referenced(subject, version, Source(SchemaType.PROTOBUF, HEAD + text))


def found(reader: ProtobufSchema, writer: ProtobufSchema) -> list[str]:
    return [f"{each.rule} {each.path}" for each in PROTOBUF.incompatibilities(reader, writer)]


def changed(old: str, new: str) -> list[str]:
    return found(parse(new), parse(old))


def test_messages_take_the_words_in_turn() -> None:
    """User text never passes through a formatter."""
    incompatible = broken(Rule.MESSAGE_REMOVED, "#/%s{path}{0}")
    assert incompatible.message("new", "old") == (
        '{errorType:"MESSAGE_REMOVED", description:"The new schema is missing a MESSAGE type at path'
        " '#/%s{path}{0}' in the old schema\"}"
    )


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_has_two_words(rule: Rule) -> None:
    assert len(broken(rule, "#/A").parts) == 3


def test_of_several_fields_with_one_tag_the_last_counts() -> None:
    assert changed("message A { int32 a = 1; string b = 1; }", "message A { bytes a = 1; }") == []


def test_members_follow_their_oneof_by_tag() -> None:
    """A oneof of the same name without any old member still misses them; a renamed one is gone."""
    old = "message A { oneof o { int32 a = 1; string b = 2; } }"
    assert changed(old, "message A { oneof o { int32 c = 3; } }") == [
        "ONEOF_FIELD_REMOVED #/A/o/1",
        "ONEOF_FIELD_REMOVED #/A/o/2",
    ]
    assert changed(old, "message A { oneof p { int32 c = 3; } }") == []


def test_entries_of_maps_on_both_sides_are_compared_where_they_stand() -> None:
    entry = """message A {{ repeated E m = 1;
        message E {{ option map_entry = true; string key = 1; {} value = 2; }} }}"""
    assert changed(entry.format("int32"), entry.format("string")) == [
        "FIELD_SCALAR_KIND_CHANGED #/A/1",
        "FIELD_SCALAR_KIND_CHANGED #/A/E/2",
    ]


def test_maps_in_maps_and_unknown_values() -> None:
    """Types nobody declares compare by name."""
    old = "message A { map<string, map<string, X>> m = 1; map<string, Y> n = 2; }"
    assert changed(old, old) == []
    new = "message A { map<string, map<string, int32>> m = 1; map<string, Z> n = 2; }"
    assert changed(old, new) == ["FIELD_KIND_CHANGED #/A/1", "FIELD_NAMED_TYPE_CHANGED #/A/2"]


def test_built_in_types_are_compared_with_others_of_their_name() -> None:
    own = {"d.proto": reference("d", 1, "package d; message Date { string year = 1; }")}
    new = parse("message A { d.Date d = 1; }", own)
    old = parse("message A { google.type.Date d = 1; }")
    assert found(new, old) == ["FIELD_SCALAR_KIND_CHANGED #/Date/1", "FIELD_NAMED_TYPE_CHANGED #/A/1"]
    enum = parse("message A { google.type.DayOfWeek d = 1; }")
    assert found(enum, parse("message A { int32 d = 1; }")) == []


def test_the_same_version_of_a_reference_is_not_compared() -> None:
    """Even if its text were another: subject and version tell."""
    one = parse("message A { D d = 1; }", {"d": reference("d", 1, "message D { int32 x = 1; }")})
    other = parse("message A { D d = 1; }", {"e": reference("d", 1, "message D { string x = 1; }")})
    assert found(one, other) == []


def fan(kind: str, version: int, width: int, depth: int) -> dict[str, Referenced]:
    """A reference in which every message uses the next one several times."""
    text = "package d; " + "".join(
        f"message M{i} {{ " + " ".join(f"M{i + 1} f{j} = {j + 1};" for j in range(width)) + " }"
        for i in range(depth)
    )
    return {"d": reference("d", version, text + f" message M{depth} {{ {kind} x = 1; }}")}


def test_findings_that_multiply_are_bounded() -> None:
    """2^60 ways lead to the one change."""
    user = "message A { d.M0 m = 1; }"
    old, new = parse(user, fan("int32", 1, 2, 60)), parse(user, fan("string", 2, 2, 60))
    assert len(PROTOBUF.incompatibilities(new, old)) <= BUDGET.protobuf_differences
    same = parse(user, fan("int32", 3, 2, 60))
    assert found(same, old) == []


def test_cycles_of_many_types_are_bounded() -> None:
    """Every type uses every other; the change is found all the same."""

    def web(kind: str, version: int) -> dict[str, Referenced]:
        uses = " ".join(f"M{j} f{j} = {j + 1};" for j in range(40))
        messages = "".join(f"message M{i} {{ {uses} {kind} x = 90; }}" for i in range(40))
        return {"d": reference("d", version, "package d; " + messages)}

    user = "message A { d.M0 m = 1; }"
    found_ = PROTOBUF.incompatibilities(parse(user, web("string", 2)), parse(user, web("int32", 1)))
    assert 0 < len(found_) <= BUDGET.protobuf_differences


def test_long_chains_of_types_do_not_recurse() -> None:
    user = "message A { d.M0 m = 1; }"
    old, new = parse(user, fan("int32", 1, 1, 5000)), parse(user, fan("string", 2, 1, 5000))
    paths = found(new, old)
    assert paths[0] == "FIELD_SCALAR_KIND_CHANGED #/M5000/1"
    assert paths[1] == "FIELD_NAMED_TYPE_CHANGED #/M4999/1"


def test_deep_nesting_compares() -> None:
    def deep(kind: str, depth: int = 250) -> str:
        return "".join(f"message M{i} {{ " for i in range(depth)) + f"{kind} x = 1;" + "}" * depth

    (path,) = changed(deep("int32"), deep("string"))
    assert path.endswith("/M249/1")
