"""Examining a store: its log for holes, its records for sense, and the one against the other.

What lives here: reading all of it, once. What never does: what makes sense (core/soundness.py), or a
write.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from registan.core.soundness import Finding, Replay, unsound
from registan.model.policy import Defaults
from registan.model.record import Record
from registan.runtime.moving import BATCH, held_behind, holds, oldest
from registan.store.protocol import Showing, Store, Truncated

PROBES = 256
"""In how many places older history is looked for where a log does not begin at 1."""

UNREADABLE = (msgspec.MsgspecError, ValueError, TypeError, LookupError, AttributeError)
"""What reading a damaged row raises, from whatever back-end."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What was looked at: commits `first` to `seq` (0 and 0 in an empty log) and so many records."""

    first: int
    seq: int
    records: int
    findings: tuple[Finding, ...]


async def examine(store: Store, defaults: Defaults | None = None) -> Examined:
    """Read everything in an open store. Raises `Unavailable`, `TooNew`, never for a damage.

    The registry may run meanwhile: what is written after the records were read is left out.
    """
    findings: list[Finding] = []
    seq, records = await _records(store, findings)
    replay = Replay()
    first = await _log(store, seq, replay, findings)
    readable = not findings
    findings += unsound(records, defaults)
    if readable:
        findings += replay.compare(records, whole=first <= 1)
        if isinstance(store, Showing):
            findings += [Finding("schemas-row", *row) for row in await store.astray(seq, records)]
    return Examined(first, seq, len(records), tuple(findings))


async def _records(store: Store, findings: list[Finding]) -> tuple[int, list[Record]]:
    loaded = await store.load()
    records: list[Record] = []
    try:
        records.extend(loaded.records)
    except UNREADABLE as error:
        findings.append(_unreadable("record-unreadable", f"the one behind {len(records)} others", error))
    return loaded.seq, records


async def _log(store: Store, seq: int, replay: Replay, findings: list[Finding]) -> int:
    """Add all commits to `replay`; the seq of the oldest."""
    try:
        first = await _beginning(store, seq)
    except UNREADABLE as error:
        findings.append(_unreadable("log-unreadable", "its beginning", error))
        return 0
    after = max(first, 1) - 1
    while after < seq:
        try:
            commits = await store.read(after, min(BATCH, seq - after))
        except Truncated:
            found = await held_behind(store, after + 1, seq)
            findings.append(_hole(after + 1, found))
            after = found - 1
            continue
        except UNREADABLE as error:
            findings.append(_unreadable("log-unreadable", f"behind {after}", error))
            break
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


def _unreadable(kind: str, where: str, error: Exception) -> Finding:
    return Finding(kind, where, f"{type(error).__name__}: {' '.join(str(error).split())}")
