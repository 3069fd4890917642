"""Sorted texts in blocks: adding one costs about the same among few and among many, and so does a page.

What lives here: the order, ranks in it, and the JSON of the texts a listing shows, kept by block, so
that a change costs the encoding of one block. What never does: what the texts are.

Ranks count from 0: all texts, or only those that are shown, or only those that are not. The argument
`shown` says which: None, True or False. A rank is good until the next change.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from operator import sub
from typing import NamedTuple

from registan.contract.json_text import encode

BLOCK_MAX = 512
"""Texts in a block; a longer one is cut in two."""


class Told(NamedTuple):
    """What a listing shows of a block."""

    shown: int
    json: bytes
    """Without brackets."""


class SortedNames:
    """Distinct texts in order. The function `shown` says which of them `listing` tells."""

    __slots__ = ("_blocks", "_firsts", "_shown", "_sums", "_told")

    def __init__(self, shown: Callable[[str], bool]) -> None:
        self._shown = shown
        self._blocks: list[list[str]] = []
        """None of them is empty."""
        self._firsts: list[str] = []
        """The first text of each block, or one before it."""
        self._told: list[Told | None] = []
        """By block; None where it must be found out again."""
        self._sums: dict[bool | None, list[int]] = {}
        """By `shown`: how many texts that count stand before each block. Empty after a change."""

    def __len__(self) -> int:
        """How many texts there are."""
        return sum(map(len, self._blocks))

    def fill(self, texts: list[str]) -> None:
        """Become these texts, in whatever order they come."""
        texts.sort()
        self._blocks = [texts[i : i + BLOCK_MAX // 2] for i in range(0, len(texts), BLOCK_MAX // 2)]
        self._firsts = [block[0] for block in self._blocks]
        self._told = [None] * len(self._blocks)
        self._sums.clear()

    def add(self, text: str) -> None:
        """Add a text that is not there yet."""
        if not self._blocks:
            self.fill([text])
            return
        place = self._place(text)
        block = self._blocks[place]
        insort(block, text)
        self._firsts[place] = block[0]
        self._changed(place)
        if len(block) > BLOCK_MAX:
            half = len(block) // 2
            self._blocks[place : place + 1] = [block[:half], block[half:]]
            self._firsts.insert(place + 1, block[half])
            self._told.insert(place + 1, None)

    def discard(self, text: str) -> None:
        """Remove a text that is there."""
        place = self._place(text)
        block = self._blocks[place]
        del block[bisect_left(block, text)]
        self._changed(place)
        if not block:
            del self._blocks[place], self._firsts[place], self._told[place]

    def touch(self, text: str) -> None:
        """Whether the text is shown has changed."""
        self._changed(self._place(text))

    def __iter__(self) -> Iterator[str]:
        """All texts in order."""
        for block in self._blocks:
            yield from block

    def first(self, low: str) -> str | None:
        """The first text from `low` on."""
        found = self.ranks("", low)
        return next(self.texts(found[:1]), None)

    def ranks(
        self, prefix: str, low: str = "", high: str | None = None, *, shown: bool | None = None
    ) -> range:
        """The ranks of the texts that start with a prefix, from `low` on, before `high`."""
        if not self._blocks:
            return range(0)
        start = self._before(max(low, prefix), shown)
        cut = len(prefix)
        place = max(bisect_right(self._firsts, prefix, key=lambda text: text[:cut]) - 1, 0)
        stop = self._rank(
            place, bisect_right(self._blocks[place], prefix, key=lambda text: text[:cut]), shown
        )
        return range(start, stop if high is None else min(stop, self._before(high, shown)))

    def texts(self, ranks: range, *, shown: bool | None = None) -> Iterator[str]:
        """The texts that have these ranks."""
        if not ranks:
            return
        sums = self._sums_of(shown)
        for place in range(bisect_right(sums, ranks.start) - 1, len(sums)):
            before = sums[place]
            if before >= ranks.stop:
                return
            counted = self._blocks[place]
            if shown is not None:
                counted = [text for text in counted if self._shown(text) is shown]
            yield from counted[max(ranks.start - before, 0) : ranks.stop - before]

    def listing(self) -> bytes:
        """The shown texts as a JSON array."""
        told = (self._tell(place).json for place in range(len(self._blocks)))
        return b"[" + b",".join(filter(None, told)) + b"]"

    def _place(self, text: str) -> int:
        """The block where a text is, or belongs."""
        return max(bisect_right(self._firsts, text) - 1, 0)

    def _tell(self, place: int) -> Told:
        told = self._told[place]
        if told is None:
            shown = list(filter(self._shown, self._blocks[place]))
            told = self._told[place] = Told(len(shown), encode(shown)[1:-1])
        return told

    def _changed(self, place: int) -> None:
        self._told[place] = None
        self._sums.clear()

    def _before(self, text: str, shown: bool | None) -> int:
        """How many texts that count stand before one."""
        place = self._place(text)
        return self._rank(place, bisect_left(self._blocks[place], text), shown)

    def _rank(self, place: int, index: int, shown: bool | None) -> int:
        before = self._sums_of(shown)[place]
        if shown is None:
            return before + index
        return before + sum(self._shown(text) is shown for text in self._blocks[place][:index])

    def _sums_of(self, shown: bool | None) -> list[int]:
        sums = self._sums.get(shown)
        if sums is None:
            counts: Iterable[int] = map(len, self._blocks)
            if shown is not None:
                told = (self._tell(place).shown for place in range(len(self._blocks)))
                counts = told if shown else map(sub, counts, told)
            sums = self._sums[shown] = list(accumulate(counts, initial=0))[:-1]
        return sums
