"""Rejections made before any route is known, in the words of the recorded server's container.

A request that is no proper HTTP never gets as far as the API, and the recorded server answers it
with an HTML page (docs/wire.md, malformed requests). Errors of the API itself are `contract/errors.py`.
"""

from __future__ import annotations

from html import escape

from registan.contract.json_text import encode
from registan.contract.media import PLAIN_JSON
from registan.contract.message import Response

HTML = b"text/html;charset=iso-8859-1"
NOT_CACHED = (b"Cache-Control", b"must-revalidate,no-cache,no-store")

BAD_REQUEST = "Bad Request"

_PAGE = """<html>
<head>
<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>
<title>Error {status} {reason}</title>
</head>
<body>
<h2>HTTP ERROR {status} {reason}</h2>
<table>
<tr><th>URI:</th><td>{uri}</td></tr>
<tr><th>STATUS:</th><td>{status}</td></tr>
<tr><th>MESSAGE:</th><td>{reason}</td></tr>
</table>

</body>
</html>
"""

_WITH_PAGE = ("GET", "HEAD", "POST")


def page(status: int, reason: str, uri: str = "/badMessage") -> Response:
    """The page for a status; `uri` is what it says was asked for."""
    text = _PAGE.format(status=status, reason=escape(reason), uri=escape(uri))
    return Response(status, text.encode("latin-1", "xmlcharrefreplace"), HTML, (NOT_CACHED,))


def bad_target(method: str, reason: str) -> Response:
    """400 for a request target that cannot be; only some methods get the page."""
    if method not in _WITH_PAGE:
        return Response(400, b"", None, (NOT_CACHED,))
    return page(400, reason, "/badMessage" if reason == BAD_REQUEST else "/badURI")


def bad_media(method: str, accept: bytes | None) -> Response:
    """400 for a Content-Type or Accept header that cannot be read."""
    if method == "PUT" or (accept is not None and not accept.strip(b", \t")):
        return Response(400, b"", None, (NOT_CACHED,))
    body = encode({"error_code": 400, "message": BAD_REQUEST})
    return Response(400, body, PLAIN_JSON, (NOT_CACHED,))
