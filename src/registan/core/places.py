"""Where else an unqualified name may stand: look-ups that cross contexts (docs/wire.md, subjects).

A subject of the default context is tried there, then in every context that has one of its name, by
context name. The unit is the version, not the subject. Qualified subjects stay in their context.
"""

from __future__ import annotations

from collections.abc import Iterator

from registan.core.state import State
from registan.core.versions import LATEST
from registan.model.fault import Fault, Refusal
from registan.model.record import Version
from registan.model.subject import DEFAULT_CONTEXT, Subject


def places(state: State, subject: Subject) -> Iterator[Subject]:
    """The subject, then those of its name in other contexts where those count."""
    yield subject
    if subject.context == DEFAULT_CONTEXT:
        for context in state.names.elsewhere.get(subject.name, ()):
            yield Subject(context, subject.name)


def version_at(state: State, subject: Subject, number: int, *, deleted: bool) -> Version | None:
    """The version of exactly this subject; `LATEST` is the newest live one, whatever `deleted` says."""
    entry = state.subject(subject)
    if entry is None:
        return None
    version = entry.latest() if number == LATEST else entry.versions.get(number)
    return version if version is not None and (deleted or not version.deleted) else None


def find_version(state: State, subject: Subject, number: int, *, deleted: bool = False) -> Version:
    """The version, in whatever context it is found first.

    Raises `Refusal` SUBJECT_NOT_FOUND, VERSION_NOT_FOUND; both name the subject as asked.
    """
    for place in places(state, subject):
        version = version_at(state, place, number, deleted=deleted)
        if version is not None:
            return version
    entry = state.subject(subject)
    if entry is None or not (deleted or entry.live):
        raise Refusal(Fault.SUBJECT_NOT_FOUND, subject=subject)
    raise Refusal(Fault.VERSION_NOT_FOUND, version=number)
