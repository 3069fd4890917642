"""The binding of routes to the functions that answer them.

A query is `(state, args) -> reply`, a command is `(state, args, facts) -> Decision`; either raises
`Refusal`. A test asserts that routes and handlers are a bijection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from registan.contract.route import Effect, Route
from registan.core.effective import alias_for_deks, alias_of, led
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
        table[route.name] = _aliased(function, route.path) if route.aliased else function
        return function

    return bind


def _aliased(function: Handler, path: str) -> Handler:
    in_path = "{subject}" in path
    find = alias_for_deks if "/deks/" in path else alias_of

    def handler(state: State, args: Any, *rest: Any) -> Any:  # noqa: ANN401
        alias = find(state, args.subject)
        if alias:
            if in_path and "/" in alias:  # which would make another path of this one, and that is no route
                raise Refusal(Fault.NOT_FOUND)
            args = replace(args, subject=led(alias, args.subject))
        return function(state, args, *rest)

    return handler
