"""What clients ask in a simulation: few names and cheap texts, so that they get in each other's way.

What lives here: calls of real routes. What never does: when and of whom they are asked.
"""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

from registan.contract.body.common import ReferenceBody
from registan.contract.body.schema import RegisterRequest
from registan.contract.route import Route
from registan.contract.routes.compatibility import COMPATIBILITY_CHECK, CheckArgs
from registan.contract.routes.subjects import SCHEMA_LOOKUP, SCHEMA_REGISTER, LookupArgs, RegisterArgs
from registan.core.decision import Facts
from registan.dispatch import Call
from registan.model.identity import Principal
from registan.model.subject import Subject

NOW = 1_700_000_000_000
"""Milliseconds since 1970 when every simulation begins."""

SUBJECTS = (Subject(".", "a"), Subject(".", "b"), Subject(".c", "a"))

_PROTO = (
    'syntax = "proto3"; message A { string a = 1; }',
    'syntax = "proto3";\nmessage A {\n  string a = 1;\n}\n',
    'syntax = "proto3"; message A { string a = 1; int32 b = 2; }',
    'syntax = "proto3"; message A { string a = 1; int32 b = 2; int64 c = 3; }',
    'syntax = "proto3"; message A { int32 a = 1; }',
    'syntax = "proto3"; message { }',
)
_IMPORTING = 'syntax = "proto3"; import "a.proto"; message B { A a = 1; }'

BODIES = (
    *(RegisterRequest(schema_type="PROTOBUF", schema=text) for text in _PROTO),
    RegisterRequest(
        schema_type="PROTOBUF",
        schema=_IMPORTING,
        references=[ReferenceBody(name="a.proto", subject="a", version=-1)],
    ),
)

_Choice = tuple[Route, Any]

CHOICES: tuple[tuple[int, tuple[_Choice, ...]], ...] = (
    (6, tuple((SCHEMA_REGISTER, RegisterArgs(subject=s, body=b)) for s in SUBJECTS for b in BODIES)),
    (2, tuple((SCHEMA_LOOKUP, LookupArgs(subject=s, body=b)) for s in SUBJECTS for b in BODIES)),
    (1, tuple((COMPATIBILITY_CHECK, CheckArgs(subject=s, body=b)) for s in SUBJECTS for b in BODIES)),
)
"""Routes with arguments for them, and how often each group is asked for."""

_WEIGHTS = [weight for weight, _ in CHOICES]
_GROUPS = [choices for _, choices in CHOICES]


def draw(random: Random, number: int) -> Call:
    """The call with this number (from 1); whose it is tells what became of it in the log."""
    route, args = random.choice(random.choices(_GROUPS, _WEIGHTS)[0])
    return Call(route, args, Principal(str(number), frozenset(), "simulation"))


def facts_of(principal: Principal) -> Facts:
    """The facts of a call: the same whenever it is decided, so that it can be decided once more."""
    number = int(principal.name)
    return Facts(NOW + number, UUID(int=number), principal)
