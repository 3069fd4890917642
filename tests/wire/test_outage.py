"""What clients see while the store is away, and once it is back."""

from __future__ import annotations

import json

import msgspec
import pytest

from registan.settings.tree import Engine, Reads, Settings
from registan.store.memory import MemoryStore
from registan.store.protocol import Unavailable
from registan.testing.socket_kit import head, register_request, served, until


class Remote(MemoryStore):
    """A database behind a network that can be away."""

    def __init__(self):
        super().__init__()
        self.away = False
        self.head_away = False
        """Whether it does not tell its newest commit, while all else is well."""

    def head_now(self):
        return None

    async def read(self, after, limit):
        self._look()
        return await super().read(after, limit)

    async def look(self, known):
        self._look()
        if self.head_away:
            raise Unavailable("it does not tell")
        return await super().look(known)

    async def append(self, commit, after=None):
        self._look()
        await super().append(commit, after)

    async def wait(self, after, timeout_s):
        self._look()
        await super().wait(after, timeout_s)

    def _look(self):
        if self.away:
            raise Unavailable("no route to the database")


def quick(**reads) -> Settings:
    return msgspec.structs.replace(
        Settings(),
        reads=Reads(poll_interval_s=0.01, **reads),
        engine=Engine(append_timeout_s=20, doubt_timeout_s=20),
    )


async def get(registry, target):
    return await registry.ask(head("GET", target))


async def test_reads_go_on_with_a_warning_and_writes_are_told_to_come_again():
    store = Remote()
    async with served(quick(), store) as registry:
        assert (await registry.ask(register_request("s", "A"))).status == 200
        store.away = True
        write = await registry.ask(register_request("t", "B"))
        assert (write.status, json.loads(write.body)["error_code"]) == (503, 50001)
        assert write.headers["retry-after"] == "1"
        assert "warning" not in write.headers, "it tells nothing of the past"
        latest = await get(registry, "/subjects/s/versions/latest")
        assert (latest.status, latest.headers["warning"][:3]) == (200, "110")
        missing = await get(registry, "/subjects/t/versions")
        assert (missing.status, missing.headers["warning"][:3]) == (404, "110")
        by_id = await get(registry, "/schemas/ids/1")
        assert by_id.status == 200
        assert "warning" not in by_id.headers, "what an id means never changes"
        unknown = await get(registry, "/schemas/ids/2")
        assert (unknown.status, json.loads(unknown.body)["error_code"]) == (503, 50001)
        assert unknown.headers["retry-after"] == "1", "another instance may have given it"
        again = await registry.ask(register_request("s", "A"))
        assert (again.status, again.headers["warning"][:3]) == (200, "110")
        figures = (await get(registry, "/metrics")).body.decode()
        assert 'schema_registry_storage_up{backend="memory"} 0.0' in figures


async def test_it_recovers_by_itself():
    store = Remote()
    async with served(quick(), store) as registry:
        store.away = True
        assert (await get(registry, "/subjects")).headers["warning"]
        assert (await get(registry, "/health/ready")).status == 503
        store.away = False
        await until(lambda: not registry.serving.trouble())
        assert (await get(registry, "/health/ready")).status == 200
        assert (await registry.ask(register_request("s", "A"))).status == 200
        assert "warning" not in (await get(registry, "/subjects")).headers


async def test_a_write_that_the_store_took_is_not_called_stale():
    """Though it counts as down; a registration that changes nothing says so, as nobody confirmed it."""
    store = Remote()
    async with served(quick(), store) as registry:
        store.away = True
        assert (await get(registry, "/subjects")).headers["warning"]
        store.away = False
        store.head_away = True
        written = await registry.ask(register_request("s", "A"))
        assert (written.status, "warning" in written.headers) == (200, False)
        again = await registry.ask(register_request("s", "A"))
        assert (again.status, again.body, again.headers["warning"][:3]) == (200, written.body, "110")


async def test_reads_are_refused_where_that_is_wanted():
    store = Remote()
    async with served(quick(when_store_down="refuse"), store) as registry:
        store.away = True
        read = await get(registry, "/subjects")
        assert (read.status, json.loads(read.body)["error_code"]) == (503, 50001)


@pytest.mark.parametrize(("stays", "status"), [(False, 503), (True, 200)])
async def test_readiness_is_as_configured(stays, status):
    store = Remote()
    async with served(quick(ready_when_store_down=stays), store) as registry:
        store.away = True
        await get(registry, "/subjects")
        assert (await get(registry, "/health/ready")).status == status
        assert (await get(registry, "/health/live")).status == 200
