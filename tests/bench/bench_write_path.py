"""How many commands the write path takes, and how quickly a start loads. Not a test: prints figures.

python tests/bench/bench_write_path.py [write] [read] [load] [--store memory|sqlite] [--seconds 2]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from registan.core.decision import Decision
from registan.model.commit import Commit, Put
from registan.model.policy import CompatibilityLevel, Config
from registan.model.record import ContextEntry, Schema, Version
from registan.model.schema import SchemaType, Source
from registan.model.subject import Subject
from registan.runtime.instance import Instance
from registan.store.memory import MemoryStore
from registan.store.sqlite import SqliteStore

TEXT = json.dumps(
    {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": f"field_{i}", "type": ["null", "string"], "default": None, "doc": "some words"}
            for i in range(25)
        ],
    },
    separators=(",", ":"),
)


def put_config(state, args, facts):
    """The smallest command: one change."""
    return Decision((Put(Config(scope=args, level=CompatibilityLevel.FULL)),), args)


def register(state, args, facts):
    """What a registration changes: the counter, a schema of 2 kB, a version."""
    subject, text = args
    schema_id = state.next_id(".")
    source = Source(SchemaType.AVRO, text)
    return Decision(
        (
            Put(ContextEntry(".", schema_id)),
            Put(Schema(".", schema_id, source, source.guid)),
            Put(Version(subject, 1, schema_id, False, facts.now)),
        ),
        schema_id,
    )


def nothing(state, args, facts):
    """A command that changes nothing."""
    return Decision((), args)


def rss_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def open_store(kind, directory):
    return MemoryStore() if kind == "memory" else SqliteStore(Path(directory) / "bench.db")


async def write(kind, seconds, callers, handler, argument):
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        instance = Instance(open_store(kind, directory))
        await instance.start()
        end = time.perf_counter() + seconds
        done = 0

        async def caller(number):
            nonlocal done
            i = number
            while time.perf_counter() < end:
                await instance.engine.execute(handler, argument(i), cause="bench")
                i += callers
                done += 1

        started = time.perf_counter()
        await asyncio.gather(*(caller(n) for n in range(callers)))
        rate = done / (time.perf_counter() - started)
        seq = instance.state.seq
        print(
            f"{kind:7} {handler.__name__:11} {callers:3} callers: {rate:9,.0f}/s, "
            f"{done / max(seq, 1):6.1f} commands in a commit"
        )
        await instance.stop()


async def read(kind):
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        instance = Instance(open_store(kind, directory))
        await instance.start()
        await instance.engine.execute(put_config, Subject(".", "a"), cause="bench")
        fresh_now = instance.freshness.fresh_now
        assert fresh_now()
        n = 100_000
        started = time.perf_counter()
        for _ in range(n):
            fresh_now()
        print(f"{kind:7} fresh_now: {(time.perf_counter() - started) / n * 1e6:.2f} us")
        await instance.stop()


async def load(count, path):
    store = SqliteStore(path)
    await store.open()
    seq = await store.head()
    if not seq:
        for i in range(1, count + 1, 500):
            changes = []
            for n in range(i, i + 500):
                source = Source(SchemaType.AVRO, TEXT.replace('"R"', f'"R{n}"'))
                changes.append(Put(Schema(".", n, source, source.guid)))
                subject = Subject(".", f"topic-{(n * 7919) % count}-value")
                changes.append(Put(Version(subject, 1, n, False, 1_700_000_000_000)))
            changes.append(Put(ContextEntry(".", i + 499)))
            seq += 1
            await store.append(
                Commit(seq=seq, id=uuid4(), at=1, actor="", cause="", level=1, changes=tuple(changes))
            )
        await store.close()
        return
    await store.close()
    before = rss_mb()
    instance = Instance(SqliteStore(path))
    started = time.perf_counter()
    await instance.start(freeze=True)
    took = time.perf_counter() - started
    print(
        f"load of {instance.state.counts['schemas']:,} schemas of {len(TEXT):,} bytes: {took:.2f} s, "
        f"{before:.0f} -> {rss_mb():.0f} MB"
    )
    await instance.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="*", default=["write", "read"])
    parser.add_argument("--store", action="append")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--file", help="for load: made at the first run, measured at the next ones")
    options = parser.parse_args()
    for kind in options.store or ["memory", "sqlite"]:
        if "write" in options.what:
            for callers in (1, 64, 256):
                asyncio.run(
                    write(kind, options.seconds, callers, put_config, lambda i: Subject(".", f"s{i % 5000}"))
                )
            asyncio.run(write(kind, options.seconds, 64, nothing, lambda i: i))
            asyncio.run(
                write(
                    kind,
                    options.seconds,
                    64,
                    register,
                    lambda i: (Subject(".", f"t{i}"), TEXT.replace('"R"', f'"R{i}"')),
                )
            )
        if "read" in options.what:
            asyncio.run(read(kind))
    if "load" in options.what:
        asyncio.run(load(options.count, Path(options.file)))


if __name__ == "__main__":
    main()
