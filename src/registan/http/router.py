"""Routing on the raw path: a trie compiled from the routes, below `/` and below `/contexts/{context}`.

Fixed segments are compared as sent; arguments are percent-decoded once. What a context prefix does
to a path is docs/wire.md, filters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from registan.contract.args import Decoder
from registan.contract.context_name import context_name
from registan.contract.route import Route
from registan.contract.target import decode_segment
from registan.core.handlers import COMMANDS, QUERIES, Handler
from registan.model.fault import Fault, Refusal
from registan.model.subject import DEFAULT_CONTEXT


class Operation:
    """A route ready to be executed."""

    __slots__ = ("decoder", "handler", "is_command", "route")

    def __init__(self, route: Route) -> None:
        self.route = route
        self.decoder = Decoder(route)
        self.is_command = route.name in COMMANDS
        self.handler: Handler = (COMMANDS if self.is_command else QUERIES)[route.name]


class Match(NamedTuple):
    """What a path names: operations by method, the path's arguments, and the context it stands in."""

    operations: dict[str, Operation]
    arguments: Sequence[str]
    context: str | None
    """None where the path names no context; the default one may be named too."""


class _Node:
    __slots__ = ("argument", "fixed", "operations")

    def __init__(self) -> None:
        self.fixed: dict[bytes, _Node] = {}
        self.argument: _Node | None = None
        self.operations: dict[str, Operation] = {}


class Router:
    """Finds what a path names."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        self.operations: dict[str, Operation] = {}
        for route in routes:
            operation = Operation(route)
            self.operations[route.name] = operation
            node = self._root
            for segment in filter(None, route.path.split("/")):
                if segment.startswith("{"):
                    node.argument = node.argument or _Node()
                    node = node.argument
                else:
                    node = node.fixed.setdefault(segment.encode(), _Node())
            node.operations[route.method.value] = operation

    def match(self, segments: Sequence[bytes]) -> Match:
        """Match segments as sent, without matrix parameters. Raises `Refusal` NOT_FOUND, COLON_IN_CONTEXT."""
        context: str | None = None
        while len(segments) > 1 and segments[0] == b"contexts":
            if len(segments) == 2:
                segments = _alone(segments)
                break
            context, segments = context_name(decode_segment(segments[1])), segments[2:]
        named = context not in (None, DEFAULT_CONTEXT)
        if named and len(segments) == 1 and segments[0] in (b"config", b"mode"):
            segments = [segments[0], quote(f":{context}:").encode()]
        arguments: list[str] = []
        node = self._find(segments, arguments)
        if node is None:
            raise Refusal(Fault.NOT_FOUND)
        return Match(node.operations, arguments, context)

    def _find(self, segments: Sequence[bytes], arguments: list[str]) -> _Node | None:
        node = self._root
        for segment in segments:
            following = node.fixed.get(segment)
            if following is None:
                following = node.argument
                if following is None:
                    return None
                arguments.append(decode_segment(segment))
            node = following
        return node if node.operations else None


def _alone(segments: Sequence[bytes]) -> Sequence[bytes]:
    """What `/contexts/{context}` with nothing behind it names.

    The default context is no resource: `.` is the root, and `:.:` the list.
    """
    name = decode_segment(segments[1])
    if name == DEFAULT_CONTEXT:
        return ()
    return segments[:1] if name in (":.:", ":") else segments
