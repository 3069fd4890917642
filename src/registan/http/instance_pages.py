"""Pages about the running instance: health and metrics. They need no credentials.

What never lives here: what is measured, and what makes an instance healthy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from registan.contract.json_text import encode
from registan.contract.media import PLAIN_JSON
from registan.contract.message import Request, Response
from registan.http.pages import Page

LIVE = b"/health/live"
READY = (b"/health/ready", b"/health/startup")


class Rendered(Protocol):
    """Figures as text."""

    @property
    def content_type(self) -> str:
        """The type of the text."""
        ...

    @property
    def body(self) -> bytes:
        """The text."""
        ...


def health(trouble: Callable[[], str]) -> dict[bytes, Page]:
    """The health pages; `trouble` tells why the instance is not ready, or nothing."""

    def live(_: Request) -> Response:
        return _json(200, {"status": "UP"})

    def ready(_: Request) -> Response:
        reason = trouble()
        return _json(503, {"status": "DOWN", "reason": reason}) if reason else _json(200, {"status": "UP"})

    return {LIVE: live, **dict.fromkeys(READY, ready)}


def _json(status: int, value: dict[str, str]) -> Response:
    return Response(status, encode(value), PLAIN_JSON, ((b"Cache-Control", b"no-store"),))


class Figures:
    """The page of metrics. It is written in a thread, one at a time; scrapes that meet share a page."""

    def __init__(self, render: Callable[[str], Rendered]) -> None:
        self._render = render
        self._thread = ThreadPoolExecutor(1, "registan-metrics")
        self._writing: dict[str, asyncio.Future[Rendered]] = {}

    async def __call__(self, request: Request) -> Response:
        """The figures, in the form that the client takes."""
        accept = next((value for name, value in request.headers if name == b"accept"), b"")
        form = "application/openmetrics-text" if b"application/openmetrics-text" in accept else ""
        writing = self._writing.get(form)
        if writing is None:
            loop = asyncio.get_running_loop()
            writing = loop.run_in_executor(self._thread, self._render, form)
            self._writing[form] = writing
            writing.add_done_callback(lambda _: self._writing.pop(form))
        page = await asyncio.shield(writing)
        return Response(200, page.body, page.content_type.encode())

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)
