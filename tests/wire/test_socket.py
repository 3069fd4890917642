"""What only a socket shows: recordings with the limits of the recorded server, and malformed requests."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from registan.testing.socket_kit import Client, head, over_socket, served, serving_with, until, whole
from registan.testing.wire_kit import load, play

RECORDINGS = Path(__file__).parent.parent / "golden" / "wire"
V1 = "Content-Type: application/vnd.schemaregistry.v1+json"
MIB = 1024 * 1024


async def test_the_recorded_transport_errors_agree_with_the_recorded_server_s_limits():
    """Its headers end at 8 KiB; ours may be larger (tokens are), which is a setting."""
    async with served(serving_with(max_header_bytes=8 * 1024)) as registry:
        found = await play(load(RECORDINGS / "http-errors.json"), over_socket(registry))
    assert not found, "\n".join(map(str, found))


def register(body: bytes, *headers: str) -> bytes:
    return whole("POST", "/subjects/a/versions", body, V1, *headers)


def schema(text: str) -> bytes:
    return json.dumps({"schema": text}).encode()


DEEP = 100_000

BODIES = {
    "empty": (b"", 422),
    "blank": (b" \n ", 422),
    "null": (b"null", 422),
    "truncated": (b'{"schema":"\\"int\\""', 400),
    "truncated in a string": (b'{"schema":"\\"in', 400),
    "invalid UTF-8": (b'{"schema":"\xff\xfe"}', 400),
    "half a character": (b'{"schema":"\xe2\x82"}', 400),
    "no JSON": (b"schema=int", 400),
    "a comment": (b'/**/{"schema":"\\"int\\""}', 400),
    "NaN": (b"NaN", 400),
    "an array": (b"[]", 400),
    "a number": (b"5", 400),
    "a text": (b'"x"', 400),
    "the schema is an object": (b'{"schema":{"type":"int"}}', 400),
    "references are no list": (b'{"schema":"\\"int\\"","references":7}', 400),
    "a version out of range": (b'{"schema":"\\"int\\"","version":99999999999}', 400),
    "two values": (b'{"schema":"\\"int\\""} {}', 400),
    "binary": (bytes(range(256)), 400),
    "a NUL": (b"\x00", 400),
    "deep arrays": (b'{"schema":' + b"[" * DEEP + b"]" * DEEP + b"}", 400),
    "deep objects": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, 400),
    "a deep schema": (schema('{"type":"array","items":' * DEEP + '"int"' + "}" * DEEP), 422),
    "deep unclosed": (b"[" * DEEP, 400),
    "a schema of NaN": (schema("NaN"), 422),
    "a schema that is no JSON": (schema("record"), 422),
    "a long schema that is none": (schema("x" * 10 * MIB), 422),
    "10 MiB of blanks": (b" " * 10 * MIB, 422),
    "10 MiB of digits": (b"1" * 10 * MIB, 400),
    "10 MiB in one name": (b'{"' + b"n" * 10 * MIB + b'":1}', 422),
    "too much": (b" " * (16 * MIB + 1), 413),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_bad_body_is_refused_in_the_wire_s_shape_and_the_next_is_taken(name, caplog):
    body, status = BODIES[name]
    async with served() as registry:
        client = await registry.connect()
        reply = await client.ask(register(body), "POST")
        assert reply.status == status, reply.body[:500]
        told = json.loads(reply.body)
        assert list(told) == ["error_code", "message"]
        assert str(told["error_code"]).startswith(str(status))
        assert (await registry.ask(register(schema('"int"')), "POST")).status == 200
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("status", [200, 413])
async def test_a_big_body_in_chunks(status):
    text = json.dumps({"type": "enum", "name": "E", "symbols": [f"S{n}" for n in range(1000)]})
    body = schema(text).ljust(1 * MIB if status == 200 else 17 * MIB)
    chunks = [body[start : start + 60_000] for start in range(0, len(body), 60_000)]
    async with served() as registry:
        client = await registry.connect()
        await client.send(head("POST", "/subjects/a/versions", V1, "Transfer-Encoding: chunked"))

        async def send() -> None:
            for chunk in chunks:
                await client.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            await client.send(b"0\r\n\r\n")

        sending = asyncio.create_task(send())
        reply = await client.reply("POST")
        assert reply.status == status, reply.body
        sending.cancel()
        await asyncio.wait([sending])


async def test_headers_of_a_mebibyte():
    """Just below the limit they are read, above it refused; the server goes on either way."""
    async with served() as registry:
        fits = head("GET", "/subjects", "Authorization: Bearer " + "t" * (MIB - 1000))
        assert (await registry.ask(fits)).status == 200
        client = await registry.connect()
        sending = asyncio.create_task(client.send(head("GET", "/subjects", "X: " + "h" * 4 * MIB)))
        reply = await client.reply()
        assert (reply.status, reply.headers["content-type"]) == (431, "text/html;charset=iso-8859-1")
        sending.cancel()
        await asyncio.wait([sending])
        assert (await registry.ask(head("GET", "/subjects"))).status == 200


@pytest.mark.parametrize("method", ["FOO", "get", "PATCH", "TRACE", "PROPFIND", "LINK", "DELETE"])
async def test_methods_that_a_path_has_not(method):
    async with served() as registry:
        client = await registry.connect()
        known = await client.ask(head(method, "/subjects"), method)
        assert (known.status, json.loads(known.body)["error_code"]) == (405, 405)
        unknown = await client.ask(head(method, "/nothing"), method)
        assert (unknown.status, json.loads(unknown.body)["error_code"]) == (404, 404)


async def test_a_thousand_clients_that_vanish_leave_nothing_behind():
    async def vanish(number: int) -> None:
        client: Client = await registry.connect()
        sent = (register(schema('"int"')), head("GET", "/subjects"), b"GET /sub", b"\x00\xff", b"")
        client.writer.write(sent[number % 5])
        client.writer.transport.abort()

    async with served() as registry:
        for start in range(0, 1000, 100):
            await asyncio.gather(*(vanish(number) for number in range(start, start + 100)))
        service = registry.serving.service
        await until(lambda: not service.connections and not service.tasks)
        assert (await registry.ask(head("GET", "/subjects"))).status == 200
