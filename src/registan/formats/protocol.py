"""What a schema format is to the rest of the house.

A format parses, prints, normalizes and compares texts of one schema language. It never hears of
subjects, compatibility levels or modes, and does no I/O: references arrive resolved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

from registan.model.schema import Referenced, SchemaType, Source

P = TypeVar("P")

References = Mapping[str, Referenced]
"""The closure of a schema's references by name, depth first (inner ones before outer ones).

Where one name occurs twice the first is kept. Direct and transitive references stand side by side.
"""


class Invalid(Exception):  # noqa: N818  (a verdict on a text, not a malfunction)
    """The text is no valid schema. `why` is one sentence for a person; `path` says where, if known.

    `syntax` is True when the text could not even be read as its language (as opposed to one that
    reads but means nothing); error texts on the wire differ by that.
    """

    def __init__(self, why: str, path: str = "", *, syntax: bool = True) -> None:
        super().__init__(f"{why} (at {path})" if path else why)
        self.why = why
        self.path = path
        self.syntax = syntax


class Policy(StrEnum):
    """`compatibilityPolicy`: how a format judges; formats ignore what they do not know."""

    STRICT = "STRICT"
    LENIENT = "LENIENT"
    LOGICAL = "LOGICAL"


class Incompatibility(NamedTuple):
    """One reason why the reader cannot read what the writer wrote.

    The words "new" and "old" are put in by `message`; user text never passes through a formatter.
    """

    rule: str
    path: str
    parts: tuple[str, ...]
    """The message, cut at the places of the two words, which alternate reader, writer, reader, …"""

    @property
    def quotes_old(self) -> bool:
        """Whether the old schema is shown behind it."""
        return True

    def message(self, reader: str, writer: str) -> str:
        """The wire text; `reader` and `writer` are the words "new" and "old"."""
        words = (reader, writer)
        head, *rest = self.parts
        return head + "".join(words[i % 2] + part for i, part in enumerate(rest))


class EntityTags(NamedTuple):
    """Inline tags of one place in a schema."""

    path: str
    is_field: bool
    tags: tuple[str, ...]


class TagEdit(NamedTuple):
    """Tags to add to or remove from one place."""

    path: str
    is_field: bool
    tags: tuple[str, ...]


class SchemaFormat(Protocol[P]):
    """One schema language. `P` is its parsed form: immutable after `parse`, safe to share and cache."""

    type: SchemaType

    def parse(self, source: Source, refs: References, *, strict: bool = True) -> P:
        """Read `source.text`. `strict` also checks what only new schemas must keep (defaults, names).

        Raises `Invalid`; never anything else, whatever the text (depth is limited, not recursed into).
        """
        ...

    def plain_text(self, source: Source) -> str | None:
        """The canonical text of a valid schema without references, where that is told sooner than by `parse`.

        None where it is not. Never raises, and never refuses: that is for `parse`, in its own words.
        """
        ...

    def evidently_reads(self, reader: str, writer: str) -> bool:
        """Whether two canonical texts without references show, sooner than their forms, that all is well.

        False where that cannot be told: then `incompatibilities` tells. Never raises.
        """
        ...

    def canonical(self, parsed: P) -> str:
        """The text that is stored and hashed; parsing it again yields an equal form."""
        ...

    def normalize(self, parsed: P) -> P:
        """The form with what does not matter put in a fixed order. Raises `Invalid` if that cannot be."""
        ...

    def render(self, parsed: P, style: str) -> str:
        """The text in another style (`?format=`); an unknown style is the canonical text."""
        ...

    def incompatibilities(
        self, reader: P, writer: P, policy: Policy = Policy.STRICT
    ) -> Sequence[Incompatibility]:
        """Why `reader` cannot read all that `writer` wrote; empty when it can.

        Raises `Invalid` where the verdict would take more work than its budget.
        """
        ...

    def same(self, a: P, b: P) -> bool:
        """Whether a look-up takes the two for one schema."""
        ...

    def top_fields(self, parsed: P) -> frozenset[str]:
        """Names of the fields at the top, for reserved-field checks."""
        ...

    def check_fields(self, parsed: P) -> None:
        """The extra checks of `validateFields`. Raises `Invalid`."""
        ...

    def tags(self, parsed: P) -> Sequence[EntityTags]:
        """Inline tags in document order; places without tags are left out."""
        ...

    def edit_tags(self, parsed: P, add: Sequence[TagEdit], remove: Sequence[TagEdit]) -> P:
        """The schema with tags added, then removed. Raises `Invalid` for a path that is not there."""
        ...
