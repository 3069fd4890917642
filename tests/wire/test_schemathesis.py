"""Whatever a client makes of the description of the API, it gets an answer that the description allows.

Requests are generated from the routes table and sent to an instance in this process: never a 5xx, always a
status, media type and body as described. AVRO and JSON texts are mostly no schemas; that is meant.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks

from registan.app import compose
from registan.contract.message import Request, Response
from registan.contract.openapi import document
from registan.contract.route import RawText
from registan.contract.routes import ROUTES
from registan.contract.target import split_target
from registan.http.rejections import bad_target
from registan.model.fault import Refusal
from registan.settings.tree import Settings
from registan.store.memory import MemoryStore
from registan.testing.core_kit import PROTO

EXAMPLES = 20
"""Requests for each operation, beside those that schemathesis derives from bounds and types."""

CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]

UNTYPED = [checks.not_a_server_error, checks.status_code_conformance]
"""Checks of answers given before a type was agreed on, which do not say what they are."""


class Wsgi:
    """An instance as a WSGI application: what schemathesis can call without a socket."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.app = compose(Settings(), MemoryStore())
        self.loop.run_until_complete(self.app.instance.start(follow=False))

    def close(self) -> None:
        """Stop the instance."""
        self.loop.run_until_complete(self.app.instance.stop())
        self.loop.close()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        response = self.loop.run_until_complete(self._answer(environ))
        headers = [(name.decode(), value.decode("latin-1")) for name, value in response.headers]
        if response.content_type is not None:
            headers.append(("Content-Type", response.content_type.decode()))
        start_response(f"{response.status} status", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else response.body]

    def ask(self, method: str, path: str, body: Any) -> None:
        """Send one request; it must be granted."""
        request = Request(method, path.encode(), b"", [], json.dumps(body).encode())
        response = self.loop.run_until_complete(self.app.answers(request))
        assert response.status < 300, response

    async def _answer(self, environ: dict[str, Any]) -> Response:
        try:
            path, query = split_target(environ["REQUEST_URI"].encode())
        except Refusal as refusal:
            return bad_target(environ["REQUEST_METHOD"], refusal.message)
        headers = [
            (name.removeprefix("HTTP_").replace("_", "-").lower().encode(), value.encode("latin-1"))
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        ]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        return await self.app.answers(Request(environ["REQUEST_METHOD"], path, query, headers, body))


SCHEMA = schemathesis.openapi.from_dict(document(ROUTES, "test"))
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


RAW = {f"{route.method} {route.path}" for route in ROUTES if route.reply is RawText}


@pytest.fixture
def instance() -> Iterator[Wsgi]:
    """An instance of the operation's own: an alias or a mode that another left would spoil its set-up."""
    wsgi = Wsgi()
    yield wsgi
    wsgi.close()


KNOWN: dict[str, Any] = {"subject": "s", "version": "1", "id": 1, "context": ".c", "name": "kek"}
"""What is there, so that not all answers are 404."""

REQUESTS = [
    ("POST", "/subjects/s/versions", {"schemaType": "PROTOBUF", "schema": PROTO}),
    ("POST", "/subjects/:.c:s/versions", {"schemaType": "PROTOBUF", "schema": PROTO}),
]


def cases(operation: Any) -> st.SearchStrategy[schemathesis.Case]:
    """Cases of an operation, half of them about what is there."""
    either = operation.as_strategy(generation_mode=GenerationMode.POSITIVE) | operation.as_strategy(
        generation_mode=GenerationMode.NEGATIVE
    )
    return st.builds(about_known, either, st.booleans())


def about_known(case: schemathesis.Case, known: bool) -> schemathesis.Case:
    if known:
        for name in case.path_parameters or {}:
            if name in KNOWN:
                case.path_parameters[name] = KNOWN[name]
        if isinstance(case.body, dict) and "schema" in case.body:
            case.body = {**case.body, "schema": PROTO, "schemaType": "PROTOBUF"}
    return case


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_answer_is_as_described(operation: Any, instance: Wsgi) -> None:
    """No server error, and nothing that the description does not tell."""
    seen = set()
    # The text of a schema is said to be JSON, on the wire as here, whatever its language.
    judged = [c for c in CHECKS if c is not checks.response_schema_conformance or operation.label not in RAW]
    for method, path, body in REQUESTS:
        instance.ask(method, path, body)

    @given(case=cases(operation))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case) -> None:
        response = case.call(base_url="http://registan.invalid", app=instance)
        seen.add(response.status_code)
        typed = "content-type" in response.headers or response.status_code not in (400, 404, 405, 406)
        case.validate_response(response, checks=judged if typed else UNTYPED)

    ask()
    assert seen, "nothing was asked"
