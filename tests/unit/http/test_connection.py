"""What a connection answers over a real socket, and in which order; the fast lane."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from registan.testing.socket_kit import head, served, serving_with, whole
from registan.testing.socket_kit import register_request as register

V1 = "Content-Type: application/vnd.schemaregistry.v1+json"
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


async def test_a_client_far_ahead_is_not_read_from_until_it_is_answered(slow):
    async with slow() as (_, store, client):
        await client.send(register("a", "A") + head("GET", "/subjects") * 3)
        await store.asked.wait()
        store.may.set()
        replies = [await client.reply() for _ in range(4)]
        assert [reply.status for reply in replies] == [200] * 4


async def test_too_many_requests_ahead_are_answered_in_part_and_the_last_says_so():
    async with served(serving_with(max_pipelined=3)) as registry:
        client = await registry.connect()
        await client.send(head("GET", "/subjects") * 5)
        replies = [await client.reply() for _ in range(3)]
        assert [reply.headers.get("connection") for reply in replies] == [None, None, "close"]
        assert await client.rest() == b""
