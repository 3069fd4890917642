"""Where the time of a new registration goes, room by room. Not a test: prints figures.

python -m tests.bench.bench_registration [--count 6400]

64 clients register new subjects with new schemas of 2 kB on the memory store, in this process: all that
`make bench` measures as `new-memory` but the sockets and the HTTP parser. The first line is processor time
without a profiler; the shares below are of a profiled run, which exaggerates small functions.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import time
from collections import Counter
from pathlib import Path

from bench.measure import once
from bench.rows import new
from bench.sites import Site
from registan.app import compose
from registan.contract.message import Request
from registan.contract.target import split_target
from registan.settings.tree import Settings
from registan.store.memory import MemoryStore

CLIENTS = 64
SOURCE = str(Path(compose.__code__.co_filename).parent) + "/"


def request(ask):
    path, query = split_target(ask.path.encode())
    headers = [(b"content-type", b"application/vnd.schemaregistry.v1+json")]
    return Request(ask.method, path, query, headers, ask.body.encode())


async def register(count, run, profile=None):
    """Processor time of a registration, in seconds. The memos outlive a run: each registers other texts."""
    asks = new(Site(0), [])
    app = compose(Settings(), MemoryStore())
    await app.instance.start(follow=False)
    waiting = [
        request(once(asks[i % len(asks)], i)) for i in range(run * 10**6, run * 10**6 + count + 20 * CLIENTS)
    ]

    async def client(requests):
        for each in requests:
            response = await app.answers(each)
            assert response.status == 200, response.body

    async def all_clients(requests):
        await asyncio.gather(*(client(requests[i::CLIENTS]) for i in range(CLIENTS)))

    await all_clients(waiting[count:])
    if profile is not None:
        profile.enable()
    started = time.process_time()
    await all_clients(waiting[:count])
    spent = time.process_time() - started
    if profile is not None:
        profile.disable()
    await app.instance.stop()
    return spent / count


def room(file):
    """The room of a function: the first two names under the package, else `libraries`."""
    if not file.startswith(SOURCE):
        return "libraries and builtins"
    return "/".join(file.removeprefix(SOURCE).removesuffix(".py").split("/")[:2])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=6400)
    count = parser.parse_args().count
    spent = min(asyncio.run(register(count, run)) for run in range(3))
    print(f"{spent * 1e6:.0f} µs of processor time for a registration, without HTTP")
    profile = cProfile.Profile()
    asyncio.run(register(count, 3, profile))
    shares = Counter()
    stats = pstats.Stats(profile)
    for (file, _, _), (_, _, own, _, callers) in stats.stats.items():
        if file.startswith(SOURCE) or not callers:
            shares[room(file)] += own
            continue
        for (caller, _, _), (_, _, part, _) in callers.items():
            shares[room(caller)] += part
    total = sum(shares.values())
    for name, seconds in shares.most_common(16):
        print(f"{seconds / total:6.1%}  {name}")


if __name__ == "__main__":
    main()
