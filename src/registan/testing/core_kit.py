"""The core without a shell: a state that commands are applied to at once, for tests of rules.

What lives here: how a route is called in-process. What never does: HTTP, a store, an assertion.

    core = Core()
    core.register("s", PROTO)
    core.call("config.put", subject="s", body={"compatibility": "FULL"})
"""

from __future__ import annotations

from typing import Any

import msgspec

from registan.contract.args import Decoder
from registan.contract.route import RawJson, RawText
from registan.core.bound import ROUTES
from registan.core.decision import Facts
from registan.core.handlers import COMMANDS, QUERIES
from registan.core.state import State
from registan.model.fault import Refusal
from registan.model.policy import Defaults
from registan.model.subject import DEFAULT_CONTEXT, Subject

_DECODERS = {route.name: Decoder(route) for route in ROUTES}

PROTO = 'syntax = "proto3";\npackage p;\n\nmessage M {\n  int32 a = 1;\n}\n'


def proto(*fields: str) -> str:
    """A Protobuf schema with these fields, numbered from 1."""
    lines = "".join(f"  {field} = {number};\n" for number, field in enumerate(fields, 1))
    return f'syntax = "proto3";\n\nmessage M {{\n{lines}}}\n'


class Core:
    """A registry that is nothing but its core. Time stands still until `now` is set."""

    def __init__(self, **defaults: Any) -> None:  # noqa: ANN401
        self.state = State(Defaults(**defaults))
        self.now = 1_700_000_000_000
        self._calls = 0

    def call(self, name: str, /, *, body: Any = None, **args: Any) -> Any:  # noqa: ANN401
        """The reply of a route as JSON values; raises `Refusal`.

        Subjects are given in their qualified form; the body as JSON values, or as a text to be read.
        """
        reply = self.reply(name, body=body, **args)
        if isinstance(reply, RawText):
            return reply.text
        if isinstance(reply, RawJson):
            return msgspec.json.decode(reply.body)
        return msgspec.to_builtins(reply) if isinstance(reply, msgspec.Struct | list | dict) else reply

    def reply(self, name: str, /, *, body: Any = None, **args: Any) -> Any:  # noqa: ANN401
        """The reply of a route as the handler gave it; raises `Refusal`."""
        decoder = _DECODERS[name]
        values = {key: _value(key, value) for key, value in args.items()}
        if decoder.body is not None:
            raw = body.encode() if isinstance(body, str) else msgspec.json.encode(body)
            values["body"] = decoder.read_body(raw)
        made = decoder.route.args(**values)
        if name in QUERIES:
            return QUERIES[name](self.state, made)
        self._calls += 1
        decision = COMMANDS[name](self.state, made, Facts(self.now, self._calls))
        if decision.changes:
            self.state.apply(self.state.seq + 1, decision.changes)
        return decision.reply

    def refusal(self, name: str, *, body: Any = None, **args: Any) -> Refusal:  # noqa: ANN401
        """Why a route refuses; it is an error if it does not."""
        try:
            reply = self.reply(name, body=body, **args)
        except Refusal as refusal:
            return refusal
        raise AssertionError(f"{name} was not refused: {reply}")

    def register(self, subject: str, schema: str = PROTO, **body: Any) -> Any:  # noqa: ANN401
        """Register a schema, of Protobuf unless told otherwise."""
        return self.call(
            "schema.register", subject=subject, body={"schemaType": "PROTOBUF", "schema": schema, **body}
        )


def _value(key: str, value: Any) -> Any:  # noqa: ANN401
    if key in ("subject", "subject_prefix") and isinstance(value, str):
        return Subject.parse(value, DEFAULT_CONTEXT)
    return value
