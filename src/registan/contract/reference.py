"""The reference pages of routes and faults, computed from their tables."""

from __future__ import annotations

from collections.abc import Iterable

from registan.contract.args import parameters
from registan.contract.route import Route
from registan.contract.routes import ROUTES
from registan.model.fault import Fault

_ROUTES = """# Routes

<!-- Written by `registan docs write`; do not edit. -->

Every path also stands below `/contexts/{context}`. HEAD works wherever GET does, OPTIONS everywhere.
`openapi.json` beside this page describes bodies and answers; a running registry serves it, with a page to
read it by, at `/docs`.
"""

_FAULTS = """# Errors

<!-- Written by `registan docs write`; do not edit. -->

Every error has the body `{"error_code": …, "message": …}`. The words of a message are part of the API:
clients match on them. Names in braces stand for values.
"""


def routes_page() -> str:
    """Every route with its parameters and permission, by resource."""
    lines = [_ROUTES]
    for tag in dict.fromkeys(tag for route in ROUTES for tag in route.tags):
        lines += [f"## {tag}", ""]
        lines += [
            "| Route | Method and path | Parameters | Permission | What it does |",
            "|---|---|---|---|---|",
        ]
        lines += [_row(route) for route in ROUTES if route.tags[:1] == (tag,)]
        lines.append("")
    return "\n".join(lines)


def _row(route: Route) -> str:
    found, body = parameters(route)
    asked = [f"`{each.name}`" + ("*" if each.repeats else "") for each in found if not each.in_path]
    if body is not None:
        asked.append("a body")
    access = "none" if route.access is None else f"`{route.access.resource}:{route.access.action.value}`"
    cells = (f"`{route.name}`", f"`{route.method} {route.path}`", ", ".join(asked), access, route.doc)
    return f"| {' | '.join(cells)} |"


def faults_page() -> str:
    """Every error with its status, message and the routes that give it."""
    lines = [_FAULTS, "| Code | Status | Message | When | Routes |", "|---|---|---|---|---|"]
    for fault in sorted(Fault, key=lambda f: (f.status, f.code)):
        message = fault.template.replace("{{", "{").replace("}}", "}")
        cells = (str(fault.code), str(fault.status), f"`{message}`", fault.doc, _givers(fault, ROUTES))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _givers(fault: Fault, routes: Iterable[Route]) -> str:
    return ", ".join(f"`{route.name}`" for route in routes if fault in route.faults)
