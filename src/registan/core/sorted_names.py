"""Sorted texts in blocks: adding one costs about the same among few and among many.

What lives here: the order, ranges of it, and the JSON of the texts a listing shows, kept by block, so
that a change costs the encoding of one block. What never does: what the texts are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator

from registan.contract.json_text import encode

BLOCK_MAX = 512
"""Texts in a block; a longer one is cut in two."""


class SortedNames:
    """Distinct texts in order. `shown` says which of them `listing` tells."""

    __slots__ = ("_blocks", "_firsts", "_json", "_shown")

    def __init__(self, shown: Callable[[str], bool]) -> None:
        self._shown = shown
        self._blocks: list[list[str]] = []
        """None of them is empty."""
        self._firsts: list[str] = []
        """The first text of each block, or one before it."""
        self._json: list[bytes | None] = []
        """The shown texts of each block as JSON, without brackets; None where it must be encoded again."""

    def __len__(self) -> int:
        """How many texts there are."""
        return sum(map(len, self._blocks))

    def fill(self, texts: list[str]) -> None:
        """Become these texts, in whatever order they come."""
        texts.sort()
        self._blocks = [texts[i : i + BLOCK_MAX // 2] for i in range(0, len(texts), BLOCK_MAX // 2)]
        self._firsts = [block[0] for block in self._blocks]
        self._json = [None] * len(self._blocks)

    def add(self, text: str) -> None:
        """Add a text that is not there yet."""
        if not self._blocks:
            self.fill([text])
            return
        place = self._place(text)
        block = self._blocks[place]
        insort(block, text)
        self._firsts[place] = block[0]
        self._json[place] = None
        if len(block) > BLOCK_MAX:
            half = len(block) // 2
            self._blocks[place : place + 1] = [block[:half], block[half:]]
            self._firsts.insert(place + 1, block[half])
            self._json.insert(place + 1, None)

    def discard(self, text: str) -> None:
        """Remove a text that is there."""
        place = self._place(text)
        block = self._blocks[place]
        del block[bisect_left(block, text)]
        self._json[place] = None
        if not block:
            del self._blocks[place], self._firsts[place], self._json[place]

    def touch(self, text: str) -> None:
        """Whether the text is shown has changed."""
        self._json[self._place(text)] = None

    def __iter__(self) -> Iterator[str]:
        """All texts in order."""
        for block in self._blocks:
            yield from block

    def starting(self, prefix: str) -> Iterator[str]:
        """The texts that start with a prefix, in order."""
        if not self._blocks:
            return
        place = self._place(prefix)
        start = bisect_left(self._blocks[place], prefix)
        for block in self._blocks[place:]:
            for text in block[start:] if start else block:
                if not text.startswith(prefix):
                    return
                yield text
            start = 0

    def before(self, text: str) -> Iterator[str]:
        """The texts before one, in order."""
        for block in self._blocks:
            if block[-1] < text:
                yield from block
            else:
                yield from block[: bisect_left(block, text)]
                return

    def after(self, text: str) -> Iterator[str]:
        """The texts from one on, in order."""
        if not self._blocks:
            return
        place = self._place(text)
        yield from self._blocks[place][bisect_left(self._blocks[place], text) :]
        for block in self._blocks[place + 1 :]:
            yield from block

    def listing(self) -> bytes:
        """The shown texts as a JSON array."""
        for place, json in enumerate(self._json):
            if json is None:
                shown = list(filter(self._shown, self._blocks[place]))
                self._json[place] = encode(shown)[1:-1]
        return b"[" + b",".join(filter(None, self._json)) + b"]"

    def _place(self, text: str) -> int:
        """The block where a text is, or belongs."""
        return max(bisect_right(self._firsts, text) - 1, 0)
