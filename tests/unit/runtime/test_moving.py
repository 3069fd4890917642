"""Copying a log: what arrives, what is refused, and that it goes on where it stopped."""

import sqlite3

import pytest

from registan.model.commit import Drop, Put
from registan.model.policy import CompatibilityLevel
from registan.runtime import moving
from registan.runtime.moving import Copied, Refused, copy
from registan.store.memory import MemoryStore
from registan.store.protocol import Unavailable, Unknown
from registan.store.sqlite import SqliteStore
from registan.testing.scripted_store import Done, ScriptedStore
from registan.testing.store_case import append_all, commit, config, records_of, schema, version


def history(count=30):
    """Commits that put, put again and drop."""
    made = [commit(1, Put(schema(1)), Put(version("a", 1, 1)))]
    for seq in range(2, count + 1):
        changes = [Put(config(f"s{seq}")), Put(config(f"s{seq // 2}", CompatibilityLevel.FULL))]
        made.append(commit(seq, *changes, *([Drop(config(f"s{seq - 4}"))] if seq % 5 == 0 else ())))
    return made


@pytest.fixture
async def source():
    store = MemoryStore()
    await append_all(store, *history())
    return store


@pytest.fixture
async def target(tmp_path):
    store = SqliteStore(tmp_path / "target.db")
    await store.open()
    yield store
    await store.close()


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(moving, "BATCH", 7)


def quiet(done, of):
    """No progress."""


async def equal(source, target):
    """Whether the two stores hold the same."""
    first = await moving.oldest(source, await source.head())
    assert list(await source.read(first - 1, 1000)) == list(await target.read(first - 1, 1000))
    assert await records_of(source) == await records_of(target)
    return True


async def test_everything_arrives(source, target):
    seen = []
    done = await copy(source, target, lambda *at: seen.append(at))
    assert done == Copied(1, 30, 30, len(await records_of(source)))
    assert await equal(source, target)
    assert seen == [(7, 30), (14, 30), (21, 30), (28, 30), (30, 30)]


@pytest.mark.parametrize("through", [1, 2, 13, 28, 29, 99])
async def test_pruned_history_begins_where_the_source_begins(source, target, through):
    await source.prune(through)
    first = min(through + 1, 30)
    assert await moving.oldest(source, 30) == first
    done = await copy(source, target, quiet)
    assert (done.first, done.seq, done.written) == (first, 30, 31 - first)
    assert await equal(source, target)
    await target.append(commit(31))


@pytest.mark.parametrize("pruned", [0, 12])
async def test_a_copy_that_was_interrupted_goes_on(source, pruned):
    await source.prune(pruned)
    target = ScriptedStore()
    target.next("append", *["fine"] * 9, Unavailable("cut"))
    with pytest.raises(Unavailable):
        await copy(source, target, quiet)
    held = await target.head()
    assert 0 < held < 30
    done = await copy(source, target, quiet)
    assert done.written == 30 - held
    assert await equal(source, target)


async def test_a_second_copy_writes_nothing(source, target):
    await copy(source, target, quiet)
    assert (await copy(source, target, quiet)).written == 0


async def test_what_was_added_later_is_copied_later(source, target):
    await copy(source, target, quiet)
    await source.append(commit(31, Put(config("later"))))
    assert (await copy(source, target, quiet)).written == 1
    assert await equal(source, target)


async def test_a_source_that_moves_on_is_followed(target):
    source = ScriptedStore()
    await append_all(source, *history())
    added = []

    def progress(done, of):
        if done == of and len(added) < 3:
            added.append(commit(of + 1, Put(config(f"new{of}"))))
            source._commits[of + 1] = added[-1]
            source._seq = of + 1
            source._records["config", f":.:new{of}"] = added[-1].changes[0].record

    done = await copy(source, target, progress)
    assert done.seq == 33
    assert await equal(source, target)


async def test_a_source_that_never_rests_is_given_up(target):
    source = ScriptedStore()
    await append_all(source, *history())

    def progress(done, of):
        source._commits[of + 1] = commit(of + 1)
        source._seq = of + 1

    with pytest.raises(Refused, match="stop its registries"):
        await copy(source, target, progress)


async def test_a_target_with_another_log_is_refused(source, target):
    await target.append(commit(1, Put(config("mine"))))
    with pytest.raises(Refused, match="holds something else: its commit 1"):
        await copy(source, target, quiet)
    assert await records_of(target) == [config("mine")]


async def test_a_target_that_went_on_is_refused(source, target):
    await copy(source, target, quiet)
    await target.append(commit(31))
    with pytest.raises(Refused, match="ends at 31, the source's at 30"):
        await copy(source, target, quiet)


async def test_a_target_before_the_source_s_beginning_is_refused(source, target):
    await append_all(target, *list(await source.read(0, 5)))
    await source.prune(20)
    with pytest.raises(Refused, match=r"ends at commit 5.*before 21"):
        await copy(source, target, quiet)


async def test_an_empty_source_is_refused(target):
    with pytest.raises(Refused, match="nothing to copy"):
        await copy(MemoryStore(), target, quiet)


async def test_a_lost_answer_is_looked_up(source):
    target = ScriptedStore()
    target.next("append", "fine", Done(Unknown("lost")))
    await copy(source, target, quiet)
    assert await equal(source, target)


async def test_an_append_that_did_not_take_place_can_be_repeated(source):
    target = ScriptedStore()
    target.next("append", "fine", Unknown("lost"))
    with pytest.raises(Refused, match="commit 2; start again"):
        await copy(source, target, quiet)
    await copy(source, target, quiet)
    assert await equal(source, target)


async def test_a_record_that_differs_is_told(source):
    target = MemoryStore()
    await copy(source, target, quiet)
    target._records["config", ":.:s29"] = config("s29", CompatibilityLevel.NONE)
    with pytest.raises(Refused, match=r"differs in the target: another value of config :\.:s29;"):
        await copy(source, target, quiet)


async def test_a_commit_that_differs_is_told(source):
    target = MemoryStore()
    await copy(source, target, quiet)
    target._commits[12] = commit(12)
    with pytest.raises(Refused, match="commit 12 differs"):
        await copy(source, target, quiet)


def lose(store, seq):
    """Take a commit out of the store's file."""
    with sqlite3.connect(store._path) as connection:
        connection.execute("DELETE FROM commits WHERE seq = ?", (seq,))
    connection.close()


@pytest.mark.parametrize("seq", [8, 9], ids=["first of a batch", "inside a batch"])
async def test_a_commit_that_the_target_lacks_is_told(source, target, seq):
    await copy(source, target, quiet)
    lose(target, seq)
    with pytest.raises(Refused, match=f"commit {seq}"):
        await copy(source, target, quiet)


@pytest.mark.parametrize("seq", [8, 9], ids=["first of a batch", "inside a batch"])
async def test_a_hole_in_a_file_that_is_the_source_is_told(source, target, seq):
    """It is no history that somebody pruned meanwhile, and not tried for again and again."""
    await copy(source, target, quiet)
    lose(target, seq)
    with pytest.raises(Refused, match="the source's log has a hole"):
        await copy(target, MemoryStore(), quiet)


async def test_a_hole_in_the_source_is_told(source, target):
    class Holed(MemoryStore):
        async def read(self, after, limit):
            return [c for c in await super().read(after, limit) if c.seq != 10]

    holed = Holed()
    await append_all(holed, *await source.read(0, 100))
    with pytest.raises(Refused, match="hole at 10"):
        await copy(holed, target, quiet)
