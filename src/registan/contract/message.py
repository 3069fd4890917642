"""A request and a response as values; everything between the socket and the core speaks these."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Headers = list[tuple[bytes, bytes]]
"""Names are lower case, in the order received."""


@dataclass(slots=True)
class Request:
    """One request, whole. Not frozen only because freezing costs time on every request."""

    method: str
    path: bytes
    """The path as sent, still percent-encoded, without the query."""
    query: bytes
    """The query as sent, without the question mark."""
    headers: Headers
    body: bytes
    peer: str = ""
    """The client's address, for logs and limits."""
    request_id: str = ""
    certificate: object = None
    """The client's certificate as `ssl` tells it, with mutual TLS."""


@dataclass(slots=True)
class Response:
    """One response. `headers` holds what the answer itself needs; the server adds date and length."""

    status: int
    body: bytes = b""
    content_type: bytes | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()


Answer = Callable[[Request], Awaitable[Response]]
"""The one road: never raises, whatever the request."""
