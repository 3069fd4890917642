"""Requests as bytes, and a client that is just good enough to fill a server and look at an answer.

Why not a library: the same bytes must go to every server, from here and from the load generator.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

JSON = "application/vnd.schemaregistry.v1+json"


class Ask(NamedTuple):
    """A request as a row states it; the path is below the server's base."""

    method: str
    path: str
    body: str = ""


class Address(NamedTuple):
    """Where a server is."""

    host: str
    port: int
    base: str = ""
    """What stands before every path, as `/apis/ccompat/v7`."""

    @property
    def url(self) -> str:
        """For a person, and for the load generator."""
        return f"http://{self.host}:{self.port}{self.base}"


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes


def address(url: str) -> Address:
    """Read `http://host:port/base`. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        raise ValueError(f"{url!r}: give http://host:port, with a path where the registry has one")
    return Address(parts.hostname, parts.port or 80, parts.path.rstrip("/"))


def wire_bytes(ask: Ask, to: Address) -> bytes:
    """The request as it goes over the wire."""
    head = f"{ask.method} {to.base}{ask.path} HTTP/1.1\r\nHost: {to.host}:{to.port}\r\nAccept: {JSON}\r\n"
    if ask.method != "GET":
        head += f"Content-Type: {JSON}\r\nContent-Length: {len(ask.body.encode())}\r\n"
    return f"{head}\r\n{ask.body}".encode()


def write_load(asks: Sequence[Ask], to: Address, file: Path) -> None:
    """Write requests as `load.lua` reads them."""
    with file.open("wb") as out:
        for ask in asks:
            data = wire_bytes(ask, to)
            out.write(b"%d\n" % len(data) + data)


class Connection:
    """One connection, kept alive, one request at a time."""

    def __init__(self, to: Address) -> None:
        self._to = to
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, ask: Ask) -> Answer:
        """Ask and wait for the answer. Raises OSError, EOFError."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                self._to.host, self._to.port, limit=2**20
            )
        self._writer.write(wire_bytes(ask, self._to))
        head = (await self._reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        headers = dict(line.lower().split(b":", 1) for line in head[1:] if line)
        if b"chunked" in headers.get(b"transfer-encoding", b""):
            body = await _chunks(self._reader)
        else:
            body = await self._reader.readexactly(int(headers.get(b"content-length", b"0")))
        if b"close" in headers.get(b"connection", b""):
            self.close()
        return Answer(int(head[0].split()[1]), body)

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return body


async def send_all(asks: Sequence[Ask], to: Address, connections: int = 16) -> list[Answer]:
    """Send all requests, several at a time; the answers in their order."""
    answers: list[Answer | None] = [None] * len(asks)
    left = iter(range(len(asks)))

    async def work() -> None:
        connection = Connection(to)
        try:
            for i in left:
                answers[i] = await connection.send(asks[i])
        finally:
            connection.close()

    await asyncio.gather(*(work() for _ in range(min(connections, len(asks)))))
    return [answer for answer in answers if answer is not None]
