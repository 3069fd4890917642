"""The binding of routes to the functions that answer them.

A query is `(state, args) -> reply`, a command is `(state, args, facts) -> Decision`; either raises
`Refusal`. A test asserts that routes and handlers are a bijection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from registan.contract.route import Effect, Route

Handler = Callable[..., Any]
F = TypeVar("F", bound=Handler)

QUERIES: dict[str, Handler] = {}
COMMANDS: dict[str, Handler] = {}


def handles(route: Route) -> Callable[[F], F]:
    """Bind the decorated function to a route, by the route's effect."""
    table = COMMANDS if route.effect is Effect.WRITES else QUERIES

    def bind(function: F) -> F:
        if route.name in table:
            raise ValueError(f"two handlers for {route.name}")
        table[route.name] = function
        return function

    return bind
