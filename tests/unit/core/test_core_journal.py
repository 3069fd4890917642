"""How changes to tables are taken back. What a state makes of it is in tests/property."""

from __future__ import annotations

import pytest

from registan.core.journal import Journal


class Tables(Journal):
    """Two tables and a field."""

    def __init__(self):
        super().__init__()
        self.table = {"a": 1}
        self.field = "before"
        self.calls = []

    def seen(self):
        return dict(self.table), self.field, list(self.calls)

    def change(self):
        self._set(self.table, "a", 2)
        self._set(self.table, "b", 3)
        self._del(self.table, "a")
        self._attr(self, "field", "after")
        self.calls.append("done")
        self._undo(self.calls.remove, "done", self.calls.append, "done")


def test_without_a_trial_changes_stay():
    tables = Tables()
    tables.change()
    assert not tables.on_trial
    tables.rollback()
    assert tables.seen() == ({"b": 3}, "after", ["done"])


def test_a_trial_is_taken_back():
    tables = Tables()
    before = tables.seen()
    tables.begin()
    assert tables.on_trial
    tables.change()
    tables.rollback()
    assert tables.seen() == before
    assert not tables.on_trial


def test_a_trial_can_be_kept():
    tables = Tables()
    tables.begin()
    tables.change()
    tables.keep()
    tables.rollback()
    assert tables.seen() == ({"b": 3}, "after", ["done"])


def test_only_what_came_after_a_mark_is_taken_back():
    tables = Tables()
    tables.begin()
    tables._set(tables.table, "c", 1)
    mark = tables.mark()
    tables.change()
    tables.rollback(mark)
    assert tables.seen() == ({"a": 1, "c": 1}, "before", [])
    assert tables.on_trial
    tables.rollback()
    assert tables.table == {"a": 1}


def test_a_key_changed_twice_gets_its_first_value_back():
    tables = Tables()
    tables.begin()
    for value in (2, 3):
        tables._set(tables.table, "a", value)
    tables._del(tables.table, "a")
    tables._set(tables.table, "a", 4)
    tables.rollback()
    assert tables.table == {"a": 1}


def test_a_value_of_none_is_a_value():
    tables = Tables()
    tables.table["n"] = None
    tables.begin()
    tables._set(tables.table, "n", 1)
    tables.rollback()
    assert tables.table == {"a": 1, "n": None}


def test_what_is_not_there_cannot_be_deleted():
    tables = Tables()
    tables.begin()
    with pytest.raises(KeyError):
        tables._del(tables.table, "never")
    tables.rollback()
    assert tables.table == {"a": 1}


def tried(tables, what):
    tables.begin()
    tables._changing(what)
    tables.change()
    tables.rollback()


def test_what_was_tried_can_be_made_again_once():
    tables, what = Tables(), ["these", "things"]
    tried(tables, what)
    assert tables.again(what)
    assert tables.seen() == ({"b": 3}, "after", ["done"])
    assert not tables.again(what)


def test_something_else_than_was_tried_is_not_made():
    tables = Tables()
    before = tables.seen()
    tried(tables, ["these", "things"])
    assert not tables.again(["these"])
    tried(tables, ["these", "things"])
    assert not tables.again(["these", "others"])
    assert tables.seen() == before


def test_what_was_tried_is_not_made_again_after_another_change():
    tables, what = Tables(), ["this"]
    tried(tables, what)
    tables._changing(["that"])
    assert not tables.again(what)


def test_a_trial_of_which_a_part_was_taken_back_is_not_made_again():
    tables, what = Tables(), ["this"]
    tables.begin()
    tables._changing(what)
    mark = tables.mark()
    tables.change()
    tables.rollback(mark)
    tables.rollback()
    assert not tables.again(what)
