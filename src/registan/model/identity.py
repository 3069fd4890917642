"""Who asks: principals. How they are recognised lives in auth/."""

from __future__ import annotations

from typing import NamedTuple


class Principal(NamedTuple):
    """An authenticated caller. `source` is the method that recognised it."""

    name: str
    roles: frozenset[str]
    source: str


ANONYMOUS = Principal("anonymous", frozenset(), "none")
"""Everybody, where no authentication is configured."""
