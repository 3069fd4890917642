"""Under the policy LOGICAL a time keeps its unit."""

import json

import pytest

from registan.formats.avro import AVRO
from registan.formats.protocol import Policy
from registan.model.schema import SchemaType, Source

MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
MICROS = {"type": "long", "logicalType": "timestamp-micros"}


def parse(schema):
    return AVRO.parse(Source(SchemaType.AVRO, json.dumps(schema)), {})


def record(name, **fields):
    return {"type": "record", "name": name, "fields": [{"name": n, "type": t} for n, t in fields.items()]}


def said(reader, writer, policy=Policy.LOGICAL, words=("new", "old")):
    return [each.message(*words) for each in AVRO.incompatibilities(parse(reader), parse(writer), policy)]


def places(reader, writer):
    return [each.path for each in AVRO.incompatibilities(parse(reader), parse(writer), Policy.LOGICAL)]


def test_a_changed_unit_is_told_as_recorded():
    (text,) = said(record("R", t=MICROS), record("R", t=MILLIS))
    assert text == (
        "Logical compatibility (FLINK, backward): UNSUPPORTED_TYPE_CHANGE at 't': type changed from "
        "TIMESTAMP_LTZ(3) to TIMESTAMP_LTZ(6) (precision selects the unit of the stored value and cannot "
        "change)"
    )


def test_the_other_direction_tells_the_types_in_the_same_order():
    (text,) = said(record("R", t=MILLIS), record("R", t=MICROS), words=("old", "new"))
    assert "(FLINK, forward)" in text
    assert "from TIMESTAMP_LTZ(3) to TIMESTAMP_LTZ(6)" in text


@pytest.mark.parametrize("policy", [Policy.STRICT, Policy.LENIENT])
def test_other_policies_do_not_look_at_units(policy):
    assert said(record("R", t=MICROS), record("R", t=MILLIS), policy) == []


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (("long", "timestamp-micros"), ("long", "timestamp-nanos"), "TIMESTAMP_LTZ(6) to TIMESTAMP_LTZ(9)"),
        (
            ("long", "local-timestamp-nanos"),
            ("long", "local-timestamp-millis"),
            "TIMESTAMP(9) to TIMESTAMP(3)",
        ),
        (("int", "time-millis"), ("long", "time-micros"), "TIME(3) to TIME(6)"),
    ],
)
def test_every_kind_of_time_has_a_unit(before, now, told):
    reader, writer = (
        record("R", t={"type": kind, "logicalType": logical}) for kind, logical in (now, before)
    )
    (text,) = said(reader, writer)
    assert f"type changed from {told} (" in text


@pytest.mark.parametrize(
    "other",
    [
        "long",
        {"type": "long", "logicalType": "nonsense"},
        {"type": "long", "logicalType": 3},
        {"type": "long", "logicalType": "time-millis"},
        {"type": "long", "logicalType": "local-timestamp-micros"},
    ],
)
def test_what_is_no_time_of_that_kind_is_judged_as_strictly_as_ever(other):
    assert said(record("R", t=MILLIS), record("R", t=other)) == []
    assert said(record("R", t=other), record("R", t=MILLIS)) == []


def test_what_cannot_be_read_at_all_is_told_alone():
    (text,) = said(record("R", t=MICROS, a="int"), record("R", t=MILLIS, a="string"))
    assert "TYPE_MISMATCH" in text


def test_times_are_found_wherever_they_stand():
    def deep(time):
        inner = record("In", x=time)
        return record(
            "R",
            nullable=["null", time],
            list={"type": "array", "items": time},
            by_name={"type": "map", "values": ["null", time]},
            inner=inner,
            again="In",
        )

    assert places(deep(MICROS), deep(MILLIS)) == [
        "nullable",
        "list.element",
        "by_name.value",
        "inner.x",
    ]


def test_a_field_is_met_by_its_alias():
    renamed = record("R", u=MICROS)
    renamed["fields"][0]["aliases"] = ["t"]
    assert places(renamed, record("R", t=MILLIS)) == ["u"]


def test_recursive_types_come_to_an_end():
    def chain(time):
        return record("R", t=time, next=["null", "R"])

    assert places(chain(MICROS), chain(MILLIS)) == ["t"]


def test_names_with_braces_stay_as_they_are(monkeypatch):
    """No field can be called so; the message would still be right."""
    monkeypatch.setattr("registan.formats.avro.logical.steps", lambda path: ["{now}"])
    assert " at '{now}': " in said(record("R", t=MICROS), record("R", t=MILLIS))[0]
