"""The world as commands may know it: the clock and randomness, read here and nowhere in the core."""

from __future__ import annotations

from collections.abc import Callable
from random import getrandbits
from time import time_ns

from registan.core.decision import Facts
from registan.model.identity import Principal

FactsOf = Callable[[Principal], Facts]
"""Makes the facts of one decision; asked anew whenever a command is decided again."""


def system_facts(principal: Principal) -> Facts:
    """The system's clock and a random id: a name, no secret; forked processes draw different ones."""
    return Facts(time_ns() // 1_000_000, getrandbits(128), principal)
