"""Contexts and subjects: the names everything else hangs on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registan.model.subject import ABOVE_ALL, GLOBAL, Subject


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("a", (".", "a")),
        ("", (".", "")),
        (":.c:a", (".c", "a")),
        (":.c:", (".c", "")),
        (":.c", (".c", "")),
        (":.:foo", (".", "foo")),
        (":.:", (".", "")),
        (":.d2:x:y", (".d2", "x:y")),
        (":*:a", ("*", "a")),
        (":*:", ("*", "")),
        (":.__GLOBAL:", (".__GLOBAL", "")),
        (":.a b/c:d", (".a b/c", "d")),
    ],
)
def test_a_qualified_subject_is_read(text, subject):
    assert Subject.parse(text) == subject


@pytest.mark.parametrize("text", [":x", "::x", ":d:x", ":", "a:.c:b", ":*", ":*a:b"])
def test_what_only_begins_like_one_is_an_ordinary_subject(text):
    assert Subject.parse(text) == (".", text)


def test_an_unqualified_subject_belongs_where_it_is_read():
    assert Subject.parse("a", ".c") == (".c", "a")
    assert Subject.parse(":.d:a", ".c") == (".d", "a")
    assert Subject.parse(":.:a", ".c") == (".", "a")


@pytest.mark.parametrize(
    ("subject", "text"),
    [((".", "a"), "a"), ((".c", "a"), ":.c:a"), ((".c", ""), ":.c:"), ((".", ""), ""), ((".", ":x"), ":x")],
)
def test_a_subject_is_printed_as_it_is_stored(subject, text):
    assert str(Subject(*subject)) == text


CONTEXTS = st.text(st.characters(exclude_characters=":", exclude_categories=["Cs"]), max_size=5).map(
    lambda name: "." + name
)


@given(CONTEXTS, st.text(max_size=8))
def test_what_is_printed_reads_back(context, name):
    subject = Subject(context, name)
    if context == "." and name.startswith((":.", ":*:")):
        return  # such a name cannot be written plainly; nobody can have registered it
    assert Subject.parse(str(subject)) == subject


def test_a_context_has_no_name():
    assert GLOBAL.is_context
    assert ABOVE_ALL.is_context
    assert Subject(".c", "").is_context
    assert not Subject(".c", "a").is_context
