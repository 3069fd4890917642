"""Routes of `/contexts`."""

from __future__ import annotations

from dataclasses import dataclass

from registan.contract.route import Access, Action, Effect, Method, NoContent, Route
from registan.model.fault import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextListArgs:
    """`context_prefix` is compared with the dotted name."""

    offset: int = 0
    limit: int = -1
    context_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteContextArgs:
    """`context` may be written `name`, `.name` or `:.name:`."""

    context: str


TAGS = ("Contexts",)

CONTEXT_LIST = Route(
    name="context.list",
    method=Method.GET,
    path="/contexts",
    args=ContextListArgs,
    reply=list[str],
    access=Access(Action.READ, "contexts"),
    tags=TAGS,
    doc="List the contexts; one appears with its first registration.",
)
CONTEXT_DELETE = Route(
    name="context.delete",
    method=Method.DELETE,
    path="/contexts/{context}",
    args=DeleteContextArgs,
    reply=NoContent,
    access=Access(Action.DELETE, "contexts", of="context"),
    effect=Effect.WRITES,
    status=204,
    tags=TAGS,
    faults=(Fault.COLON_IN_CONTEXT, Fault.CONTEXT_NOT_EMPTY),
    doc="Take an empty context off the list; its config, mode and ids in use stay.",
)

CONTEXT_ROUTES = (CONTEXT_LIST, CONTEXT_DELETE)
