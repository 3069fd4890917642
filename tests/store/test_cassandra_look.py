"""Whether something is new on Cassandra: who is asked, and what is believed (ADR 0023)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from registan.store.cassandra import BUCKET_COMMITS
from registan.testing.services.backend import Database
from registan.testing.services.shared import shared
from registan.testing.store_case import append_all, commit, opened

OTHER = uuid4()


@pytest.fixture
def backend():
    return Database(shared("cassandra").database())


def is_mark(bucket):
    return isinstance(bucket, int) and bucket < 0


def listened(store, monkeypatch):
    """The levels that reads of the log ask for, from now on."""
    levels, ask = [], store._bridge.ask

    async def listen(text, values, level):
        if "KS.commits" in text and not is_mark(values[0]):
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


@pytest.mark.parametrize(
    ("newest", "seen"),
    [
        (1, [(2, 2, OTHER)]),
        (1, [(0, 0, OTHER)]),
        (1, [(1, None, None)]),
        (1, []),
        (BUCKET_COMMITS - 1, [(BUCKET_COMMITS - 1, BUCKET_COMMITS - 1, OTHER), (BUCKET_COMMITS, None, None)]),
        (BUCKET_COMMITS - 1, [(BUCKET_COMMITS, BUCKET_COMMITS, OTHER)]),
    ],
    ids=["more", "less", "pruned", "none", "more behind", "only behind"],
)
async def test_what_most_copies_tell_is_not_believed_where_it_is_news(backend, monkeypatch, newest, seen):
    """A commit that is not decided may be seen by one read, and not by the next."""
    commits = [commit(seq) for seq in range(1, newest + 1)]
    async with opened(backend) as (store,):
        await append_all(store, *commits)
        ask = store._bridge.ask

        async def undecided(text, values, level):
            return seen if level == "QUORUM" else await ask(text, values, level)

        monkeypatch.setattr(store._bridge, "ask", undecided)
        assert await store.look(newest) == (newest, commits[-1].id)
        monkeypatch.undo()
