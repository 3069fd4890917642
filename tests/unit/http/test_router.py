"""What a path names: routes, their arguments, and the context they stand in (docs/wire.md, filters)."""

from __future__ import annotations

import pytest

from registan.core.bound import ROUTES
from registan.http.router import Router
from registan.model.fault import Fault, Refusal

ROUTER = Router(ROUTES)


def match(path: str) -> tuple[str, list[str], str | None]:
    found = ROUTER.match([segment.encode() for segment in path.split("/") if segment])
    operation = next(iter(found.operations.values()))
    return operation.route.path, list(found.arguments), found.context


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/contexts/c/config", ("/config/{subject}", [":.c:"], ".c")),
        ("/contexts/:.c:/mode", ("/mode/{subject}", [":.c:"], ".c")),
        ("/contexts/c/config/s", ("/config/{subject}", ["s"], ".c")),
        ("/contexts/a%2Fb%2525/config", ("/config/{subject}", [":.a/b%25:"], ".a/b%25")),
        ("/contexts/:.:/config", ("/config", [], ".")),
        ("/contexts/a/contexts/b/config", ("/config/{subject}", [":.b:"], ".b")),
        ("/contexts/c/contexts", ("/contexts", [], ".c")),
        ("/contexts/c", ("/contexts/{context}", ["c"], None)),
        ("/contexts/.", ("/", [], None)),
        ("/contexts/:.:", ("/contexts", [], None)),
        ("/contexts/c/v1/metadata/id", ("/v1/metadata/id", [], ".c")),
    ],
)
def test_paths(path, expected):
    assert match(path) == expected


def test_a_colon_inside_a_context_comes_before_an_unknown_route():
    with pytest.raises(Refusal) as info:
        match("/contexts/a:b/nothing")
    assert info.value.fault is Fault.COLON_IN_CONTEXT


@pytest.mark.parametrize("path", ["/config/a/b", "/v1/metadata", "/v1", "/nothing"])
def test_no_route(path):
    with pytest.raises(Refusal) as info:
        match(path)
    assert info.value.fault is Fault.NOT_FOUND
