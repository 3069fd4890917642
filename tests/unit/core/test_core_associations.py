"""Associations: what they may be, what they forbid, and how they end (docs/wire.md, associations)."""

from __future__ import annotations

import pytest

from registan.model.fault import Fault, Refusal
from registan.testing.compare import view
from registan.testing.core_kit import PROTO, Core, proto

SCHEMA = {"schemaType": "PROTOBUF", "schema": PROTO}
OWN = ":.ns:t-value"


def request(*associations, name="t", **more):
    body = {"resourceName": name, "resourceNamespace": "ns", "resourceId": f"id-{name}"}
    return {**body, "associations": list(associations), **more}


def create(core: Core, *associations, dry_run=False, **more):
    return core.call("association.create", body=request(*associations, **more), dry_run=dry_run)


def put(core: Core, *associations, **more):
    body = request(*associations, **more)
    return core.call("association.put", resource_id=body["resourceId"], body=body)


def delete(core: Core, resource_id="id-t", **args):
    return core.call("association.delete", resource_id=resource_id, **args)


def of(core: Core, subject: str, **args):
    found = core.call("association.ofsubject", subject=subject, **args)
    return [(row["resourceName"], row["associationType"], row["lifecycle"]) for row in found]


def refused(call, *args, **kwargs) -> tuple[Fault, str]:
    with pytest.raises(Refusal) as info:
        call(*args, **kwargs)
    return info.value.fault, info.value.message


def detail(call, *args, **kwargs) -> str:
    fault, message = refused(call, *args, **kwargs)
    assert fault is Fault.INVALID_ASSOCIATION
    return message.removeprefix("The association specified an invalid value for property: ")


@pytest.fixture
def core() -> Core:
    core = Core()
    core.register("s")
    return core


def test_a_weak_association_needs_a_live_subject(core):
    made = create(core, {"subject": "s"})
    assert made["associations"] == [{"subject": "s", "associationType": "value", "lifecycle": "WEAK"}]
    assert made["resourceType"] == "topic"
    assert refused(create, core, {"subject": "none"}, name="u")[0] is Fault.NO_ACTIVE_VERSION


def test_the_same_again_changes_nothing_and_says_so(core):
    create(core, {"subject": "s"})
    seq = core.state.seq
    assert "associations" not in create(core, {"subject": "s", "lifecycle": "WEAK"})
    assert core.state.seq == seq


def test_another_one_of_the_type_is_refused(core):
    create(core, {"subject": "s"})
    fault, message = refused(create, core, {"subject": "other"})
    assert fault is Fault.ASSOCIATION_EXISTS_FOR_RESOURCE
    assert message == "An association of type 'value' already exists for resource 't'"


def test_a_schema_makes_it_strong_in_a_subject_of_its_own(core):
    made = create(core, {"schema": SCHEMA})["associations"][0]
    assert (made["subject"], made["lifecycle"]) == (OWN, "STRONG")
    assert (made["schema"]["subject"], made["schema"]["version"]) == (OWN, 1)
    assert "ts" not in made["schema"]
    assert "associations" not in create(core, {"schema": SCHEMA})
    other = {"schemaType": "PROTOBUF", "schema": proto("int64 b")}
    assert refused(create, core, {"schema": other})[0] is Fault.ASSOCIATION_EXISTS_FOR_RESOURCE


def test_key_and_value_in_one_request_get_ids_of_their_own(core):
    other = {"schemaType": "PROTOBUF", "schema": proto("int64 b")}
    made = create(core, {"associationType": "key", "schema": SCHEMA}, {"schema": other})["associations"]
    assert [info["schema"]["id"] for info in made] == [1, 2]
    guids = {row["guid"] for row in core.call("association.ofresource", resource_id="id-t")}
    assert len(guids) == 2


def test_a_request_is_granted_as_a_whole_or_not_at_all(core):
    before = view(core.state)
    bad = {"schemaType": "PROTOBUF", "schema": "nonsense"}
    fault, _ = refused(create, core, {"associationType": "key", "schema": SCHEMA}, {"schema": bad})
    assert fault is Fault.INVALID_SCHEMA
    assert view(core.state) == before


def test_a_dry_run_checks_and_writes_nothing(core):
    before = view(core.state)
    assert "associations" not in create(core, {"schema": SCHEMA}, dry_run=True)
    assert refused(create, core, {"subject": "none"}, dry_run=True)[0] is Fault.NO_ACTIVE_VERSION
    assert view(core.state) == before


@pytest.mark.parametrize(
    ("association", "expected"),
    [
        ({}, "'subject', detail: must be provided for WEAK associations"),
        ({"subject": ""}, "'subject', detail: must not be empty"),
        ({"subject": OWN}, f"'subject', detail: WEAK associations cannot use subject '{OWN}'"),
        (
            {"subject": "s", "schema": SCHEMA},
            f"'subject', detail: frozen associations must use subject '{OWN}'",
        ),
        (
            {"lifecycle": "STRONG"},
            "'schema', detail: schema must be provided when creating a frozen association",
        ),
        (
            {"schema": SCHEMA, "lifecycle": "WEAK"},
            "'lifecycle', detail: cannot be WEAK when schema is provided",
        ),
        (
            {"schema": SCHEMA, "frozen": False},
            "'frozen', detail: cannot be false when a schema is provided",
        ),
        (
            {"subject": "s", "lifecycle": "WEAK", "frozen": True},
            "'frozen', detail: association with lifecycle of WEAK cannot be frozen=true",
        ),
        (
            {"lifecycle": "STRONG", "frozen": False},
            "'frozen', detail: association with lifecycle of STRONG cannot be frozen=false",
        ),
        (
            {"subject": "s", "associationType": "both"},
            "'associationType', detail: must be either 'key' or 'value'",
        ),
    ],
)
def test_what_contradicts_itself(core, association, expected):
    assert detail(create, core, association) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"resourceName": None}, "'resourceName', detail: cannot be null or empty"),
        ({"resourceName": "a.b"}, "'resourceName', detail: illegal character '.'"),
        ({"resourceName": "a" * 257}, "'resourceName', detail: exceeds max length of 256"),
        ({"resourceNamespace": ""}, "'resourceNamespace', detail: cannot be null or empty"),
        ({"resourceId": ""}, "'resourceId', detail: cannot be null or empty"),
        ({"resourceType": "queue"}, "'resourceType', detail: must be 'topic'"),
        ({"associations": []}, "'associations', detail: cannot be null or empty"),
        (
            {"associations": [{"subject": "s"}, {"subject": "s"}]},
            "'associationType', detail: may only appear once per request, but 'value' appears more than once",
        ),
    ],
)
def test_what_a_request_must_say(core, more, expected):
    assert detail(create, core, {"subject": "s"}, **more) == expected


def test_a_null_among_associations_is_unreadable(core):
    assert refused(create, core, None)[0] is Fault.BAD_REQUEST


def test_all_associations_of_a_resource_have_one_lifecycle(core):
    create(core, {"schema": SCHEMA})
    said = detail(create, core, {"subject": "s", "associationType": "key"})
    assert said.endswith("must have the same lifecycle, but got value=STRONG, key=WEAK")


def test_a_subject_of_a_resource_is_not_for_others(core):
    create(core, {"schema": SCHEMA})
    fault, _ = refused(create, core, {"subject": OWN}, name="u")
    assert fault is Fault.STRONG_ASSOCIATION_EXISTS
    core.register(":.ns:v-value")
    create(core, {"subject": ":.ns:v-value"}, name="u")
    fault, _ = refused(create, core, {"schema": SCHEMA}, name="v")
    assert fault is Fault.ASSOCIATION_EXISTS_FOR_SUBJECT


def test_strong_and_referred_to_exclude_each_other(core):
    user = 'syntax = "proto3"; import "b.proto"; message U { p.M m = 1; }'
    references = [{"name": "b.proto", "subject": "t-value", "version": 1}]
    core.register(OWN)
    core.register(":.ns:user", user, references=references)
    assert refused(create, core, {"schema": SCHEMA})[0] is Fault.REFERENCE_EXISTS
    create(core, {"schema": SCHEMA}, name="other")
    references[0]["subject"] = "other-value"
    fault, message = refused(core.register, ":.ns:user2", user, references=references)
    assert fault is Fault.OPERATION_NOT_PERMITTED
    assert message == "Subject 'other-value' has a strong association and cannot be referenced"


def test_an_associated_subject_cannot_be_deleted(core):
    create(core, {"subject": "s"})
    fault, _ = refused(core.call, "subject.delete", subject="s")
    assert fault is Fault.ASSOCIATION_EXISTS_FOR_SUBJECT
    fault, _ = refused(core.call, "version.delete", subject="s", version="1")
    assert fault is Fault.NO_ACTIVE_VERSION
    core.call("config.put", subject="s", body={"compatibility": "NONE"})
    core.register("s", proto("int64 c"))
    assert core.call("version.delete", subject="s", version="1") == 1


def test_a_read_only_subject_is_refused_with_its_bare_context(core):
    core.call("mode.put", subject="s", body={"mode": "READONLY"})
    fault, message = refused(create, core, {"subject": "s"})
    assert fault is Fault.OPERATION_NOT_PERMITTED
    assert message == "Subject s in context . is in read-only mode"


def test_updates_add_weak_ones_only(core):
    assert put(core, {"subject": "s"})["associations"][0]["lifecycle"] == "WEAK"
    assert "associations" not in put(core, {"subject": "s"})
    said = detail(put, core, {"schema": SCHEMA}, name="u")
    assert said.startswith("'schema', detail: cannot be provided when adding an association")
    said = detail(put, core, {"subject": "other"})
    assert said == "'lifecycle', detail: at least lifecycle or schema must be provided for update"
    create(core, {"schema": SCHEMA}, name="v")
    other = {"schemaType": "PROTOBUF", "schema": proto("int64 b")}
    assert refused(put, core, {"schema": other}, name="v")[0] is Fault.ASSOCIATION_FROZEN


def test_the_id_in_the_path_must_be_the_one_in_the_body(core):
    body = request({"subject": "s"})
    assert "does not match" in detail(core.call, "association.put", resource_id="x", body=body)


def test_listing_and_its_filters(core):
    for name in ("b", "a"):
        create(core, {"subject": "s"}, {"subject": "s", "associationType": "key"}, name=name)
    everything = [("a", "key", "WEAK"), ("a", "value", "WEAK"), ("b", "key", "WEAK"), ("b", "value", "WEAK")]
    assert of(core, "s") == everything
    assert of(core, "s", association_type=("key",)) == everything[::2]
    assert of(core, "s", offset=1, limit=1) == everything[1:2]
    assert of(core, "s", resource_type="other") == []
    named = core.call("association.ofnamed", resource_namespace="-", resource_name="a")
    assert [row["associationType"] for row in named] == ["key", "value"]
    anything = core.call(
        "association.ofnamed", resource_namespace="ns", resource_name="-", resource_type="other"
    )
    assert len(anything) == 4


def test_one_id_may_have_several_names_and_one_name_several_ids(core):
    create(core, {"subject": "s"})
    create(core, {"subject": "s"}, resourceId="another")
    assert [row["resourceId"] for row in core.call("association.ofsubject", subject="s")] == ["another"]
    create(core, {"subject": "s"}, name="u", resourceId="another2")
    assert len(core.call("association.ofsubject", subject="s")) == 2


def test_ending_a_weak_one_leaves_the_subject(core):
    create(core, {"subject": "s"})
    assert refused(delete, core, association_type=("key",))[0] is Fault.ASSOCIATION_NOT_FOUND
    delete(core, dry_run=True)
    assert of(core, "s")
    delete(core)
    assert of(core, "s") == []
    assert core.call("subject.delete", subject="s") == [1]


def test_ending_a_strong_one_ends_its_subject(core):
    create(core, {"schema": SCHEMA})
    fault, message = refused(delete, core)
    assert fault is Fault.ASSOCIATION_FROZEN
    assert message == f"The association of type  'value' is frozen for subject '{OWN}'"
    delete(core, cascade_lifecycle=True)
    with pytest.raises(Refusal):
        core.call("version.list", subject=OWN, deleted=True)
    assert core.state.schema(".ns", 1) is None


def test_a_batch_grants_each_request_by_itself(core):
    requests = [
        request({"subject": "s", "opType": "CREATE"}, name="a"),
        request(
            {"subject": "s", "associationType": "key", "opType": "CREATE"},
            {"subject": "x", "opType": "UPSERT"},
        ),
        request({"opType": "DELETE"}, name="a"),
        request({"opType": "DELETE"}, name="never"),
    ]
    results = core.call("association.batchmutate", body={"requests": requests})["results"]
    assert [list(result) for result in results] == [["result"], ["error"], ["result"], ["result"]]
    assert results[1]["error"]["error_code"] == 40907
    assert of(core, "s") == []


def test_an_unknown_operation_makes_the_batch_unreadable(core):
    body = {"requests": [request({"subject": "s", "opType": "FOO"})]}
    fault, message = refused(core.call, "association.batchmutate", body=body)
    assert fault is Fault.BAD_REQUEST
    assert "known type ids = [CREATE, DELETE, UPSERT]" in message


def test_several_resources_at_once(core):
    create(core, {"subject": "s"})
    asked = [
        {"resourceId": "id-t"},
        {"resourceNamespace": "ns", "resourceName": "t"},
        {"resourceId": "none"},
        {"resourceName": "t"},
    ]
    results = core.call("association.batchget", body={"requests": asked}, include_schemas=True)["results"]
    assert results[0] == results[1]
    info = results[0]["result"]["associations"][0]
    assert (info["schema"]["version"], info["schema"]["deleted"]) == (1, False)
    assert results[2] == {"result": {"resourceId": "none", "resourceType": "topic"}}
    assert results[3]["error"]["error_code"] == 42212


def test_schemas_are_listed_by_the_associations_of_their_subject(core):
    core.register("free", proto("int64 z"))
    create(core, {"subject": "s"}, {"subject": "s", "associationType": "key"})

    def rows(**args):
        found = core.call("schema.list", **args)
        return [
            (row["subject"], [a["associationType"] for a in row.get("associations", [])]) for row in found
        ]

    assert rows(association_type=("key",)) == [("s", ["key"])]
    assert rows(lifecycle=("WEAK",)) == [("s", ["key", "value"])]
    assert rows(lifecycle=("STRONG",)) == []
    assert rows(lifecycle=("NONE",)) == [("free", [])]
    assert rows() == [("free", []), ("s", [])]
