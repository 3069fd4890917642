"""Laws of ARCHITECTURE.md that no linter knows."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from registan.contract.route import Effect
from registan.core import bound
from registan.core.handlers import COMMANDS, QUERIES
from registan.model.fault import Fault, Refusal

SRC = Path(__file__).resolve().parents[2] / "src" / "registan"
MODULES = sorted(SRC.rglob("*.py"))
HANDLERS = {**QUERIES, **COMMANDS}

ROAD = {"dispatch.py", "core/handlers.py"}
"""Who may see the tables of handlers, besides those that name routes by them."""

NAMING = {"http/router.py", "contract/openapi.py"}


def tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text())


def names(module: Path) -> Iterator[str]:
    """Names that a module imports, and attributes that it calls."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield f".{node.func.attr}()"


def where(wanted: str) -> set[str]:
    """Modules in which a name occurs; kits for tests may use what they like."""
    return {
        str(module.relative_to(SRC))
        for module in MODULES
        if "testing" not in module.parts and wanted in names(module)
    }


def test_routes_and_handlers_are_a_bijection() -> None:
    """One fact, one place: each route has one handler, each handler a route, by its effect."""
    routes = {route.name: route for route in bound.ROUTES}
    assert len(routes) == len(bound.ROUTES)
    assert set(routes) == set(HANDLERS)
    assert not set(QUERIES) & set(COMMANDS)
    assert {name for name, route in routes.items() if route.effect is Effect.WRITES} == set(COMMANDS)


def test_there_is_one_road() -> None:
    """Only dispatch runs handlers: nobody else calls the engine or takes a handler from the tables."""
    assert where(".try_now()") <= {"dispatch.py", "runtime/engine.py"}
    assert where(".execute()") - {m for m in where(".execute()") if m.startswith("store/")} <= {
        "runtime/engine.py"
    }
    assert where("QUERIES") | where("COMMANDS") <= ROAD | NAMING


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
def test_faults_render(fault: Fault) -> None:
    """A fault's message is made of its template and the values that it names; its status is an error."""
    refusal = Refusal(fault, **{name: f"<{name}>" for name in fault.fields})
    assert refusal.message
    assert all(f"<{name}>" in refusal.message for name in fault.fields)
    assert 400 <= fault.status < 600


def test_server_errors_are_few() -> None:
    """A client's mistake is never 5xx: those are a defect, an overload, and a store that is down."""
    assert {fault.name for fault in Fault if fault.status >= 500} <= {
        "INTERNAL",
        "OVERLOADED",
        "STORE_UNAVAILABLE",
    }


def test_limits_are_settings() -> None:
    """What the server and the engine never exceed is computed from the settings."""
    from registan.http.limits import Limits, limits_of
    from registan.settings.tree import Settings

    settings = Settings()
    assert set(limits_of(settings.server)._fields) == set(Limits._fields)
    made = inspect.getsource(limits_of)
    assert all(f"{name}=server." in made for name in Limits._fields)
    root = (SRC / "app.py").read_text()
    for name in ("batch_max", "queue_max", "attempts_max"):
        assert f"settings.engine.{name}" in root


def test_route_arguments_are_frozen() -> None:
    """Arguments are values: a handler cannot change what another one is given."""
    for route in bound.ROUTES:
        assert route.args.__dataclass_params__.frozen, route.name
