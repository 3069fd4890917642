"""The part of the state whose records stand for themselves: each kind is a shelf, all changed alike.

A kind that takes part in what others mean (schemas, versions) is core/state.py's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registan.core.journal import Journal
from registan.core.shelf import Shelf
from registan.model.association import Association
from registan.model.keys import Dek, Kek
from registan.model.record import Record


class Shelves(Journal):
    """Associations and keys."""

    def clear_shelves(self) -> None:
        """Hold nothing."""
        self.associations: Shelf[Association] = Shelf(
            lambda a: a.key,
            subject=lambda a: a.subject,
            resource_id=lambda a: a.resource_id,
            resource_name=lambda a: a.resource_name,
        )
        self.keks: Shelf[Kek] = Shelf(lambda kek: kek.name)
        self.deks: Shelf[Dek] = Shelf(
            lambda dek: dek.key,
            kek=lambda dek: dek.kek_name,
            series=lambda dek: (dek.kek_name, dek.subject, dek.algorithm),
        )
        self._shelves: dict[type[Any], Shelf[Any]] = {
            Association: self.associations,
            Kek: self.keks,
            Dek: self.deks,
        }

    def shelved(self) -> Iterator[Record]:
        """All records of all shelves."""
        for shelf in self._shelves.values():
            yield from shelf

    def put_shelved(self, record: Any) -> None:  # noqa: ANN401
        """The record is now so."""
        shelf = self._shelves[type(record)]
        old = shelf.put(record)
        back, what = (shelf.drop, record) if old is None else (shelf.put, old)
        self._undo(back, what, shelf.put, record)

    def drop_shelved(self, record: Any) -> None:  # noqa: ANN401
        """The record's key holds nothing any more."""
        shelf = self._shelves[type(record)]
        old = shelf.drop(record)
        if old is not None:
            self._undo(shelf.put, old, shelf.drop, record)


SHELVED: tuple[type[Any], ...] = (Association, Kek, Dek)
"""The kinds of records that are kept so."""
