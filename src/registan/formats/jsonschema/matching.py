"""Finding partners: whether each member of the smaller side gets one of its own on the larger side.

What lives here: a maximum bipartite matching that asks for as few comparisons as it can. Few members are
all compared, as the recorded server does, which is visible in recursive schemas; of many only those pairs
that are needed, the likely ones first.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from registan.formats.jsonschema.comparison import Comparing, Telling, Unknown, compared
from registan.formats.jsonschema.written import Members

ALL_PAIRS_MAX = 400
"""Up to so many pairs, all are compared."""


def is_matched(comparing: Comparing, original: Members, update: Members) -> Telling:
    """Whether the compatible pairs hold a matching as large as the smaller side."""
    matching = _Matching(comparing, original, update)
    if len(original.nodes) * len(update.nodes) <= ALL_PAIRS_MAX:
        for i, was in enumerate(original.nodes):
            for j, is_ in enumerate(update.nodes):
                found = comparing.ask(was, is_)
                if isinstance(found, Unknown):
                    found = yield
                matching.known[i, j] = found is None
    for row in range(len(matching.rows.nodes)):
        placed = yield from matching.place(row)
        if not placed:
            return False
    return True


class _Matching:
    """Rows are members of the smaller side, columns those of the other."""

    def __init__(self, comparing: Comparing, original: Members, update: Members) -> None:
        self.comparing = comparing
        self.turned = len(original.nodes) > len(update.nodes)
        """Whether rows are the members of the update."""
        self.rows, self.columns = (update, original) if self.turned else (original, update)
        self.known: dict[tuple[int, int], bool] = {}
        """Whether a member of the original and one of the update are compatible."""
        self.partner: dict[int, int] = {}
        """Column → row."""

    def fits(self, row: int, column: int) -> Telling:
        """Whether a row and a column are compatible."""
        i, j = (column, row) if self.turned else (row, column)
        fits = self.known.get((i, j))
        if fits is None:
            one, other = self.rows.nodes[row], self.columns.nodes[column]
            was, is_ = (other, one) if self.turned else (one, other)
            found = yield from compared(self.comparing, was, is_)
            fits = self.known[i, j] = found is None
        return fits

    def likely(self, row: int) -> Iterator[int]:
        """The columns, the likely ones first."""
        alike = self.columns.places.get(self.rows.keys[row])
        first = [column for column in (alike, row) if column is not None]
        return chain(first, range(len(self.columns.nodes)))

    def place(self, row: int) -> Telling:
        """Give a row a column, moving others if need be; searched in breadth, so that depth is no matter."""
        came_from: dict[int, int] = {}
        rows = [row]
        for each in rows:
            self.comparing.spend(len(self.columns.nodes) // 8)
            for column in self.likely(each):
                if column in came_from:
                    continue
                fits = yield from self.fits(each, column)
                if not fits:
                    continue
                came_from[column] = each
                if column not in self.partner:
                    self.move(column, row, came_from)
                    return True
                rows.append(self.partner[column])
        return False

    def move(self, column: int, row: int, came_from: dict[int, int]) -> None:
        """Give each row on the way the column it came to."""
        taken = {each: at for at, each in self.partner.items()}
        while True:
            each = came_from[column]
            self.partner[column] = each
            if each == row:
                return
            column = taken[each]
