"""A registry on a socket of this process, and a client that sends exactly the bytes it is given.

What lives here: connecting, sending, reading replies apart. What never does: an expectation.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from registan.app import App, compose
from registan.serving import Serving
from registan.settings.tree import Settings
from registan.store.memory import MemoryStore
from registan.store.protocol import Store
from registan.testing.wire_kit import V1_JSON, Got, Send, Sent

WAIT_S = 60.0
"""How long a test waits for what should come at once."""


BUFFERED_BYTES = 64 * 1024 * 1024
"""The biggest reply that a client can read."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One reply."""

    status: int
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes
    names: list[str] = field(default_factory=list)
    """Names of headers as sent, in order."""


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def send(self, *chunks: bytes) -> None:
        """Send bytes as they are, each chunk by itself."""
        for chunk in chunks:
            self.writer.write(chunk)
            await self.writer.drain()
            await asyncio.sleep(0)

    async def reply(self, method: str = "GET") -> Answered:
        """The next reply; `method` tells whether a body follows its head."""
        head = await self._wait(self._reader.readuntil(b"\r\n\r\n"))
        first, *lines = head[:-4].decode("latin-1").split("\r\n")
        pairs = [tuple(line.split(": ", 1)) for line in lines]
        headers = {name.lower(): value for name, value in pairs}
        status = int(first.split(" ")[1])
        length = 0 if method == "HEAD" or status < 200 else int(headers.get("content-length", 0))
        body = await self._wait(self._reader.readexactly(length))
        return Answered(status, headers, body, [name for name, _ in pairs])

    async def ask(self, request: bytes, method: str = "GET") -> Answered:
        """Send one request and read its reply."""
        await self.send(request)
        return await self.reply(method)

    async def rest(self) -> bytes:
        """Everything until the other side closes."""
        try:
            return await self._wait(self._reader.read())
        except ConnectionError:
            return b""

    def end(self) -> None:
        """Send nothing more, but go on reading."""
        self.writer.write_eof()

    def close(self) -> None:
        """Go away."""
        self.writer.close()

    async def _wait(self, reading: Awaitable[bytes]) -> bytes:
        async with asyncio.timeout(WAIT_S):
            return await reading


@dataclass(frozen=True, slots=True)
class Served:
    """A registry on a port of this host."""

    serving: Serving
    port: int
    tls: ssl.SSLContext | None = None
    clients: list[Client] = field(default_factory=list)
    """Connections made; they are closed in the end."""

    @property
    def app(self) -> App:
        """What is served."""
        return self.serving.app

    async def connect(self) -> Client:
        """A new connection."""
        streams = await asyncio.open_connection("127.0.0.1", self.port, ssl=self.tls, limit=BUFFERED_BYTES)
        client = Client(*streams)
        self.clients.append(client)
        return client

    async def ask(self, request: bytes, method: str = "GET") -> Answered:
        """Send one request on a connection of its own."""
        client = await self.connect()
        try:
            return await client.ask(request, method)
        finally:
            client.close()


@asynccontextmanager
async def served(
    settings: Settings | None = None, store: Store | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Served]:
    """A registry on any free port of this host, for as long as the block lasts."""
    serving = Serving(compose(settings or Settings(), store or MemoryStore()), 0, guest=True)
    running = asyncio.create_task(serving.run())
    listening = asyncio.create_task(serving.listening.wait())
    await asyncio.wait([running, listening], return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        listening.cancel()
        running.result()
    registry = Served(serving, serving.server.addresses[0][1], tls)
    try:
        yield registry
    finally:
        for client in registry.clients:
            client.close()
        serving.server.stop()
        await running


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until something holds that nobody announces."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


def head(method: str, target: str, *headers: str, version: str = "1.1") -> bytes:
    """A request without a body."""
    lines = [f"{method} {target} HTTP/{version}", "Host: registry.test", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def whole(method: str, target: str, body: bytes, *headers: str) -> bytes:
    """A request with a body."""
    return head(method, target, f"Content-Length: {len(body)}", *headers) + body


def register_request(subject: str, name: str, *headers: str) -> bytes:
    """A registration of an Avro record with this name and no fields."""
    schema = {"type": "record", "name": name, "fields": []}
    body = json.dumps({"schema": json.dumps(schema)}).encode()
    return whole("POST", f"/subjects/{subject}/versions", body, f"Content-Type: {V1_JSON}", *headers)


def serving_with(**server: object) -> Settings:
    """Settings that differ from the defaults in how the service listens."""
    made = Settings()
    return msgspec.structs.replace(made, server=msgspec.structs.replace(made.server, **server))


def over_socket(registry: Served) -> Send:
    """Send the steps of a recording over a socket, one connection each."""

    async def send(sent: Sent) -> Got:
        headers = [f"{name}: {value}" for name, value in sent.headers.items()]
        if sent.body or sent.method in ("POST", "PUT", "PATCH"):
            headers.append(f"Content-Length: {len(sent.body)}")
        lines = [f"{sent.method} {sent.path} HTTP/1.1", "Host: 127.0.0.1:38081", *headers, "", ""]
        answered = await registry.ask("\r\n".join(lines).encode() + sent.body, sent.method)
        body = answered.body
        if answered.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        return Got(answered.status, answered.headers, body)

    return send
