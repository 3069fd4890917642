"""Pages beside the API: files that come with the package, and the description of the API.

What lives here: what stands at a fixed path. What never does: an operation (contract/routes), or
anything fetched from elsewhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from registan.contract.json_text import encode
from registan.contract.message import Request, Response
from registan.contract.route import Route

Page = Callable[[Request], Response | Awaitable[Response]]
"""Answers GET at its path; HEAD is computed."""

Pages = Mapping[bytes, Page]
"""What stands at a path."""

_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
    b"form-action 'none'; frame-ancestors 'none'"
)

_STRICT = (
    (b"Content-Security-Policy", _POLICY),
    (b"X-Content-Type-Options", b"nosniff"),
    (b"Referrer-Policy", b"no-referrer"),
    (b"Cache-Control", b"no-cache"),
)

_CACHED = ((b"Cache-Control", b"public, max-age=3600"),)


def docs_pages(routes: Sequence[Route]) -> Pages:
    """The description of the API that these routes are, for machines and for people."""
    as_json, as_yaml = cache(lambda: _openapi_json(routes)), cache(lambda: _openapi_yaml(routes))
    return {
        b"/openapi.json": lambda _: as_json(),
        b"/openapi.yaml": lambda _: as_yaml(),
        b"/docs": lambda _: _file("index.html", b"text/html; charset=utf-8"),
        b"/docs/": lambda _: Response(308, headers=((b"Location", b"../docs"),)),
        b"/docs/docs.js": lambda _: _file("docs.js", b"text/javascript; charset=utf-8"),
        b"/docs/docs.css": lambda _: _file("docs.css", b"text/css; charset=utf-8"),
    }


@cache
def _file(name: str, content_type: bytes) -> Response:
    body = files("registan.http").joinpath("docs", name).read_bytes()
    return Response(200, body, content_type, _STRICT)


def _document(routes: Sequence[Route]) -> dict[str, Any]:
    from registan import __version__
    from registan.contract.openapi import document  # late, because few ask for it

    return document(routes, __version__)


def _openapi_json(routes: Sequence[Route]) -> Response:
    return Response(200, encode(_document(routes)), b"application/json", _CACHED)


def _openapi_yaml(routes: Sequence[Route]) -> Response:
    import yaml  # late, because few ask for it

    class Plain(yaml.SafeDumper):
        """Without anchors: what occurs twice is written twice."""

        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
            return True

    text = yaml.dump(_document(routes), Dumper=Plain, sort_keys=False, allow_unicode=True, width=100)
    return Response(200, text.encode(), b"text/yaml; charset=utf-8", _CACHED)
