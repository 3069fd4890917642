"""Pages of listings: `offset` and `limit` as the wire reads them (docs/wire.md, transport)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Page(NamedTuple):
    """Which part of a listing is wanted; `stop` is None where it goes to the end."""

    start: int
    stop: int | None

    def of(self, items: Iterable[T]) -> list[T]:
        """The items of this page."""
        if isinstance(items, list):
            return items[self.start : self.stop]
        return list(islice(items, self.start, self.stop))


def page(offset: int, limit: int, *, default: int | None = None, most: int | None = None) -> Page:
    """The page a client asks for.

    A limit that is not positive, or is beyond `most`, counts as `default` (None: all); an offset below
    zero as zero.
    """
    start = max(offset, 0)
    wanted = limit if limit > 0 and (most is None or limit <= most) else default
    return Page(start, None if wanted is None else start + wanted)
