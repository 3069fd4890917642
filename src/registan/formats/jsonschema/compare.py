"""Whether one schema reads what another wrote: pairs of schemas, compared once each.

What lives here: how pairs are met, remembered and, where schemas refer to themselves, compared again
(docs/wire.md, JSON Schema 5.4, steps 0 to 3). What is compared within a class is in the modules beside. The
recorded server's words are kept: `original` is what was written, `update` what reads. The stack is explicit,
so that chains of schemas may be long.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from registan.formats.budget import BUDGET, exceeded
from registan.formats.jsonschema.compare_array import compare_arrays
from registan.formats.jsonschema.compare_combined import (
    compare_combined,
    compare_negations,
    one_member_will_do,
)
from registan.formats.jsonschema.compare_object import compare_objects
from registan.formats.jsonschema.compare_scalars import compare_scalars
from registan.formats.jsonschema.comparison import PENDING, Comparing, Steps, Unknown
from registan.formats.jsonschema.findings import Findings
from registan.formats.jsonschema.model import Enum, Kind, Node
from registan.formats.jsonschema.pattern_program import Matcher
from registan.formats.jsonschema.rules import Rule, broken, let_pass
from registan.formats.jsonschema.written import Writer
from registan.formats.protocol import Incompatibility, Policy

_Key = tuple[int, int]

_PAIR_STEPS = 8
"""What it takes to begin and end a pair that holds others, in pairs of scalars."""
_VALUES_A_STEP = 30
"""Values of an enumeration that are compared in one step."""
_NEW = Unknown()
"""A pair that was not met before."""
_BY_CLASS: dict[Kind, Callable[[Comparing, Any, Any, Findings], Steps]] = {
    Kind.OBJECT: compare_objects,
    Kind.ARRAY: compare_arrays,
    Kind.NOT: compare_negations,
    Kind.COMBINED: compare_combined,
}


def incompatibilities(original: Node, update: Node, policy: Policy) -> list[Incompatibility]:
    """Why `update` cannot read all that `original` wrote. Raises `Invalid` (budget)."""
    found = Comparison(policy).run(original, update)
    if found is None:
        return []
    return [
        broken(rule, path) for rule, path in found.listed(BUDGET.json_differences, BUDGET.json_path_chars)
    ]


class _Frame:
    """A pair whose comparison has begun."""

    __slots__ = ("findings", "key", "steps", "unsettled")

    def __init__(self, key: _Key, findings: Findings, steps: Steps) -> None:
        self.key = key
        self.findings = findings
        self.steps = steps
        self.unsettled = False
        """Whether it met a pair in progress, so that another pass may find more."""


class Comparison(Comparing):
    """The comparison of two models."""

    def __init__(self, policy: Policy) -> None:
        self.let_pass = let_pass(policy)
        self.writer = Writer(self.spend)
        self.matcher = Matcher()
        self.steps_left = BUDGET.json_comparison_steps
        self.known: dict[_Key, Findings | Unknown | None] = {}
        """What was found for pairs, `PENDING` for those in progress."""
        self.unsettled: set[_Key] = set()
        """Pairs whose findings hold for this pass only."""
        self.before: dict[_Key, Findings | None] = {}
        """What the last pass found for those."""
        self.stack: list[_Frame] = []
        self.reentered: set[_Key] = set()
        """Pairs that were met in progress in this pass."""
        self.asked: tuple[_Key, Node, Node]

    def run(self, original: Node, update: Node) -> Findings | None:
        """The findings of the last pass, None if there are none."""
        assumed: set[_Key] = set()
        while True:
            self.reentered.clear()
            found = self.drive(original, update)
            incompatible = {key for key in self.reentered if self.known[key] is not None}
            if incompatible == assumed:
                return found
            assumed = incompatible
            self.before.clear()
            for key in self.unsettled:
                last = self.known.pop(key)
                assert not isinstance(last, Unknown)
                self.before[key] = last
            self.unsettled.clear()

    def drive(self, original: Node, update: Node) -> Findings | None:
        """One pass."""
        answer = self.ask(original, update)
        if not isinstance(answer, Unknown):
            return answer
        stack = self.stack
        self.begin()
        value: Findings | None = None
        while True:
            try:
                stack[-1].steps.send(value)
            except StopIteration:
                value = self.end()
                if not stack:
                    return value
                continue
            self.begin()
            value = None

    def begin(self) -> None:
        """Open the pair that was asked for last."""
        key, original, update = self.asked
        self.spend(_PAIR_STEPS)
        findings = Findings()
        self.known[key] = PENDING
        steps = _BY_CLASS[original.kind] if original.kind is update.kind else self.to_members
        self.stack.append(_Frame(key, findings, steps(self, original, update, findings)))

    def end(self) -> Findings | None:
        """Close the innermost pair; what was found."""
        frame = self.stack.pop()
        key = frame.key
        found = self.known[key] = frame.findings if frame.findings.count else None
        if frame.unsettled:
            self.unsettled.add(key)
            if self.stack:
                self.stack[-1].unsettled = True
        return found

    def spend(self, steps: int) -> None:
        """Count work. Raises `Invalid` when the budget of a verdict is used up."""
        self.steps_left -= steps
        if self.steps_left < 0:
            raise exceeded("its comparison takes too many steps", "json_comparison_steps")

    def ask(self, original: Node, update: Node) -> Findings | Unknown | None:
        """What is known of a pair, or `PENDING`: then it must be yielded."""
        self.spend(1)
        one, other = original.kind, update.kind
        if one is Kind.REFERENCE:
            original = original.target  # type: ignore[attr-defined]
            one = original.kind
        if other is Kind.REFERENCE:
            update = update.target  # type: ignore[attr-defined]
            other = update.kind
        if one < Kind.OBJECT and other < Kind.OBJECT:
            return self.plain(original, update)
        if one is not other and one is not Kind.COMBINED and other is not Kind.COMBINED:
            return self.other_class(original, update)
        key = (id(original), id(update))
        found = self.known.get(key, _NEW)
        if found is _NEW:
            self.asked = (key, original, update)
            return PENDING
        if found is PENDING:
            self.reentered.add(key)
            self.stack[-1].unsettled = True
            return self.before.get(key)
        if key in self.unsettled:
            self.stack[-1].unsettled = True
        return found

    def plain(self, original: Node, update: Node) -> Findings | None:
        """Compare two nodes that hold no others."""
        if original.kind is not update.kind:
            return self.other_class(original, update)
        if isinstance(original, Enum):
            self.spend(len(original.values) // _VALUES_A_STEP)
        found = compare_scalars(original, update)
        if not found:
            return None
        return _told(tuple(found))

    def other_class(self, original: Node, update: Node) -> Findings | None:
        """Compare two nodes of different classes."""
        if original.kind is Kind.FALSE or update.kind <= Kind.TRUE:
            return None
        if _is_bytes(original) and _is_bytes(update):
            return None
        return _told(((Rule.TYPE_CHANGED, ""),))

    @staticmethod
    def to_members(comparing: Comparing, original: Node, update: Node, findings: Findings) -> Steps:
        """Compare two nodes of which one is combined."""
        assert isinstance(comparing, Comparison)
        met = yield from one_member_will_do(comparing, original, update)
        if not met:
            findings.take(comparing.other_class(original, update), "")


@lru_cache(maxsize=4096)
def _told(found: tuple[tuple[Rule, str], ...]) -> Findings:
    """Findings that are never added to, so that one object does for all places."""
    findings = Findings()
    for rule, path in found:
        findings.add(rule, path)
    return findings


def _is_bytes(node: Node) -> bool:
    return node.source is not None and node.source.get("connect.type") == "bytes"
