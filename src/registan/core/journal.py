"""How changes to tables are taken back, and made again.

What lives here: the ways a state changes its tables, each remembered while a trial is on. What
never does: what the tables mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import is_
from typing import Any

_ABSENT: Any = object()

Step = tuple[Any, Any, Any]
"""A table, a key and its value; or a holder, an attribute and its value; or what to call with what."""


class Journal:
    """Tables that can be changed on trial: `begin`, changes, then `rollback` or `keep`."""

    __slots__ = ("_journal", "_redo", "_tried")

    def __init__(self) -> None:
        self._journal: list[Step] | None = None
        self._tried: list[Any] | None = None
        """What the trial was of; None where a part of it was taken back."""
        self._redo: list[Step] | None = None
        """The steps of the last trial, as long as nothing else has changed."""

    @property
    def on_trial(self) -> bool:
        """Whether changes are remembered."""
        return self._journal is not None

    def begin(self) -> None:
        """From here on remember how to take changes back."""
        self._journal, self._tried, self._redo = [], [], None

    def mark(self) -> int:
        """A place to roll back to, inside a trial."""
        return len(self._journal or ())

    def keep(self) -> None:
        """End the trial; what was changed stays."""
        self._journal = None

    def rollback(self, mark: int | None = None) -> None:
        """Take back every change since `begin`, exactly, and end the trial.

        With `mark` take back only what came after it, and stay in the trial. The order of keys in a
        dictionary is not restored, hence no table may give it a meaning unless it replaces the whole
        dictionary.
        """
        journal = self._journal or []
        redo: list[Step] = []
        for table, key, old in reversed(journal[mark or 0 :]):
            if isinstance(table, dict):
                redo.append((table, key, table.get(key, _ABSENT)))
                if old is _ABSENT:
                    del table[key]
                else:
                    table[key] = old
            elif callable(table):
                redo.append((*old, None))
                table(key)
            else:
                redo.append((table, key, getattr(table, key)))
                setattr(table, key, old)
        if mark is None:
            self._journal = None
            self._redo = redo[::-1] if self._tried else None
        else:
            del journal[mark:]
            self._tried = None

    def again(self, what: Sequence[Any]) -> bool:
        """Make again what the last trial changed; tells whether that could be.

        It cannot unless the trial was of these very things, and nothing was changed since.
        """
        redo, self._redo = self._redo, None
        tried = self._tried
        if redo is None or tried is None or len(tried) != len(what) or not all(map(is_, tried, what)):
            return False
        for table, key, new in redo:
            if isinstance(table, dict):
                if new is _ABSENT:
                    del table[key]
                else:
                    table[key] = new
            elif callable(table):
                table(key)
            else:
                setattr(table, key, new)
        return True

    def _changing(self, what: Sequence[Any]) -> None:
        """Note what is being changed now, in terms that `again` will be asked in."""
        if self._journal is None:
            self._redo = None
        elif self._tried is not None:
            self._tried += what

    def _undo(
        self,
        function: Callable[[Any], None],
        argument: Any,  # noqa: ANN401
        do: Callable[[Any], None],
        anew: Any,  # noqa: ANN401
    ) -> None:
        """Call `function` with `argument` to take back what was just done by calling `do` with `anew`."""
        if self._journal is not None:
            self._journal.append((function, argument, (do, anew)))

    def _set(self, table: dict[Any, Any], key: Any, value: Any) -> None:  # noqa: ANN401
        if self._journal is not None:
            self._journal.append((table, key, table.get(key, _ABSENT)))
        table[key] = value

    def _del(self, table: dict[Any, Any], key: Any) -> None:  # noqa: ANN401
        if self._journal is not None:
            self._journal.append((table, key, table[key]))
        del table[key]

    def _attr(self, holder: Any, name: str, value: Any) -> None:  # noqa: ANN401
        if self._journal is not None:
            self._journal.append((holder, name, getattr(holder, name)))
        setattr(holder, name, value)
