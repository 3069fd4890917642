"""Media types: what a client may send, and which of the produced types it gets.

Pure functions over header values, with small caches keyed by them. The rules are the recorded
server's (docs/wire.md, transport); which status a refusal has is told in model/fault.py.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from registan.model.fault import Fault, Refusal

V1_JSON = b"application/vnd.schemaregistry.v1+json"
PLAIN_JSON = b"application/json"

PRODUCED: tuple[bytes, ...] = (V1_JSON, b"application/vnd.schemaregistry+json", PLAIN_JSON)
"""What the API answers with, the server's favourite first."""

CONSUMED: frozenset[bytes] = frozenset((*PRODUCED, b"application/octet-stream"))
"""What the API takes; old clients post octets."""

_CACHED = 256
_LONGEST_CACHED = 1024

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_VALUE = rb"(?:" + _TOKEN + rb'|"(?:[^"\\]|\\.)*")'
_PARAMETER = re.compile(rb";[ \t]*(" + _TOKEN + rb")[ \t]*=[ \t]*(" + _VALUE + rb")")
# Whitespace after a semicolon belongs to the parameter or to the next semicolon, never to either:
# no input makes the match backtrack.
_PARAMETERS = rb"(?:[ \t]*;(?:[ \t]*" + _TOKEN + rb"[ \t]*=[ \t]*" + _VALUE + rb")?)*"
_TYPE = re.compile(
    rb"[ \t]*(?P<type>" + _TOKEN + rb")(?:/(?P<subtype>" + _TOKEN + rb"))?"
    rb"(?P<parameters>" + _PARAMETERS + rb")[ \t]*(?:,|$)"
)
_QUALITY = re.compile(rb"0(?:\.\d{0,3})?|1(?:\.0{0,3})?|\.\d{1,4}")


class _Malformed(Exception):  # noqa: N818  (private, turned into a Refusal here)
    """The header cannot be read."""


class _Range(NamedTuple):
    """One element of an Accept header."""

    type: bytes
    subtype: bytes
    quality: float
    parameters: tuple[tuple[bytes, bytes], ...]
    """Sorted by name, without `q` and `qs`; values as sent."""


def response_type(accept: bytes | None) -> bytes:
    """The Content-Type of the answer for an Accept header (several lines joined by commas).

    The highest quality wins, then the server's order; parameters the client named with the chosen
    type are echoed. Raises `Refusal`: NOT_ACCEPTABLE, or BAD_REQUEST when it cannot be read.
    """
    if not accept:
        return V1_JSON
    chosen = _negotiate_cached(accept) if len(accept) <= _LONGEST_CACHED else _negotiate(accept)
    if isinstance(chosen, Fault):
        raise Refusal(chosen, why="Bad Request")
    return chosen


def check_content_type(content_type: bytes | None) -> None:
    """Refuse a body of a foreign type; none at all passes as JSON. Case and parameters do not matter.

    Raises `Refusal`: UNSUPPORTED_MEDIA_TYPE, or BAD_REQUEST when it cannot be read. Holds for
    requests without a body too, if they carry the header.
    """
    if content_type is None or content_type in CONSUMED:
        return
    if len(content_type) <= _LONGEST_CACHED:
        fault = _objection_cached(content_type)
    else:
        fault = _objection(content_type)
    if fault:
        raise Refusal(fault, why="Bad Request")


def _negotiate(accept: bytes) -> bytes | Fault:
    if not accept.strip(b" \t"):
        return V1_JSON
    try:
        ranges = _parse_accept(accept)
    except _Malformed:
        return Fault.BAD_REQUEST
    best: bytes | None = None
    best_rank = (-1.0, 0)
    for accepted in ranges:
        for position, produced in enumerate(PRODUCED):
            rank = (accepted.quality, -position)
            if rank > best_rank and _covers(accepted, produced):
                best, best_rank = _echo(accepted, produced), rank
    return best or Fault.NOT_ACCEPTABLE


_negotiate_cached = lru_cache(_CACHED)(_negotiate)


def _parse_accept(accept: bytes) -> list[_Range]:
    ranges = []
    position = 0
    end = len(accept.rstrip(b" \t"))
    while position < end:
        match = _TYPE.match(accept, position)
        # A lone `*` is what old JDKs send for `*/*`.
        if not match or (match["subtype"] is None and match["type"] != b"*"):
            raise _Malformed
        ranges.append(_range(match))
        position = match.end()
    return ranges


def _range(match: re.Match[bytes]) -> _Range:
    named = {name.lower(): value for name, value in _PARAMETER.findall(match["parameters"])}
    quality = named.pop(b"q", b"1")
    named.pop(b"qs", None)
    if not _QUALITY.fullmatch(quality):
        raise _Malformed
    return _Range(
        match["type"].lower(),
        (match["subtype"] or b"*").lower(),
        float(quality),
        tuple(sorted(named.items())),
    )


def _covers(accepted: _Range, produced: bytes) -> bool:
    type_, _, subtype = produced.partition(b"/")
    return accepted.type in (b"*", type_) and accepted.subtype in (b"*", subtype)


def _echo(accepted: _Range, produced: bytes) -> bytes:
    if accepted.subtype == b"*" or not accepted.parameters:
        return produced
    return produced + b"".join(b";%b=%b" % parameter for parameter in accepted.parameters)


def _objection(content_type: bytes) -> Fault | None:
    match = _TYPE.fullmatch(content_type)
    if not match or match["subtype"] is None or content_type.rstrip(b" \t").endswith(b","):
        return Fault.BAD_REQUEST
    if b"%b/%b" % (match["type"].lower(), match["subtype"].lower()) in CONSUMED:
        return None
    return Fault.UNSUPPORTED_MEDIA_TYPE


_objection_cached = lru_cache(_CACHED)(_objection)
