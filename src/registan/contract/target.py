"""The request target: what a path and a query mean, before any route is known.

Pure functions over the bytes as sent. Here live the rejections that the recorded server's container
makes before routing (docs/wire.md, transport), the splitting of a path into raw segments, and the
reading of a query. Routes, arguments and contexts never do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NoReturn
from urllib.parse import unquote_to_bytes

from registan.model.fault import Fault, Refusal

_CACHED = 2048
"""Targets remembered per function; a busy registry asks for few different ones."""
_LONGEST_CACHED = 256
"""Bytes; longer ones are worked out each time, so that the caches stay below a megabyte or two."""

# What a path may hold without a second look: RFC 3986 `pchar` but no escapes, no parameters.
_PLAIN = re.compile(rb"(?:/[A-Za-z0-9\-._~!$&'()*+,=:@]+)+/?|/")
_DOTS = re.compile(rb"/\.\.?(?:/|$)")

_ABSOLUTE = re.compile(rb"https?://[^/?#]*", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x20\x7f]")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})|%00")
_ESCAPED_DOTS = re.compile(rb"(?:\.|%2e){1,2}", re.IGNORECASE)
_SUSPICIOUS = re.compile(rb"[\\\x00-\x1f\x7f]")
_ILLEGAL = re.compile(rb"[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]")
_QUERY_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def _refuse(why: str) -> NoReturn:
    raise Refusal(Fault.BAD_REQUEST, why=why)


def split_target(target: bytes) -> tuple[bytes, bytes]:
    """Split a request target into path and query, both as sent.

    Origin form (`/a?b`), absolute form (`http://host/a?b`) and `*` are taken. Raises
    `Refusal(BAD_REQUEST)` with the recorded container's reason: an escape that is none, `%00`, an
    empty segment, an escaped dot segment, a control character, a character that must be escaped,
    escapes that are no UTF-8.
    """
    path, _, query = target.partition(b"?")
    if _PLAIN.fullmatch(path) and (not query or not _CONTROL.search(query)) and b"#" not in query:
        return path, query
    return _split_odd_target(target)


def _split_odd_target(target: bytes) -> tuple[bytes, bytes]:
    if target == b"*":
        return target, b""
    if _CONTROL.search(target) or b"#" in target:
        _refuse("Bad Request")
    absolute = _ABSOLUTE.match(target)
    if absolute:
        target = target[absolute.end() :]
        if not target.startswith(b"/"):
            target = b"/" + target
    path, _, query = target.partition(b"?")
    if not path.startswith(b"/"):
        _refuse("Bad Request")
    why = _objection(path) if len(path) > _LONGEST_CACHED else _objection_cached(path)
    if why:
        _refuse(why)
    return path, query


def _objection(path: bytes) -> str | None:
    """The container's reason to reject a path, if it has one; the order is the recorded one."""
    if _BAD_ESCAPE.search(path):
        return "Bad Request"
    segments = [segment.partition(b";") for segment in path[1:].split(b"/")]
    if any(_ESCAPED_DOTS.fullmatch(name) and b"%" in name for name, _, _ in segments):
        return "Ambiguous URI path segment"
    if any(not name for name, _, _ in segments[:-1]):
        return "Ambiguous URI empty segment"
    if any(semicolon and name in (b".", b"..") for name, semicolon, _ in segments):
        return "Ambiguous URI path parameter"
    decoded = unquote_to_bytes(path)
    # Raw bytes beyond ASCII are illegal as such; only escaped ones can be bad UTF-8.
    if path.isascii() and not decoded.isascii() and not _is_utf8(decoded):
        return "Bad UTF-8 encoding"
    if _SUSPICIOUS.search(decoded):
        return "Suspicious Path Character"
    if _ILLEGAL.search(path):
        return "Illegal Path Character"
    return None


_objection_cached = lru_cache(_CACHED)(_objection)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def split_path(path: bytes) -> tuple[bytes, ...]:
    """The segments of a path, still percent-encoded, without matrix parameters and one trailing slash.

    A fixed segment of a route is compared with these bytes as they are (`/%73ubjects` is no route); a
    captured one is read by `decode_segment`, so `%2F` stays part of a name. `/` has no segments.
    """
    if len(path) > _LONGEST_CACHED:
        return _split_path(path)
    return _split_path_cached(path)


def _split_path(path: bytes) -> tuple[bytes, ...]:
    segments = path.split(b"/")
    if b";" in path:
        segments = [segment.partition(b";")[0] for segment in segments]
    if not segments[0]:
        del segments[0]
    if segments and not segments[-1]:
        del segments[-1]
    return tuple(segments)


_split_path_cached = lru_cache(_CACHED)(_split_path)


def decode_segment(segment: bytes) -> str:
    """What a captured segment says: escapes resolved once, `+` literal.

    Expects a path that passed `split_target`; otherwise bytes that are no UTF-8 become U+FFFD.
    """
    if b"%" not in segment:
        return segment.decode(errors="replace")
    return unquote_to_bytes(segment).decode(errors="replace")


def parse_query(query: bytes) -> Mapping[str, tuple[str, ...]]:
    """The parameters of a query in the order given, each with all its values; the first one counts.

    Names are case-sensitive; only `&` separates; `+` is a space; a parameter without a name, or with
    an escape that is none, is ignored; escapes that are no UTF-8 become U+FFFD. The result is
    remembered: do not change it.
    """
    if not query:
        return _EMPTY
    if len(query) > _LONGEST_CACHED:
        return _parse_query(query)
    return _parse_query_cached(query)


_EMPTY: Mapping[str, tuple[str, ...]] = {}


def _parse_query(query: bytes) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        if not name or _QUERY_BAD_ESCAPE.search(part):
            continue
        found.setdefault(_query_text(name), []).append(_query_text(value))
    return {name: tuple(values) for name, values in found.items()}


_parse_query_cached = lru_cache(_CACHED)(_parse_query)


def _query_text(raw: bytes) -> str:
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode(errors="replace")
