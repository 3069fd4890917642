"""Records and commits: the closed table of what the log can store."""

from __future__ import annotations

import typing

import pytest

from registan.model import record as records
from registan.model.commit import LEVEL, Drop, Put, level_of
from registan.model.record import KIND_OF, RECORDS, Kind, Record
from registan.testing.store_case import config, schema, version


def test_every_kind_has_a_row_and_every_row_a_kind():
    assert set(RECORDS) == set(Kind)
    assert all(kind is spec.kind for kind, spec in RECORDS.items())


def test_every_class_of_records_has_one_kind():
    assert set(KIND_OF) == set(typing.get_args(Record))
    assert len(KIND_OF) == len(RECORDS)
    assert all(RECORDS[kind].type is type_ for type_, kind in KIND_OF.items())


def test_this_release_understands_all_it_writes():
    assert all(1 <= spec.level <= LEVEL for spec in RECORDS.values())


def test_records_are_values():
    """Frozen: what stands in the log cannot be changed in memory."""
    assert all(spec.type.__dataclass_params__.frozen for spec in RECORDS.values())


@pytest.mark.parametrize("change", [Put, Drop])
def test_a_change_knows_the_place_of_its_record(change):
    assert (change(schema(7)).kind, change(schema(7)).key) == (Kind.SCHEMA, "./7")
    assert (change(version("a/b", 2, 7)).kind, change(version("a/b", 2, 7)).key) == (
        Kind.VERSION,
        ":.:a/b/2",
    )
    assert change(config("a")).key == ":.:a"


def test_the_level_of_a_commit_is_the_lowest_that_understands_it(monkeypatch):
    later = RECORDS[Kind.CONFIG]._replace(level=3)
    monkeypatch.setitem(records.RECORDS, Kind.CONFIG, later)
    assert level_of([]) == 1
    assert level_of([Put(schema(1))]) == 1
    assert level_of([Put(schema(1)), Drop(config("a"))]) == 3
