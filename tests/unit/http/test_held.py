"""Known requests that are held until a store behind a network has been asked what is new."""

from __future__ import annotations

import asyncio
import json

import pytest

from registan.core.handlers import QUERIES
from registan.model.commit import Put
from registan.model.policy import CompatibilityLevel
from registan.store.protocol import Unavailable
from registan.testing.scripted_store import Gate, ScriptedStore
from registan.testing.socket_kit import head, served, serving_with, until
from registan.testing.socket_kit import register_request as register
from registan.testing.store_case import commit, config

LATEST = head("GET", "/subjects/a/versions/latest")
CONFIG = head("GET", "/config/a?defaultToGlobal=true")
DOWN = Unavailable("down")


@pytest.fixture
def store():
    return ScriptedStore()


@pytest.fixture
async def registry(store):
    async with served(store=store) as made:
        client = await made.connect()
        await client.ask(register("a", "A"), "POST")
        for known in (LATEST, CONFIG, register("a", "A")):
            await client.ask(known, "POST" if known.startswith(b"POST") else "GET")
        store.calls.clear()
        yield made


@pytest.fixture
async def client(registry):
    return await registry.connect()


def level_in(reply) -> str:
    return json.loads(reply.body)["compatibilityLevel"]


def tasks(registry) -> int:
    return len(registry.serving.service.tasks)


async def hold(client, store, request=LATEST) -> Gate:
    """The request waits for word from the store; gives what lets that through."""
    gate = Gate()
    store.next("head", gate)
    await client.send(request)
    await gate.reached()
    return gate


async def test_replies_to_reads_and_to_writes_that_change_nothing_are_known(registry):
    known = registry.serving.service.known.replies
    assert {LATEST, CONFIG, register("a", "A")} <= set(known)


@pytest.mark.parametrize("request_", [LATEST, register("a", "A")], ids=["read", "registration"])
async def test_a_known_request_makes_no_task_and_asks_the_store_once(registry, client, store, request_):
    gate = await hold(client, store, request_)
    assert tasks(registry) == 0
    gate.open()
    reply = await client.reply("POST" if request_ is not LATEST else "GET")
    assert (reply.status, json.loads(reply.body)["id"]) == (200, 1)
    assert store.calls == ["head"]


async def test_requests_of_many_connections_share_a_check(registry, client, store):
    gate = await hold(client, store)
    others = [await registry.connect() for _ in range(20)]
    for other in others:
        await other.send(LATEST)
    held = registry.serving.service.connections
    await until(lambda: sum(connection._asked for connection in held) == 21)
    gate.open()
    for each in (client, *others):
        assert (await each.reply()).status == 200
    assert store.calls == ["head", "head"]


async def test_what_another_instance_wrote_before_the_request_is_seen(client, store):
    """Though nobody told this instance of it yet."""
    told, store.wait = store.wait, lambda *_: asyncio.Event().wait()
    assert level_in(await client.ask(CONFIG)) == "BACKWARD"
    await store.append(commit(2, Put(config("a", CompatibilityLevel.FULL))))
    assert level_in(await client.ask(CONFIG)) == "FULL"
    assert level_in(await client.ask(CONFIG)) == "FULL"
    store.wait = told


async def test_what_was_written_while_it_was_held_is_seen(client, store):
    gate = await hold(client, store, CONFIG)
    await store.append(commit(2, Put(config("a", CompatibilityLevel.FULL))))
    gate.open()
    assert level_in(await client.reply()) == "FULL"


async def test_more_that_arrives_is_answered_behind_it(registry, client, store):
    gate = await hold(client, store)
    await client.send(head("GET", "/subjects") + CONFIG)
    await until(lambda: tasks(registry) == 1)
    gate.open()
    assert json.loads((await client.reply()).body)["subject"] == "a"
    assert json.loads((await client.reply()).body) == ["a"]
    assert level_in(await client.reply()) == "BACKWARD"


async def test_word_for_a_request_that_was_let_go_is_not_taken_for_another_s(registry, client, store):
    """The store was asked before the other came, and before the commit that the other must see."""
    gate, look = Gate(), store.look

    async def answered_late(known):
        store.look = look
        seen = await look(known)
        await gate.pass_through()
        return seen

    registry.app.instance._tail.cancel()  # or it would be the one who asks
    store.embedded, store.look = True, answered_late
    await store.append(commit(2, Put(config("b"))))
    await client.send(CONFIG)
    await gate.reached()
    await registry.app.instance.follower.sync()
    await client.send(LATEST)
    assert level_in(await client.reply()) == "BACKWARD"
    assert (await client.reply()).status == 200
    await store.append(commit(3, Put(config("a", CompatibilityLevel.FULL))))
    await client.send(CONFIG)
    await until(lambda: tasks(registry) == 1)
    gate.open()
    assert level_in(await client.reply()) == "FULL"


async def test_a_client_that_has_said_all_still_gets_its_reply(registry, client, store):
    gate = await hold(client, store)
    client.end()
    await until(lambda: tasks(registry) == 1)
    gate.open()
    assert (await client.reply()).status == 200
    assert await client.rest() == b""


async def test_it_is_answered_before_the_end(registry, client, store):
    gate = await hold(client, store)
    registry.serving.server.stop()
    gate.open()
    reply = await client.reply()
    assert (reply.status, reply.headers["connection"]) == (200, "close")
    assert await client.rest() == b""


async def test_a_client_that_goes_away_does_no_harm(registry, client, store):
    gate = await hold(client, store)
    open_ = registry.serving.service.connections
    before = len(open_)
    client.close()
    await until(lambda: len(open_) == before - 1)
    other = await registry.connect()
    await other.send(LATEST)
    gate.open()
    assert (await other.reply()).status == 200


async def test_while_the_store_is_down_replies_say_that_they_may_be_stale(registry, client, store):
    """And nothing is held, for nobody would ask; when it is back all is as before."""
    store.next("head", DOWN)
    first = await client.ask(LATEST)
    again = await client.ask(LATEST)
    assert [reply.headers.get("warning", "")[:3] for reply in (first, again)] == ["110", "110"]
    assert first.status == again.status == 200
    registry.app.instance.freshness.look_again()
    await until(lambda: not registry.app.instance.freshness.stale)
    assert "warning" not in (await client.ask(LATEST)).headers


async def test_an_answer_that_does_not_come_is_503(caplog):
    """And when it comes after all it is neither sent nor counted."""
    store = ScriptedStore()
    async with served(serving_with(write_timeout_s=0.05), store) as registry:
        client = await registry.connect()
        await client.ask(register("a", "A"), "POST")
        await client.ask(CONFIG)
        gate = await hold(client, store, CONFIG)
        assert tasks(registry) == 0
        reply = await client.reply()
        assert reply.status == 503
        gate.open()
        await until(lambda: registry.app.instance.freshness._checking is None)
        assert await client.rest() == b""
        page = registry.app.recorder.render().body.decode()
    assert 'route="config.get",status="200"} 1.0' in page
    assert "could not go on" not in caplog.text


async def test_a_request_with_headers_of_its_own_is_not_decided_again(registry, client, store, monkeypatch):
    """Its bytes are not known, but its reply is."""
    gate = await hold(client, store, head("GET", "/subjects/a/versions/latest", "traceparent: 00-1"))
    assert tasks(registry) == 1
    monkeypatch.setitem(QUERIES, "version.get", None)
    gate.open()
    assert (await client.reply()).status == 200
