"""Listening: sockets, TLS, signals, and an end in which nothing acknowledged is lost.

uvicorn carries the life of the process; the connections are ours (`connection.py`). What never lives
here: an answer, a store.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn

from registan.http.connection import Connection
from registan.http.service import Service
from registan.settings.tree import Server as Listening

FILES_RESERVED = 256
"""File descriptors beside those of connections."""

_CLIENT_AUTH = {"none": ssl.CERT_NONE, "request": ssl.CERT_OPTIONAL, "require": ssl.CERT_REQUIRED}


class Server(uvicorn.Server):
    """One listener; `serve` ends when the process is told to stop, or by `stop`.

    `port` replaces the configured one. Without `signals` it leaves those of the process alone.
    Raises `OSError` or `ssl.SSLError` where certificates cannot be read.
    """

    def __init__(
        self, service: Service, settings: Listening, port: int | None = None, *, signals: bool = True
    ) -> None:
        config = _config(service, settings, settings.port if port is None else port)
        config.load()
        if config.ssl is not None:
            config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
        super().__init__(config)
        service.connections = self.server_state.connections
        service.tasks = self.server_state.tasks
        self._delay_s = settings.shutdown_delay_s
        self._signals = signals
        self._told = asyncio.Event()
        self._when_listening: Callable[[], None] = lambda: None

    @property
    def stopping(self) -> bool:
        """Whether it has been told to stop."""
        return self.should_exit

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where it listens: host and port."""
        return [socket.getsockname()[:2] for server in self.servers for socket in server.sockets]

    @property
    def url(self) -> str:
        """Where it listens, for people."""
        host, port = self.addresses[0]
        return f"{'https' if self.config.is_ssl else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"

    def stop(self) -> None:
        """Serve no longer than what is under way needs. Call it on the loop."""
        self.should_exit = True
        self._told.set()

    def when_listening(self, call: Callable[[], None]) -> None:
        """Call this once clients can connect."""
        self._when_listening = call

    async def main_loop(self) -> None:
        """Wait until told to stop; then, no longer ready, go on until those who ask us have noticed."""
        self._when_listening()
        await self._told.wait()
        await asyncio.sleep(self._delay_s)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal: the first asks to stop, a second interrupt does not wait for anybody."""
        super().handle_exit(sig, frame)
        self._told.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Listen to signals, which end the process as an ordinary end: with exit code 0."""
        if not self._signals or threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        numbers = ending_signals()
        for number in numbers:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)


def ending_signals() -> frozenset[signal.Signals]:
    """Signals that ask this process to end well; a hang-up too, unless it is to outlive that (nohup)."""
    outlives = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    return frozenset({signal.SIGTERM, signal.SIGINT, *(() if outlives else (signal.SIGHUP,))})


def _config(service: Service, settings: Listening, port: int) -> uvicorn.Config:
    tls: dict[str, Any] = {}
    if settings.tls.enabled:
        tls = {
            "ssl_certfile": settings.tls.cert_file,
            "ssl_keyfile": settings.tls.key_file,
            "ssl_ca_certs": settings.tls.ca_file or None,
            "ssl_cert_reqs": _CLIENT_AUTH[settings.tls.client_auth],
        }

    def connection(**_: object) -> Connection:
        return Connection(service)

    return uvicorn.Config(
        _nothing_left,
        host=settings.host,
        port=port,
        http=connection,  # type: ignore[arg-type]
        ws="none",
        lifespan="off",
        interface="asgi3",
        proxy_headers=False,
        log_config=None,
        log_level="warning",
        access_log=False,
        backlog=settings.backlog,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,  # type: ignore[arg-type]
        **tls,
    )


async def _nothing_left(scope: object, receive: object, send: object) -> None:
    """The ASGI application that uvicorn asks for: every request is answered by its connection."""


def allow_connections(most: int) -> int:
    """Raise the limit of open files so far as the system lets us; the connections that fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most + FILES_RESERVED
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return most
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))
    return min(most, max(soft, allowed) - FILES_RESERVED)
