"""URI references as java.net.URI takes and resolves them, which is RFC 2396 with liberties.

What lives here: which texts are references, and what one means beside another (docs/wire.md, JSON Schema
5.1). Where a reference leads is documents.py's matter.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple

# "Other" characters: beyond ASCII, neither control nor space. [^\W_] and the like would be too few.
_OTHER = r"[^\x00-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]"
_ESCAPE = r"%[0-9A-Fa-f]{2}"
_MARKS = r"A-Za-z0-9_\-!.~'()*"


def _chars(extra: str) -> str:
    return rf"(?:[{_MARKS}{extra}]|{_ESCAPE}|{_OTHER})*+"


_PATH = _chars(r":@&=+$,;/")
_URIC = _chars(r";/?:@&=+$,\[\]")
_REG_NAME = _chars(r"$,;:@&=+")
_BRACKETED = rf"(?:{_chars(r';:&=+$,')}@)?\[(?P<ip>[0-9A-Fa-f:.]+)(?:%[A-Za-z0-9_.]+)?\](?::[0-9]*)?"

_REFERENCE = re.compile(
    rf"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+\-.]*+):(?:(?P<opaque>(?!/){_URIC})|(?=/)))?(?(opaque)|"
    rf"(?://(?P<authority>{_BRACKETED}|{_REG_NAME})(?![^/?#]))?(?P<path>{_PATH})(?:\?(?P<query>{_URIC}))?)"
    rf"(?:#(?P<fragment>{_URIC}))?"
)


class BadReference(Exception):  # noqa: N818  (a verdict on a text)
    """The text is no URI reference."""


class Reference(NamedTuple):
    """The parts of a reference; None is absent, which is not empty."""

    scheme: str | None
    opaque: str | None
    authority: str | None
    path: str
    query: str | None
    fragment: str | None

    def __str__(self) -> str:
        text = f"{self.scheme}:" if self.scheme is not None else ""
        if self.opaque is not None:
            text += self.opaque
        else:
            if self.authority:
                text += f"//{self.authority}"
            text += self.path
            if self.query is not None:
                text += f"?{self.query}"
        return text if self.fragment is None else f"{text}#{self.fragment}"


@lru_cache(maxsize=4096)
def split(text: str) -> Reference:
    """The parts of a text. Raises `BadReference`."""
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise BadReference(text)
    scheme, opaque, authority, path = found["scheme"], found["opaque"], found["authority"], found["path"]
    if opaque == "":
        raise BadReference(text)
    if found["ip"] is not None:
        try:
            IPv6Address(found["ip"])
        except AddressValueError:
            raise BadReference(text) from None
    if authority == "" and not path and found["query"] is None and found["fragment"] is None:
        raise BadReference(text)
    if scheme is None and ":" in path.partition("/")[0] and authority is None:
        raise BadReference(text)
    return Reference(scheme, opaque, authority or None, path or "", found["query"], found["fragment"])


def resolve(base: str | None, text: str) -> str:
    """A reference as seen from a base (None or empty: as it is). Raises `BadReference`."""
    given = split(text)
    if not base or given.scheme is not None:
        return text
    around = split(base)
    if around.opaque is not None:
        return text
    if given.authority is None and not given.path and given.query is None and given.fragment is not None:
        return str(around._replace(fragment=given.fragment))
    if given.authority is not None:
        return str(given._replace(scheme=around.scheme))
    path = given.path
    if not path.startswith("/"):
        above = around.path[: around.path.rfind("/") + 1]
        path = _normal((above or "/" if around.authority and path else above) + path)
    return str(around._replace(path=path, query=given.query, fragment=given.fragment))


def _normal(path: str) -> str:
    """Without `.` and `..` segments, and without empty ones, where the path has any of them."""
    segments = path.split("/")
    if not any(segment in (".", "..") for segment in segments) and "//" not in path:
        return path
    kept: list[str] = []
    for segment in segments:
        if segment == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif segment not in ("", "."):
            kept.append(segment)
    text = "/".join(kept)
    if kept and (segments[-1] in ("", ".") or (segments[-1] == ".." != kept[-1])):
        text += "/"
    if path.startswith("/"):
        return "/" + text
    return "./" + text if ":" in text.partition("/")[0] else text


def without_fragment(text: str) -> tuple[str, str | None]:
    """A reference cut at its `#`."""
    before, mark, fragment = text.partition("#")
    return before, fragment if mark else None
