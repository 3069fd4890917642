"""Contexts and subjects: the names everything else hangs on.

A qualified subject is written ``:.ctx:name``; subjects of the default context ``.`` are written
plainly. A name that begins with ``:`` but is not of that form is an ordinary subject of the
default context (docs/wire.md, names and contexts).
"""

from __future__ import annotations

from typing import NamedTuple

DEFAULT_CONTEXT = "."
GLOBAL_CONTEXT = ".__GLOBAL"
ANY_CONTEXT = "*"
"""The context part of ``:*:name``: every context. Never a place where something is stored."""


class Subject(NamedTuple):
    """A subject of a context. With an empty name it stands for the whole context (a config scope)."""

    context: str
    name: str

    @classmethod
    def parse(cls, text: str, context: str = DEFAULT_CONTEXT) -> Subject:
        """Read a possibly qualified subject; `context` is where an unqualified one belongs.

        ``:.:name`` is `name` of the default context, ``:.ctx`` and ``:.ctx:`` are the context itself.
        """
        if text.startswith(":."):
            head, _, name = text[1:].partition(":")
            return cls(head, name)
        if text.startswith(":*:"):
            return cls(ANY_CONTEXT, text[3:])
        return cls(context, text)

    @property
    def is_context(self) -> bool:
        """Whether this names a whole context rather than a subject in it."""
        return not self.name

    def __str__(self) -> str:
        """The stored (qualified) form; its string order is the order of every listing."""
        return self.name if self.context == DEFAULT_CONTEXT else f":{self.context}:{self.name}"


GLOBAL = Subject(DEFAULT_CONTEXT, "")
"""The scope of ``/config`` and ``/mode``: the default context as a whole."""

ABOVE_ALL = Subject(GLOBAL_CONTEXT, "")
"""The scope ``:.__GLOBAL:``, parent of every context's config and mode."""
