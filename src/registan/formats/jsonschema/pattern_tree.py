"""What a regular expression consists of.

What lives here: the tree that pattern_parser.py makes of a text and pattern_program.py matches with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

Test: TypeAlias = Callable[[str], bool]
"""Whether one character fits."""


class BadPattern(Exception):  # noqa: N818  (a verdict on a text)
    """The text is no pattern."""


class Char(NamedTuple):
    """One character that passes a test."""

    test: Test


class Literal(NamedTuple):
    """These characters. `fold` says how the case of letters is taken: "" (as it is), "ascii", "unicode"."""

    text: str
    fold: str


class Seq(NamedTuple):
    """One after the other."""

    items: tuple[Node, ...]


class Alt(NamedTuple):
    """Any one of them, the first that fits first."""

    items: tuple[Node, ...]


class Repeat(NamedTuple):
    """Several times. `mode`: "greedy", "lazy" or "possessive"; `most` None is unbounded."""

    item: Node
    least: int
    most: int | None
    mode: str


class Group(NamedTuple):
    """A capturing group."""

    item: Node
    number: int


class Look(NamedTuple):
    """A condition on what follows (or precedes)."""

    item: Node
    behind: bool
    negative: bool


class Atomic(NamedTuple):
    """Once matched, not matched differently."""

    item: Node


class Back(NamedTuple):
    """What a group has captured; a group that is not there never matches."""

    number: int
    fold: str


class Edge(NamedTuple):
    """A place between characters: `^ $ A z Z b B G`, or g between clusters.

    "m" (lines) and "d" (Unix lines) may be appended.
    """

    kind: str


Node: TypeAlias = Char | Literal | Seq | Alt | Repeat | Group | Look | Atomic | Back | Edge
EMPTY = Seq(())
"""What matches nothing but the empty text."""


_INT = 1 << 32
_ENDLESS = (1 << 31) - 1


class _Length(NamedTuple):
    """The greatest length so far: a signed 32-bit integer that may overflow unnoticed, as recorded."""

    most: int
    bounded: bool
    fixed: bool
    """Whether there is only one way to match."""

    def plus(self, more: int) -> _Length:
        return self._replace(most=_wrapped(self.most + more))


def _wrapped(value: int) -> int:
    value %= _INT
    return value - _INT if value > _ENDLESS else value


def has_longest(node: Node) -> bool:
    """Whether a node counts as one of bounded length, which is asked of what stands in a look-behind.

    The recorded server multiplies lengths in 32 bits, so that some unbounded ones pass.
    """
    return _length(node, _Length(0, bounded=True, fixed=True)).bounded


def _length(node: Node, before: _Length) -> _Length:
    match node:
        case Char():
            return before.plus(1)
        case Literal(text):
            return before.plus(len(text))
        case Seq(items):
            for item in items:
                before = _length(item, before)
            return before
        case Alt(items):
            lengths = [_length(item, _Length(0, bounded=True, fixed=True)) for item in items]
            longest = max(0, *(length.most for length in lengths))
            bounded = before.bounded and all(length.bounded for length in lengths)
            return before.plus(longest)._replace(bounded=bounded, fixed=False)
        case Repeat():
            return _repeated(node, before)
        case Group(item) | Atomic(item):
            return _length(item, before)
        case Back():
            return before._replace(bounded=False)
    return before


def _repeated(node: Repeat, before: _Length) -> _Length:
    if node.most == 1 and node.least == 0:
        return _length(node.item, before)._replace(fixed=False)
    single = isinstance(node.item, Char) or (isinstance(node.item, Literal) and len(node.item.text) == 1)
    if single and node.most is None and node.mode == "greedy":
        return before.plus(_ENDLESS)._replace(fixed=False)
    inner = _length(node.item, _Length(0, bounded=True, fixed=True))
    grouped = isinstance(node.item, Group | Seq) and node.item != EMPTY
    if grouped and node.mode != "possessive" and not inner.fixed:
        return before._replace(bounded=False, fixed=False)
    most = _wrapped(inner.most * (_ENDLESS if node.most is None else node.most) + before.most)
    bounded = before.bounded and inner.bounded and most >= before.most
    return _Length(most, bounded, before.fixed and inner.fixed and node.least == node.most)
