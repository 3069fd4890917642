"""Sockets are tested on the loop that serves."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
import uvloop

from registan.store.memory import MemoryStore
from registan.testing.socket_kit import served, serving_with


def pytest_asyncio_loop_factories(config, item):
    return {"uvloop": uvloop.new_event_loop}


class SlowStore(MemoryStore):
    """Appends only once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()
        self.asked = asyncio.Event()

    async def append(self, commit, after=None) -> None:
        self.asked.set()
        await self.may.wait()
        await super().append(commit, after)


@pytest.fixture
async def registry():
    async with served() as made:
        yield made


@pytest.fixture
async def client(registry):
    return await registry.connect()


@pytest.fixture
def slow():
    """Makes a registry whose store waits until it may, and a connection to it."""

    @asynccontextmanager
    async def make(**server):
        store = SlowStore()
        async with served(serving_with(**server), store) as registry:
            try:
                yield registry, store, await registry.connect()
            finally:
                store.may.set()

    return make
