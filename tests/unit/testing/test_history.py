"""The checker of histories sees every kind of lie."""

from __future__ import annotations

from math import inf

import pytest

from registan.model.commit import Drop, Put
from registan.testing.history import Operation, Placed, check
from registan.testing.simulate_history import Violation
from registan.testing.store_case import commit, schema, version

A, B = '"int"', '"long"'


def register(text, began, ended=inf, found=None):
    return Operation("register", "s", text, began=began, ended=ended, known=ended < inf, found=found)


def latest(began, ended, found):
    return Operation("latest", "s", began=began, ended=ended, known=True, found=found)


def versions(began, ended, *found):
    return Operation("versions", "s", began=began, ended=ended, known=True, found=found)


def by_id(number, began, ended, found):
    return Operation("schema", id=number, began=began, ended=ended, known=True, found=found)


def delete(number, began, ended=inf, found=None):
    return Operation("delete", "s", version=number, began=began, ended=ended, known=ended < inf, found=found)


FIRST, SECOND = Placed(1, 1, A), Placed(2, 2, B)
COMMITS = [
    commit(1, Put(schema(1, A)), Put(version("s", 1, 1))),
    commit(2, Put(schema(2, B)), Put(version("s", 2, 2))),
    commit(3, Put(version("s", 1, 1, deleted=True))),
]
"""A is registered, then B, then A is deleted."""

WRITES = [register(A, 1, 2, FIRST), register(B, 3, 4, SECOND), delete(1, 5, 6, True)]

HOLDS = {
    "reads between the writes": [latest(0, 0.5, None), latest(2.1, 2.2, FIRST), versions(4.1, 4.2, 1, 2)],
    "reads at the same time as a write see it or not": [latest(3, 4, FIRST), latest(3, 4, SECOND)],
    "a read sees what is not acknowledged yet": [latest(3.1, 3.2, SECOND), latest(3.3, 3.4, SECOND)],
    "the same again": [register(A, 1.5, 3, FIRST), register(B, 7, 8, SECOND)],
    "the fate of a write is not known": [register(A, 1.5), delete(1, 1), register('"float"', 1)],
    "an id": [by_id(1, 8, 9, A), by_id(2, 2.1, 3.1, None), by_id(7, 8, 9, None)],
    "gone": [versions(6.1, 6.2, 2), delete(1, 6.5, 6.6, False), delete(9, 1, 2, False)],
    "not there yet": [delete(1, 0, 0.5, False), versions(0, 0.1)],
}

LIES = {
    "an acknowledged write is lost": [register('"float"', 7, 8, Placed(3, 3, '"float"'))],
    "an acknowledged write has another version": [register(B, 3, 4, Placed(2, 1, B))],
    "an acknowledged write has another id": [register(B, 3, 4, Placed(1, 2, B))],
    "a read misses an acknowledged write": [latest(4.1, 4.2, FIRST)],
    "a list misses an acknowledged write": [versions(4.1, 4.2, 1)],
    "a list has what was deleted": [versions(6.1, 6.2, 1, 2)],
    "a list has what never was": [versions(6.1, 6.2, 2, 3)],
    "a list never was so": [versions(2.5, 9)],
    "an id is missed": [by_id(2, 4.1, 4.2, None)],
    "an id means something else": [by_id(2, 4.1, 4.2, A)],
    "an id was seen before it was asked for": [by_id(2, 2.1, 2.2, B)],
    "a read sees what was asked for later": [latest(2.1, 2.2, SECOND)],
    "a read sees less than one before it": [latest(3.1, 3.2, SECOND), latest(3.3, 3.4, FIRST)],
    "a deleted version is registered": [register(A, 7, 8, FIRST)],
    "deleted twice": [delete(1, 5, 6, True)],
    "a delete is refused though it was there": [delete(2, 7, 8, False)],
    "a delete is acknowledged but not done": [delete(2, 7, 8, True)],
    "a schema of a version is another": [latest(2.1, 2.2, Placed(1, 1, B))],
}


@pytest.mark.parametrize("more", HOLDS.values(), ids=HOLDS)
def test_the_truth_passes(more):
    check([*WRITES, *more], COMMITS)


@pytest.mark.parametrize("more", LIES.values(), ids=LIES)
def test_a_lie_is_seen(more):
    with pytest.raises(Violation):
        check([*WRITES, *more], COMMITS)


def test_what_was_deleted_may_make_room():
    again = [Put(version("s", 3, 1)), Drop(version("s", 1, 1, deleted=True))]
    check([*WRITES, register(A, 7, 8, Placed(1, 3, A))], [*COMMITS, commit(4, *again)])


def test_a_write_that_nobody_asked_for_is_seen():
    with pytest.raises(Violation, match="nobody asked"):
        check(WRITES[1:], COMMITS)


def test_a_write_whose_client_never_heard_may_stand():
    check([register(A, 1), register(B, 3), delete(1, 5)], COMMITS)


@pytest.mark.parametrize(
    ("commits", "why"),
    [
        ([COMMITS[0], COMMITS[2]], "gap"),
        ([COMMITS[0], commit(2, Drop(version("s", 1, 1)))], "nobody asked to drop"),
        ([COMMITS[0], COMMITS[1], commit(3, Put(version("s", 1, 1)))], "written twice"),
        ([COMMITS[0], commit(2, Put(schema(3, B)), Put(version("s", 2, 3)))], "id 3 .* follows 1"),
        ([COMMITS[0], commit(2, Put(schema(2, B)), Put(version("s", 3, 2)))], "version 3 .* follows 1"),
        ([COMMITS[0], commit(2, Put(schema(1, B)), Put(version("s", 2, 1)))], "given to two contents"),
        ([COMMITS[0], commit(2, Put(schema(2, A)), Put(version("s", 2, 2)))], "has the ids 1 and 2"),
    ],
)
def test_a_log_that_cannot_be_is_seen(commits, why):
    with pytest.raises(Violation, match=why):
        check(WRITES, commits)
