"""Records of one kind by key and by what they have in common: a table with indexes.

What lives here: keeping and finding. What never does: what the records mean, or taking changes back
(core/shelves.py does, by the inverse of each change).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any, Generic, TypeVar

R = TypeVar("R")


class Shelf(Generic[R]):
    """Records of one kind. `groups` name what else they are found by; a record is in each group once."""

    __slots__ = ("_by_key", "_groups", "_key", "_of")

    def __init__(self, key: Callable[[R], Any], **groups: Callable[[R], Hashable]) -> None:
        self._key = key
        self._of = groups
        self._by_key: dict[Any, R] = {}
        self._groups: dict[tuple[str, Hashable], dict[Any, None]] = {}

    def __len__(self) -> int:
        """How many records there are."""
        return len(self._by_key)

    def __iter__(self) -> Iterator[R]:
        """All records, in no order."""
        return iter(self._by_key.values())

    def get(self, key: Any) -> R | None:  # noqa: ANN401  (whatever the kind has for a key)
        """The record with this key."""
        return self._by_key.get(key)

    def where(self, group: str, value: Hashable) -> list[R]:
        """The records of a group, by key."""
        keys = self._groups.get((group, value))
        return [self._by_key[key] for key in sorted(keys)] if keys else []

    def sorted(self) -> list[R]:
        """All records, by key."""
        return [self._by_key[key] for key in sorted(self._by_key)]

    def put(self, record: R) -> R | None:
        """Keep a record; what its key held before."""
        key = self._key(record)
        old = self._by_key.get(key)
        if old is not None:
            self._leave(key, old)
        self._by_key[key] = record
        for name, of in self._of.items():
            self._groups.setdefault((name, of(record)), {})[key] = None
        return old

    def drop(self, record: R) -> R | None:
        """Keep it no more; what its key held, if anything."""
        key = self._key(record)
        old = self._by_key.pop(key, None)
        if old is not None:
            self._leave(key, old)
        return old

    def _leave(self, key: Any, record: R) -> None:  # noqa: ANN401
        for name, of in self._of.items():
            group = (name, of(record))
            keys = self._groups[group]
            del keys[key]
            if not keys:
                del self._groups[group]
