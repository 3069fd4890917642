"""The terms in which parts of the comparison speak to each other. No rules."""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol, TypeAlias

from registan.formats.jsonschema.findings import Findings
from registan.formats.jsonschema.model import Node
from registan.formats.jsonschema.pattern_program import Matcher
from registan.formats.jsonschema.rules import Rule
from registan.formats.jsonschema.written import Writer


class Unknown:
    """The answer that a pair has to be compared first."""


PENDING = Unknown()

Steps: TypeAlias = "Generator[None, Findings | None, None]"
"""A comparison that yields whenever a pair it asked for is pending, and is sent the findings."""
Asking: TypeAlias = "Generator[None, Findings | None, Findings | None]"
Telling: TypeAlias = "Generator[None, Findings | None, bool]"


class Comparing(Protocol):
    """What the parts need of the whole."""

    let_pass: frozenset[Rule]
    """Rules that may be broken."""
    writer: Writer
    matcher: Matcher

    def spend(self, steps: int) -> None:
        """Count work. Raises `Invalid` when the budget of a verdict is used up."""
        ...

    def ask(self, original: Node, update: Node) -> Findings | Unknown | None:
        """What is known of a pair, or `PENDING`: then it must be yielded."""
        ...


def compared(comparing: Comparing, original: Node, update: Node) -> Asking:
    """The findings of a pair, None if it is compatible."""
    found = comparing.ask(original, update)
    if isinstance(found, Unknown):
        found = yield
    return found
