"""Verdicts at first sight: when one is given, and when the types have to be compared."""

from __future__ import annotations

import json

import pytest

from registan.formats.avro import AVRO

A = {"name": "a", "type": "int"}
B = {"name": "b", "type": ["null", "string"], "default": None}
C = {"name": "c", "type": "string"}
D = {"name": "d", "type": {"type": "enum", "name": "E", "symbols": ["X"]}, "default": "X"}


def text(*fields, name="R", space="n", **more):
    record = {"type": "record", "name": name, "namespace": space, **more, "fields": list(fields)}
    return json.dumps(record, separators=(",", ":"))


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        (text(A), text(A)),
        (text(A, B), text(A)),
        (text(A), text(A, C)),
        (text(B, A, D), text(D, A)),
        (text(A, doc="new"), text(A, doc="old")),
    ],
)
def test_told_at_once(reader, writer):
    assert AVRO.evidently_reads(reader, writer)


@pytest.mark.parametrize(
    ("reader", "writer", "why"),
    [
        (text(A, C), text(A), "no default"),
        (text(A, D), text(A), "a type is defined in what was added"),
        (text(A), text(A, D), "a type is defined in what was taken away"),
        (text(A, B), text(A, C), "both were done"),
        (text(A, name="S"), text(A), "another name"),
        (text(A, space="m"), text(A), "another namespace"),
        (text(A, aliases=["Q"]), text(A), "aliases"),
        ('"int"', text(A), "no record"),
        (text(A), '{"type":"record",', "no JSON"),
    ],
    ids=lambda value: value if " " in value else "",
)
def test_left_to_the_comparison(reader, writer, why):
    assert not AVRO.evidently_reads(reader, writer)
