"""What a comparison finds: incompatible differences with their paths, shared where pairs are shared.

What lives here: a tree with common branches, so that a pair of schemas that is met in many places is kept
once; paths are written out only at the end, up to a limit.
"""

from __future__ import annotations

from collections.abc import Iterator

from registan.formats.jsonschema.rules import Rule

_MANY = 1 << 40
"""Numbers of differences beyond it are not told apart."""


class Findings:
    """The incompatible differences of one pair. `count` is 0 exactly if the pair is compatible."""

    __slots__ = ("count", "inner", "own")

    def __init__(self) -> None:
        self.count = 0
        self.own: list[tuple[Rule, str]] = []
        self.inner: list[tuple[str, Findings]] = []

    def add(self, rule: Rule, path: str) -> None:
        """Note a difference at a path below this pair, "" for the pair itself."""
        self.own.append((rule, path))
        self.count += 1

    def take(self, findings: Findings | None, path: str) -> None:
        """Take over what was found for another pair."""
        if findings is not None:
            self.inner.append((path, findings))
            self.count = min(self.count + findings.count, _MANY)

    def listed(self, limit: int) -> Iterator[tuple[Rule, str]]:
        """All differences with their full paths, the first `limit` of them."""
        stack: list[tuple[str, Findings]] = [("#/", self)]
        while stack:
            path, findings = stack.pop()
            for rule, below in findings.own:
                if limit <= 0:
                    return
                limit -= 1
                yield rule, joined(path, below)
            for below, inner in reversed(findings.inner):
                stack.append((joined(path, below), inner))


def joined(path: str, below: str) -> str:
    """A path and one below it; the root is `#/`."""
    if not below:
        return path
    return path + below if path == "#/" else f"{path}/{below}"
