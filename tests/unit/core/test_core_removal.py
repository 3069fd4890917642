"""What goes when versions are removed for good, and what must stay."""

from __future__ import annotations

from registan.core.state import State
from registan.model.commit import Put
from registan.store.memory import MemoryStore
from registan.testing.core_kit import Core, proto
from registan.testing.simulate_store import at_once
from registan.testing.store_case import commit


def removed_for_good(*, context: str = "") -> tuple[Core, State]:
    """A registry whose newest schema was removed for good, and the state that a restart would load."""
    core, store = Core(), MemoryStore()
    apply = core.state.apply

    def recorded(seq, changes):
        apply(seq, changes)
        at_once(store.append(commit(seq, *changes)))

    core.state.apply = recorded
    for number in (1, 2, 3):
        core.register(f"{context}s{number}", proto(f"int32 f{number}"))
    core.call("subject.delete", subject=f"{context}s3")
    core.call("subject.delete", subject=f"{context}s3", permanent=True)
    loaded = State()
    records = at_once(store.load())
    loaded.load(records.seq, records.records)
    return core, loaded


def test_an_id_is_not_given_out_twice_after_a_restart():
    """The highest id is known although no schema has it any more (simulation, seed 1649)."""
    core, loaded = removed_for_good()
    assert (core.state.next_id("."), loaded.next_id(".")) == (4, 4)


def test_the_counter_of_another_context_survives_too():
    core, loaded = removed_for_good(context=":.c:")
    assert (core.state.next_id(".c"), loaded.next_id(".c")) == (4, 4)
    assert loaded.context_names() == (".", ".c")


def test_the_counter_is_not_written_where_a_schema_tells_it():
    """Removing an older id changes no record of the context."""
    core = Core()
    for number in (1, 2):
        core.register(f"s{number}", proto(f"int32 f{number}"))
    core.call("subject.delete", subject="s1")
    changes = []
    apply = core.state.apply
    core.state.apply = lambda seq, made: (changes.extend(made), apply(seq, made))
    core.call("subject.delete", subject="s1", permanent=True)
    assert [type(change) for change in changes if isinstance(change, Put)] == []


def test_an_id_that_another_subject_holds_stays():
    core = Core()
    core.register("a", proto("int32 f"))
    core.register("b", proto("int32 f"))
    core.call("subject.delete", subject="a")
    core.call("subject.delete", subject="a", permanent=True)
    assert core.state.schema(".", 1) is not None
    assert core.call("schema.get", id=1)["schema"] == proto("int32 f")
