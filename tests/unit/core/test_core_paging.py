"""Offsets and limits."""

from __future__ import annotations

import pytest

from registan.core.paging import page

ITEMS = list(range(10))


@pytest.mark.parametrize(
    ("offset", "limit", "expected"),
    [
        (0, -1, ITEMS),
        (0, 0, ITEMS),
        (0, 3, [0, 1, 2]),
        (8, 3, [8, 9]),
        (10, 1, []),
        (2**31 - 1, 2**31 - 1, []),
        (-5, 2, [0, 1]),
    ],
)
def test_a_page_of_a_list(offset: int, limit: int, expected: list[int]) -> None:
    assert page(offset, limit).of(ITEMS) == expected
    assert page(offset, limit).of(iter(ITEMS)) == expected


@pytest.mark.parametrize(("limit", "count"), [(-1, 4), (0, 4), (3, 3), (6, 6), (7, 4)])
def test_a_limit_beyond_the_most_counts_as_the_default_not_as_the_most(limit: int, count: int) -> None:
    assert len(page(0, limit, default=4, most=6).of(ITEMS)) == count
