"""The life of a serving process: start the instance, listen, and stop so that nothing is lost.

What lives here: the order of things. What never does: how anything of it is done.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import sys
from typing import TYPE_CHECKING, NoReturn

import uvloop

from registan import __version__
from registan.http.answer import Answers
from registan.http.instance_pages import Figures, health, probes
from registan.http.limits import limits_of
from registan.http.pages import Page
from registan.http.router import Router
from registan.http.server import Server, allow_connections
from registan.http.service import Service
from registan.observe import metric_table as table
from registan.observe.access_log import LineWriter, open_access_log
from registan.store.protocol import TooNew, Unavailable
from registan.workers import listeners, reserve

if TYPE_CHECKING:
    from registan.app import App
    from registan.workers import Share

log = logging.getLogger("registan")

STORE_DOWN = "storage backend unavailable"
STOPPING = "the instance is stopping"

SWITCH_INTERVAL_S = 0.0005
"""A tenth of the interpreter's own: how long a thread that warms up a schema may keep the loop waiting."""


class CannotListenError(Exception):
    """An address is taken, or not ours; the text says which."""


class Serving:
    """One instance with its listeners.

    `port` replaces the configured one; 0 is any that is free. `guest` is for a process that does not
    live for this instance alone: its signals and its garbage collector are left alone. `share` is for one
    of several workers: what it has of the whole.
    """

    def __init__(
        self, app: App, port: int | None = None, *, guest: bool = False, share: Share | None = None
    ) -> None:
        self.app = app
        self._guest = guest
        self._share = share
        self.listening = asyncio.Event()
        """Set once clients can connect."""
        settings = app.settings
        self._lines = LineWriter()
        self._figures = Figures(app.recorder.render)
        limits = limits_of(settings.server)
        limits = limits._replace(connections=allow_connections(limits.connections))
        self.service = Service(
            app.answers,
            limits,
            known_bytes_max=settings.limits.cache.reply_bytes // 4,
            access=open_access_log(settings.logging, self._lines),
        )
        self.server = Server(self.service, settings.server, port, signals=not guest)
        pages = health(self.trouble)
        if settings.wire.probes:
            pages |= probes(self.trouble)
        app.pages.update(pages)
        self._beside: Server | None = None
        self._beside_port = 0
        if settings.metrics.enabled:
            figures: dict[bytes, Page] = {settings.metrics.path.encode(): self._figures}
            if settings.metrics.port is None:
                app.pages.update(figures)
            else:
                answers = Answers(Router(()), app.dispatch, 0, {**pages, **figures})
                beside = Service(answers, limits, known_bytes_max=0)
                # Each worker has figures of its own, and so a port of its own for them.
                self._beside_port = settings.metrics.port + (share.number - 1 if share else 0)
                self._beside = Server(beside, settings.server, signals=False)
        self._watch()

    def trouble(self) -> str:
        """Why the instance is not ready; empty where it is."""
        if self.server.stopping:
            return STOPPING
        if self.app.settings.reads.ready_when_store_down:
            return ""
        return STORE_DOWN if self.app.instance.trouble is not None else ""

    async def run(self) -> None:
        """Serve until told to stop; what was begun by then is finished.

        Raises `Unavailable` or `TooNew` where the store cannot be read at the start, and
        `CannotListenError`.
        """
        app = self.app
        if not self._guest:
            sys.setswitchinterval(SWITCH_INTERVAL_S)
        try:
            await app.instance.start(freeze=not self._guest)
            await self._listen()
        finally:
            await app.instance.stop(app.settings.server.shutdown_timeout_s)
            self._figures.close()
            self._lines.close()
        log.info("stopped")

    async def _listen(self) -> None:
        """Both listeners, the second no longer than the first."""
        beside = self._beside
        task = asyncio.create_task(beside.serve(self._figures_address())) if beside is not None else None
        self.server.when_listening(self._tell)
        if self._share is None:
            await self.server.serve()
        else:
            asyncio.get_running_loop().add_reader(self._share.lifeline, self._orphaned)
            await self.server.serve(listeners(self._share.addresses))
        if beside is not None and task is not None:
            beside.stop()
            await task

    def _figures_address(self) -> list[socket.socket]:
        """Where figures are served beside the registry, taken before any client can come."""
        host, port = self.app.settings.server.host, self._beside_port
        try:
            return list(reserve(host, port))
        except OSError as error:
            raise CannotListenError(f"metrics.port: {host}:{port}: {error}") from error

    def _orphaned(self) -> None:
        """The first process has gone, and nobody else would end this one."""
        assert self._share is not None
        asyncio.get_running_loop().remove_reader(self._share.lifeline)
        log.error("the process that started this worker is gone; it stops")
        self.server.stop()

    def _tell(self) -> None:
        self.listening.set()
        if self._share is not None:
            self._share.listening()
        app = self.app
        counts = app.instance.state.counts
        storage = app.settings.storage
        where = f" {storage.sqlite.path}" if storage.type == "sqlite" else ""
        log.info(
            "Registan %s listens on %s; storage %s%s with %d subjects, %d schemas, commit %d",
            __version__,
            self.server.url,
            storage.type,
            where,
            counts["subjects"],
            counts["schemas"],
            app.instance.state.seq,
        )

    def _watch(self) -> None:
        recorder, service = self.app.recorder, self.service
        recorder.watch(table.HTTP_CONNECTIONS, lambda: len(service.connections))
        recorder.watch(table.REQUESTS_IN_FLIGHT, lambda: len(service.tasks))
        recorder.watch(table.ACCESS_LOG_DROPPED, lambda: self._lines.dropped)


def run(app: App, share: Share | None = None) -> None:
    """Serve one instance for as long as the process lives. Exits with 1 where it cannot start."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(app, share))
    except (Unavailable, TooNew, CannotListenError) as error:
        _give_up(error)


async def _run(app: App, share: Share | None) -> None:
    try:
        serving = Serving(app, share=share)
    except (OSError, ssl.SSLError) as error:
        _give_up(f"server.tls: {error}")
    await serving.run()


def _give_up(why: object) -> NoReturn:
    log.error("cannot start: %s", why)
    raise SystemExit(1)
