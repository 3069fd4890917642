"""JSON as the recorded server writes it."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registan.contract.json_text import encode


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"a": 1, "b": [True, None]}, b'{"a":1,"b":[true,null]}'),
        ("é", '"é"'.encode()),
        ("</&>", b'"</&>"'),
        ('a"b\\c', rb'"a\"b\\c"'),
        ("\n\r\t\b\f", rb'"\n\r\t\b\f"'),
        ("\x01\x1f", rb'"\u0001\u001F"'),
        ("\x0b", rb'"\u000B"'),
        ("\\u001f", rb'"\\u001f"'),
        ("\\\x1f", rb'"\\\u001F"'),
        ("\x7f", b'"\x7f"'),
        ("😀", rb'"\uD83D\uDE00"'),
        ("a😀é", b'"a\\uD83D\\uDE00\xc3\xa9"'),
        ("\U0010ffff", rb'"\uDBFF\uDFFF"'),
        ("\uffff", '"\uffff"'.encode()),
    ],
)
def test_what_is_escaped_and_how(value, written):
    assert encode(value) == written


def test_structs_are_written_in_the_order_of_their_fields():
    class Pair(msgspec.Struct):
        b: int
        a: str

    assert encode([Pair(1, "x")]) == b'[{"b":1,"a":"x"}]'


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_it_reads_back_as_what_was_written(value):
    assert json.loads(encode(value)) == value


def test_a_lone_surrogate_is_refused():
    """The caller must not send what is no text."""
    with pytest.raises(UnicodeEncodeError):
        encode("\ud800")
