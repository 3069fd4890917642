"""What releases before 8 answered otherwise."""

from __future__ import annotations

import pytest

from registan.contract.body.policy import ModeReply
from registan.contract.body.schema import (
    ExtendedSchemaReply,
    RegisterReply,
    SchemaReply,
    SchemaStringReply,
)
from registan.contract.json_text import encode
from registan.contract.wire_level import LEFT_OUT, NEWEST, code_at, reply_at
from registan.model.fault import Fault

REGISTERED = RegisterReply(id=7, version=1, guid="g", schema_type="AVRO", schema='"int"', ts=1, deleted=False)
VERSION = SchemaReply(
    subject="s", version=1, id=7, guid="g", schema_type="AVRO", schema='"int"', ts=1, deleted=False
)
BY_ID = SchemaStringReply(
    subject="s", version=1, guid="g", schema_type="JSON", schema="{}", max_id=9, ts=1, deleted=True
)
ROW = ExtendedSchemaReply(
    subject="s",
    version=1,
    id=7,
    guid="g",
    schema_type="AVRO",
    schema='"int"',
    ts=1,
    deleted=False,
    aliases=["a"],
)


@pytest.mark.parametrize("reply", [REGISTERED, VERSION, BY_ID, [ROW], [1, 2], 3, ModeReply()])
def test_the_newest_level_changes_nothing(reply):
    assert reply_at(NEWEST, reply) is reply


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (REGISTERED, b'{"id":7}'),
        (VERSION, b'{"subject":"s","version":1,"id":7,"schema":"\\"int\\""}'),
        (BY_ID, b'{"schemaType":"JSON","schema":"{}","maxId":9}'),
        ([ROW], b'[{"subject":"s","version":1,"id":7,"schema":"\\"int\\"","aliases":["a"]}]'),
        ([1, 2], b"[1,2]"),
        ([], b"[]"),
        (ModeReply(), b"{}"),
    ],
)
def test_level_7(reply, told):
    assert encode(reply_at(7, reply)) == told


def test_incompatible_schemas_have_their_old_code():
    assert code_at(7, Fault.INCOMPATIBLE_SCHEMA) == 409
    assert code_at(8, Fault.INCOMPATIBLE_SCHEMA) == 40901
    assert code_at(7, Fault.SUBJECT_NOT_FOUND) == 40401


@pytest.mark.parametrize("reply", LEFT_OUT, ids=lambda reply: reply.__name__)
def test_what_is_left_out_can_be(reply):
    optional = {name for name in LEFT_OUT[reply] if name in reply.__struct_fields__}
    assert optional == set(LEFT_OUT[reply])
    assert "schema_type" in reply.__struct_fields__
