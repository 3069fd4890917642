"""From a request to a response: route, decode, dispatch, encode. No rule of the registry, no socket.

The order of the checks is the wire's (docs/wire.md, transport). Replies that nothing but a commit can
change are kept, prebuilt, until the next commit.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any, NamedTuple

from registan.contract.errors import error_response
from registan.contract.json_text import encode
from registan.contract.media import V1_JSON, check_content_type, response_type
from registan.contract.message import Request, Response
from registan.contract.route import MultiStatus, NoContent, RawJson, RawText, Route
from registan.contract.target import parse_query, split_path
from registan.dispatch import Call, Dispatch, Outcome
from registan.formats.memo import Memo
from registan.http.router import Match, Router
from registan.model.fault import Fault, Refusal

WARNING = (b"Warning", b'110 - "Response is Stale"')
RETRY = (b"Retry-After", b"1")

KEPT_REQUEST_BYTES_MAX = 65_536
"""Larger requests are not worth keeping."""


class _Kept(NamedTuple):
    route: Route
    response: Response
    seq: int


class Answers:
    """`Answer` for one instance: never raises, whatever the request."""

    def __init__(self, router: Router, dispatch: Dispatch, kept_bytes_max: int = 16 * 1024 * 1024) -> None:
        self._router = router
        self._dispatch = dispatch
        self._kept: Memo[_Kept] = Memo(kept_bytes_max)
        self._kept_seq = 0

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        started = perf_counter()
        key = _key(request)
        if self._kept_seq != self._dispatch.seq:
            self._kept.clear()
            self._kept_seq = self._dispatch.seq
        kept = self._kept.get(key)
        if kept is not None and self._dispatch.known_is_fresh(kept.route, kept.seq):
            self._dispatch.measure(kept.route, kept.response.status, started)
            return kept.response
        try:
            match = self._router.match(split_path(request.path))
            return await self._matched(request, match, key, started)
        except Refusal as refusal:
            return _refused(refusal, V1_JSON)

    async def _matched(
        self, request: Request, match: Match, key: tuple[Any, ...], started: float
    ) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        if method == "OPTIONS":
            return _options(match)
        operation = match.operations.get(method)
        if operation is None:
            allow = (b"Allow", _allowed(match).encode())
            return error_response(Fault.METHOD_NOT_ALLOWED, V1_JSON, (allow,))
        media = V1_JSON
        try:
            check_content_type(_header(request, b"content-type"))
            media = response_type(_header(request, b"accept"))
            query = parse_query(request.query)
            args = operation.decoder.arguments(match.arguments, query, request.body, match.context)
        except Refusal as refusal:
            self._dispatch.measure(operation.route, refusal.fault.status, started)
            return _refused(refusal, media)
        outcome = await self._dispatch(Call(operation.route, args))
        response = _response(operation.route, outcome, media)
        self._dispatch.measure(operation.route, response.status, started)
        if outcome.seq and outcome.seq == self._kept_seq and len(request.body) <= KEPT_REQUEST_BYTES_MAX:
            size = len(request.body) + len(response.body) + 500
            self._kept.put(key, _Kept(operation.route, response, outcome.seq), size)
        return response


def _key(request: Request) -> tuple[Any, ...]:
    accept = content_type = None
    for name, value in request.headers:
        if name == b"accept":
            accept = value if accept is None else accept + b", " + value
        elif name == b"content-type":
            content_type = value
    return (request.method, request.path, request.query, accept, content_type, request.body)


def _header(request: Request, wanted: bytes) -> bytes | None:
    """The value of a header; of several lines all, joined."""
    values = [value for name, value in request.headers if name == wanted]
    return b", ".join(values) if values else None


_ALLOW_ORDER = ("HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT")


def _allowed(match: Match) -> str:
    methods = {*match.operations, "OPTIONS"}
    if "GET" in methods:
        methods.add("HEAD")
    return ",".join(method for method in _ALLOW_ORDER if method in methods)


def _options(match: Match) -> Response:
    allowed = _allowed(match)
    return Response(200, allowed.replace(",", ", ").encode(), b"text/plain", ((b"Allow", allowed.encode()),))


def _refused(refusal: Refusal, media: bytes) -> Response:
    headers = (RETRY,) if refusal.fault is Fault.STORE_UNAVAILABLE else ()
    return error_response(refusal, media, headers)


def _response(route: Route, outcome: Outcome, media: bytes) -> Response:
    headers = (WARNING,) if outcome.stale else ()
    if outcome.refusal is not None:
        refused = _refused(outcome.refusal, media)
        refused.headers += headers
        return refused
    reply = outcome.reply
    if isinstance(reply, NoContent):
        return Response(204, b"", None, headers)
    if isinstance(reply, RawJson):
        return Response(route.status, reply.body, media, headers)
    if isinstance(reply, RawText):
        return Response(route.status, reply.text.encode("utf-8", "replace"), media, headers)
    if isinstance(reply, MultiStatus):
        return Response(207, encode(reply.body), media, headers)
    return Response(route.status, encode(reply), media, headers)
