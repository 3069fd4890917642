"""Copying between stores of every kind: from a file into a database and back again."""

import pytest

from registan.model.commit import Drop, Put
from registan.runtime import moving
from registan.runtime.examination import examine
from registan.store.protocol import Unavailable
from registan.store.sqlite import SqliteStore
from registan.testing.services.backend import Database
from registan.testing.services.shared import each_service, shared
from registan.testing.store_case import append_all, commit, config, records_of, schema, version

TEXTS = ["'", "\\", '"\\n\n', "\0", "\ud800", "日本 😀", "a ", "", "--", "\x1a", "x" * 300_000]


def history():
    """Odd texts, names that differ by little, much at once, and keys that are put again and dropped."""
    names = ["a", "A", "a ", "ä", "é" * 200]
    commits = [
        commit(1, *(Put(schema(number, text)) for number, text in enumerate(TEXTS, 1)), actor="né \\' \0"),
        commit(2, *(Put(version(name, 1, 1)) for name in names), *(Put(config(name)) for name in names)),
        commit(3, *(Put(config(f"s{number}")) for number in range(1200))),
    ]
    for seq in range(4, 40):
        more = [Drop(config(f"s{seq * 2}"))] if seq % 3 else []
        commits.append(commit(seq, Put(config(f"s{seq}")), Put(version("a", seq, 1)), *more))
    return commits


def quiet(done, of):
    """No progress."""


@pytest.mark.parametrize("pruned", [0, 20])
@pytest.mark.parametrize("kind", each_service())
async def test_a_store_goes_there_and_back(kind, pruned, tmp_path):
    source, back = SqliteStore(tmp_path / "source.db"), SqliteStore(tmp_path / "back.db")
    there = Database(shared(kind).database()).store()
    for store in (source, there, back):
        await store.open()
    await append_all(source, *history())
    await source.prune(pruned)
    done = await moving.copy(source, there, quiet)
    assert (done.first, done.seq, done.written) == (pruned + 1, 39, 39 - pruned)
    await moving.copy(there, back, quiet)
    assert await records_of(back) == await records_of(source)
    changes = [c.changes for c in await source.read(pruned, 100)]
    assert [c.changes for c in await back.read(pruned, 100)] == changes
    kinds = {finding.kind for finding in (await examine(there)).findings}
    assert kinds <= {"schema-unparsable"}  # the texts are no schemas
    await there.append(commit(40, Put(config("new"))))
    for store in (source, there, back):
        await store.close()


@pytest.mark.parametrize("pruned", [0, 20])
@pytest.mark.parametrize("kind", each_service())
async def test_a_copy_that_was_cut_off_goes_on(kind, pruned, tmp_path):
    source = SqliteStore(tmp_path / "source.db")
    database = Database(shared(kind).database())
    there = database.store()
    for store in (source, there):
        await store.open()
    await append_all(source, *history())
    await source.prune(pruned)
    taken = there.append
    left = 10

    async def append(each):
        nonlocal left
        left -= 1
        if left < 0:
            raise Unavailable("cut off")
        await taken(each)

    there.append = append
    with pytest.raises(Unavailable):
        await moving.copy(source, there, quiet)
    await there.close()
    again = database.store()
    await again.open()
    held = await again.head()
    done = await moving.copy(source, again, quiet)
    assert done.written == 39 - held
    assert await records_of(again) == await records_of(source)
    for store in (source, again):
        await store.close()
