"""What a row holds. That every value survives is in tests/property."""

from __future__ import annotations

import json
import re
from uuid import UUID

import pytest

from registan.model.commit import LEVEL, Drop, Put
from registan.model.policy import CompatibilityLevel
from registan.store.codec import (
    decode_commit,
    decode_record,
    decode_records,
    encode_commit,
    encode_record,
    key_text,
    too_new,
)
from registan.store.protocol import Damaged, TooNew
from registan.testing.store_case import commit, config, schema, version


def decoded(level, body):
    return decode_commit(1, str(UUID(int=1)), 0, "", "", level, body)


def test_a_body_is_plain_json():
    """A change is its kind, its key, and what is now so; a drop has what the key held behind a null."""
    body = json.loads(encode_commit(commit(1, Put(config("a")), Drop(version("s", 2, 7)))).body)
    assert [change[:2] for change in body] == [["config", ":.:a"], ["version", ":.:s/2"]]
    assert body[0][2]["scope"] == [".", "a"]
    assert body[1][2] is None
    assert body[1][3]["schema_id"] == 7


def test_rows_and_keys_to_remove_are_told_apart():
    encoded = encode_commit(commit(1, Put(schema(1)), Drop(config("a"))))
    assert [(row.kind, row.key, row.level) for row in encoded.puts] == [("schema", "./1", 1)]
    assert encoded.drops == [("config", ":.:a")]


def test_what_is_put_again_moves_to_the_end():
    """Rows come in the order of their last writes, which is meaning."""
    none, full = config("a", CompatibilityLevel.NONE), config("a", CompatibilityLevel.FULL)
    encoded = encode_commit(commit(1, Put(none), Put(config("b")), Put(full)))
    assert [row.key for row in encoded.puts] == [":.:b", ":.:a"]
    assert json.loads(encoded.puts[1].value)["level"] == "FULL"


@pytest.mark.parametrize("kind", ["hologram", b"hologram", ""])
def test_a_kind_of_a_later_release_is_not_guessed(kind):
    with pytest.raises(TooNew):
        decode_record(kind, 1, "{}")
    with pytest.raises(TooNew):
        list(decode_records([(kind, 1, "{}")]))


def test_a_record_of_a_later_level_is_not_guessed():
    text = encode_record(config("a"))
    with pytest.raises(TooNew):
        decode_record("config", LEVEL + 1, text)
    with pytest.raises(TooNew):
        list(decode_records([("config", LEVEL + 1, text)]))


@pytest.mark.parametrize(
    ("level", "body"),
    [(LEVEL + 1, "[]"), (1, '[["hologram","k",{}]]'), (1, '[["hologram","k",{"text":"\\ud800"}]]')],
)
def test_a_commit_of_a_later_release_is_not_guessed(level, body):
    with pytest.raises(TooNew):
        decoded(level, body)


def test_records_before_one_of_a_later_release_are_given():
    """They are read while they are taken."""
    rows = decode_records([("config", 1, encode_record(config("a"))), ("hologram", 1, "{}")])
    assert next(rows) == config("a")
    with pytest.raises(TooNew, match="hologram"):
        next(rows)


def test_it_says_what_is_too_new():
    assert str(too_new(9, b"hologram")) == (
        f"the log needs level 9 (record kind 'hologram'), this release knows {LEVEL}"
    )


def test_fields_that_a_later_release_added_are_skipped():
    """Within a level, a record may gain fields that older instances need not understand."""
    text = json.dumps({**json.loads(encode_record(config("a"))), "news": 1})
    assert decode_record("config", 1, text) == config("a")


@pytest.mark.parametrize(
    "value", ["{", "null", "[]", '{"scope":1}', '{"scope":[".","a"],"level":7}', b"{\xff"]
)
def test_a_damaged_row_is_told_by_what_it_begins_with(value):
    shown = value.decode(errors="replace") if isinstance(value, bytes) else value
    told = re.escape(f"a record of kind config, `{shown}` cannot be read: ")
    with pytest.raises(Damaged, match=told):
        decode_record("config", 1, value)
    with pytest.raises(Damaged, match=told):
        list(decode_records([("config", 1, value)]))


@pytest.mark.parametrize(
    "body", ["", "[[", "null", "{}", "[1]", '[["config"]]', '[["config","k",{"scope":1}]]']
)
def test_a_damaged_commit_is_told_by_its_seq(body):
    with pytest.raises(Damaged, match="commit 1 cannot be read: "):
        decoded(1, body)


def test_a_commit_whose_id_is_none_is_damaged():
    with pytest.raises(Damaged, match="commit 1 cannot be read: "):
        decode_commit(1, "x", 0, "", "", 1, "[]")


def test_odd_text_is_written_in_escapes():
    """What is no valid Unicode would be refused by every database."""
    text = encode_record(schema(1, "a\ud800"))
    assert text.isascii()
    assert "\\ud800" in text
    assert decode_record("schema", 1, text) == schema(1, "a\ud800")


@pytest.mark.parametrize("key", ["a", "é", "😀", "a\\ud800", "a~b", ""])
def test_a_plain_key_is_written_as_it_is(key):
    assert key_text(key) == key


def test_an_odd_key_gets_a_name_of_its_own():
    assert key_text("a\ud800").startswith("a\\ud800~")
    assert len({key_text("a\ud800"), key_text("a\\ud800"), key_text("a\ud801")}) == 3
