"""Budgets: how much work one text may cause, named in one place. The composition root may set them.

Whoever exceeds one raises `Invalid` with `exceeded`. What a budget counts is said beside it.
"""

from __future__ import annotations

from registan.formats.protocol import Invalid


class Budget:
    """The budgets of all formats; attributes may be set before the first request."""

    def __init__(self) -> None:
        self.schemas_max = 300_000
        """JSON Schema: schemas that one document and what it refers to unfold into.

        Those that are asked for the target of a dynamic reference count too.
        """
        self.uri_characters_max = 20_000_000
        """JSON Schema: length of all absolute forms of ids and references in one document."""
        self.comparison_steps_max = 700_000
        """JSON Schema: steps of one verdict. A pair of scalars takes one, a pair of objects some ten."""
        self.differences_max = 20_000
        """JSON Schema: incompatibilities listed; more are cut off, which changes no verdict."""
        self.path_characters_max = 8_000_000
        """JSON Schema: length of all paths written for these lists, beyond which no more are."""
        self.pattern_size_max = 20_000
        """JSON Schema: instructions that one regular expression becomes when it is matched."""
        self.pattern_depth_max = 100
        """JSON Schema: groups and classes inside each other in a regular expression."""
        self.pattern_steps_max = 1_000_000
        """JSON Schema: steps of matching property names with patterns for one verdict."""


BUDGET = Budget()


def exceeded(what: str, limit: int) -> Invalid:
    """The refusal of a text that would need more than its budget."""
    return Invalid(f"The schema is too complex: {what} (the limit is {limit:,})", syntax=False)
