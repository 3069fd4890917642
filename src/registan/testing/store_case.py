"""What a case of the store kit is, and what cases are made of: commits, records, open handles."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from registan.model.commit import Change, Commit, level_of
from registan.model.policy import CompatibilityLevel, Config
from registan.model.record import Record, Schema, Version
from registan.model.schema import SchemaType, Source
from registan.model.subject import Subject
from registan.store.protocol import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class Backend(Protocol):
    """One log, however many handles to it."""

    def store(self) -> Store:
        """A handle that is not open yet; as another process would have one, where that is possible."""
        ...

    async def wipe(self) -> None:
        """Take every commit and record away, under handles that are open: as one who restores a backup."""
        ...


Case = Callable[[Backend], Awaitable[None]]
CASES: list[Case] = []

_ids = count(1)


def case(function: Case) -> Case:
    """Add a case to the suite."""
    CASES.append(function)
    return function


def commit(seq: int, *changes: Change, at: int = 0, actor: str = "tester") -> Commit:
    """A commit with an id of its own."""
    return Commit(
        seq=seq,
        id=UUID(int=next(_ids)),
        at=at or 1_700_000_000_000 + seq,
        actor=actor,
        cause="test",
        level=level_of(changes),
        changes=changes,
    )


@contextmanager
def refused(error: type[Exception], otherwise: str) -> Iterator[None]:
    """What is done inside must raise `error`. Where it does not raises `AssertionError` with `otherwise`."""
    try:
        yield
    except error:
        return
    raise AssertionError(otherwise)


async def until(holds: Callable[[], object]) -> None:
    """Return once that holds which nobody announces. Raises `TimeoutError` after half a minute."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  (what it waits for has no event)
            await asyncio.sleep(0.02)


async def append_forever(
    store: Store, changes: Callable[[int], Sequence[Change]], told: Callable[[int], None] = lambda _: None
) -> None:
    """Open a store and append commit after commit, until something ends the process; each is told of."""
    await store.open()
    seq = await store.head()
    while True:
        seq += 1
        await store.append(commit(seq, *changes(seq)))
        told(seq)


def config(name: str, level: CompatibilityLevel | None = None, context: str = ".") -> Config:
    """A small record."""
    return Config(scope=Subject(context, name), level=level)


def schema(schema_id: int, text: str = '"string"', context: str = ".") -> Schema:
    """A schema record."""
    source = Source(SchemaType.AVRO, text)
    return Schema(context, schema_id, source, source.guid)


def version(name: str, number: int, schema_id: int, *, deleted: bool = False) -> Version:
    """A version record of the default context."""
    return Version(Subject(".", name), number, schema_id, deleted, 1_700_000_000_000)


@asynccontextmanager
async def opened(backend: Backend, handles: int = 1) -> AsyncIterator[list[Store]]:
    """Open handles, and close them afterwards."""
    stores = [backend.store() for _ in range(handles)]
    await asyncio.gather(*(store.open() for store in stores))
    try:
        yield stores
    finally:
        for store in stores:
            await store.close()


async def records_of(store: Store) -> list[Record]:
    """All records, in the order in which the store gives them."""
    return list((await store.load()).records)


async def append_all(store: Store, *commits: Commit) -> None:
    """Append one after the other."""
    for each in commits:
        await store.append(each)
