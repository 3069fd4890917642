"""What a command gets and gives: facts of the outside world, and changes with a reply."""

from __future__ import annotations

from typing import Any, NamedTuple

from registan.model.commit import Change
from registan.model.identity import ANONYMOUS, Principal


class Facts(NamedTuple):
    """All that a command may know of the world besides the state.

    `now` is milliseconds since 1970; `new_id` is 128 random bits, for records that need a name
    of their own.
    """

    now: int
    new_id: int
    principal: Principal = ANONYMOUS


class Decision(NamedTuple):
    """What a command wants written, and what it answers once that is so.

    Without changes nothing is written and the reply depends on nothing but state and arguments.
    """

    changes: tuple[Change, ...]
    reply: Any
