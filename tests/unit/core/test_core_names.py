"""Sorted names, in blocks and by context."""

from __future__ import annotations

import json
from random import Random

import pytest

from registan.core.names import Names
from registan.core.sorted_names import BLOCK_MAX, SortedNames
from registan.model.subject import Subject


def filled(*subjects: str) -> Names:
    names = Names()
    for subject in subjects:
        names.add(Subject.parse(subject))
        names.revive(Subject.parse(subject))
    return names


def starting(names: Names, prefix: str) -> list[str]:
    return list(names.starting(Subject.parse(prefix)))


def test_blocks_keep_the_order_of_a_plain_list_while_they_are_cut_and_emptied() -> None:
    random = Random(1)
    sorted_names = SortedNames(lambda name: True)
    plain: set[str] = set()
    for _ in range(6 * BLOCK_MAX):
        name = str(random.randrange(4 * BLOCK_MAX))
        if name in plain:
            plain.remove(name)
            sorted_names.discard(name)
        else:
            plain.add(name)
            sorted_names.add(name)
    assert list(sorted_names) == sorted(plain)
    assert json.loads(sorted_names.listing()) == sorted(plain)
    assert len(sorted_names) == len(plain)
    for prefix in ("", "1", "19", "199", "x"):
        assert list(sorted_names.texts(sorted_names.ranks(prefix))) == sorted(
            n for n in plain if n.startswith(prefix)
        )
    for bound in ("", "15", "2", "99999", "x"):
        before, after = sorted_names.ranks("", high=bound), sorted_names.ranks("", low=bound)
        assert list(sorted_names.texts(before)) == sorted(n for n in plain if n < bound)
        assert list(sorted_names.texts(after)) == sorted(n for n in plain if n >= bound)
        assert sorted_names.first(bound) == min((n for n in plain if n >= bound), default=None)


def test_names_that_are_all_gone_leave_an_empty_list() -> None:
    sorted_names = SortedNames(lambda name: True)
    sorted_names.add("a")
    sorted_names.discard("a")
    assert list(sorted_names.texts(sorted_names.ranks(""))) == []
    assert sorted_names.listing() == b"[]"
    sorted_names.add("b")
    assert list(sorted_names) == ["b"]


def test_the_listing_is_of_live_subjects_only_and_follows_every_change() -> None:
    names = filled("b", "a")
    assert names.live() == b'["a","b"]'
    names.bury(Subject.parse("a"))
    assert names.live() == b'["b"]'
    names.revive(Subject.parse("a"))
    assert names.live() == b'["a","b"]'
    names.discard(Subject.parse("b"))
    assert names.live() == b'["a"]'


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", ["!", ":x", "a", "ab"]),
        (":", [":x"]),
        (":.:", ["!", ":x", "a", "ab"]),
        (":.:a", ["a", "ab"]),
        ("a", ["a", "ab"]),
        (":.c:", [":.c:a", ":.c:b"]),
        (":.c", [":.c:a", ":.c:b"]),
        (":.c:b", [":.c:b"]),
        (":.none:", []),
        (":*:", ["!", ":.c:a", ":.c:b", ":.d:ab", ":x", "a", "ab"]),
        (":*:a", [":.c:a", ":.d:ab", "a", "ab"]),
    ],
)
def test_a_prefix_selects_in_its_context_or_in_all(prefix: str, expected: list[str]) -> None:
    assert starting(filled("ab", "a", "!", ":x", ":.c:b", ":.c:a", ":.d:ab"), prefix) == expected


def test_where_a_name_stands_besides_the_default_context_is_known() -> None:
    names = filled("s", ":.b:s", ":.a:s", ":.a:t")
    assert names.elsewhere == {"s": (".a", ".b"), "t": (".a",)}
    names.discard(Subject.parse(":.a:t"))
    names.discard(Subject.parse(":.a:s"))
    assert names.elsewhere == {"s": (".b",)}


def test_new_names_are_in_order_whenever_somebody_looks() -> None:
    names = Names()
    for name in ("c", ":.x:a", "b"):
        names.add(Subject.parse(name))
    names.bury(Subject.parse(":.x:a"))
    names.add_buried(Subject.parse("a"))
    names.discard(Subject.parse("b"))
    assert len(names) == 3
    assert list(names) == [":.x:a", "a", "c"]
    assert names.live() == b'["c"]'


@pytest.mark.parametrize("looks_every", [1, 7, 400, 5000])
def test_many_names_are_in_order_however_often_somebody_looks(looks_every: int) -> None:
    names, held = Names(), set()
    for number in range(3000):
        name = f"{number * 7919 % 3000:04}"
        names.add(Subject.parse(name))
        held.add(name)
        if number % 5 == 4:
            gone = f"{(number - 3) * 7919 % 3000:04}"
            names.discard(Subject.parse(gone))
            held.discard(gone)
        if number % looks_every == 0:
            assert len(names) == len(held)
            assert json.loads(names.live()) == sorted(held)
    assert list(names) == sorted(held)
