"""What releases before 8 answered otherwise, for tools that choke on what is newer (`wire.level`).

What lives here: the table of differences, and how a reply is brought down to a level. What never does: what
is stored, decided or checked; that is the same at every level.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from registan.contract.body.schema import (
    ExtendedSchemaReply,
    RegisterReply,
    SchemaReply,
    SchemaStringReply,
)
from registan.model.fault import Fault
from registan.model.schema import SchemaType

NEWEST = 8

_REGISTERED = tuple(name for name in RegisterReply.__struct_fields__ if name != "id")

LEFT_OUT: Mapping[type[msgspec.Struct], tuple[str, ...]] = {
    RegisterReply: _REGISTERED,
    SchemaReply: ("guid", "ts", "deleted"),
    ExtendedSchemaReply: ("guid", "ts", "deleted"),
    SchemaStringReply: ("subject", "version", "guid", "ts", "deleted"),
}
"""Reply → the fields that releases before 8 do not have. Nor do they name the type AVRO in any of these."""

CODES: Mapping[Fault, int] = {Fault.INCOMPATIBLE_SCHEMA: 409}
"""Fault → its code before 8."""


def reply_at(level: int, reply: Any) -> Any:  # noqa: ANN401  (any reply of a route)
    """The reply as releases of this level give it."""
    if level >= NEWEST:
        return reply
    if isinstance(reply, list):
        return [reply_at(level, each) for each in reply] if reply and type(reply[0]) in LEFT_OUT else reply
    names = LEFT_OUT.get(type(reply))
    if names is None:
        return reply
    changes: dict[str, Any] = dict.fromkeys(names)
    if reply.schema_type == SchemaType.AVRO.value:
        changes["schema_type"] = None
    return msgspec.structs.replace(reply, **changes)


def code_at(level: int, fault: Fault) -> int:
    """The code of a fault at this level."""
    return fault.code if level >= NEWEST else CODES.get(fault, fault.code)
