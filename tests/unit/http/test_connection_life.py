"""How connections over real sockets begin, wait and end: closing, limits of time and number."""

from __future__ import annotations

import asyncio
import json

import pytest

from registan.testing.socket_kit import head, served, serving_with, until
from registan.testing.socket_kit import register_request as register
from registan.testing.wire_kit import V1_JSON

# open and closed


async def test_a_connection_stays_open(client):
    for _ in range(5):
        assert (await client.ask(head("GET", "/subjects"))).status == 200


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (head("GET", "/subjects", "Connection: close"), "close"),
        (head("GET", "/subjects", version="1.0"), "close"),
        (b"GET /subjects HTTP/1.1\r\n\r\n", "close"),
        (b"no http at all\r\n\r\n", "close"),
    ],
)
async def test_who_wants_no_more_is_told_and_closed(client, request_, said):
    reply = await client.ask(request_)
    assert reply.headers["connection"] == said
    assert await client.rest() == b""


async def test_an_old_client_may_stay(client):
    for _ in range(3):
        reply = await client.ask(head("GET", "/subjects", "Connection: keep-alive", version="1.0"))
        assert (reply.status, reply.headers["connection"]) == (200, "keep-alive")


async def test_a_client_that_has_said_all_still_gets_its_answers(slow):
    async with slow() as (_, store, client):
        await client.send(register("a", "A") + head("GET", "/subjects"))
        client.end()
        await store.asked.wait()
        store.may.set()
        assert (await client.reply("POST")).status == 200
        assert json.loads((await client.reply()).body) == ["a"]
        assert await client.rest() == b""


@pytest.mark.parametrize("sent", [b"GET /subj", head("GET", "/subjects")[:-2], register("a", "A")[:-5]])
async def test_what_breaks_off_is_answered_with_400(client, sent):
    await client.send(sent)
    client.end()
    assert (await client.reply()).status == 400
    assert await client.rest() == b""


async def test_a_write_goes_on_when_its_client_has_gone(slow):
    async with slow() as (registry, store, client):
        await client.send(register("gone", "A"))
        await store.asked.wait()
        client.close()
        await client.writer.wait_closed()
        store.may.set()
        await until(lambda: not registry.serving.service.tasks)
        assert json.loads((await registry.ask(head("GET", "/subjects"))).body) == ["gone"]


async def test_an_error_is_heard_by_a_client_that_is_still_sending(registry):
    """Closing at once would reset the connection and lose the answer."""
    client = await registry.connect()
    limit = registry.app.settings.server.max_body_bytes
    start = head("POST", "/subjects/a/versions", f"Content-Type: {V1_JSON}", f"Content-Length: {limit + 1}")
    await client.send(start)
    for _ in range(20):
        await client.send(b"x" * 100_000)
    reply = await client.reply("POST")
    assert reply.status == 413
    assert json.loads(reply.body)["message"] == f"Request body is too large: {limit + 1}>{limit}"
    assert await client.rest() == b""


async def test_leave_to_send_the_body_is_given_once_and_in_order(client):
    post = register("a", "A", "Expect: 100-continue")
    cut = post.index(b"\r\n\r\n") + 4
    await client.send(head("GET", "/subjects") + post[:cut])
    assert json.loads((await client.reply()).body) == []
    assert (await client.reply()).status == 100
    await client.send(post[cut:])
    assert (await client.reply("POST")).status == 200
    assert (await client.ask(head("GET", "/subjects"))).status == 200


# time


async def test_a_request_that_never_completes_is_answered_with_408():
    async with served(serving_with(read_timeout_s=0.05)) as registry:
        for start in (b"GET /subj", head("GET", "/")[:-2], register("a", "A")[:-3]):
            client = await registry.connect()
            await client.send(start)
            reply = await client.reply()
            assert (reply.status, json.loads(reply.body)["error_code"]) == (408, 408)
            assert await client.rest() == b""


async def test_a_request_that_trickles_in_is_not_given_more_time():
    async with served(serving_with(read_timeout_s=0.05)) as registry:
        client = await registry.connect()
        for byte in b"GET /subjects HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000:
            await client.send(bytes([byte]))
            if client._reader._buffer:
                break
            await asyncio.sleep(0.001)
        assert (await client.reply()).status == 408


async def test_an_idle_connection_is_closed_without_a_word():
    async with served(serving_with(idle_timeout_s=0.5)) as registry:
        client = await registry.connect()
        assert await client.rest() == b""
        client = await registry.connect()
        assert (await client.ask(head("GET", "/subjects"))).status == 200
        assert await client.rest() == b""


async def test_an_answer_that_does_not_come_is_503(slow):
    async with slow(write_timeout_s=0.05) as (_, _, client):
        await client.send(register("a", "A"))
        reply = await client.reply("POST")
        assert reply.status == 503
        assert "retry-after" in reply.headers
        assert await client.rest() == b""


async def test_a_client_that_does_not_read_is_left():
    async with served(serving_with(write_timeout_s=0.5)) as registry:
        client = await registry.connect()
        await client.ask(register("a", "A" * 100_000), "POST")
        client.writer.transport.pause_reading()
        client._reader._limit = 1
        for _ in range(200):
            client.writer.write(head("GET", "/schemas/ids/1"))
        await until(lambda: not registry.serving.service.connections)
        client.close()


async def test_a_client_that_reads_slowly_gets_everything():
    async with served() as registry:
        client = await registry.connect()
        await client.ask(register("a", "A" * 200_000), "POST")
        await client.send(head("GET", "/schemas/ids/1") * 100)
        replies = [await client.reply() for _ in range(100)]
        assert {(reply.status, len(reply.body)) for reply in replies} == {(200, len(replies[0].body))}


# many


async def test_connections_above_the_limit_are_told():
    async with served(serving_with(max_connections=2)) as registry:
        clients = [await registry.connect() for _ in range(2)]
        for client in clients:
            assert (await client.ask(head("GET", "/subjects"))).status == 200
        over = await registry.connect()
        reply = await over.reply()
        assert (reply.status, reply.headers["connection"]) == (503, "close")
        assert await over.rest() == b""
        clients[0].close()
        await clients[0].writer.wait_closed()
        await until(lambda: len(registry.serving.service.connections) == 1)
        assert (await registry.ask(head("GET", "/subjects"))).status == 200
        clients[1].close()


async def test_many_connections_at_once(registry):
    clients = await asyncio.gather(*(registry.connect() for _ in range(300)))
    replies = await asyncio.gather(
        *(client.ask(register(f"s{n}", f"N{n}"), "POST") for n, client in enumerate(clients))
    )
    assert {reply.status for reply in replies} == {200}
    assert sorted(json.loads(reply.body)["id"] for reply in replies) == list(range(1, 301))
    for client in clients:
        client.close()


# the end


async def test_what_is_under_way_is_finished_before_the_end(slow):
    async with slow() as (registry, store, client):
        idle = await registry.connect()
        await idle.ask(head("GET", "/subjects"))
        await client.send(register("a", "A") + head("GET", "/subjects"))
        await store.asked.wait()
        registry.serving.server.stop()
        assert await idle.rest() == b""
        store.may.set()
        assert (await client.reply("POST")).status == 200
        last = await client.reply()
        assert (json.loads(last.body), last.headers["connection"]) == (["a"], "close")
        assert await client.rest() == b""


async def test_a_request_that_has_begun_to_arrive_may_arrive(registry):
    client = await registry.connect()
    request = register("a", "A")
    await client.ask(head("GET", "/subjects"))
    await client.send(request[:20])
    await until(lambda: any(c._reader.partial for c in registry.serving.service.connections))
    idle = await registry.connect()
    await idle.ask(head("GET", "/subjects"))
    registry.serving.server.stop()
    assert await idle.rest() == b""
    await client.send(request[20:])
    reply = await client.reply("POST")
    assert (reply.status, reply.headers["connection"]) == (200, "close")


async def test_a_defect_is_500_and_the_connection_goes_on(registry, monkeypatch, caplog):
    def broken(*_):
        raise ZeroDivisionError

    from registan.core.handlers import QUERIES

    monkeypatch.setitem(QUERIES, "subject.list", broken)
    client = await registry.connect()
    reply = await client.ask(head("GET", "/subjects"))
    assert (reply.status, json.loads(reply.body)["error_code"]) == (500, 500)
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivisionError" not in reply.body.decode()
    assert (await client.ask(head("GET", "/nothing"))).status == 404
    client.close()
