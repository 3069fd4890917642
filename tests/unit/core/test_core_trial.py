"""Commands made of several: what one part leaves is there for the next, and nothing stays."""

from __future__ import annotations

import pytest

from registan.core.trial import trial
from registan.model.commit import Drop, Put
from registan.model.fault import Fault, Refusal
from registan.model.policy import Mode
from registan.model.record import ModeSetting
from registan.model.subject import GLOBAL, Subject
from registan.testing.compare import view
from registan.testing.core_kit import Core

S = Subject(".", "s")


def test_changes_show_while_it_lasts_and_are_taken_back():
    state = Core().state
    before = view(state)
    with trial(state) as attempt:
        attempt.make([Put(ModeSetting(S, Mode.READONLY))])
        assert state.modes[S] is Mode.READONLY
    assert view(state) == before
    assert not state.on_trial
    assert attempt.changes == [Put(ModeSetting(S, Mode.READONLY))]


def test_a_refused_part_is_taken_back_as_a_whole():
    state = Core().state
    with trial(state) as attempt:
        attempt.make([Put(ModeSetting(S, Mode.READONLY))])

        def refused() -> None:
            with attempt.part():
                attempt.make([Drop(ModeSetting(S, Mode.READONLY)), Put(ModeSetting(GLOBAL, Mode.IMPORT))])
                raise Refusal(Fault.NOT_FOUND)

        with pytest.raises(Refusal):
            refused()
        assert state.modes == {S: Mode.READONLY}
    assert attempt.changes == [Put(ModeSetting(S, Mode.READONLY))]


def test_inside_another_trial_only_its_own_changes_are_taken_back():
    state = Core().state
    state.begin()
    state.make([Put(ModeSetting(GLOBAL, Mode.READONLY))])
    with trial(state) as attempt:
        attempt.make([Put(ModeSetting(GLOBAL, Mode.IMPORT))])
    assert state.on_trial
    assert state.modes == {GLOBAL: Mode.READONLY}
    state.rollback()
    assert state.modes == {}
