"""What names and modes forbid (docs/wire.md, 42205 and 42208)."""

from __future__ import annotations

import re

from registan.core.effective import effective_mode
from registan.core.state import State
from registan.model.fault import Fault, Refusal
from registan.model.policy import Mode
from registan.model.subject import (
    ABOVE_ALL,
    ANY_CONTEXT,
    DEFAULT_CONTEXT,
    GLOBAL,
    GLOBAL_CONTEXT,
    Subject,
)

RESERVED = ("__GLOBAL", "__EMPTY")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""The characters of Unicode's category Cc."""


def check_subject(state: State, subject: Subject) -> None:
    """Refuse names under which nothing may be stored: INVALID_SUBJECT."""
    if (
        subject.name in RESERVED
        or subject.context in (GLOBAL_CONTEXT, ANY_CONTEXT)
        or (not subject.name and (subject.context == DEFAULT_CONTEXT or state.defaults.reject_empty_subject))
        or _CONTROL.search(subject.name)
    ):
        raise Refusal(Fault.INVALID_SUBJECT, subject=subject)


def check_scope(state: State, scope: Subject) -> None:
    """Refuse scopes that may have no config and no mode: INVALID_SUBJECT.

    Other than a subject, a scope may be a whole context, all contexts, or above all contexts.
    """
    if (
        scope.name in RESERVED
        or (scope.name and scope.context == GLOBAL_CONTEXT)
        or (not scope.name and scope not in (GLOBAL, ABOVE_ALL) and state.defaults.reject_empty_subject)
        or _CONTROL.search(scope.name)
    ):
        raise Refusal(Fault.INVALID_SUBJECT, subject=scope)


def qualified_context(subject: Subject) -> str:
    """The context as messages print it: empty for the default one."""
    return "" if subject.context == DEFAULT_CONTEXT else f":{subject.context}:"


def not_permitted(subject: Subject, what: str) -> Refusal:
    """The refusal of an operation by a mode."""
    name = "null" if subject == GLOBAL else subject
    why = f"Subject {name} in context {qualified_context(subject)} is {what}"
    return Refusal(Fault.OPERATION_NOT_PERMITTED, why=why)


def check_writable(state: State, subject: Subject) -> Mode:
    """Refuse where the mode is read-only; gives the mode that counts."""
    mode = effective_mode(state, subject)
    if mode.is_read_only:
        raise not_permitted(subject, "in read-only mode")
    return mode
