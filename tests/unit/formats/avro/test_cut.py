"""Records cut into their entries, unread."""

from __future__ import annotations

import pytest

from registan.formats.avro.cut import cut_record
from registan.formats.java_json import Dialect, reader

read = reader(Dialect())


def cut(text):
    found = cut_record(text, read)
    return found and (found[0], [bytes(field) for field in found[1]])


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ('{"type":"record","name":"A","fields":[{"name":"a"}, 1]}', {"name": "A"}),
        (
            '{"fields":[{"name":"a"}, 1],"doc":"d","namespace":"n","name":"A","type":"record"}',
            {"name": "A", "namespace": "n", "doc": "d"},
        ),
        ('{"type":"record","name":"B","name":"A","fields":[],"fields":[{"name":"a"}, 1]}', {"name": "A"}),
        (
            '{"type":"record","name":"A","fields":[{"name":"a"}, 1],"own":{"x":[1]}}',
            {"type": "record", "name": "A", "own": {"x": [1]}},
        ),
        (
            '{"type":"record","name":"A","doc":null,"fields":[{"name":"a"}, 1]}',
            {"type": "record", "name": "A", "doc": None},
        ),
    ],
)
def test_a_record_is_cut_into_its_entries_and_its_fields(text, entries) -> None:
    assert cut(text) == (entries, [b'{"name":"a"}', b"1"])


@pytest.mark.parametrize(
    "text",
    [
        '"string"',
        '{"type":"enum","name":"A","fields":[]}',
        '{"type":"record","name":"A"}',
        '{"type":"record","name":"A","fields":{}}',
        '{"type":"record","name":"A","doc":"\ud800","fields":[]}',
        '{"type":"record","name":"A","fields":' + "[" * 100_000,
        '{"type":"record","name":"A","own":1,"fields":[' + "[" * 5000 + "]" * 5000 + "]}",
    ],
    ids=range(7),
)
def test_what_is_no_record_at_first_sight_is_left_alone(text) -> None:
    assert cut(text) is None
