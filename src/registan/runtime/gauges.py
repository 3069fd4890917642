"""What the runtime tells of itself while it works; the composition root turns it into metrics."""

from __future__ import annotations

from typing import Protocol


class Gauges(Protocol):
    """Called on the event loop, often: each must be quick and must not raise."""

    def landed(self, commands: int, changes: int, attempts: int) -> None:
        """A commit landed: how many commands it answers, its changes, appends it took."""
        ...

    def conflict(self) -> None:
        """Another writer was first; the commands are decided again."""
        ...

    def doubt(self) -> None:
        """The answer to an append was lost; the log will tell."""
        ...

    def failed(self, why: str) -> None:
        """The store refused or could not be asked, in its own words, which no client is told."""
        ...

    def queued(self, length: int) -> None:
        """Commands that wait while others are being written."""
        ...

    def learnt(self, seq: int) -> None:
        """Commits of other instances were applied, up to this one."""
        ...

    def reloaded(self, why: str) -> None:
        """The whole state was loaded again; worth a line in the log."""
        ...

    def went_back(self, why: str) -> None:
        """The log is not what it was: writes that were acknowledged are gone. Somebody must know of it."""
        ...

    def stale(self, stale: bool) -> None:
        """Whether reads are served although the store cannot be asked."""
        ...


class Silent:
    """Tells nobody."""

    def landed(self, commands: int, changes: int, attempts: int) -> None:
        """Nothing."""

    def conflict(self) -> None:
        """Nothing."""

    def doubt(self) -> None:
        """Nothing."""

    def failed(self, why: str) -> None:
        """Nothing."""

    def queued(self, length: int) -> None:
        """Nothing."""

    def learnt(self, seq: int) -> None:
        """Nothing."""

    def reloaded(self, why: str) -> None:
        """Nothing."""

    def went_back(self, why: str) -> None:
        """Nothing."""

    def stale(self, stale: bool) -> None:
        """Nothing."""


SILENT = Silent()
