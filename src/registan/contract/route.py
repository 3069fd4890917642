"""What a route is: one record from which routing, decoding, authorisation, metrics and docs are computed.

The arguments of a route are a frozen dataclass: fields named in the path are path parameters, the
field `body` is the body, all others are query parameters, named on the wire in camel case.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

from registan.model.fault import Fault


class Method(StrEnum):
    """HTTP methods that routes use; HEAD and OPTIONS are computed."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"


class Freshness(Enum):
    """What a read may miss (docs/adr/0007-synchronous-readers.md)."""

    IMMUTABLE = "immutable"
    """From memory; on a miss the log is read once before it is called a miss, and where it cannot be read
    nothing is called so."""
    FRESH = "fresh"
    """Nothing acknowledged before the request began is missed."""
    LOCAL = "local"
    """Whatever this instance knows."""


class Effect(Enum):
    """What a route does to the log."""

    READS = "reads"
    WRITES = "writes"


class Action(StrEnum):
    """What a permission allows."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Access:
    """The permission a route needs: an action on a resource kind, narrowed by one argument's value."""

    action: Action
    resource: str
    """subjects, schemas, compatibility, config, mode, contexts, server, keks, associations"""
    of: str | None = None
    """The argument that names the resource, if one does."""


PUBLIC = None
"""A route that needs no permission, only (where configured) a known caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation of the API."""

    name: str
    """`noun.verb`, unique: metric label, audit event, name in the CLI."""
    method: Method
    path: str
    """Segments in braces are arguments; a trailing slash never matters."""
    args: type[Any]
    reply: Any
    """The type of the answer, for the documents."""
    doc: str
    access: Access | None
    effect: Effect = Effect.READS
    freshness: Freshness = Freshness.FRESH
    faults: tuple[Fault, ...] = ()
    operation: str = ""
    """The name in the message for a missing body (docs/wire.md, transport)."""
    scoped: bool = True
    """Whether it also stands below `/contexts/{context}`."""
    tags: tuple[str, ...] = ()
    """Groups in the documents."""
    status: int = 200
    hangs_on: Callable[[Any], tuple[Hashable, ...] | None] | None = None
    """From the arguments to the names of subjects and the ids that a granted answer hangs on, besides
    configs and modes (core/touched.py); None: it hangs on anything, so no commit leaves it true."""
    aliased: bool = False
    """Whether a subject in its path (or the query of id routes) is replaced by its alias, if it has one."""

    def __post_init__(self) -> None:
        if self.effect is Effect.WRITES and self.freshness is not Freshness.FRESH:
            raise ValueError(f"{self.name}: a write is always fresh")


@dataclass(frozen=True, slots=True)
class NoContent:
    """The reply of a route that answers 204."""


@dataclass(frozen=True, slots=True)
class RawText:
    """A reply that is a text as it stands (a schema), not a JSON string."""

    text: str


@dataclass(frozen=True, slots=True)
class RawJson:
    """A reply that is JSON already, because encoding it again for every client would cost too much."""

    body: bytes
