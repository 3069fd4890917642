"""Every store of this project passes the kit."""

from __future__ import annotations

import pytest

from registan.store.memory import MemoryStore
from registan.store.observed import ObservedStore
from registan.store.sqlite import SqliteStore
from registan.testing.services.backend import Database
from registan.testing.services.shared import each_service, shared
from registan.testing.services.table import SERVICES
from registan.testing.store_kit import CASES


class InMemory:
    def __init__(self):
        self.shared = MemoryStore()

    def store(self):
        return self.shared


class InFile:
    def __init__(self, path):
        self.path = path

    def store(self):
        return SqliteStore(self.path / "new" / "registan.db")


class Observed(InFile):
    def store(self):
        return ObservedStore(super().store(), lambda *seen: None)


@pytest.fixture(params=["memory", "sqlite", "observed", *each_service("cassandra41")])
def backend(request, tmp_path):
    name = request.param
    if name in SERVICES:
        return Database(shared(name).database())
    return {"memory": InMemory, "sqlite": lambda: InFile(tmp_path), "observed": lambda: Observed(tmp_path)}[
        name
    ]()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_store(case, backend):
    await case(backend)
