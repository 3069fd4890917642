"""Levels and modes: what each of them means."""

from __future__ import annotations

import pytest

from registan.model.policy import CompatibilityLevel as Level
from registan.model.policy import Mode


@pytest.mark.parametrize(
    ("level", "backward", "forward", "transitive"),
    [
        (Level.NONE, False, False, False),
        (Level.BACKWARD, True, False, False),
        (Level.BACKWARD_TRANSITIVE, True, False, True),
        (Level.FORWARD, False, True, False),
        (Level.FORWARD_TRANSITIVE, False, True, True),
        (Level.FULL, True, True, False),
        (Level.FULL_TRANSITIVE, True, True, True),
    ],
)
def test_what_a_level_demands(level, backward, forward, transitive):
    assert (level.backward, level.forward, level.transitive) == (backward, forward, transitive)


def test_there_are_seven_levels():
    assert len(Level) == 7


@pytest.mark.parametrize(
    ("mode", "read_only", "imports"),
    [
        (Mode.READWRITE, False, False),
        (Mode.READONLY, True, False),
        (Mode.READONLY_OVERRIDE, True, False),
        (Mode.IMPORT, False, True),
        (Mode.FORWARD, False, True),
    ],
)
def test_what_a_mode_allows(mode, read_only, imports):
    assert (mode.is_read_only, mode.is_import) == (read_only, imports)
