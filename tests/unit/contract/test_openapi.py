"""The description tells every route, and nothing in it leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from registan.contract.args import parameters
from registan.contract.openapi import document
from registan.contract.routes import ROUTES

DOCUMENT = document(ROUTES, "1.2.3")


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_route_is_told_with_its_parameters(route):
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    found, body = parameters(route)
    assert operation["operationId"] == route.name
    assert [p["name"] for p in operation["parameters"]] == [p.field if p.in_path else p.name for p in found]
    assert ("requestBody" in operation) == (body is not None)
    assert str(route.status) in operation["responses"]
    assert {str(fault.status) for fault in route.faults} <= set(operation["responses"])


def test_every_reference_leads_somewhere():
    found = set(references(DOCUMENT))
    assert found
    for reference in found:
        place: Any = DOCUMENT
        for key in reference.removeprefix("#/").split("/"):
            place = place[key]
        assert place


def test_names_of_operations_are_unique():
    names = [operation["operationId"] for item in DOCUMENT["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names)) == len(ROUTES)


def test_a_body_that_may_be_missing_is_told_so():
    assert DOCUMENT["paths"]["/"]["post"]["requestBody"]["required"] is False
    assert DOCUMENT["paths"]["/mode"]["put"]["requestBody"]["required"] is True
