"""Matching: whether a pattern occurs in a name.

A pattern becomes a list of instructions; the search goes depth first over (instruction, place) and enters
none twice, so that its time is bounded by their product. Patterns with back references are the exception:
what was captured belongs to the state. All steps count against a budget that the caller holds.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

from registan.formats.budget import BUDGET, exceeded
from registan.formats.jsonschema import pattern_chars as chars
from registan.formats.jsonschema.pattern_parser import parse
from registan.formats.jsonschema.pattern_tree import (
    Alt,
    Atomic,
    Back,
    BadPattern,
    Char,
    Edge,
    Group,
    Literal,
    Look,
    Node,
    Repeat,
    Seq,
)

_Captures = tuple[tuple[int, int, int], ...]
"""Group number, start and end of what the groups have captured; the start alone is (number, start, -1)."""


_SEARCH_STEPS = 2
"""What it takes to begin a search, in steps of it."""
_UNTIL = "="
"""The place where the text of a look-behind ends."""


class _Op(IntEnum):
    CHAR = 0
    TEXT = 1
    SPLIT = 2
    """Go on at the next instruction; failing that, at the one named."""
    JUMP = 3
    EDGE = 4
    LOOK = 5
    ATOMIC = 6
    BACK = 7
    OPEN = 8
    CLOSE = 9
    MATCH = 10
    SKIP = 11
    """Go on at the one named; failing that, at the next instruction."""


class _Step(NamedTuple):
    op: _Op
    value: Any = None
    extra: Any = None


class Pattern:
    """A pattern that can be looked for. Immutable."""

    def __init__(self, steps: list[_Step], size: int, *, back: bool) -> None:
        self.steps = steps
        self.size = size
        """How many instructions it became."""
        self.back = back
        first = steps[0]
        self.anchored = first.op is _Op.EDGE and first.value in ("^", "^d", "A")
        """Whether it can only begin where the text does."""

    def occurs_in(self, text: str, purse: list[int]) -> bool:
        """Whether the pattern is found anywhere in the text.

        `purse` holds the number of steps left and is drawn from. Raises `Invalid` when it is empty.
        """
        run = _Run(text, purse, back=self.back)
        starts = range(0, -1, -1) if self.anchored else range(len(text), -1, -1)
        return run.first(self.steps, [(0, start, ()) for start in starts]) is not None


class Matcher:
    """Looks for many patterns in many texts on one budget, that of a verdict."""

    def __init__(self) -> None:
        self.purse = [BUDGET.json_pattern_steps]
        self.patterns: dict[str, Pattern] = {}

    def occurs(self, pattern: str, text: str) -> bool:
        """Whether a pattern is found anywhere in a text. Raises `Invalid` when the budget is used up."""
        found = self.patterns.get(pattern)
        if found is None:
            found = self.patterns[pattern] = compiled(pattern)
            self.purse[0] -= found.size
        self.purse[0] -= _SEARCH_STEPS
        return found.occurs_in(text, self.purse)


class _Run:
    """One search in one text."""

    def __init__(self, text: str, purse: list[int], *, back: bool, until: int = -1) -> None:
        self.text = text
        self.purse = purse
        self.back = back
        self.until = until
        """Where a look-behind must end."""

    def first(
        self, steps: list[_Step], stack: list[tuple[int, int, _Captures]]
    ) -> tuple[int, _Captures] | None:
        """The end of the first match from one of the states, the last one first."""
        text, length, seen = self.text, len(self.text), set()
        taken = 0
        try:
            while stack:
                at, place, captures = state = stack.pop()
                while True:
                    key = state if self.back else at * (length + 1) + place
                    taken += 1 + self.back  # states with captures cost more
                    if key in seen:
                        break
                    seen.add(key)
                    if taken > self.purse[0]:
                        raise exceeded(
                            "names are matched with regular expressions for too long",
                            "json_pattern_steps",
                        )
                    op, value, extra = steps[at]
                    at += 1
                    if op is _Op.CHAR:
                        if place >= length or not value(text[place]):
                            break
                        place += 1
                    elif op is _Op.TEXT:
                        if not _same(text, place, value, extra):
                            break
                        place += len(value)
                    elif op is _Op.SPLIT:
                        stack.append((value, place, captures))
                    elif op is _Op.SKIP:
                        stack.append((at, place, captures))
                        at = value
                    elif op is _Op.JUMP:
                        at = value
                    elif op is _Op.MATCH:
                        return place, captures
                    else:
                        moved = self.rare(steps[at - 1], place, captures)
                        if moved is None:
                            break
                        place, captures = moved
                    state = (at, place, captures)
            return None
        finally:
            self.purse[0] -= taken

    def rare(
        self,
        instruction: _Step,
        place: int,
        captures: _Captures,
    ) -> tuple[int, _Captures] | None:
        """Where an instruction leads, None if it fails."""
        op, value, extra = instruction
        if op is _Op.EDGE:
            met = place == self.until if value == _UNTIL else _edge(value, self.text, place)
            return (place, captures) if met else None
        if op is _Op.OPEN:
            return place, (*(c for c in captures if c[0] != value or c[2] >= 0), (value, place, -1))
        if op is _Op.CLOSE:
            start = next((c[1] for c in reversed(captures) if c[0] == value and c[2] < 0), place)
            return place, (*(c for c in captures if c[0] != value), (value, start, place))
        if op is _Op.BACK:
            for number, start, end in captures:
                if number == value and end >= 0:
                    captured = self.text[start:end]
                    return (
                        (place + end - start, captures) if _same(self.text, place, captured, extra) else None
                    )
            return None
        if op is _Op.ATOMIC:
            return self.first(value, [(0, place, captures)])
        behind, negative = extra
        if behind:
            run = _Run(self.text, self.purse, back=self.back, until=place)
            found = run.first(value, [(0, start, captures) for start in range(place + 1)])
        else:
            found = self.first(value, [(0, place, captures)])
        return (place, captures) if (found is not None) != negative else None


def _same(text: str, place: int, wanted: str, fold: str) -> bool:
    found = text[place : place + len(wanted)]
    if found == wanted or not fold:
        return found == wanted
    if len(found) != len(wanted):
        return False
    for one, other in zip(found, wanted, strict=True):
        if one != other and (
            (fold == "ascii" and not (one.isascii() and other.isascii())) or one.lower() != other.lower()
        ):
            return False
    return True


def _edge(kind: str, text: str, place: int) -> bool:
    name, length = kind[0], len(text)
    if name in "bB":
        before = place > 0 and chars.is_boundary_word(text[place - 1])
        after = place < length and chars.is_boundary_word(text[place])
        return (before != after) == (name == "b")
    if name in "AG" or kind in ("^", "^d"):
        return place == 0
    if name == "z":
        return place == length
    if name == "g":
        return place in (0, length) or chars.category(text[place])[0] != "M"
    ends = "\n" if "d" in kind else "\n\r\u0085\u2028\u2029"
    lines = "m" in kind
    if name == "^":
        if place == 0 or place == length:
            return place == 0 and length > 0
        return text[place - 1] in ends and not text.startswith("\r\n", place - 1)
    if place == length:
        return True
    if text[place] not in ends or (
        text[place] == "\n" and place and text[place - 1] == "\r" and "d" not in kind
    ):
        return False
    return lines or place + (2 if text.startswith("\r\n", place) else 1) == length


class _Compiler:
    def __init__(self) -> None:
        self.back = False
        self.size = 0

    def program(self, node: Node) -> list[_Step]:
        steps: list[_Step] = []
        self.add(node, steps)
        steps.append(_Step(_Op.MATCH))
        return steps

    def add(self, node: Node, steps: list[_Step]) -> None:
        """Append the instructions of a node; one or two frames for each level of groups."""
        self.size += 1
        if self.size > BUDGET.json_pattern_size:
            raise exceeded("a regular expression repeats too much", "json_pattern_size")
        match node:
            case Char(test):
                steps.append(_Step(_Op.CHAR, test))
            case Literal(text, fold):
                steps.append(_Step(_Op.TEXT, text, fold))
            case Seq(items):
                for item in items:
                    self.add(item, steps)
            case Alt(items):
                self.alternatives(items, steps)
            case Repeat():
                self.repeat(node, steps)
            case Group(item, number):
                steps.append(_Step(_Op.OPEN, number))
                self.add(item, steps)
                steps.append(_Step(_Op.CLOSE, number))
            case Look(item, behind, negative):
                steps.append(_Step(_Op.LOOK, self.ending(item, behind=behind), (behind, negative)))
            case Atomic(item):
                steps.append(_Step(_Op.ATOMIC, self.program(item)))
            case Back(number, fold):
                self.back = True
                steps.append(_Step(_Op.BACK, number, fold))
            case Edge(kind):
                steps.append(_Step(_Op.EDGE, kind))

    def ending(self, item: Node, *, behind: bool) -> list[_Step]:
        return self.program(Seq((item, Edge(_UNTIL))) if behind else item)

    def alternatives(self, items: tuple[Node, ...], steps: list[_Step]) -> None:
        jumps = []
        for item in items[:-1]:
            split = len(steps)
            steps.append(_Step(_Op.SPLIT))
            self.add(item, steps)
            jumps.append(len(steps))
            steps.append(_Step(_Op.JUMP))
            steps[split] = _Step(_Op.SPLIT, len(steps))
        self.add(items[-1], steps)
        for jump in jumps:
            steps[jump] = _Step(_Op.JUMP, len(steps))

    def repeat(self, node: Repeat, steps: list[_Step]) -> None:
        if node.mode == "possessive":
            steps.append(_Step(_Op.ATOMIC, self.program(node._replace(mode="greedy"))))
            return
        choice = _Op.SKIP if node.mode == "lazy" else _Op.SPLIT
        for _ in range(node.least):
            self.add(node.item, steps)
        if node.most is None:
            split = len(steps)
            steps.append(_Step(choice))
            self.add(node.item, steps)
            steps.append(_Step(_Op.JUMP, split))
            steps[split] = _Step(choice, len(steps))
            return
        splits = []
        for _ in range(node.most - node.least):
            splits.append(len(steps))
            steps.append(_Step(choice))
            self.add(node.item, steps)
        for split in splits:
            steps[split] = _Step(choice, len(steps))


@lru_cache(maxsize=4096)
def tree(text: str) -> Node | None:
    """The tree of a pattern, None if the text is none. Raises `Invalid` if it is nested too deep."""
    try:
        return parse(text)
    except BadPattern:
        return None


@lru_cache(maxsize=512)
def compiled(text: str) -> Pattern:
    """A pattern, ready to be looked for. The text must be one. Raises `Invalid` if it becomes too big."""
    found = tree(text)
    assert found is not None
    compiler = _Compiler()
    steps = compiler.program(found)
    return Pattern(steps, compiler.size, back=compiler.back)
