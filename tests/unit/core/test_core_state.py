"""The state: what commits and records make of it. What must hold whatever happens is in tests/property."""

from __future__ import annotations

import pytest

from registan.core import state as state_module
from registan.core.state import OWNERS_IN_TUPLE, State, target
from registan.model.commit import Drop, Put
from registan.model.record import RECORDS, ContextEntry, Schema, Version
from registan.model.schema import Reference, SchemaType, Source
from registan.model.subject import Subject
from registan.testing.compare import view
from registan.testing.store_case import config, schema, version


def applied(*commits):
    state = State()
    for seq, changes in enumerate(commits, 1):
        state.apply(seq, changes)
    return state


def test_every_kind_of_record_can_be_put_and_dropped():
    types = {spec.type for spec in RECORDS.values()}
    assert set(state_module._PUTS) == types
    assert set(state_module._DROPS) == types


def test_a_new_state_knows_nothing():
    state = State()
    assert (state.seq, list(state.records()), state.context_names()) == (0, [], (".",))
    assert state.schema(".", 1) is None
    assert state.schema("elsewhere", 1) is None
    assert state.subject(Subject("elsewhere", "a")) is None
    assert state.schema_with(".", "guid") is None
    assert (state.next_id("."), state.next_id("elsewhere")) == (1, 1)
    assert list(state.owners("elsewhere", 1)) == []


def test_a_commit_that_does_not_follow_is_refused():
    state = applied([Put(config("a"))])
    for seq in (0, 1, 3):
        with pytest.raises(ValueError, match="does not follow 1"):
            state.apply(seq, [Put(config("b"))])
    assert list(state.configs) == [Subject(".", "a")]


def test_a_commit_is_made_whole_or_not_at_all():
    state = applied([Put(config("a"))])
    before = view(state)
    with pytest.raises(KeyError):
        state.apply(2, [Put(config("b")), Put(schema(1)), Drop(config("never there"))])
    assert view(state) == before
    state.apply(2, [Put(config("b"))])
    assert state.seq == 2


def test_a_load_that_breaks_off_leaves_the_state_as_it_was():
    """Records are read while they are loaded; the connection may break in the middle."""
    state = applied([Put(config("a")), Put(schema(1)), Put(version("s", 1, 1))])
    before = view(state)

    def records():
        yield config("b")
        yield schema(2)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        state.load(9, records())
    assert view(state) == before
    state.apply(2, [Put(config("c"))])


def test_a_load_replaces_all_that_was_known():
    state = applied([Put(config("a")), Put(schema(1)), Put(version("s", 1, 1))])
    state.load(7, [config("b")])
    other = State()
    other.load(7, [config("b")])
    assert view(state) == view(other)


def test_a_state_keeps_its_defaults_over_a_load():
    state = State()
    defaults = state.defaults
    state.load(1, [config("a")])
    assert state.defaults is defaults


def test_versions_stand_in_order_whatever_the_order_of_writing():
    state = applied([Put(schema(1)), *(Put(version("s", n, 1)) for n in (5, 2, 9, 1))])
    entry = state.subject(Subject(".", "s"))
    assert list(entry.versions) == [1, 2, 5, 9]
    assert entry.next_version() == 10
    assert [v.version for v in entry.newest_first()] == [9, 5, 2, 1]


def test_soft_deleted_versions_count_for_numbers_only():
    state = applied([Put(schema(1)), Put(version("s", 1, 1)), Put(version("s", 2, 1, deleted=True))])
    entry = state.subject(Subject(".", "s"))
    assert (entry.live, entry.latest().version, entry.latest(deleted=True).version) == (1, 1, 2)
    assert entry.next_version() == 3
    assert state.counts == {"schemas": 1, "subjects": 1}


def test_the_version_last_written_with_an_id_is_known():
    """A soft delete writes too."""
    state = applied([Put(schema(1)), Put(version("s", 1, 1)), Put(version("s", 2, 1))])
    entry = state.subject(Subject(".", "s"))
    assert entry.by_schema == {1: 2}
    state.apply(2, [Put(version("s", 1, 1, deleted=True))])
    assert entry.by_schema == {1: 1}
    state.apply(3, [Drop(version("s", 1, 1, deleted=True))])
    assert entry.by_schema == {1: 2}


@pytest.mark.parametrize("count", [1, OWNERS_IN_TUPLE, OWNERS_IN_TUPLE + 1, 100])
def test_owners_are_told_whether_few_or_many(count):
    names = [f"s{n}" for n in range(count)]
    state = applied([Put(schema(1)), *(Put(version(name, 1, 1)) for name in names)])
    assert sorted(v.subject.name for v in state.owners(".", 1)) == sorted(names)
    state.apply(2, [Drop(version(name, 1, 1)) for name in names[1:]])
    assert [v.subject.name for v in state.owners(".", 1)] == names[:1]
    state.apply(3, [Drop(version(names[0], 1, 1))])
    assert list(state.owners(".", 1)) == []


def test_one_content_under_two_ids_is_found_by_the_one_last_written():
    state = applied([Put(schema(1)), Put(schema(2))])
    guid = schema(1).guid
    assert state.schema_with(".", guid).id == 2
    state.apply(2, [Put(schema(1))])
    assert state.schema_with(".", guid).id == 1
    state.apply(3, [Drop(schema(1))])
    assert state.schema_with(".", guid).id == 2
    state.apply(4, [Drop(schema(2))])
    assert state.schema_with(".", guid) is None


def test_ids_are_counted_by_context():
    state = applied([Put(schema(7)), Put(schema(3, context=".c"))])
    assert (state.next_id("."), state.next_id(".c")) == (8, 4)


def test_a_counter_never_goes_back():
    state = applied([Put(ContextEntry(".", 9)), Put(ContextEntry(".", 2)), Put(schema(5))])
    assert state.next_id(".") == 10


def test_a_context_that_is_taken_off_the_list_keeps_its_counter():
    state = applied([Put(ContextEntry(".c", 4))], [Put(ContextEntry(".c", 4, listed=False))])
    assert (state.context_names(), state.next_id(".c")) == ((".",), 5)


def test_referrers_are_the_schemas_that_name_a_version():
    source = Source(SchemaType.AVRO, "x", (Reference("n", "a", 1), Reference("m", ":.d:b", 2)))
    referring = Schema(".c", 1, source, source.guid)
    state = applied([Put(referring)])
    assert set(state.referrers) == {(Subject(".c", "a"), 1), (Subject(".d", "b"), 2)}
    state.apply(2, [Put(Schema(".c", 1, Source(SchemaType.AVRO, "y"), "g"))])
    assert state.referrers == {}


@pytest.mark.parametrize(
    ("subject", "context", "found"),
    [
        ("a", ".", Subject(".", "a")),
        ("a", ".c", Subject(".c", "a")),
        (":.d:a", ".c", Subject(".d", "a")),
        (":.:a", ".c", Subject(".c", "a")),
    ],
)
def test_an_unqualified_reference_is_read_in_the_referrers_context(subject, context, found):
    assert target(Reference("n", subject, 3), context) == (found, 3)


def test_a_dropped_version_frees_the_subject():
    state = applied([Put(schema(1)), Put(version("s", 1, 1))], [Drop(version("s", 1, 1))])
    assert state.subject(Subject(".", "s")) is None
    assert list(state.names) == []
    assert state.counts["subjects"] == 0


def test_a_version_may_change_its_schema():
    state = applied([Put(schema(1)), Put(schema(2, "x")), Put(version("s", 1, 1))])
    state.apply(2, [Put(Version(Subject(".", "s"), 1, 2, False, 0))])
    assert list(state.owners(".", 1)) == []
    assert [v.schema_id for v in state.owners(".", 2)] == [2]
