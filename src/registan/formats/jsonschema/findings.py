"""What a comparison finds: incompatible differences with their paths, shared where pairs are shared.

What lives here: a tree with common branches, so that a pair of schemas that is met in many places is kept
once; paths are written out only at the end, up to a limit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from registan.formats.jsonschema.rules import Rule

_MANY = 1 << 40
"""Numbers of differences beyond it are not told apart."""


class Findings:
    """The incompatible differences of one pair. `count` is 0 exactly if the pair is compatible."""

    __slots__ = ("count", "inner", "own")

    def __init__(self) -> None:
        self.count = 0
        self.own: Sequence[tuple[Rule, str]] = ()
        self.inner: Sequence[tuple[str, Findings]] = ()

    def add(self, rule: Rule, path: str) -> None:
        """Note a difference at a path below this pair, "" for the pair itself."""
        if not isinstance(self.own, list):
            self.own = []
        self.own.append((rule, path))
        self.count += 1

    def take(self, findings: Findings | None, path: str) -> None:
        """Take over what was found for another pair."""
        if findings is not None:
            if not isinstance(self.inner, list):
                self.inner = []
            self.inner.append((path, findings))
            self.count = min(self.count + findings.count, _MANY)

    def listed(self, count: int, characters: int) -> Iterator[tuple[Rule, str]]:
        """The differences with their full paths, the nearest to the root first.

        At most `count` of them, and no more once so many `characters` of paths have been written.
        """
        waiting: deque[tuple[str, Findings]] = deque([("#/", self)])
        while waiting:
            path, findings = waiting.popleft()
            for rule, below in findings.own:
                if count <= 0:
                    return
                count -= 1
                yield rule, joined(path, below)
            for below, inner in findings.inner:
                # Whatever waits has a difference to tell.
                if len(waiting) >= count or characters <= 0:
                    break
                longer = joined(path, below)
                characters -= len(longer)
                waiting.append((longer, inner))


def joined(path: str, below: str) -> str:
    """A path and one below it; the root is `#/`."""
    if not below:
        return path
    return path + below if path == "#/" else f"{path}/{below}"
