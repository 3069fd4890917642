"""From a request to a reply: route, decode, dispatch, encode. No rule of the registry, no socket.

The order of the checks is the wire's (docs/wire.md, transport). Replies that nothing but a commit can
change are kept, ready to be sent, until one that touches them.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from time import perf_counter
from types import MappingProxyType
from typing import Any

from registan.contract.errors import error_response
from registan.contract.json_text import encode
from registan.contract.media import V1_JSON, check_content_type, response_type
from registan.contract.message import Request, Response
from registan.contract.route import NoContent, RawJson, RawText, Route
from registan.contract.target import parse_query, split_path
from registan.contract.wire_level import NEWEST, code_at, reply_at
from registan.dispatch import Call, Dispatch, Outcome
from registan.http.kept import Kept
from registan.http.pages import Page, Pages
from registan.http.rejections import bad_media
from registan.http.reply import Reply
from registan.http.router import Match, Router
from registan.model.fault import Fault, Refusal
from registan.runtime.freshness import Told

log = logging.getLogger(__name__)

WARNING = (b"Warning", b'110 - "Response is Stale"')
RETRY = (b"Retry-After", b"1")

KEPT_REQUEST_BYTES_MAX = 65_536
"""Larger requests are not worth keeping."""

KEPT_BYTES = 1300
"""What it takes to keep a reply, without the bodies of request and response."""

Begun = Reply | Coroutine[Any, Any, Reply]
"""A reply, or what to await for it."""


class Answers:
    """`Answer` for one instance: never raises, whatever the request."""

    def __init__(
        self,
        router: Router,
        dispatch: Dispatch,
        kept_bytes_max: int = 16 * 1024 * 1024,
        pages: Pages = MappingProxyType({}),
        level: int = NEWEST,
    ) -> None:
        self._router = router
        self._pages = pages
        self._level = level
        self._dispatch = dispatch
        self._kept = Kept(kept_bytes_max)
        self.touch = self._kept.touch
        """To be told what each commit touched."""

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        started = perf_counter()
        begun = self.begin(request)
        reply = begun if type(begun) is Reply else await begun  # type: ignore[misc]
        reply.measure(reply.response.status, perf_counter() - started)
        return reply.response

    def begin(self, request: Request) -> Begun:
        """Answer one request on the spot where nothing must be waited for; otherwise await the rest.

        Never raises, and neither does the rest. Whoever sends the reply lets it `measure` itself.
        """
        accept, content_type = _media_headers(request)
        key = (request.method, request.path, request.query, accept, content_type, request.body)
        kept = self._kept.get(key)
        if kept is not None:
            if self.still(kept):
                return kept
            return self._checked(request, kept, key)
        return self._answered(request, key)

    async def _checked(self, request: Request, kept: Reply, key: tuple[Any, ...]) -> Reply:
        """A kept reply where the store says that nothing has happened; otherwise answer anew."""
        with suppress(Refusal):  # of which hears as well who answers anew
            if await self._dispatch.fresh() and kept.kept:
                return kept
        begun = self._answered(request, key)
        return begun if type(begun) is Reply else await begun  # type: ignore[misc]

    def _answered(self, request: Request, key: tuple[Any, ...]) -> Begun:
        try:
            match = self._router.match(split_path(request.path))
            return self._matched(request, match, key)
        except Refusal as refusal:
            # Only what is no route can be a page: the routes' way stays short.
            page = self._pages.get(request.path)
            return self.unmatched(request, _untyped(refusal)) if page is None else self._page(request, page)
        except Exception as error:  # noqa: BLE001  (a defect: told in the log, not to the client)
            return self._failed(request, error)

    def still(self, kept: Reply) -> bool:
        """Whether a kept reply is still the reply, without waiting."""
        assert kept.route is not None
        return kept.kept and self._dispatch.still(kept.route)

    def holds(self, kept: Reply) -> bool:
        """Whether a kept reply is still the reply, the store having been asked since the request came."""
        return kept.kept and not self._dispatch.stale

    def ask(self, told: Told) -> bool:
        """Have the store asked, so that `holds` can be; False, and nothing is told, where that is no use."""
        return self._dispatch.ask(told)

    def _matched(self, request: Request, match: Match, key: tuple[Any, ...]) -> Begun:
        method = "GET" if request.method == "HEAD" else request.method
        if method == "OPTIONS":
            return self.unmatched(request, _options(match))
        operation = match.operations.get(method)
        if operation is None:
            return self.unmatched(request, _untyped(Refusal(Fault.METHOD_NOT_ALLOWED)))
        *_, accept, content_type, _ = key
        try:
            check_content_type(content_type)
            media = response_type(accept)
        except Refusal as refusal:
            return self._reply(request, operation.route, _bad_media(request.method, accept, refusal))
        try:
            query = parse_query(request.query)
            args = operation.decoder.arguments(match.arguments, query, request.body, match.context)
        except Refusal as refusal:
            return self._reply(request, operation.route, _refused(refusal, media))
        call = Call(operation.route, args)
        begun = self._dispatch.begin(call)
        if type(begun) is Outcome:
            return self._told(request, call, begun, media, key)
        return self._later(request, call, begun, media, key)  # type: ignore[arg-type]

    async def _later(
        self,
        request: Request,
        call: Call,
        begun: Awaitable[Outcome],
        media: bytes,
        key: tuple[Any, ...],
    ) -> Reply:
        try:
            return self._told(request, call, await begun, media, key)
        except Exception as error:  # noqa: BLE001  (a defect)
            return self._failed(request, error)

    def _told(
        self, request: Request, call: Call, outcome: Outcome, media: bytes, key: tuple[Any, ...]
    ) -> Reply:
        """The reply for an outcome, kept if it may be."""
        reply = self._reply(request, call.route, _response(call.route, outcome, media, self._level))
        reply.principal = outcome.principal.name
        dispatch = self._dispatch
        if outcome.seq and outcome.seq == dispatch.seq and len(request.body) <= KEPT_REQUEST_BYTES_MAX:
            size = len(request.body) + len(reply.response.body) + KEPT_BYTES
            self._kept.put(key, reply, size, dispatch.hangs_on(call))
        return reply

    def _reply(self, request: Request, route: Route, response: Response) -> Reply:
        return Reply(response, request.method, route, self._dispatch.measure(route))

    def unmatched(self, request: Request, response: Response) -> Reply:
        """The reply to a request that no route answers."""
        return Reply(response, request.method, None, self._dispatch.measure_unmatched(request.method))

    def _page(self, request: Request, page: Page) -> Begun:
        if request.method not in ("GET", "HEAD"):
            return self.unmatched(request, _untyped(Refusal(Fault.METHOD_NOT_ALLOWED)))
        try:
            response = page(request)
        except Exception as error:  # noqa: BLE001  (a defect)
            return self._failed(request, error)
        if isinstance(response, Response):
            return self.unmatched(request, response)
        return self._page_later(request, response)

    async def _page_later(self, request: Request, response: Awaitable[Response]) -> Reply:
        try:
            return self.unmatched(request, await response)
        except Exception as error:  # noqa: BLE001  (a defect)
            return self._failed(request, error)

    def _failed(self, request: Request, error: Exception) -> Reply:
        extra = {"request_id": request.request_id}
        log.error("%s %s failed", request.method, ascii(request.path), exc_info=error, extra=extra)
        return self.unmatched(request, error_response(Fault.INTERNAL))


def _media_headers(request: Request) -> tuple[bytes | None, bytes | None]:
    """Accept and Content-Type; of several lines all, joined."""
    accept = content_type = None
    for name, value in request.headers:
        if name == b"accept":
            accept = value if accept is None else accept + b", " + value
        elif name == b"content-type":
            content_type = value if content_type is None else content_type + b", " + value
    return accept, content_type


_ALLOW_ORDER = ("HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT")


def _options(match: Match) -> Response:
    methods = {*match.operations, "OPTIONS"}
    if "GET" in methods:
        methods.add("HEAD")
    allowed = [method for method in _ALLOW_ORDER if method in methods]
    header = (b"Allow", ",".join(allowed).encode())
    return Response(200, ", ".join(allowed).encode(), b"text/plain", (header,))


def _bad_media(method: str, accept: bytes | None, refusal: Refusal) -> Response:
    if refusal.fault is Fault.BAD_REQUEST:
        return bad_media(method, accept)
    return _untyped(refusal) if refusal.fault is Fault.NOT_ACCEPTABLE else _refused(refusal, V1_JSON)


def _untyped(refusal: Refusal) -> Response:
    """Refused before a type was agreed on: the answer does not say what it is (docs/wire.md, answers)."""
    response = _refused(refusal, V1_JSON)
    response.content_type = None
    return response


def _refused(refusal: Refusal, media: bytes, level: int = NEWEST) -> Response:
    headers = (RETRY,) if refusal.fault.status == 503 else ()
    return error_response(refusal, media, headers, code_at(level, refusal.fault))


def _response(route: Route, outcome: Outcome, media: bytes, level: int) -> Response:
    headers = (WARNING,) if outcome.stale else ()
    if outcome.refusal is not None:
        refused = _refused(outcome.refusal, media, level)
        if outcome.refusal.fault is Fault.NOT_FOUND:  # by an alias that made a path of no route
            refused.content_type = None
        refused.headers += headers
        return refused
    reply = reply_at(level, outcome.reply)
    if isinstance(reply, NoContent):
        return Response(204, b"", None, headers)
    if isinstance(reply, RawJson):
        return Response(route.status, reply.body, media, headers)
    if isinstance(reply, RawText):
        return Response(route.status, reply.text.encode("utf-8", "replace"), media, headers)
    return Response(route.status, encode(reply), media, headers)
