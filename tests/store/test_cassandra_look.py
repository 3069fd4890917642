"""Whether something is new on Cassandra: who is asked, and what is believed (ADR 0023)."""

from __future__ import annotations

import pytest

from registan.model.commit import Put
from registan.store.cassandra import BUCKET_COMMITS
from registan.testing.services.backend import Database
from registan.testing.services.shared import shared
from registan.testing.store_case import append_all, commit, config, opened


@pytest.fixture
def backend():
    return Database(shared("cassandra").database())


def listened(store, monkeypatch):
    """The levels that reads of the log ask for, from now on."""
    levels, ask = [], store._bridge.ask

    async def listen(text, values, level):
        if "KS.commits" in text and values[0] >= 0:  # others are marks
            levels.append(level)
        return await ask(text, values, level)

    monkeypatch.setattr(store._bridge, "ask", listen)
    return levels


@pytest.mark.parametrize("newest", [1, 2, BUCKET_COMMITS - 1, BUCKET_COMMITS])
async def test_a_look_takes_serial_reads_only_where_something_is_new(backend, monkeypatch, newest):
    """Where ordinary reads want all copies, too: one that is away is no reason to be stale."""
    backend = Database({**backend.environment, "CASSANDRA_CONSISTENCY_LEVEL": "ALL"})
    async with opened(backend, 2) as (ours, theirs):
        commits = [commit(seq) for seq in range(1, newest + 2)]
        await append_all(theirs, *commits[:-1])
        assert await ours.head() == newest
        levels = listened(ours, monkeypatch)
        assert await ours.look(newest) == (newest, commits[newest - 1].id)
        assert set(levels) == {"QUORUM"}
        await theirs.append(commits[newest])
        assert await ours.look(newest) == (newest + 1, commits[newest - 1].id)
        assert "SERIAL" in levels


@pytest.mark.parametrize("seen", [(2, 2), (0, 0), (None, None)], ids=["more", "less", "none"])
async def test_what_most_copies_tell_is_not_believed_where_it_is_news(backend, monkeypatch, seen):
    """A commit that is not decided may be seen by one read, and not by the next."""
    first = commit(1, Put(config("a")))
    async with opened(backend) as (store,):
        await store.append(first)

        async def undecided(_):
            return (*seen, commit(2).id)

        monkeypatch.setattr(store, "_newest_in", undecided)
        assert await store.look(1) == (1, first.id)
