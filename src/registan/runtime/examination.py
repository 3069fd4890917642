"""Examining a store: its log for holes, its records for sense, and the one against the other.

What lives here: reading all of it, once. What never does: what makes sense (core/soundness.py), or a
write.
"""

from __future__ import annotations

from dataclasses import dataclass

from registan.core.soundness import Finding, Replay, unsound
from registan.model.policy import Defaults
from registan.model.record import Record
from registan.runtime.moving import BATCH, held_behind, holds, oldest
from registan.store.protocol import Damaged, Showing, Store, Truncated

PROBES = 256
"""In how many places older history is looked for where a log does not begin at 1."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What was looked at: commits `first` to `seq` (0 and 0 in an empty log) and so many records."""

    first: int
    seq: int
    records: int
    findings: tuple[Finding, ...]
    compared: bool
    """Whether records and log were held against each other; not where a part of either is missing."""


async def examine(store: Store, defaults: Defaults | None = None) -> Examined:
    """Read everything in an open store. Raises `Unavailable`, `TooNew`, never for a damage.

    The registry may run meanwhile: what is written after the records were read is left out.
    """
    findings: list[Finding] = []
    seq, records = await _records(store, findings)
    complete = not findings
    replay = Replay()
    first = await _log(store, seq, replay, findings)
    compared = not findings
    if complete:
        findings += unsound(records, defaults)
    if compared:
        findings += replay.compare(records, whole=first <= 1)
        if isinstance(store, Showing):
            findings += [Finding("schemas-row", *row) for row in await store.astray(seq, records)]
    return Examined(first, seq, len(records), tuple(findings), compared)


async def _records(store: Store, findings: list[Finding]) -> tuple[int, list[Record]]:
    records: list[Record] = []
    try:
        loaded = await store.load()
        seq = loaded.seq
        records.extend(loaded.records)
    except Damaged as error:
        findings.append(Finding("record-unreadable", f"behind {len(records)} others", str(error)))
        seq = await store.head()
    return seq, records


async def _log(store: Store, seq: int, replay: Replay, findings: list[Finding]) -> int:
    """Add all commits to `replay`; the seq of the oldest."""
    first = await _beginning(store, seq)
    after = max(first, 1) - 1
    one_by_one = 0
    """Up to which seq commits are read alone, because one of them cannot be read."""
    while after < seq:
        most = 1 if after < one_by_one else min(BATCH, seq - after)
        try:
            commits = await store.read(after, most)
        except (Truncated, Damaged) as error:
            if most > 1:
                one_by_one = after + most
            elif isinstance(error, Damaged):
                findings.append(Finding("log-unreadable", str(after + 1), str(error)))
                after += 1
            else:
                found = await held_behind(store, after + 1, seq) if await holds(store, seq) else seq + 1
                findings.append(_hole(after + 1, found))
                after = found - 1
            continue
        if not commits:
            findings.append(_hole(after + 1, seq + 1))
            break
        for commit in commits:
            if commit.seq > after + 1:
                findings.append(_hole(after + 1, commit.seq))
            replay.add(commit)
            after = commit.seq
    return first


async def _beginning(store: Store, seq: int) -> int:
    """The oldest commit, also where a hole hides it from a search by halves.

    Older ones are missed only where fewer than one in `PROBES` of the places before the hole holds one.
    """
    first = await oldest(store, seq)
    step = max(1, first // PROBES)
    for place in range(1, first, step):
        if await holds(store, place):
            return await held_behind(store, max(1, place - step), place)
    return first


def _hole(missing: int, found: int) -> Finding:
    places = str(missing) if found == missing + 1 else f"{missing}-{found - 1}"
    return Finding("log-hole", places, "no commit stands there")
