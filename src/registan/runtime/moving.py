"""Copying a whole log from one store to another, and proof that the copy is one.

What lives here: what to do with two stores, in terms of the port. What never does: a word about where
they are. The copy keeps every commit that the source still has, with its seq, id and time, and every
record; what the target holds already is not written again, so a copy that was interrupted goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from registan.model.commit import Commit
from registan.model.record import Record, place_of
from registan.store.protocol import Conflict, Damaged, Store, Truncated, Unknown

BATCH = 500
"""Commits asked for at once."""

ROUNDS_MAX = 10
"""How often the copy runs after a source that is being written to before it gives up."""


class Refused(Exception):  # noqa: N818  (an answer to whoever asked for the copy)
    """The copy is not made, or is not equal; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy did: commits `first` to `seq` stand in both stores, `written` of them are new."""

    first: int
    seq: int
    written: int
    records: int


Progress = Callable[[int, int], None]
"""Gets the newest seq in the target and that of the source."""


async def oldest(store: Store, seq: int) -> int:
    """The seq of the oldest commit that a store holds whose newest is `seq`; 0 where there is none."""
    if not seq or await holds(store, 1):
        return min(seq, 1)
    return await held_behind(store, 1, seq)


async def held_behind(store: Store, low: int, high: int) -> int:
    """A commit that stands where the one before it is missing; `low` is missing and `high` stands."""
    while high - low > 1:
        middle = (low + high) // 2
        if await holds(store, middle):
            high = middle
        else:
            low = middle
    return high


async def holds(store: Store, seq: int) -> bool:
    """Whether a commit stands at a seq."""
    try:
        commits = await store.read(seq - 1, 1)
    except Truncated:
        return False
    except Damaged:
        return True
    return bool(commits) and commits[0].seq == seq


async def copy(source: Store, target: Store, progress: Progress) -> Copied:
    """Copy what the target lacks, then compare everything. Both stores are open.

    Raises `Refused` where the target holds something else, the source cannot be copied or the two
    are not equal, and whatever the stores raise. Afterwards, however it ended, calling again goes on.
    """
    before = await target.head()
    for _ in range(ROUNDS_MAX):
        seq = await source.head()
        if not seq:
            raise Refused("the source is empty: there is nothing to copy")
        first = await oldest(source, seq)
        await _check_target(source, target, first, seq)
        try:
            await _copy_through(source, target, first, seq, progress)
            records = await _verified(source, target, first, seq)
        except Truncated as error:
            if await oldest(source, seq) == first:
                raise Refused(f"the source's log has a hole ({error}); see `registan store check`") from error
            continue  # pruned under our hands
        if await source.head() == seq:
            return Copied(first, seq, seq - max(before, first - 1), records)
    raise Refused("the source is being written to faster than it can be copied; stop its registries first")


async def _check_target(source: Store, target: Store, first: int, seq: int) -> None:
    """Refuse a target whose newest commit is not the source's at that place."""
    held = await target.head()
    if not held:
        if next(iter((await target.load()).records), None) is not None and first == 1:
            raise Refused("the target holds records but no log; it is no empty store")
        return
    if held > seq:
        raise Refused(f"the target holds more than the source: its log ends at {held}, the source's at {seq}")
    if held < first:
        raise Refused(
            f"the target ends at commit {held}, and the source has forgotten what came before {first}; "
            "empty the target and start again"
        )
    mine, yours = (await source.read(held - 1, 1))[0], (await target.read(held - 1, 1))[0]
    if mine.id != yours.id:
        raise Refused(
            f"the target holds something else: its commit {held} ({yours.id}) is not "
            f"the source's ({mine.id}); copy into an empty store"
        )


async def _copy_through(source: Store, target: Store, first: int, seq: int, progress: Progress) -> None:
    after = await target.head()
    if not after and first > 1:
        after = await _begin(source, target, first)
    while after < seq:
        commits = await source.read(after, min(BATCH, seq - after))
        _check_order(commits, after)
        for commit in commits:
            try:
                await target.append(commit)
            except (Conflict, Unknown) as error:
                await _settle(target, commit, error)
        after = commits[-1].seq
        progress(after, seq)


async def _begin(source: Store, target: Store, first: int) -> int:
    """Begin the target where the source begins.

    The records are those of now, ahead of the commit. The commits behind it, which follow, write the
    same values again, so that all add up once they are there.
    """
    commit = (await source.read(first - 1, 1))[0]
    loaded = await source.load()
    try:
        await target.begin(commit, loaded.records)
    except (Conflict, Unknown) as error:
        await _settle(target, commit, error)
    return first


async def _settle(target: Store, commit: Commit, error: Exception) -> None:
    """The answer to a write was lost, or something stands there: fine if it is this very commit."""
    if await target.head() >= commit.seq and (await target.read(commit.seq - 1, 1))[0].id == commit.id:
        return
    if isinstance(error, Unknown):
        raise Refused(f"the target did not tell whether it took commit {commit.seq}; start again") from error
    raise Refused("somebody else writes to the target; stop its registries and start again") from error


def _check_order(commits: Sequence[Commit], after: int) -> None:
    for place, commit in enumerate(commits, after + 1):
        if commit.seq != place:
            raise Refused(f"the source's log has a hole at {place}; see `registan store check`")
    if not commits:
        raise Refused(f"the source's log has a hole at {after + 1}; see `registan store check`")


# proof


async def _verified(source: Store, target: Store, first: int, seq: int) -> int:
    """Compare every commit and, if `seq` is still the newest, every record; how many of these there are."""
    after = first - 1
    while after < seq:
        mine = await source.read(after, min(BATCH, seq - after))
        _check_order(mine, after)
        yours: list[Commit] = []
        while len(yours) < len(mine):
            try:
                more = await target.read(after + len(yours), len(mine) - len(yours))
            except Truncated:
                more = ()
            if not more:
                raise Refused(f"the target lacks commit {after + len(yours) + 1}")
            yours += more
        for left, right in zip(mine, yours, strict=True):
            if left != right and _shown(left) != _shown(right):
                raise Refused(f"commit {left.seq} differs in the target")
        after = mine[-1].seq
    here, there = await source.load(), await target.load()
    if there.seq != seq:
        raise Refused(f"somebody else writes to the target: its log ends at {there.seq}, not at {seq}")
    if here.seq != seq:
        return 0  # the source moved on: another round compares
    return _equal(iter(here.records), iter(there.records))


def _shown(commit: Commit) -> Commit:
    """With names as every store can keep them: not all know NUL."""
    return replace(
        commit, actor=commit.actor.replace("\0", "\\x00"), cause=commit.cause.replace("\0", "\\x00")
    )


def _equal(source: Iterator[Record], target: Iterator[Record]) -> int:
    """How many records there are; raises `Refused` at the first that differs in value or in order."""
    count = 0
    for mine, yours in zip_longest(source, target):
        if mine != yours:
            held, found = _name(mine), _name(yours)
            what = f"another value of {held}" if held == found else f"expected {held}, found {found}"
            raise Refused(f"record {count + 1} differs in the target: {what}; see `registan store check`")
        count += 1
    return count


def _name(record: Record | None) -> str:
    if record is None:
        return "none"
    kind, key = place_of(record)
    return f"{kind.value} {key}"
