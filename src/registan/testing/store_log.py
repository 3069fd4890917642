"""Cases of the store kit on the log: order, holes, who is first, restarts, pruning, waiting."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from registan.model.commit import Drop, Put
from registan.model.policy import CompatibilityLevel, Config
from registan.model.record import Record
from registan.store.protocol import Conflict, Store, Truncated, Unavailable
from registan.testing.store_case import (
    Backend,
    append_all,
    case,
    commit,
    config,
    opened,
    records_of,
    refused,
    schema,
)


@case
async def a_new_log_is_empty(backend: Backend) -> None:
    """Nothing is there, and asking does no harm."""
    async with opened(backend) as (store,):
        loaded = await store.load()
        assert (loaded.seq, list(loaded.records)) == (0, [])
        assert await store.head() == 0
        assert store.head_now() in (0, None)
        assert list(await store.read(0, 10)) == []
        await store.ping()


@case
async def handles_open_at_once(backend: Backend) -> None:
    """Tables are made once, however many instances start together."""
    async with opened(backend, 4) as stores:
        await stores[3].append(commit(1, Put(config("a"))))
        for store in stores:
            assert await store.head() == 1


@case
async def opening_twice_changes_nothing(backend: Backend) -> None:
    """`open` of what is there keeps it."""
    async with opened(backend) as (store,):
        await store.append(commit(1, Put(config("a"))))
    async with opened(backend) as (store,):
        await store.open()
        assert await store.head() == 1


@case
async def commits_come_back_as_written(backend: Backend) -> None:
    """Every field, in order."""
    written = [commit(seq, Put(config(f"s{seq}"))) for seq in range(1, 8)]
    async with opened(backend, 2) as (store, other):
        await append_all(store, *written)
        assert list(await other.read(0, 100)) == written
        assert list(await other.read(3, 2)) == written[3:5]
        assert list(await other.read(6, 100)) == written[6:]
        assert list(await other.read(7, 100)) == []


@case
async def the_head_is_seen_at_once(backend: Backend) -> None:
    """What one handle acknowledged no other misses."""
    async with opened(backend, 2) as (store, other):
        for seq in range(1, 6):
            await (store if seq % 2 else other).append(commit(seq, Put(config("a"))))
            assert await store.head() == await other.head() == seq
            assert store.head_now() in (seq, None)
            assert other.head_now() in (seq, None)


@case
async def a_hole_is_refused(backend: Backend) -> None:
    """A commit that does not follow the newest is the caller's defect and leaves nothing behind."""
    async with opened(backend) as (store,):
        for seq, head in ((2, 0), (7, 0), (3, 1)):
            if head:
                await store.append(commit(head, Put(config("a"))))
            with refused(ValueError, "a hole was taken"):
                await store.append(commit(seq, Put(config("hole"))))
            assert await store.head() == head
        assert await records_of(store) == [config("a")]


@case
async def the_second_at_a_seq_loses(backend: Backend) -> None:
    """It gets `Conflict`, be it the same commit again, and changes nothing."""
    first = commit(1, Put(config("a", CompatibilityLevel.FULL)))
    async with opened(backend, 2) as (store, other):
        await store.append(first)
        for late in (commit(1, Put(config("a", CompatibilityLevel.NONE))), first, commit(1)):
            for handle in (store, other):
                with refused(Conflict, "two commits at one seq"):
                    await handle.append(late)
        assert list(await other.read(0, 10)) == [first]
        assert await records_of(other) == [config("a", CompatibilityLevel.FULL)]


@case
async def an_empty_commit_counts(backend: Backend) -> None:
    """A commit without changes has its place."""
    async with opened(backend) as (store,):
        await append_all(store, commit(1), commit(2))
        assert [c.changes for c in await store.read(0, 10)] == [(), ()]


@case
async def a_snapshot_is_of_one_moment(backend: Backend) -> None:
    """What is appended between `load` and reading its records is not among them."""
    async with opened(backend, 2) as (store, other):
        await store.append(commit(1, Put(config("a"))))
        loaded = await other.load()
        await store.append(commit(2, Put(config("b")), Drop(config("a"))))
        assert (loaded.seq, list(loaded.records)) == (1, [config("a")])


@case
async def a_restart_loses_nothing(backend: Backend) -> None:
    """Commits, records and the place to go on from."""
    written = [commit(seq, Put(config(f"s{seq}"))) for seq in range(1, 4)]
    async with opened(backend) as (store,):
        await append_all(store, *written)
    async with opened(backend) as (store,):
        loaded = await store.load()
        assert (loaded.seq, len(list(loaded.records))) == (3, 3)
        assert list(await store.read(0, 10)) == written
        await store.append(commit(4))
        assert await store.head() == 4


@case
async def clocks_may_go_backwards(backend: Backend) -> None:
    """`at` is told, never compared: the order is that of `seq`."""
    written = [commit(seq, Put(config("a")), at=at) for seq, at in ((1, 5_000), (2, 1), (3, 4_000))]
    async with opened(backend, 2) as (store, other):
        await append_all(store, *written)
        assert list(await other.read(0, 10)) == written


@case
async def two_writers_race(backend: Backend) -> None:
    """Whoever loses learns and tries again: no gap, no duplicate, nothing lost."""
    each = 20

    async def writer(store: Store, name: str) -> None:
        for number in range(each):
            while True:
                seq = await store.head() + 1
                try:
                    await store.append(commit(seq, Put(config(f"{name}{number}"))))
                except Conflict:
                    await asyncio.sleep(0)
                    continue
                break

    async with opened(backend, 3) as (store, second, third):
        await asyncio.gather(writer(store, "a"), writer(second, "b"), writer(third, "c"))
        commits = await store.read(0, 1000)
        assert [c.seq for c in commits] == list(range(1, 3 * each + 1))
        assert len(await records_of(second)) == 3 * each


@case
async def an_abandoned_append_is_whole_or_not_at_all(backend: Backend) -> None:
    """The answer of an append is lost at any moment; its seq tells what became of it."""
    async with opened(backend, 2) as (store, other):
        for seq in range(1, 13):
            given_up = commit(seq, Put(config(f"s{seq}")), Put(config(f"t{seq}")))
            task = asyncio.ensure_future(store.append(given_up))
            for _ in range(seq):
                await asyncio.sleep(0.0002 * (seq % 4))
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            # Something must stand at the seq before the fate of the first is known.
            with suppress(Conflict):
                await store.append(commit(seq, Put(config("instead"))))
            assert await other.head() == seq
            stands = (await other.read(seq - 1, 1))[0]
            names = {record.scope.name for record in await records_of(other) if isinstance(record, Config)}
            took_place = stands.id == given_up.id
            assert (f"s{seq}" in names) == (f"t{seq}" in names) == took_place


@case
async def pruning_keeps_the_state(backend: Backend) -> None:
    """History goes, records and the newest commit stay, and the log goes on."""
    async with opened(backend, 2) as (store, other):
        await append_all(store, *(commit(seq, Put(config(f"s{seq}"))) for seq in range(1, 7)))
        await store.prune(4)
        assert await other.head() == 6
        assert len(await records_of(other)) == 6
        assert [c.seq for c in await other.read(4, 10)] == [5, 6]
        with refused(Truncated, "a hole in the history was not told"):
            await other.read(2, 10)
        await store.prune(99)
        assert await other.head() == 6
        assert [c.seq for c in await other.read(5, 10)] == [6]
        await other.append(commit(7))
        assert [c.seq for c in await store.read(5, 10)] == [6, 7]
    async with opened(backend) as (store,):
        assert (await store.load()).seq == 7


@case
async def a_copy_begins_anywhere(backend: Backend) -> None:
    """An empty log begins at any seq, with records that earlier, pruned commits left; then it goes on."""
    left: list[Record] = [config("b", CompatibilityLevel.FULL), config("a"), schema(1), config("c")]
    first = commit(41, Put(config("b")), Drop(config("c")))
    async with opened(backend, 2) as (store, other):
        await store.begin(first, iter(left))
        assert await other.head() == 41
        assert await records_of(other) == left
        assert list(await other.read(40, 10)) == [first]
        with refused(Truncated, "history that was never there is missing, and nobody told"):
            await other.read(0, 10)
        await other.append(commit(42, Put(config("a", CompatibilityLevel.NONE)), Drop(config("c"))))
        assert await records_of(store) == [left[0], left[2], config("a", CompatibilityLevel.NONE)]
        assert [c.seq for c in await store.read(40, 10)] == [41, 42]
    async with opened(backend) as (store,):
        assert (await store.load()).seq == 42


@case
async def only_an_empty_log_can_be_begun(backend: Backend) -> None:
    """Where a commit stands, `begin` gets `Conflict` and changes nothing."""
    async with opened(backend, 2) as (store, other):
        await store.append(commit(1, Put(config("a"))))
        for seq in (1, 2, 9):
            with refused(Conflict, "a log was begun a second time"):
                await other.begin(commit(seq), [config("b")])
        assert await store.head() == 1
        assert await records_of(store) == [config("a")]


@case
async def waiting_ends(backend: Backend) -> None:
    """At once where there is something to read, else at the time-out or a little before."""
    async with opened(backend) as (store,):
        await store.append(commit(1))
        async with asyncio.timeout(30):
            await store.wait(0, 3600)
            await store.wait(1, 0.01)


@case
async def a_closed_store_says_so(backend: Backend) -> None:
    """Nothing hangs and nothing odd is raised after `close`; closing twice is no error."""
    async with opened(backend) as (store,):
        await store.append(commit(1))
        await store.close()
        with suppress(Unavailable):  # a store in memory may go on
            await store.append(commit(2))
        await store.close()
