"""Memos change no answer, only its price: what is kept, what is shared, what is forgotten first."""

import pytest

from registan.formats import memo
from registan.formats.memo import Memo, Parsed
from registan.formats.protocol import Invalid, Policy
from registan.model.schema import Referenced, SchemaType, Source


class Words:
    """A toy format: words. Capitals are noise, `bad` is invalid, `old` only strictly so."""

    type = SchemaType.AVRO

    def __init__(self):
        self.parsed = []
        self.judged = 0

    def parse(self, source, refs, *, strict=True):
        self.parsed.append(source.text)
        words = source.text.lower().split()
        if "bad" in words or (strict and "old" in words):
            raise Invalid("no")
        return tuple(words)

    def canonical(self, form):
        return " ".join(form)

    def normalize(self, form):
        return tuple(sorted(form))

    def evidently_reads(self, reader, writer):
        return reader == f"{writer} more"

    def incompatibilities(self, reader, writer, policy=Policy.STRICT):
        self.judged += 1
        return []


@pytest.fixture
def words(monkeypatch):
    for name in ("TEXTS", "FORMS", "VERDICTS"):
        monkeypatch.setattr(memo, name, Memo(100_000))
    return Words()


def parse(words, text, refs=None, **how):
    how.setdefault("strict", True)
    return memo.parse(words, Source(SchemaType.AVRO, text), refs or {}, **how)


def test_a_text_is_parsed_once(words):
    first, second = parse(words, "a b"), parse(words, "a b")
    assert words.parsed == ["a b"]
    assert (first.text, first.form, first.key) == (second.text, second.form, second.key)


def test_a_canonical_text_is_known_with_the_text_it_came_from(words):
    sent, stored = parse(words, "A  b"), parse(words, "a b", strict=False)
    assert words.parsed == ["A  b"]
    assert (sent.text, sent.key, sent.form) == ("a b", stored.key, stored.form)


def test_what_passed_the_strict_checks_needs_no_others(words):
    parse(words, "a b")
    parse(words, "a b", strict=False)
    assert words.parsed == ["a b"]


def test_what_passed_only_the_lenient_checks_is_checked_again(words):
    assert parse(words, "old", strict=False).text == "old"
    with pytest.raises(Invalid):
        parse(words, "old")


def test_failures_are_not_kept(words):
    for _ in range(2):
        with pytest.raises(Invalid):
            parse(words, "bad")
    assert words.parsed == ["bad", "bad"]


def test_a_normalized_text_is_another(words):
    assert parse(words, "b a").text == "b a"
    assert parse(words, "b a", normalize=True).text == "a b"
    assert parse(words, "b a", normalize=True).form == ("a", "b")


def test_references_are_part_of_the_content(words):
    one, two = ({"x": Referenced("x", 1, Source(SchemaType.AVRO, text))} for text in ("the one", "the other"))
    keys = {parse(words, "a", refs).key for refs in ({}, one, two)}
    assert len(keys) == 3
    assert words.parsed == ["a", "a", "a"]


def test_a_form_that_was_forgotten_is_made_again_from_the_canonical_text(words):
    parse(words, "A b")
    memo.FORMS.clear()
    known = parse(words, "A b")
    assert words.parsed == ["A b"], "to recognize a text nobody needs its form"
    assert known.form == ("a", "b")
    assert words.parsed == ["A b", "a b"]
    assert known.form is parse(words, "a b", strict=False).form


def test_a_verdict_at_first_sight_needs_no_form(words):
    """The canonical texts must be at hand for it, as they are of what was met before."""
    for text in ("a", "A MORE"):
        parse(words, text)
    memo.FORMS.clear()
    assert not memo.incompatibilities(parse(words, "A MORE"), parse(words, "a"), Policy.STRICT)
    assert (words.parsed, words.judged) == (["a", "A MORE"], 0)


def test_a_pair_is_judged_once(words):
    reader, writer = parse(words, "a"), parse(words, "b")
    for _ in range(2):
        memo.incompatibilities(reader, writer, Policy.STRICT)
    memo.FORMS.clear()
    memo.incompatibilities(parse(words, "A"), writer, Policy.STRICT)
    assert words.judged == 1
    memo.incompatibilities(writer, reader, Policy.STRICT)
    memo.incompatibilities(reader, writer, Policy.LENIENT)
    assert words.judged == 3


class Refusing(Words):
    """A format that refuses everything."""

    def parse(self, source, refs, *, strict=True):
        self.parsed.append(source.text)
        raise Invalid("no", "here", syntax=False)

    def incompatibilities(self, reader, writer, policy):
        self.judged += 1
        raise Invalid("too complex", syntax=False)


@pytest.mark.parametrize(("length", "parses"), [(memo.LONG_CHARS, 1), (memo.LONG_CHARS - 1, 2)])
def test_refusals_of_long_texts_are_recalled(length, parses):
    refusing = Refusing()
    for _ in range(2):
        with pytest.raises(Invalid) as refused:
            parse(refusing, "x" * length)
        assert (refused.value.why, refused.value.path, refused.value.syntax) == ("no", "here", False)
    assert len(refusing.parsed) == parses


def test_verdicts_that_took_too_much_work_are_recalled(words):
    refusing = Refusing()
    reader, writer = Parsed(refusing, ("a",), "reader"), Parsed(refusing, ("b",), "writer")
    for _ in range(2):
        with pytest.raises(Invalid, match="too complex"):
            memo.incompatibilities(reader, writer, Policy.STRICT)
    assert refusing.judged == 1


def test_a_canonical_text_may_be_empty(words):
    assert [parse(words, " ").text for _ in range(2)] == ["", ""]
    assert words.parsed == [" "]


def test_texts_that_are_no_valid_unicode_are_texts(words):
    assert parse(words, "a\ud800").text == "a\ud800"


def test_a_parsed_form_prints_itself(words):
    assert Parsed(words, ("a", "b"), "key").text == "a b"


def test_the_least_recently_used_is_forgotten_first():
    kept = Memo(30)
    for name in "abc":
        kept.put(name, name.upper(), 10)
    assert kept.get("a") == "A"
    kept.put("d", "D", 10)
    assert [kept.get(name) for name in "abcd"] == ["A", None, "C", "D"]
    assert kept.bytes == 30


def test_what_would_take_more_than_half_is_not_kept():
    kept = Memo(100)
    kept.put("half", 1, 50)
    kept.put("more", 2, 51)
    assert (kept.get("half"), kept.get("more"), kept.bytes) == (1, None, 50)


def test_the_first_value_of_a_key_stays():
    kept = Memo(100)
    kept.put("a", 1, 10)
    kept.put("a", 2, 20)
    assert (kept.get("a"), kept.bytes) == (1, 10)


def test_a_cleared_memo_is_empty():
    kept = Memo(100)
    kept.put("a", 1, 10)
    kept.clear()
    assert (kept.get("a"), kept.bytes) == (None, 0)
