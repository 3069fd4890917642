"""What settings switch on and off among the routes."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

from registan.app import compose, served
from registan.contract.message import Request
from registan.contract.routes import ROUTES
from registan.formats.budget import BUDGET
from registan.formats.budget import Budget as Budgets
from registan.settings.budget import Budget
from registan.settings.tree import Associations, DekRegistry, Limits, Server, Settings, Wire
from registan.store.memory import MemoryStore
from registan.store.protocol import Pooling


def settings(**sections) -> Settings:
    return msgspec.structs.replace(Settings(), **sections)


async def status(made: Settings, path: bytes) -> int:
    app = compose(made, MemoryStore())
    await app.instance.start(follow=False)
    try:
        response = await app.answers(Request("GET", path, b"", [], b""))
    finally:
        await app.instance.stop()
    return response.status


def test_by_default_all_routes_are_served():
    assert served(Settings()) == ROUTES


@pytest.mark.parametrize(
    ("off", "path"),
    [
        (settings(associations=Associations(enabled=False)), b"/associations/resources/x"),
        (settings(dek_registry=DekRegistry(enabled=False)), b"/dek-registry/v1/keks"),
        (settings(server=Server(docs_enabled=False)), b"/docs"),
        (settings(server=Server(docs_enabled=False)), b"/openapi.json"),
    ],
)
async def test_what_is_switched_off_is_not_there(off, path):
    assert await status(Settings(), path) == 200
    assert await status(off, path) == 404


async def test_the_spelling_of_other_registries_is_taken_where_asked_for():
    path = b"/subjects/s/versions/x/referencedBy"
    assert await status(Settings(), path) == 404
    assert await status(settings(wire=Wire(probes=True)), path) == 422


def test_each_budget_is_a_setting_with_the_same_default():
    budgets = {field.name: field.default for field in dataclasses.fields(Budgets)}
    assert budgets.pop("nesting_depth") == Limits().nesting_depth
    assert budgets == msgspec.structs.asdict(Budget())


def test_budgets_are_set():
    try:
        compose(settings(limits=Limits(nesting_depth=70, budget=Budget(json_schemas=7))), MemoryStore())
        assert (BUDGET.nesting_depth, BUDGET.json_schemas) == (70, 7)
    finally:
        compose(Settings(), MemoryStore())
    assert Budgets() == BUDGET


class PooledStore(MemoryStore):
    def pool(self) -> Pooling:
        return Pooling(idle=3, in_use=2, most=25)


def test_a_pool_of_connections_is_told():
    text = compose(Settings(), PooledStore()).recorder.render().body.decode()
    name = "schema_registry_storage_connections"
    assert f'{name}{{backend="memory",state="idle"}} 3.0' in text
    assert f'{name}{{backend="memory",state="in_use"}} 2.0' in text
    assert f'{name}_max{{backend="memory"}} 25.0' in text
    assert name not in compose(Settings(), MemoryStore()).recorder.render().body.decode()
