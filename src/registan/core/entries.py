"""What a state keeps of one subject and of one context.

What lives here: the tables, and look-ups of one fact in them. What never does: how they change, which is
core/state.py's.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from registan.model.record import Schema, Version
from registan.model.subject import DEFAULT_CONTEXT, Subject

INT_MAX = 2**31 - 1
"""The highest id and version number: both are 32 bits wide on the wire."""


class SubjectEntry:
    """The versions of one subject. `versions` is ascending by number, soft-deleted ones included."""

    __slots__ = ("by_schema", "live", "subject", "versions")

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.versions: dict[int, Version] = {}
        self.by_schema: dict[int, int] = {}
        """The version last written with a schema id; a soft delete writes too."""
        self.live = 0
        """How many versions are not soft-deleted."""

    def latest(self, *, deleted: bool = False) -> Version | None:
        """The newest live version, or with `deleted` the newest of all."""
        for version in reversed(self.versions.values()):
            if deleted or not version.deleted:
                return version
        return None

    def newest_first(self, *, deleted: bool = False) -> Iterator[Version]:
        """Live versions, or with `deleted` all, newest first."""
        for version in reversed(self.versions.values()):
            if deleted or not version.deleted:
                yield version

    def next_version(self) -> int:
        """One more than the highest number, soft-deleted ones counted; beyond the last one the first gap."""
        highest = next(reversed(self.versions)) if self.versions else 0
        if highest < INT_MAX:
            return highest + 1
        return next(number for number in count(1) if number not in self.versions)


class ContextState:
    """Schemas and subjects of one context."""

    __slots__ = ("by_guid", "last_id", "listed", "name", "owners", "repeats", "schemas", "subjects")

    def __init__(self, name: str) -> None:
        self.name = name
        self.listed = name == DEFAULT_CONTEXT
        self.last_id = 0
        self.schemas: dict[int, Schema] = {}
        self.by_guid: dict[str, tuple[int, ...]] = {}
        """Ids by content, the last written one last."""
        self.owners: dict[int, tuple[str, ...] | dict[str, None]] = {}
        """Names of the subjects that hold an id, in no order."""
        self.repeats: dict[tuple[str, int], tuple[int, ...]] = {}
        """Where one subject holds an id at several versions: those, the last written one last."""
        self.subjects: dict[str, SubjectEntry] = {}
