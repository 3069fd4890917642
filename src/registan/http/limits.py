"""What one client may ask of the server; every figure comes from the settings."""

from __future__ import annotations

from typing import NamedTuple

from registan.settings.tree import Server


class Limits(NamedTuple):
    """Sizes in bytes, times in seconds."""

    target_bytes: int = 8 * 1024
    """The path and query of a request."""
    header_bytes: int = 1024 * 1024
    """All headers of a request."""
    body_bytes: int = 16 * 1024 * 1024
    """A body, as sent and after decompression."""
    pipelined: int = 1000
    """Requests of one connection that wait for the answer to an earlier one."""
    connections: int = 10_000
    read_timeout_s: float = 30.0
    """From the first byte of a request to the last."""
    write_timeout_s: float = 30.0
    """From the last byte of a request to the reply, and then without the client taking any of it."""
    idle_timeout_s: float = 120.0
    """Between requests."""


def limits_of(server: Server) -> Limits:
    """The limits that the settings ask for."""
    return Limits(
        target_bytes=server.max_target_bytes,
        header_bytes=server.max_header_bytes,
        body_bytes=server.max_body_bytes,
        pipelined=server.max_pipelined,
        connections=server.max_connections,
        read_timeout_s=server.read_timeout_s,
        write_timeout_s=server.write_timeout_s,
        idle_timeout_s=server.idle_timeout_s,
    )
