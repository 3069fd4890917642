"""The names of all subjects, as listings need them: sorted, by prefix, by context.

What lives here: names and where they stand. What never does: versions, or what a name means.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable, Iterator

from registan.model.subject import ANY_CONTEXT, DEFAULT_CONTEXT, Subject

QUALIFIED = ":."
"""How the qualified names begin; no name of the default context does, so they stand together."""

LISTINGS_MAX = 16
"""Encoded listings that are kept until the next change of a name."""


class Names:
    """Qualified names of all subjects with any version, sorted as listings are."""

    __slots__ = ("_all", "_listings", "elsewhere", "gone")

    def __init__(self) -> None:
        self._all: list[str] = []
        self.gone: set[str] = set()
        """Names of subjects all of whose versions are soft-deleted."""
        self.elsewhere: dict[str, tuple[str, ...]] = {}
        """Unqualified name → the contexts, other than the default one, that have it, sorted."""
        self._listings: dict[Hashable, bytes] = {}

    def __iter__(self) -> Iterator[str]:
        """All names in order."""
        return iter(self._all)

    def __len__(self) -> int:
        """How many names there are."""
        return len(self._all)

    def add(self, subject: Subject, *, sorted_later: bool = False) -> None:
        """A subject has its first version, which for now counts as soft-deleted."""
        name = str(subject)
        if sorted_later:
            self._all.append(name)
        else:
            insort(self._all, name)
        self.gone.add(name)
        if subject.context != DEFAULT_CONTEXT:
            contexts = self.elsewhere.get(subject.name, ())
            self.elsewhere[subject.name] = tuple(sorted((*contexts, subject.context)))
        self._listings.clear()

    def discard(self, subject: Subject) -> None:
        """A subject has lost its last version."""
        name = str(subject)
        del self._all[bisect_left(self._all, name)]
        self.gone.discard(name)
        if subject.context != DEFAULT_CONTEXT:
            rest = tuple(c for c in self.elsewhere[subject.name] if c != subject.context)
            if rest:
                self.elsewhere[subject.name] = rest
            else:
                del self.elsewhere[subject.name]
        self._listings.clear()

    def sort(self) -> None:
        """Put names in order that were added to be sorted later."""
        self._all.sort()

    def bury(self, subject: Subject) -> None:
        """A subject has no live version any more."""
        self.gone.add(str(subject))
        self._listings.clear()

    def revive(self, subject: Subject) -> None:
        """A subject has a live version again."""
        self.gone.discard(str(subject))
        self._listings.clear()

    def starting(self, prefix: Subject) -> list[str]:
        """The names in a context, or in all of them, whose unqualified part starts with `prefix.name`."""
        context, start = prefix
        if context == ANY_CONTEXT:
            return self._anywhere(start)
        if context != DEFAULT_CONTEXT:
            low, high = self._range(f":{context}:{start}")
            return self._all[low:high]
        low, high = self._range(start)
        first, last = self._range(QUALIFIED)
        if last <= low or high <= first:
            return self._all[low:high]
        return self._all[low : max(low, first)] + self._all[min(high, last) : high]

    def _anywhere(self, start: str) -> list[str]:
        if not start:
            return self._all.copy()
        found = self.starting(Subject(DEFAULT_CONTEXT, start))
        contexts = {context for held in self.elsewhere.values() for context in held}
        for context in contexts:
            found += self.starting(Subject(context, start))
        found.sort()
        return found

    def _range(self, prefix: str) -> tuple[int, int]:
        """Where the names that start with `prefix` stand."""
        low = bisect_left(self._all, prefix)
        return low, bisect_left(self._all, True, low, key=lambda name: not name.startswith(prefix))

    def listing(self, key: Hashable) -> bytes | None:
        """What was kept under `key` since the last change of a name."""
        return self._listings.get(key)

    def keep(self, key: Hashable, listing: bytes) -> bytes:
        """Keep an encoded listing until a name changes; returns it."""
        if len(self._listings) < LISTINGS_MAX:
            self._listings[key] = listing
        return listing
