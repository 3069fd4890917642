"""How changes to tables are taken back.

What lives here: the ways a state changes its tables, each remembered while a trial is on. What
never does: what the tables mean.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_ABSENT: Any = object()


class Journal:
    """Tables that can be changed on trial: `begin`, changes, then `rollback` or `keep`."""

    __slots__ = ("_journal",)

    def __init__(self) -> None:
        self._journal: list[tuple[Any, Any, Any]] | None = None

    @property
    def on_trial(self) -> bool:
        """Whether changes are remembered."""
        return self._journal is not None

    def begin(self) -> None:
        """From here on remember how to take changes back."""
        self._journal = []

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
        for table, key, old in reversed(journal[mark or 0 :]):
            if callable(table):
                table(key)
            elif isinstance(table, dict):
                if old is _ABSENT:
                    del table[key]
                else:
                    table[key] = old
            else:
                setattr(table, key, old)
        if mark is None:
            self._journal = None
        else:
            del journal[mark:]

    def _undo(self, function: Callable[[Any], None], argument: Any) -> None:  # noqa: ANN401
        """Call `function` with `argument` to take back what was just done."""
        if self._journal is not None:
            self._journal.append((function, argument, None))

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
