"""Several readers of one SQLite file: what one of them saw the others see, and it is there to stay."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from random import Random

import pytest

from registan.model.commit import Put
from registan.runtime.instance import Instance
from registan.store.sqlite import SqliteStore
from registan.testing.shell_kit import execute, put
from registan.testing.store_case import append_all, commit, config, records_of


@pytest.fixture
async def two(tmp_path):
    """Two handles on one file, as two processes have them."""
    stores = SqliteStore(tmp_path / "r.db"), SqliteStore(tmp_path / "r.db")
    for store in stores:
        await store.open()
    yield stores
    for store in stores:
        await store.close()


async def test_a_commit_is_the_head_for_all_or_for_nobody(two):
    """Its writer's own reads have it, too, although the writer has not heard of its landing yet."""
    writer, other = two
    await append_all(writer, commit(1))
    original, landed, release = writer._append, asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def append(each, after):
        original(each, after)
        loop.call_soon_threadsafe(landed.set)
        release.wait()

    writer._append = append
    offered = commit(2, Put(config("a")))
    task = asyncio.create_task(writer.append(offered))
    await landed.wait()
    try:
        for store in (other, writer):
            assert (store.head_now(), await store.head()) == (2, 2)
            assert list(await store.read(1, 10)) == [offered]
            assert await records_of(store) == [config("a")]
    finally:
        release.set()
        await task
    assert writer.head_now() == other.head_now() == 2


async def test_nobody_sees_less_than_who_read_before(tmp_path):
    """Two instances write; whoever reads, through either, misses nothing that any answer told of before."""
    instances = [Instance(SqliteStore(tmp_path / "r.db")) for _ in range(2)]
    for instance in instances:
        await instance.start()
    random = Random(5)
    told = 0
    writers = 8

    async def write(number):
        nonlocal told
        for turn in range(25):
            before = await execute(random.choice(instances), put, f"w{number}n{turn}")
            told = max(told, before + 1)

    async def read(until):
        nonlocal told
        while not until.done():
            instance = random.choice(instances)
            before = told
            if not instance.freshness.fresh_now():
                assert await instance.freshness.fresh()
            seen = len(instance.state.configs)
            assert seen >= before
            told = max(told, seen)
            await asyncio.sleep(0)

    writing = asyncio.gather(*map(write, range(writers)))
    await asyncio.gather(writing, *(read(writing) for _ in range(4)))
    assert told == writers * 25
    for instance in instances:
        await instance.stop()


WRITER = """
import asyncio, sys
from registan.model.commit import Put
from registan.store.sqlite import SqliteStore
from registan.testing.store_case import append_forever, schema

asyncio.run(append_forever(SqliteStore(sys.argv[1]), lambda seq: [Put(schema(seq, str(seq) * 5000))]))
"""


def killed_when_seen(store, seq, path):
    """Have a process write until the store sees this seq, and kill it at once; the newest that was seen."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], env=environment)
    seen = 0
    try:
        while seen < seq:
            assert process.poll() is None
            seen = max(seen, store.head_now())
    finally:
        process.kill()
        process.wait()
    return seen


async def test_what_anybody_saw_survives_a_kill_of_its_writer(tmp_path):
    """Each time it dies just when a commit was seen, before it can have heard of that itself."""
    path = tmp_path / "r.db"
    store = SqliteStore(path)
    await store.open()
    for _ in range(5):
        seen = killed_when_seen(store, store.head_now() + 7, path)
        fresh = SqliteStore(path)
        await fresh.open()
        assert fresh.head_now() >= seen
        assert [each.seq for each in await fresh.read(0, 1000)][:seen] == list(range(1, seen + 1))
        assert len(await records_of(fresh)) == fresh.head_now()
        await fresh.close()
    await store.close()
