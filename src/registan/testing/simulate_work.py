"""What clients ask in a simulation: few names and cheap texts, so that they get in each other's way.

What lives here: calls of real routes. What never does: when and of whom they are asked.
"""

from __future__ import annotations

from random import Random
from typing import Any

from registan.contract.body.common import MetadataBody, ReferenceBody
from registan.contract.body.policy import ConfigUpdate, ModeUpdate
from registan.contract.body.schema import RegisterRequest, TagsRequest
from registan.contract.route import Route
from registan.contract.routes import compatibility, config, contexts, schemas, subjects
from registan.core.decision import Facts
from registan.dispatch import Call
from registan.model.identity import Principal
from registan.model.subject import ABOVE_ALL, GLOBAL, Subject

NOW = 1_700_000_000_000
"""Milliseconds since 1970 when every simulation begins."""

IMPORTED = ".i"
"""The context whose ids and versions clients choose."""

SUBJECTS = (Subject(".", "a"), Subject(".", "b"), Subject(".c", "a"))

_TEXTS = (
    'syntax = "proto3"; message A { string a = 1; }',
    'syntax = "proto3";\nmessage A {\n  string a = 1;\n}\n',
    'syntax = "proto3"; message A { string a = 1; int32 b = 2; }',
    'syntax = "proto3"; message A { string a = 1; int32 b = 2; int64 c = 3; }',
    'syntax = "proto3"; message A { int32 a = 1; }',
    'syntax = "proto3"; message { }',
)

BODIES = (
    *(RegisterRequest(schema_type="PROTOBUF", schema=text) for text in _TEXTS),
    RegisterRequest(
        schema_type="PROTOBUF",
        schema='syntax = "proto3"; import "a.proto"; message B { A a = 1; }',
        references=[ReferenceBody(name="a.proto", subject="a", version=-1)],
    ),
)

_Choice = tuple[Route, Any]
_Choices = tuple[_Choice, ...]

_VERSIONS = ("latest", "1", "2")
_TAGGING = TagsRequest(metadata=MetadataBody(properties={"owner": "x"}))
_IN_IMPORT = Subject(IMPORTED, "a")

REGISTER: _Choices = tuple(
    (subjects.SCHEMA_REGISTER, subjects.RegisterArgs(subject=s, body=b)) for s in SUBJECTS for b in BODIES
)
DELETE: _Choices = tuple(
    choice
    for s in SUBJECTS
    for permanent in (False, True)
    for choice in (
        *[(subjects.SUBJECT_DELETE, subjects.DeleteSubjectArgs(subject=s, permanent=permanent))] * 3,
        *(
            (subjects.VERSION_DELETE, subjects.DeleteVersionArgs(subject=s, version=v, permanent=permanent))
            for v in _VERSIONS
        ),
    )
)
POLICY: _Choices = (
    *(
        (config.CONFIG_PUT, config.PutConfigArgs(subject=scope, body=ConfigUpdate(compatibility=level)))
        for scope in (SUBJECTS[0], Subject(".c", ""), GLOBAL, ABOVE_ALL)
        for level in ("NONE", "FULL_TRANSITIVE")
    ),
    (config.CONFIG_PUT, config.PutConfigArgs(subject=SUBJECTS[1], body=ConfigUpdate(alias="a"))),
    *((config.CONFIG_DELETE, config.DeleteScopeArgs(subject=s)) for s in SUBJECTS),
    (config.CONFIG_TOP_DELETE, config.DeleteTopArgs()),
    *(
        (config.MODE_PUT, config.PutModeArgs(subject=scope, body=ModeUpdate(mode=mode)))
        for scope in (SUBJECTS[0], Subject(".c", ""))
        for mode in ("READONLY", "READWRITE")
    ),
    (config.MODE_DELETE, config.DeleteModeArgs(subject=SUBJECTS[0])),
    (contexts.CONTEXT_DELETE, contexts.DeleteContextArgs(context=".c")),
)
TAG: _Choices = tuple(
    (subjects.VERSION_TAGS, subjects.TagsArgs(subject=s, version="latest", body=_TAGGING)) for s in SUBJECTS
)
IMPORT: _Choices = (
    *(
        (
            config.MODE_PUT,
            config.PutModeArgs(subject=Subject(IMPORTED, ""), body=ModeUpdate(mode=m), force=True),
        )
        for m in ("IMPORT", "IMPORT", "READWRITE")
    ),
    *(
        (
            subjects.SCHEMA_REGISTER,
            subjects.RegisterArgs(
                subject=_IN_IMPORT,
                body=RegisterRequest(schema_type="PROTOBUF", schema=text, id=number, version=number),
            ),
        )
        for number, text in ((4, _TEXTS[0]), (2, _TEXTS[0]), (4, _TEXTS[2]))
    ),
)
SCHEMA_READS: _Choices = (
    *((subjects.SCHEMA_LOOKUP, subjects.LookupArgs(subject=s, body=b)) for s in SUBJECTS for b in BODIES),
    *(
        (compatibility.COMPATIBILITY_CHECK, compatibility.CheckArgs(subject=s, body=BODIES[2]))
        for s in SUBJECTS
    ),
    *((schemas.SCHEMA_GET, schemas.IdArgs(id=number)) for number in (1, 2, 3)),
    (schemas.SCHEMA_GET, schemas.IdArgs(id=1, subject=SUBJECTS[2])),
    (schemas.SCHEMA_VERSIONS, schemas.OwnersArgs(id=1)),
)
LISTS: _Choices = (
    (subjects.SUBJECT_LIST, subjects.ListArgs()),
    (subjects.SUBJECT_LIST, subjects.ListArgs(deleted=True)),
    (schemas.SCHEMA_LIST, schemas.SchemasArgs(deleted=True)),
    (contexts.CONTEXT_LIST, contexts.ContextListArgs()),
    *((subjects.VERSION_LIST, subjects.VersionsArgs(subject=s)) for s in SUBJECTS),
    *((subjects.VERSION_GET, subjects.VersionArgs(subject=s, version="latest")) for s in SUBJECTS),
    (subjects.VERSION_REFERENCED_BY, subjects.ReferencedByArgs(subject=SUBJECTS[0], version="1")),
    *((config.CONFIG_GET, config.ScopeArgs(subject=s, default_to_global=True)) for s in SUBJECTS),
    (config.MODE_GET, config.ScopeArgs(subject=SUBJECTS[0], default_to_global=True)),
)

_GROUPS = (REGISTER, DELETE, POLICY, TAG, IMPORT, SCHEMA_READS, LISTS)
_WEIGHTS = (14, 6, 3, 1, 2, 4, 4)
"""How often each group is asked for."""


def draw(random: Random, number: int) -> Call:
    """The call with this number (from 1); whose it is tells what became of it in the log."""
    route, args = random.choice(random.choices(_GROUPS, _WEIGHTS)[0])
    return Call(route, args, Principal(str(number), frozenset(), "simulation"))


def facts_of(principal: Principal) -> Facts:
    """The facts of a call: the same whenever it is decided, so that it can be decided once more."""
    number = int(principal.name)
    return Facts(NOW + number, number, principal)
