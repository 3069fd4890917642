"""What can be done aside before a request about a large schema is answered: reading, comparing.

It fills the memos of `formats/memo.py` and decides nothing: the answer is given afterwards as if nothing
had been done, only sooner. What is gathered here is gathered at once; the work itself needs no state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from registan.contract.body.schema import RegisterRequest
from registan.core.effective import alias_of, effective_config, led, level_of
from registan.core.sources import resolve, source_of
from registan.core.state import State
from registan.formats import memo
from registan.formats.protocol import Invalid, Policy, References
from registan.formats.table import format_of
from registan.model.fault import Refusal
from registan.model.policy import CompatibilityLevel
from registan.model.schema import Source
from registan.model.subject import Subject

COMPARED_MAX = 20
"""Earlier versions that are compared with aside."""

Work = Callable[[], None]


def text_size(args: Any) -> int:  # noqa: ANN401  (the arguments of any route)
    """Characters of the schema that a request brings; 0 where it brings none."""
    body = getattr(args, "body", None)
    return len(body.schema or "") if type(body) is RegisterRequest else 0


def preparation(state: State, args: Any) -> Work | None:  # noqa: ANN401
    """The work for a request that brings a schema; None where it will be refused before that."""
    alias = alias_of(state, args.subject)
    subject = led(alias, args.subject) if alias else args.subject
    config = effective_config(state, subject)
    try:
        source = source_of(subject, args.body)
        _, closure = resolve(state, subject.context, source.references, deleted=True)
        level = level_of(state, config)
        olds = list(islice(_olds(state, subject, level), COMPARED_MAX))
    except (Refusal, Invalid):
        return None
    normalize = bool(getattr(args, "normalize", False) or config.normalize)
    policy = Policy(config.policy.value) if config.policy is not None else Policy.STRICT

    def work() -> None:
        format_ = format_of(source.type)
        new = memo.parse(format_, source, closure, strict=True, normalize=normalize)
        assert new.text is not None  # printed here, not later
        for old, refs in olds:
            if old.type is source.type:
                before = memo.parse(format_, old, refs, strict=False)
                if level.backward:
                    memo.incompatibilities(new, before, policy)
                if level.forward:
                    memo.incompatibilities(before, new, policy)

    return work


def _olds(state: State, subject: Subject, level: CompatibilityLevel) -> Iterator[tuple[Source, References]]:
    """The earlier versions that count, newest first, with their references."""
    entry = state.subject(subject)
    if entry is None or level is CompatibilityLevel.NONE:
        return
    for version in entry.newest_first():
        source = state.schema_of(version).source
        _, closure = resolve(state, subject.context, source.references, deleted=True)
        yield source, closure
        if not level.transitive:
            return
