"""Records read back from the rows of the table `records`, all of them or one.

What lives here: which partition a record is in, joining its parts, decoding. What never does: writing
(`cassandra_records.py`), or what the log says of a record that was written meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from zlib import crc32

from registan.model.record import Record
from registan.store.cassandra_session import Bridge, Rows
from registan.store.codec import decode_record

BUCKETS = 32
"""Partitions of records; never changed once there are some."""

AT_ONCE = 4
"""Partitions read at once: of each a page is in hand and one on its way, which a node builds in memory."""

_COLUMNS = "kind, key, part, parts, seq, position, level, value"
_ALL = f"SELECT {_COLUMNS} FROM KS.records WHERE bucket = ?"  # noqa: S608
_ONE = f"SELECT {_COLUMNS} FROM KS.records WHERE bucket = ? AND kind = ? AND key = ?"  # noqa: S608
_PART = 2


class Found(NamedTuple):
    """A record as it was read; None where a part is missing that is still being written."""

    seq: int
    position: int
    kind: str
    key: str
    record: Record | None


def bucket_of(kind: str, key: str) -> int:
    """The partition of a record."""
    return crc32(f"{kind}/{key}".encode()) % BUCKETS


async def find(bridge: Bridge, level: str, kind: str, key: str) -> Record | None:
    """One record, if it is there and whole. Raises `Unavailable`, `TooNew`."""
    rows = await bridge.ask(_ONE, (bucket_of(kind, key), kind, key), level)
    return next((each.record for each in _whole(rows)), None)


async def find_all(bridge: Bridge, level: str) -> list[Found]:
    """All records, in no order. Raises `Unavailable`, `TooNew`.

    Each page is decoded while nodes work on others, so that texts are let go of at once.
    """
    found: list[Found] = []
    gate = asyncio.Semaphore(AT_ONCE)

    async def read(bucket: int) -> None:
        rest: Rows = []
        async with gate:
            async for rows in bridge.pages(_ALL, (bucket,), level):
                rest += rows
                last = _last(rest)
                found.extend(_whole(rest[:last]))
                del rest[:last]
        found.extend(_whole(rest))

    await asyncio.gather(*map(read, range(BUCKETS)))
    return found


def _last(rows: Rows) -> int:
    """Where the last record begins, which may go on in the next page."""
    at = len(rows) - 1
    while at > 0 and rows[at][_PART]:
        at -= 1
    return max(at, 0)


def _whole(rows: Iterable[tuple[Any, ...]]) -> Iterator[Found]:
    """Records from the rows of their parts, which come in order.

    Parts that an older, longer value left behind do not count.
    """
    head: tuple[Any, ...] | None = None
    texts: list[str] = []
    for row in rows:
        kind, key, part, count, seq, position, level, value = row
        if part == 0:
            if head is not None:
                yield _joined(head, texts)
            if count == 1:
                yield Found(seq, position, kind, key, decode_record(kind, level, value))
                head = None
            else:
                head, texts = row, [value]
        elif head is not None and (kind, key, seq) == (head[0], head[1], head[4]) and part == len(texts):
            texts.append(value)
    if head is not None:
        yield _joined(head, texts)


def _joined(head: tuple[Any, ...], texts: list[str]) -> Found:
    kind, key, _, count, seq, position, level, _ = head
    whole = len(texts) >= count
    record = decode_record(kind, level, "".join(texts[:count])) if whole else None
    return Found(seq, position, kind, key, record)
