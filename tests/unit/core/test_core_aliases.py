"""Aliases: one hop, on every route of subjects, for every verb (docs/wire.md, filters)."""

from __future__ import annotations

import pytest

from registan.model.fault import Fault
from registan.testing.core_kit import PROTO, Core, proto


def nicked(alias: str = "real", subject: str = "nick") -> Core:
    core = Core()
    core.register("real")
    core.call("config.put", subject=subject, body={"alias": alias})
    return core


def test_reads_writes_and_deletes_follow_an_alias() -> None:
    core = nicked()
    assert core.call("version.get", subject="nick", version="1")["subject"] == "real"
    core.call("config.put", subject="real", body={"compatibility": "NONE"})
    assert core.register("nick", proto("int64 z"))["version"] == 2
    assert core.call("subject.delete", subject="nick") == [1, 2]
    assert core.call("subject.list", deleted=True) == ["real"]


def test_an_alias_hides_a_subject_of_its_own_name() -> None:
    core = Core()
    core.register("real")
    core.register("nick", proto("string s"))
    core.call("config.put", subject="nick", body={"alias": "real"})
    assert core.call("version.text", subject="nick", version="1") == PROTO


def test_an_alias_of_an_alias_is_not_followed() -> None:
    core = nicked()
    core.call("config.put", subject="nicknick", body={"alias": "nick"})
    assert core.refusal("version.list", subject="nicknick").message == "Subject 'nick' not found."


def test_an_unqualified_alias_stays_in_the_context_of_the_subject() -> None:
    core = nicked("real", ":.c:nick")
    assert core.refusal("version.list", subject=":.c:nick").message == "Subject ':.c:real' not found."


def test_a_qualified_alias_leads_anywhere() -> None:
    core = Core()
    core.register(":.d:real")
    core.call("config.put", subject=":.c:nick", body={"alias": ":.d:real"})
    assert core.call("version.list", subject=":.c:nick") == [1]


@pytest.mark.parametrize("scope", [":.:", ":.c:"])
def test_an_alias_of_a_whole_context_means_nothing(scope: str) -> None:
    core = nicked("real", scope)
    assert core.refusal("version.list", subject="nick").fault is Fault.SUBJECT_NOT_FOUND
    core = nicked("re/al", scope)
    assert core.refusal("version.list", subject=scope).fault is Fault.SUBJECT_NOT_FOUND


def test_a_raw_slash_in_an_alias_makes_a_path_that_is_no_route() -> None:
    core = nicked("a/b")
    assert core.refusal("version.list", subject="nick").fault is Fault.NOT_FOUND
    core = nicked("a%2Fb")
    assert core.refusal("version.list", subject="nick").message == "Subject 'a/b' not found."


def test_the_subject_of_an_id_may_be_an_alias() -> None:
    core = nicked()
    core.register("other")
    assert core.call("schema.get", id=1, subject="nick")["subject"] == "real"


def test_references_and_prefixes_are_not_aliased() -> None:
    core = nicked()
    text = 'syntax = "proto3";\n\nimport "m.proto";\n\nmessage U {}\n'
    body = {
        "schemaType": "PROTOBUF",
        "schema": text,
        "references": [{"name": "m.proto", "subject": "nick", "version": 1}],
    }
    assert core.refusal("schema.register", subject="u", body=body).fault is Fault.INVALID_SCHEMA
    assert core.call("subject.list", subject_prefix="nick") == []
