"""What is written is read back, whatever the values."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registan.model.commit import LEVEL, Commit, Put, level_of
from registan.model.policy import Config, Mode
from registan.model.record import KIND_OF, RECORDS, ModeSetting, Schema, Version
from registan.model.schema import SchemaType, Source
from registan.model.subject import Subject
from registan.store.codec import (
    decode_commit,
    decode_record,
    decode_records,
    encode_commit,
    encode_record,
    key_text,
)
from registan.testing.strategies import ANY_TEXT, changes, records

LIMITS = settings(max_examples=200, deadline=None)


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_of_every_kind_survives(kind):
    @LIMITS
    @given(records(kind))
    def survives(record):
        text = encode_record(record)
        assert decode_record(kind.value, LEVEL, text) == record
        assert decode_record(kind.value.encode(), LEVEL, text.encode()) == record

    survives()


@LIMITS
@given(st.lists(records(), max_size=5))
def test_rows_are_read_in_their_order(many):
    rows = [(KIND_OF[type(record)].value, LEVEL, encode_record(record)) for record in many]
    assert list(decode_records(rows)) == many


@LIMITS
@given(st.lists(changes(), max_size=5), st.integers(1, 2**53), st.uuids(), ANY_TEXT)
def test_a_commit_survives(many, seq, commit_id, actor):
    commit = Commit(
        seq=seq, id=commit_id, at=7, actor=actor, cause="c", level=level_of(many), changes=tuple(many)
    )
    encoded = encode_commit(commit)
    encoded.actor.encode()  # valid Unicode, whatever the name was
    read = decode_commit(seq, str(commit_id), 7, encoded.actor, encoded.cause, commit.level, encoded.body)
    assert (read.seq, read.id, read.at, read.level, read.changes) == (
        seq,
        commit_id,
        7,
        commit.level,
        tuple(many),
    )


@LIMITS
@given(st.lists(changes(), max_size=8))
def test_of_several_changes_to_a_key_the_last_counts(many):
    encoded = encode_commit(
        Commit(seq=1, id=UUID(int=1), at=0, actor="", cause="", level=1, changes=tuple(many))
    )
    last = {}
    for change in many:
        place = (change.kind.value, key_text(change.key))
        last.pop(place, None)
        last[place] = change
    puts = [(place, encode_record(c.record)) for place, c in last.items() if type(c) is Put]
    drops = [place for place, c in last.items() if type(c) is not Put]
    assert [((row.kind, row.key), row.value) for row in encoded.puts] == puts
    assert encoded.drops == drops


@LIMITS
@given(ANY_TEXT, ANY_TEXT)
def test_keys_stay_apart(one, other):
    key_text(one).encode()
    if one != other:
        assert key_text(one) != key_text(other)


CONTEXTS = st.text("/.1", max_size=3)
"""A context has no colon."""
SUBJECTS = st.builds(Subject, CONTEXTS, st.text(":/.1", max_size=3))
NUMBERS = st.sampled_from((1, 11, 111))
SOURCE = Source(SchemaType.AVRO, "x")
KEYED = st.one_of(
    st.builds(lambda context, number: Schema(context, number, SOURCE, ""), CONTEXTS, NUMBERS),
    st.builds(lambda subject, number: Version(subject, number, 1, False, 0), SUBJECTS, NUMBERS),
    st.builds(lambda subject: Config(scope=subject), SUBJECTS),
    st.builds(lambda subject: ModeSetting(subject, Mode.IMPORT), SUBJECTS),
)


@settings(LIMITS, max_examples=1000)
@given(KEYED, KEYED)
def test_only_equal_records_share_a_place(one, other):
    """Slashes, dots and colons in names, and digits at the end of them, make no two keys one."""
    if one != other:
        assert (Put(one).kind, Put(one).key) != (Put(other).kind, Put(other).key)
