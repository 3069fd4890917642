"""Connections over real sockets: order, keeping open and closing, the fast lane, limits of time."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from contextlib import asynccontextmanager

import msgspec
import pytest

from registan.settings.tree import Settings
from registan.store.memory import MemoryStore
from registan.testing.socket_kit import head, served, until, whole

V1 = "Content-Type: application/vnd.schemaregistry.v1+json"


def settings(**server) -> Settings:
    made = Settings()
    return msgspec.structs.replace(made, server=msgspec.structs.replace(made.server, **server))


def register(subject: str, name: str, *headers: str) -> bytes:
    body = json.dumps({"schema": json.dumps({"type": "record", "name": name, "fields": []})}).encode()
    return whole("POST", f"/subjects/{subject}/versions", body, V1, *headers)


class SlowStore(MemoryStore):
    """Appends only once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()
        self.asked = asyncio.Event()

    async def append(self, commit) -> None:
        self.asked.set()
        await self.may.wait()
        await super().append(commit)


@pytest.fixture
async def registry():
    async with served() as made:
        yield made


@pytest.fixture
async def client(registry):
    made = await registry.connect()
    yield made
    made.close()


@asynccontextmanager
async def slow(**server):
    """A registry whose store waits, and a connection to it."""
    store = SlowStore()
    async with served(settings(**server), store) as registry:
        client = await registry.connect()
        try:
            yield registry, store, client
        finally:
            store.may.set()
            client.close()


UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


# what a reply carries


async def test_every_reply_has_date_id_and_length(client):
    for path, status in (("/subjects", 200), ("/nothing", 404), ("/schemas/ids/7", 404)):
        reply = await client.ask(head("GET", path))
        assert reply.status == status
        assert {"date", "x-request-id", "content-length", "vary"} <= set(reply.headers)
        assert UUID4.fullmatch(reply.headers["x-request-id"])
        assert not {"server", "transfer-encoding", "connection"} & set(reply.headers)
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", reply.headers["date"])


async def test_names_of_headers_are_spelled_as_recorded(client):
    await client.ask(register("a", "A"), "POST")
    reply = await client.ask(head("GET", "/schemas/ids/1", "Accept-Encoding: gzip"))
    assert set(reply.names) == {
        "Date",
        "X-Request-ID",
        "Content-Encoding",
        "Content-Type",
        "Vary",
        "Content-Length",
    }


async def test_ids_are_never_given_twice(client):
    ids = {(await client.ask(head("GET", "/subjects"))).headers["x-request-id"] for _ in range(20)}
    assert len(ids) == 20


async def test_the_client_s_own_id_is_repeated_whether_or_not_the_reply_is_known(client):
    for number in (1, 2, 2, 3):
        reply = await client.ask(head("GET", "/subjects", f"X-Request-ID: n-{number}"))
        assert reply.headers["x-request-id"] == f"n-{number}"


async def test_pages_have_no_id(client):
    reply = await client.ask(head("GET", "//subjects"))
    assert reply.status == 400
    assert "x-request-id" not in reply.headers
    assert reply.headers["cache-control"] == "must-revalidate,no-cache,no-store"


@pytest.mark.parametrize("target", ["/subjects", "/schemas/ids/1", "/schemas/ids/9", "/nothing"])
async def test_head_is_get_without_the_body_and_without_vary(client, target):
    await client.ask(register("a", "A"), "POST")
    for _ in range(2):
        got = await client.ask(head("GET", target))
        told = await client.ask(head("HEAD", target), "HEAD")
        assert told.status == got.status
        assert told.headers["content-length"] == str(len(got.body))
        assert told.headers.get("content-type") == got.headers.get("content-type")
        assert "vary" not in told.headers


async def test_only_get_and_post_vary(client):
    assert "vary" in (await client.ask(register("a", "A"), "POST")).headers
    for method in ("PUT", "DELETE", "OPTIONS", "PATCH"):
        assert "vary" not in (await client.ask(head(method, "/subjects"), method)).headers


# gzip


async def test_replies_are_gzipped_for_who_names_it(client):
    await client.ask(register("a", "A"), "POST")
    plain = await client.ask(head("GET", "/schemas/ids/1"))
    for _ in range(3):
        reply = await client.ask(head("GET", "/schemas/ids/1", "Accept-Encoding: gzip"))
        assert reply.headers["content-encoding"] == "gzip"
        assert gzip.decompress(reply.body) == plain.body
    assert "content-encoding" not in (await client.ask(head("GET", "/schemas/ids/1"))).headers


async def test_errors_heads_and_small_bodies_are_not(client):
    await client.ask(register("a", "A"), "POST")
    accept = "Accept-Encoding: gzip"
    for method, target in (("GET", "/schemas/ids/9"), ("HEAD", "/schemas/ids/1"), ("GET", "/subjects")):
        reply = await client.ask(head(method, target, accept), method)
        assert "content-encoding" not in reply.headers


async def test_a_gzipped_request_is_understood(client):
    body = gzip.compress(json.dumps({"schema": '"int"'}).encode())
    request = whole("POST", "/subjects/a/versions", body, V1, "Content-Encoding: gzip")
    assert (await client.ask(request, "POST")).status == 200


# the fast lane


async def test_what_is_known_byte_by_byte_is_answered_like_anything_else(registry, client):
    await client.ask(register("a", "A"), "POST")
    request = head("GET", "/subjects/a/versions/latest", "Accept: application/json")
    first = await client.ask(request)
    assert request in registry.serving.service.known.replies
    second = await client.ask(request)
    assert (second.status, second.body, second.names) == (first.status, first.body, first.names)
    assert second.headers["content-type"] == "application/json"


async def test_a_write_is_seen_by_the_next_read(client):
    await client.ask(register("a", "A"), "POST")
    for number in range(1, 6):
        latest = await client.ask(head("GET", "/subjects/a/versions"))
        assert json.loads(latest.body) == list(range(1, number + 1))
        body = json.dumps({"schema": json.dumps({"type": "enum", "name": "E", "symbols": [f"S{number}"]})})
        config = whole("PUT", "/config/a", b'{"compatibility":"NONE"}', V1)
        assert (await client.ask(config, "PUT")).status == 200
        made = await client.ask(whole("POST", "/subjects/a/versions", body.encode(), V1), "POST")
        assert made.status == 200, made.body


async def test_a_known_request_counts(registry, client):
    for _ in range(3):
        await client.ask(head("GET", "/subjects"))
    page = registry.app.recorder.render().body.decode()
    assert 'schema_registry_requests_total{method="GET",route="subject.list",status="200"} 3.0' in page


async def test_a_request_with_an_id_of_its_own_is_not_remembered(registry, client):
    request = head("GET", "/subjects", "X-Request-ID: mine")
    await client.ask(request)
    assert request not in registry.serving.service.known.replies


async def test_known_requests_are_forgotten_when_there_are_too_many(registry):
    known = registry.serving.service.known
    client = await registry.connect()
    await client.ask(register("a", "A"), "POST")
    for number in range(50):
        await client.ask(head("GET", f"/subjects?x={number}"))
    assert len(known.replies) == 50
    known._bytes = known._bytes_max
    await client.ask(head("GET", "/subjects?x=last"))
    assert len(known.replies) == 1
    client.close()


# order


async def test_pipelined_requests_are_answered_in_order_whatever_they_take(client):
    requests = [
        register("a", "A"),
        head("GET", "/subjects"),
        register("b", "B"),
        head("HEAD", "/subjects"),
        head("GET", "/subjects"),
        head("GET", "//"),
        register("a", "A"),
        head("GET", "/subjects/b/versions"),
    ]
    for split in (1, 2, 3, 5, len(requests)):
        for start in range(0, len(requests), split):
            await client.send(b"".join(requests[start : start + split]))
        replies = [await client.reply("HEAD" if request[:4] == b"HEAD" else "GET") for request in requests]
        assert [reply.status for reply in replies] == [200, 200, 200, 200, 200, 400, 200, 200]
        assert json.loads(replies[4].body) == ["a", "b"]
        assert json.loads(replies[7].body) == [1]


async def test_a_read_behind_a_write_waits_for_it(client):
    await client.send(register("a", "A") + head("GET", "/subjects"))
    await client.reply("POST")
    assert json.loads((await client.reply()).body) == ["a"]


async def test_a_client_far_ahead_is_not_read_from_until_it_is_answered():
    async with slow() as (_, store, client):
        await client.send(register("a", "A") + head("GET", "/subjects") * 3)
        await store.asked.wait()
        store.may.set()
        replies = [await client.reply() for _ in range(4)]
        assert [reply.status for reply in replies] == [200] * 4


async def test_too_many_requests_ahead_are_answered_in_part_and_the_last_says_so():
    async with served(settings(max_pipelined=3)) as registry:
        client = await registry.connect()
        await client.send(head("GET", "/subjects") * 5)
        replies = [await client.reply() for _ in range(3)]
        assert [reply.headers.get("connection") for reply in replies] == [None, None, "close"]
        assert await client.rest() == b""


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


async def test_a_client_that_has_said_all_still_gets_its_answers():
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


async def test_a_write_goes_on_when_its_client_has_gone():
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
    start = head("POST", "/subjects/a/versions", V1, f"Content-Length: {limit + 1}")
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
    async with served(settings(read_timeout_s=0.05)) as registry:
        for start in (b"GET /subj", head("GET", "/")[:-2], register("a", "A")[:-3]):
            client = await registry.connect()
            await client.send(start)
            reply = await client.reply()
            assert (reply.status, json.loads(reply.body)["error_code"]) == (408, 408)
            assert await client.rest() == b""


async def test_a_request_that_trickles_in_is_not_given_more_time():
    async with served(settings(read_timeout_s=0.05)) as registry:
        client = await registry.connect()
        for byte in b"GET /subjects HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000:
            await client.send(bytes([byte]))
            if client._reader._buffer:
                break
            await asyncio.sleep(0.001)
        assert (await client.reply()).status == 408


async def test_an_idle_connection_is_closed_without_a_word():
    async with served(settings(idle_timeout_s=0.05)) as registry:
        client = await registry.connect()
        assert await client.rest() == b""
        client = await registry.connect()
        assert (await client.ask(head("GET", "/subjects"))).status == 200
        assert await client.rest() == b""


async def test_an_answer_that_does_not_come_is_503():
    async with slow(write_timeout_s=0.05) as (_, _, client):
        await client.send(register("a", "A"))
        reply = await client.reply("POST")
        assert reply.status == 503
        assert "retry-after" in reply.headers
        assert await client.rest() == b""


async def test_a_client_that_does_not_read_is_left():
    async with served(settings(write_timeout_s=0.05)) as registry:
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
    async with served(settings(max_connections=2)) as registry:
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


async def test_what_is_under_way_is_finished_before_the_end():
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
