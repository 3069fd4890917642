"""Many schemas, written through the store itself: quicker than by requests."""

from __future__ import annotations

from uuid import UUID

from bench import dataset
from registan.model.commit import Change, Commit, Put
from registan.model.record import ContextEntry, Schema, Version
from registan.model.schema import SchemaType, Source
from registan.model.subject import DEFAULT_CONTEXT, Subject
from registan.store.protocol import Store

IN_A_COMMIT = 200
AT = 1_700_000_000_000


async def write(store: Store, schemas: int) -> None:
    """One subject with one schema of 2 kB, so many times."""
    await store.open()
    try:
        for seq, first in enumerate(range(1, schemas + 1, IN_A_COMMIT), start=1):
            changes: list[Change] = []
            last = min(first + IN_A_COMMIT - 1, schemas)
            for number in range(first, last + 1):
                source = Source(SchemaType.AVRO, dataset.avro(number))
                changes.append(Put(Schema(DEFAULT_CONTEXT, number, source, source.guid)))
                subject = Subject(DEFAULT_CONTEXT, dataset.subject(number))
                changes.append(Put(Version(subject, 1, number, False, AT)))
            changes.append(Put(ContextEntry(DEFAULT_CONTEXT, last)))
            commit = Commit(
                seq=seq, id=UUID(int=seq), at=AT, actor="", cause="", level=1, changes=tuple(changes)
            )
            await store.append(commit)
    finally:
        await store.close()
