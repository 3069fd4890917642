"""The binding of routes to the functions that answer them.

A query is `(state, args) -> reply`, a command is `(state, args, facts) -> Decision`; either raises
`Refusal`. A test asserts that routes and handlers are a bijection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from registan.contract.route import Effect, Route
from registan.core.effective import follow_alias
from registan.core.state import State
from registan.model.fault import Fault, Refusal

Handler = Callable[..., Any]
F = TypeVar("F", bound=Handler)

QUERIES: dict[str, Handler] = {}
COMMANDS: dict[str, Handler] = {}


def handles(route: Route) -> Callable[[F], F]:
    """Bind the decorated function to a route, by the route's effect.

    Where the route is aliased, the handler gets the subject that the alias leads to.
    """
    table = COMMANDS if route.effect is Effect.WRITES else QUERIES

    def bind(function: F) -> F:
        if route.name in table:
            raise ValueError(f"two handlers for {route.name}")
        in_path = "{subject}" in route.path
        table[route.name] = _aliased(function, in_path=in_path) if route.aliased else function
        return function

    return bind


def _aliased(function: Handler, *, in_path: bool) -> Handler:
    def handler(state: State, args: Any, *rest: Any) -> Any:  # noqa: ANN401
        alias = state.aliased.get(args.subject) if state.aliased else None
        if alias:
            if in_path and "/" in alias:  # which would make another path of this one
                raise Refusal(Fault.NOT_FOUND)
            args = replace(args, subject=follow_alias(state, args.subject))
        return function(state, args, *rest)

    return handler
