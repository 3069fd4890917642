"""Pages beside the API: files that come with the package, and the description of the API.

What lives here: what stands at a fixed path. What never does: an operation (contract/routes), or
anything fetched from elsewhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from registan.contract.json_text import encode
from registan.contract.message import Request, Response

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


def docs_pages() -> Pages:
    """The description of the API, for machines and for people."""
    return {
        b"/openapi.json": lambda _: _openapi_json(),
        b"/openapi.yaml": lambda _: _openapi_yaml(),
        b"/docs": lambda _: _file("index.html", b"text/html; charset=utf-8"),
        b"/docs/": lambda _: Response(308, headers=((b"Location", b"../docs"),)),
        b"/docs/docs.js": lambda _: _file("docs.js", b"text/javascript; charset=utf-8"),
        b"/docs/docs.css": lambda _: _file("docs.css", b"text/css; charset=utf-8"),
    }


@cache
def _file(name: str, content_type: bytes) -> Response:
    body = files("registan.http").joinpath("docs", name).read_bytes()
    return Response(200, body, content_type, _STRICT)


def _document() -> dict[str, Any]:
    from registan import __version__
    from registan.contract.openapi import document  # late, because few ask for it
    from registan.contract.routes import ROUTES

    return document(ROUTES, __version__)


@cache
def _openapi_json() -> Response:
    return Response(200, encode(_document()), b"application/json", _CACHED)


@cache
def _openapi_yaml() -> Response:
    import yaml  # late, because few ask for it

    class Plain(yaml.SafeDumper):
        """Without anchors: what occurs twice is written twice."""

        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
            return True

    text = yaml.dump(_document(), Dumper=Plain, sort_keys=False, allow_unicode=True, width=100)
    return Response(200, text.encode(), b"text/yaml; charset=utf-8", _CACHED)
