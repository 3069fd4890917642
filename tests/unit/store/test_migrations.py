"""Numbered steps from one form of the tables to the next."""

from __future__ import annotations

import pytest

from registan.store.migrations import Migration, pending
from registan.store.protocol import TooNew

STEPS = (Migration(1, ("a",)), Migration(2, ("b", "c")), Migration(3, ("d",)))


@pytest.mark.parametrize(("done", "left"), [(0, [1, 2, 3]), (1, [2, 3]), (2, [3]), (3, [])])
def test_what_is_not_done_yet_is_pending(done, left):
    assert [step.number for step in pending(STEPS, done)] == left


def test_tables_of_a_later_release_are_left_alone():
    with pytest.raises(TooNew, match="form 4, this release knows 3"):
        pending(STEPS, 4)
