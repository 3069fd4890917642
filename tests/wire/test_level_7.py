"""With `wire.level: 7` answers are those of releases before 8, whatever is asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import msgspec
import pytest

from registan.app import App, compose
from registan.contract.message import Request
from registan.settings.tree import Settings, Wire
from registan.store.memory import MemoryStore

INT = {"schema": '"int"'}


@pytest.fixture
async def app() -> AsyncIterator[App]:
    settings = msgspec.structs.replace(Settings(), wire=Wire(level=7))
    made = compose(settings, MemoryStore())
    await made.instance.start(follow=False)
    yield made
    await made.instance.stop()


async def ask(app: App, method: str, path: str, body: object = None) -> object:
    raw = b"" if body is None else json.dumps(body).encode()
    path, _, query = path.partition("?")
    response = await app.answers(Request(method, path.encode(), query.encode(), [], raw))
    return json.loads(response.body)


async def test_old_answers(app: App) -> None:
    """Registration, look-up, reading, listing, and an incompatible schema."""
    assert await ask(app, "POST", "/subjects/s/versions", INT) == {"id": 1}
    version = {"subject": "s", "version": 1, "id": 1, "schema": '"int"'}
    assert await ask(app, "POST", "/subjects/s", INT) == version
    assert await ask(app, "GET", "/subjects/s/versions/latest") == version
    assert await ask(app, "GET", "/schemas") == [version]
    assert await ask(app, "GET", "/schemas/ids/1") == {"schema": '"int"'}
    refused = await ask(app, "POST", "/subjects/s/versions", {"schema": '"string"'})
    assert refused["error_code"] == 409


async def test_other_types_are_named(app: App) -> None:
    """Only AVRO goes without saying."""
    await ask(app, "POST", "/subjects/s/versions", {"schema": "{}", "schemaType": "JSON"})
    assert await ask(app, "GET", "/schemas/ids/1") == {"schemaType": "JSON", "schema": "{}"}


async def test_what_did_not_change_is_the_same(app: App) -> None:
    """Codes and replies that are not in the table."""
    assert (await ask(app, "GET", "/subjects/none/versions"))["error_code"] == 40401
    assert await ask(app, "GET", "/config") == {"compatibilityLevel": "BACKWARD"}
