"""The names of all subjects, as listings need them: sorted, by prefix, by context.

What lives here: names and where they stand. What never does: versions, or what a name means.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from registan.core.paging import Page
from registan.core.sorted_names import SortedNames
from registan.model.subject import ANY_CONTEXT, DEFAULT_CONTEXT, Subject

QUALIFIED = ":."
"""How the qualified names begin; no name of the default context does, so they stand together."""

BEHIND = ":/"
"""The first text behind all that begins so."""

UNSORTED_MAX = 512
"""So many new names may wait to be put in order until somebody looks; among many others even more."""

SORTED_PER_NEW = 2
"""From one new name for so many others on all are put in order anew, instead of each in its place."""


class Names:
    """Qualified names of all subjects with any version, sorted as listings are."""

    __slots__ = ("_all", "_live", "_unsorted", "_unsorted_max", "elsewhere", "gone")

    def __init__(self) -> None:
        self.gone: set[str] = set()
        """Names of subjects all of whose versions are soft-deleted."""
        self.elsewhere: dict[str, tuple[str, ...]] = {}
        """Unqualified name → the contexts, other than the default one, that have it, sorted."""
        self._all = SortedNames(lambda name: name not in self.gone)
        self._unsorted: dict[str, None] = {}
        """New names; one that is only on trial, or one of many, is not worth putting in its place."""
        self._unsorted_max = UNSORTED_MAX
        self._live: bytes | None = None

    def __iter__(self) -> Iterator[str]:
        """All names in order."""
        return iter(self._sorted())

    def __len__(self) -> int:
        """How many names there are."""
        return len(self._all) + len(self._unsorted)

    def add(self, subject: Subject) -> None:
        """A subject has its first version, which is live."""
        name = str(subject)
        self._unsorted[name] = None
        self._live = None
        if len(self._unsorted) > self._unsorted_max:
            self._sorted()
        if subject.context != DEFAULT_CONTEXT:
            contexts = self.elsewhere.get(subject.name, ())
            self.elsewhere[subject.name] = tuple(sorted((*contexts, subject.context)))

    def _sorted(self) -> SortedNames:
        """All names, in order."""
        new = self._unsorted
        if new:
            if len(new) * SORTED_PER_NEW > len(self._all):
                self._all.fill([*self._all, *new])
            else:
                for name in new:
                    self._all.add(name)
            new.clear()
            self._unsorted_max = max(UNSORTED_MAX, len(self._all) // SORTED_PER_NEW)
        return self._all

    def add_buried(self, subject: Subject) -> None:
        """A subject has its first version, which is soft-deleted."""
        self.gone.add(str(subject))
        self.add(subject)

    def discard(self, subject: Subject) -> None:
        """A subject has lost its last version."""
        name = str(subject)
        if name in self._unsorted:
            del self._unsorted[name]
        else:
            self._all.discard(name)
        self._live = None
        self.gone.discard(name)
        if subject.context != DEFAULT_CONTEXT:
            rest = tuple(c for c in self.elsewhere[subject.name] if c != subject.context)
            if rest:
                self.elsewhere[subject.name] = rest
            else:
                del self.elsewhere[subject.name]

    def bury(self, subject: Subject) -> None:
        """A subject has no live version any more."""
        self.gone.add(str(subject))
        self._touch(str(subject))

    def revive(self, subject: Subject) -> None:
        """A subject has a live version again."""
        self.gone.discard(str(subject))
        self._touch(str(subject))

    def _touch(self, name: str) -> None:
        if name not in self._unsorted:
            self._all.touch(name)
        self._live = None

    def live(self) -> bytes:
        """The names of all subjects that have a live version, as JSON."""
        if self._live is None:
            self._live = self._sorted().listing()
        return self._live

    def starting(self, prefix: Subject) -> Iterator[str]:
        """The names in a context, or in all of them, whose unqualified part starts with `prefix.name`."""
        return chain.from_iterable(map(self._sorted().texts, self._ranks(prefix)))

    def page(self, prefix: Subject, wanted: Page, *, live: bool | None = None) -> list[str]:
        """A page of these names; those that have a live version, those that have none, or (None) all.

        Costs about the same wherever the page is.
        """
        found: list[str] = []
        start, stop = wanted
        names = self._sorted()
        shown = live if self.gone or live is False else None
        for ranks in self._ranks(prefix, shown):
            found += names.texts(ranks[start:stop], shown=shown)
            start = max(start - len(ranks), 0)
            stop = None if stop is None else max(stop - len(ranks), 0)
        return found

    def _ranks(self, prefix: Subject, shown: bool | None = None) -> Iterator[range]:
        context, start = prefix
        if context == ANY_CONTEXT and not start:
            yield self._all.ranks("", shown=shown)
            return
        default = context in (ANY_CONTEXT, DEFAULT_CONTEXT)
        if default:
            yield self._all.ranks(start, high=QUALIFIED, shown=shown)
        if context != DEFAULT_CONTEXT:
            for each in list(self._contexts()) if default else [context]:
                yield self._all.ranks(f":{each}:{start}", shown=shown)
        if default:
            yield self._all.ranks(start, low=BEHIND, shown=shown)

    def _contexts(self) -> Iterator[str]:
        """The contexts of qualified names, in the order in which those stand."""
        name = self._all.first(QUALIFIED)
        while name is not None and name.startswith(QUALIFIED):
            context = name[1:].partition(":")[0]
            yield context
            name = self._all.first(f":{context};")  # behind the colon, and so behind the context
