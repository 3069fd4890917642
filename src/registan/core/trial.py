"""Commands made of several: each part is decided on what the parts before it would leave.

What lives here: the projection. What never does: a rule. The state is as before when it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from registan.core.state import State
from registan.model.commit import Change
from registan.model.fault import Refusal


class Trial:
    """Changes so far; the state shows them while the trial lasts."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.changes: list[Change] = []

    def make(self, changes: Iterable[Change]) -> None:
        """Show further changes."""
        made = tuple(changes)
        self.state.make(made)
        self.changes += made

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part that is taken back as a whole where it is refused; the refusal is raised."""
        mark, kept = self.state.mark(), len(self.changes)
        try:
            yield
        except Refusal:
            self.state.rollback(mark)
            del self.changes[kept:]
            raise


@contextmanager
def trial(state: State) -> Iterator[Trial]:
    """Begin a trial, inside another one if there is one."""
    outermost = not state.on_trial
    if outermost:
        state.begin()
    mark = state.mark()
    try:
        yield Trial(state)
    finally:
        state.rollback(None if outermost else mark)
