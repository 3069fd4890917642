"""What is said about the running instance, to our tools and to those of other registries."""

from __future__ import annotations

import json

import pytest

from registan.contract.message import Request
from registan.http.instance_pages import health, probes

REQUEST = Request("GET", b"/", b"", [], b"")


@pytest.mark.parametrize(
    ("path", "ready", "not_ready"),
    [
        (b"/health/live", (200, {"status": "UP"}), (200, {"status": "UP"})),
        (b"/health/ready", (200, {"status": "UP"}), (503, {"status": "DOWN", "reason": "why"})),
        (b"/health/startup", (200, {"status": "UP"}), (503, {"status": "DOWN", "reason": "why"})),
        (b"/master_available", (200, {"master_available": True}), (200, {"master_available": False})),
        (b"/_health", (200, {"schema_registry_ready": True}), (503, {"schema_registry_ready": False})),
        (b"/status/ready", (200, {}), (503, {})),
    ],
)
def test_pages(path, ready, not_ready):
    for trouble, (status, body) in (("", ready), ("why", not_ready)):
        pages = {**health(lambda trouble=trouble: trouble), **probes(lambda trouble=trouble: trouble)}
        response = pages[path](REQUEST)
        assert (response.status, json.loads(response.body)) == (status, body)
        assert (b"Cache-Control", b"no-store") in response.headers
