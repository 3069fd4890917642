"""Single figures: memory, time to start, and what the formats take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench import dataset, formats, machine
from bench.database import write
from bench.figures import Fact
from bench.rows import Site
from bench.servers import ROOT, Server, registan
from bench.sites import House
from bench.wire import Ask, send_all
from registan.store.sqlite import SqliteStore
from registan.testing.services.backend import Database
from registan.testing.services.table import SERVICES

IDLE_MB, FULL_MB = 45.0, 100.0
IDLE_MB_DATABASE, FULL_MB_DATABASE = 50.0, 128.0
EMPTY_S = 0.5
FULL_S = {100_000: 3.0}
FULL_S_DATABASE = {10_000: 1.0, 100_000: 4.0}
"""Seconds to the first answer with so many schemas."""
SCHEMAS_IN_MEMORY = 10_000
STARTS = 5


def memory(house: House) -> Iterator[Fact]:
    """Resident memory before and after registering 10,000 different schemas."""
    count = SCHEMAS_IN_MEMORY // (10 if house.options.quick else 1)
    for store in _stores(house):
        database = store in SERVICES
        idle_mb, full_mb = (IDLE_MB_DATABASE, FULL_MB_DATABASE) if database else (IDLE_MB, FULL_MB)
        with _fresh(house, f"rss-{store}", store) as server:
            yield Fact(f"RSS idle, {store}", machine.rss_mb(server.pid or 0), "MB", idle_mb)
            site = Site(count, store=store)
            asks = [
                Ask(
                    "POST", f"/subjects/{site.path(i)}/versions", dataset.compact({"schema": dataset.avro(i)})
                )
                for i in range(count)
            ]
            asyncio.run(send_all(asks, server.address))
            full = machine.rss_mb(server.pid or 0)
            yield Fact(f"RSS after registering {count:,} schemas of 2 kB, {store}", full, "MB", full_mb)
            asyncio.run(send_all([Ask("GET", f"/schemas/ids/{i + 1}") for i in range(count)], server.address))
            read = machine.rss_mb(server.pid or 0)
            yield Fact(f"RSS after reading each by id, {store}", read, "MB", full_mb)


def start(house: House) -> Iterator[Fact]:
    """From the start of the process to the first answer."""
    for store in _stores(house):
        taken = []
        for number in range(STARTS):
            with _fresh(house, f"start-{store}-{number}", store) as server:
                taken.append(server.started_s)
        yield Fact(f"First answer after start, empty, {store}", median(taken), "s", EMPTY_S)


def start_full(house: House) -> Iterator[Fact]:
    """The same with many schemas, in an SQLite file and in the chosen database."""
    for store in _stores(house)[1:]:
        targets = FULL_S_DATABASE if store in SERVICES else FULL_S
        for schemas, target_s in targets.items():
            count = schemas // (10 if house.options.quick else 1)
            home = _home(house, f"start-full-{store}-{count}")
            settings = house.services.settings(store)
            asyncio.run(
                write(Database(settings).store() if settings else SqliteStore(home / "registan.db"), count)
            )
            taken, resident = [], 0.0
            for _ in range(3):
                with registan(ROOT, home, store, house.cores.servers, settings) as server:
                    taken.append(server.started_s)
                    resident = machine.rss_mb(server.pid or 0)
            title = f"First answer after start, {count:,} schemas of 2 kB, {store}"
            yield Fact(title, median(taken), "s", target_s)
            yield Fact(f"RSS after that start, {count:,} schemas, {store}", resident, "MB")


def _stores(house: House) -> list[str]:
    chosen = house.options.store
    return ["memory", "sqlite", *([chosen] if chosen in SERVICES else [])]


@contextmanager
def _fresh(house: House, name: str, store: str) -> Iterator[Server]:
    settings = house.services.settings(store)
    with registan(ROOT, _home(house, name), store, house.cores.servers, settings) as server:
        yield server


def _home(house: House, name: str) -> Path:
    made = house.home / name
    made.mkdir()
    return made


FACTS: tuple[tuple[str, str, Callable[[House], Iterator[Fact]]], ...] = (
    ("memory", "RSS idle and with 10,000 schemas", memory),
    ("start", "time to first answer, empty", start),
    ("start-full", "time to first answer, many schemas", start_full),
    ("formats", "parse, canonical text, compatibility", formats.facts),
)
