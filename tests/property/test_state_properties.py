"""What must hold for the state whatever happened: loading, replaying and taking back agree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registan.core.state import State
from registan.model.commit import Put
from registan.model.record import ContextEntry
from registan.store.memory import MemoryStore
from registan.testing.compare import view
from registan.testing.simulate_store import at_once
from registan.testing.store_case import commit
from registan.testing.strategies import histories

LIMITS = settings(max_examples=100, deadline=None)


def replayed(history, state=None):
    state = state or State()
    for changes in history:
        state.apply(state.seq + 1, changes)
    return state


def loaded(history):
    """The state that a store which was given the history would load."""
    store = MemoryStore()
    for seq, changes in enumerate(history, 1):
        at_once(store.append(commit(seq, *changes)))
    found = at_once(store.load())
    state = State()
    state.load(found.seq, found.records)
    return state


def keeps_counters(history):
    """The history with what real commands add: a counter for an id that no schema tells any more."""
    state, kept = State(), []
    for changes in history:
        state.apply(state.seq + 1, changes)
        counters = tuple(
            Put(ContextEntry(name, held.last_id, held.listed))
            for name, held in state.contexts.items()
            if held.last_id > max(held.schemas, default=0)
        )
        kept.append((*changes, *counters))
    return kept


@LIMITS
@given(histories())
def test_loading_records_is_replaying_the_log(history):
    history = keeps_counters(history)
    assert view(loaded(history)) == view(replayed(history))


@LIMITS
@given(histories(), st.data())
def test_loading_and_the_tail_are_the_whole_log(history, data):
    history = keeps_counters(history)
    cut = data.draw(st.integers(0, len(history)))
    state = loaded(history[:cut])
    assert view(replayed(history[cut:], state)) == view(replayed(history))


@LIMITS
@given(histories())
def test_a_state_loaded_from_its_own_records_is_equal(history):
    state = replayed(history)
    other = State()
    other.load(state.seq, list(state.records()))
    assert view(other) == view(state)


@LIMITS
@given(histories(), st.data())
def test_a_trial_is_taken_back_exactly(history, data):
    cut = data.draw(st.integers(0, len(history)))
    state = replayed(history[:cut])
    before = view(state)
    state.begin()
    for changes in history[cut:]:
        state.make(changes)
    state.rollback()
    assert view(state) == before
    assert view(replayed(history[cut:], state)) == view(replayed(history))


@LIMITS
@given(histories(), st.data())
def test_what_was_tried_and_taken_back_is_made_again(history, data):
    cut = data.draw(st.integers(0, len(history)))
    state = replayed(history[:cut])
    changes = tuple(change for each in history[cut:] for change in each)
    state.begin()
    state.make(changes)
    state.rollback()
    other = replayed(history[:cut])
    other.apply(cut + 1, tuple(changes))
    state.apply(cut + 1, changes)
    assert view(state) == view(other)


@LIMITS
@given(histories(), st.data())
def test_part_of_a_trial_is_taken_back_exactly(history, data):
    first = data.draw(st.integers(0, len(history)))
    second = data.draw(st.integers(first, len(history)))
    state = replayed(history[:first])
    state.begin()
    for changes in history[first:second]:
        state.make(changes)
    before = view(state)
    mark = state.mark()
    for changes in history[second:]:
        state.make(changes)
    state.rollback(mark)
    assert view(state) == before
    state.rollback()
    assert view(state) == view(replayed(history[:first]))


@LIMITS
@given(histories())
def test_a_commit_that_fails_half_way_leaves_nothing(history):
    state = replayed(history[:-1])
    before = view(state)
    with pytest.raises(KeyError):
        state.apply(state.seq + 1, (*history[-1], object.__new__(Unmakeable)))
    assert view(state) == before


class Unmakeable(Put):
    """A change of a record that no table knows."""

    record = None  # type: ignore[assignment]


@LIMITS
@given(histories())
def test_counts_and_names_say_what_is_there(history):
    """The indexes against what a plain look at all records tells."""
    state = replayed(history)
    entries = [entry for held in state.contexts.values() for entry in held.subjects.values()]
    assert state.counts["schemas"] == sum(len(held.schemas) for held in state.contexts.values())
    assert state.counts["subjects"] == sum(1 for entry in entries if entry.live)
    assert list(state.names) == sorted(str(entry.subject) for entry in entries)
    for entry in entries:
        versions = list(entry.versions.values())
        assert [v.version for v in versions] == sorted(v.version for v in versions)
        assert entry.live == sum(not v.deleted for v in versions)
        assert {v.schema_id for v in versions} == set(entry.by_schema)


@LIMITS
@given(histories())
def test_owners_are_the_subjects_that_hold_an_id(history):
    state = replayed(history)
    for name, held in state.contexts.items():
        for schema_id in range(1, 6):
            subjects = {
                entry.subject
                for entry in held.subjects.values()
                if schema_id in {v.schema_id for v in entry.versions.values()}
            }
            owners = list(state.owners(name, schema_id))
            assert {version.subject for version in owners} == subjects
            assert all(version.schema_id == schema_id for version in owners)


@LIMITS
@given(histories())
def test_the_next_id_was_never_given(history):
    state = State()
    given_ids: dict[str, set[int]] = {}
    for changes in history:
        state.apply(state.seq + 1, changes)
        for name, held in state.contexts.items():
            given_ids.setdefault(name, set()).update(held.schemas)
            assert state.next_id(name) > max(given_ids[name], default=0)
