"""The request target: what a path and a query mean, before any route is known."""

from __future__ import annotations

import pytest

from registan.contract.target import decode_segment, parse_query, split_path, split_target
from registan.model.fault import Fault, Refusal


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/", b"/", b""),
        (b"/subjects", b"/subjects", b""),
        (b"/subjects?deleted=true", b"/subjects", b"deleted=true"),
        (b"/subjects?", b"/subjects", b""),
        (b"/subjects?a=?b", b"/subjects", b"a=?b"),
        (b"/subjects/a%2Fb/versions/", b"/subjects/a%2Fb/versions/", b""),
        (b"/subjects/a+b/:.c:d;x=1", b"/subjects/a+b/:.c:d;x=1", b""),
        (b"http://host:8081/subjects?x=1", b"/subjects", b"x=1"),
        (b"HTTP://host", b"/", b""),
        (b"*", b"*", b""),
    ],
)
def test_a_target_is_a_path_and_a_query(target, path, query):
    assert split_target(target) == (path, query)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (b"/subjects//versions", "Ambiguous URI empty segment"),
        (b"//", "Ambiguous URI empty segment"),
        (b"/subjects/%2E", "Ambiguous URI path segment"),
        (b"/subjects/%2e%2E/x", "Ambiguous URI path segment"),
        (b"/subjects/.%2e", "Ambiguous URI path segment"),
        (b"/subjects/a%5Cb", "Suspicious Path Character"),
        (b"/subjects/a\\b", "Suspicious Path Character"),
        (b"/subjects/%01", "Suspicious Path Character"),
        (b"/subjects/%1F", "Suspicious Path Character"),
        (b"/subjects/%7f", "Suspicious Path Character"),
        (b'/subjects/"', "Illegal Path Character"),
        (b"/subjects/{a}", "Illegal Path Character"),
        (b"/subjects/a|b", "Illegal Path Character"),
        (b"/subjects/a^b", "Illegal Path Character"),
        ("/subjects/é".encode(), "Illegal Path Character"),
        (b"/subjects/%FF", "Bad UTF-8 encoding"),
        (b"/subjects/%C3%28", "Bad UTF-8 encoding"),
        (b"/subjects/%", "Bad Request"),
        (b"/subjects/%GG", "Bad Request"),
        (b"/subjects/%00", "Bad Request"),
        (b"/sub jects", "Bad Request"),
        (b"/subjects#x", "Bad Request"),
        (b"subjects", "Bad Request"),
        (b"", "Bad Request"),
    ],
)
def test_what_the_container_rejects_has_its_reason(target, reason):
    with pytest.raises(Refusal) as refused:
        split_target(target)
    assert (refused.value.fault, refused.value.message) == (Fault.BAD_REQUEST, reason)


@pytest.mark.parametrize("target", [b"/subjects/%C3%A9", b"/subjects/%E2%82%AC/versions", b"/s?x=%FF&y=%"])
def test_what_is_escaped_properly_passes(target):
    assert split_target(target)[0] == target.partition(b"?")[0]


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        (b"/", ()),
        (b"", ()),
        (b"/subjects", (b"subjects",)),
        (b"/subjects/", (b"subjects",)),
        (b"/subjects/a%2Fb/versions", (b"subjects", b"a%2Fb", b"versions")),
        (b"/subjects;v=1/a;b/versions", (b"subjects", b"a", b"versions")),
        (b"/subjects/a%3Bb", (b"subjects", b"a%3Bb")),
        (b"/%73ubjects", (b"%73ubjects",)),
    ],
)
def test_a_path_is_split_as_it_was_sent(path, segments):
    assert split_path(path) == segments


@pytest.mark.parametrize(
    ("segment", "text"),
    [
        (b"a", "a"),
        (b"a%2Fb", "a/b"),
        (b"a+b", "a+b"),
        (b"%C3%A9", "é"),
        (b"%25", "%"),
        (b"%2525", "%25"),
        (b"%FF", "\ufffd"),
    ],
)
def test_a_segment_is_decoded_once(segment, text):
    assert decode_segment(segment) == text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (b"", {}),
        (b"a=1", {"a": ("1",)}),
        (b"a=1&b=2&a=3", {"a": ("1", "3"), "b": ("2",)}),
        (b"a=", {"a": ("",)}),
        (b"a", {"a": ("",)}),
        (b"=1", {}),
        (b"a=b+c&d=%2B1", {"a": ("b c",), "d": ("+1",)}),
        (b"a=1;b=2", {"a": ("1;b=2",)}),
        (b"a=%GG&b=1", {"b": ("1",)}),
        (b"A=1&a=2", {"A": ("1",), "a": ("2",)}),
        (b"a=b=c", {"a": ("b=c",)}),
        (b"a=%FF", {"a": ("\ufffd",)}),
        (b"key+name=1", {"key name": ("1",)}),
    ],
)
def test_a_query_is_read_in_its_order(query, found):
    assert dict(parse_query(query)) == found


def test_long_targets_are_read_like_short_ones():
    """They are not remembered, that is all."""
    name = b"a" * 5000
    assert split_target(b"/subjects/%41" + name) == (b"/subjects/%41" + name, b"")
    assert split_path(b"/subjects/" + name) == (b"subjects", name)
    assert parse_query(b"a=" + name) == {"a": (name.decode(),)}
    with pytest.raises(Refusal, match="Ambiguous URI empty segment"):
        split_target(b"//" + name)
