"""Numbered steps from one form of the tables to the next; every SQL back-end brings its own list.

A step, once released, is never edited: a change is a new step. A step must leave tables that the
release before still reads and writes, or raise the log's level.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from registan.store.protocol import TooNew

MIGRATE_WITHIN_S = 60
"""How long another instance may take to make the tables."""


class Migration(NamedTuple):
    """One step: its number (from 1, without gaps) and its statements, run in one transaction."""

    number: int
    statements: tuple[str, ...]


def pending(migrations: Sequence[Migration], done: int) -> Sequence[Migration]:
    """The steps behind `done`, the number that the tables carry (0: there are none yet).

    Raises `TooNew` where a later release made the tables.
    """
    newest = migrations[-1].number
    if done > newest:
        raise TooNew(f"the tables are of form {done}, this release knows {newest}")
    return migrations[done:]
