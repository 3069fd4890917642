"""A page found by leaping over blocks is the page that counting every name gives."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from registan.core import sorted_names
from registan.core.names import Names
from registan.core.paging import page
from registan.model.subject import ANY_CONTEXT, DEFAULT_CONTEXT, Subject

CONTEXTS = st.sampled_from([DEFAULT_CONTEXT, DEFAULT_CONTEXT, ".a", ".a-b", ".ab", ".b", ".z"])
TEXTS = st.text("ab:./;~", max_size=4)
NAMES = st.text("ab:./;~", min_size=1, max_size=4).filter(lambda name: not name.startswith(":."))
SUBJECTS = st.builds(Subject, CONTEXTS, NAMES)
STEPS = st.lists(
    st.tuples(SUBJECTS, st.sampled_from(["add", "add", "add", "bury", "revive", "drop"])), max_size=60
)


def played(steps: list[tuple[Subject, str]]) -> tuple[Names, dict[Subject, bool]]:
    """Names after these steps, and what must be there: subject → whether it is live."""
    names, held = Names(), {}
    for subject, step in steps:
        if step == "add" and subject not in held:
            names.add(subject)
            names.revive(subject)
            held[subject] = True
        elif step in ("bury", "revive") and subject in held:
            getattr(names, step)(subject)
            held[subject] = step == "revive"
        elif step == "drop" and subject in held:
            names.discard(subject)
            del held[subject]
    return names, held


@given(
    STEPS,
    st.sampled_from([ANY_CONTEXT, DEFAULT_CONTEXT, ".a", ".a-b", ".none"]),
    TEXTS,
    st.integers(-1, 30),
    st.integers(-1, 30),
    st.sampled_from([None, True, False]),
)
def test_pages(
    steps: list[tuple[Subject, str]], context: str, start: str, offset: int, limit: int, live: bool | None
) -> None:
    with patch.object(sorted_names, "BLOCK_MAX", 4):
        names, held = played(steps)
        meant = sorted(
            str(subject)
            for subject, is_live in held.items()
            if context in (ANY_CONTEXT, subject.context)
            and subject.name.startswith(start)
            and live in (None, is_live)
        )
        wanted = page(offset, limit)
        assert names.page(Subject(context, start), wanted, live=live) == meant[wanted.start : wanted.stop]
        if live is None:
            assert list(names.starting(Subject(context, start))) == meant
