"""Faults and refusals. That every template renders is told in tests/tidy."""

from __future__ import annotations

import pickle

import pytest

from registan.model.fault import Fault, Refusal


def test_two_faults_of_one_code_are_two():
    assert Fault.SCHEMA_NOT_FOUND.code == Fault.SCHEMA_ID_NOT_FOUND.code == 40403
    assert Fault.SCHEMA_NOT_FOUND is not Fault.SCHEMA_ID_NOT_FOUND


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.SUBJECT_NOT_FOUND, 404),
        (Fault.INCOMPATIBLE_SCHEMA, 409),
        (Fault.INVALID_SCHEMA, 422),
        (Fault.UNSUPPORTED_MEDIA_TYPE, 415),
        (Fault.INTERNAL, 500),
        (Fault.STORE_UNAVAILABLE, 503),
    ],
)
def test_the_status_follows_from_the_code(fault, status):
    assert fault.status == status


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        (Refusal(Fault.SUBJECT_NOT_FOUND, subject="a"), "40401 Subject 'a' not found."),
        (Refusal(Fault.VERSION_NOT_FOUND, version=-1), "40402 Version -1 not found."),
        (
            Refusal(Fault.SUBJECT_SOFT_DELETED, subject=":.c:a"),
            "40404 Subject ':.c:a' was soft deleted.Set permanent=true to delete permanently",
        ),
        (
            Refusal(Fault.REFERENCE_EXISTS, subject="s", version=2),
            (
                "42206 One or more references exist to the schema "
                "{magic=1,keytype=SCHEMA,subject=s,version=2}."
            ),
        ),
        (
            Refusal(Fault.INCOMPATIBLE_SCHEMA, subject="s", details="a, b"),
            (
                "40901 Schema being registered is incompatible with an earlier schema for subject "
                '"s", details: [a, b]'
            ),
        ),
        (
            Refusal(Fault.CONTEXT_NOT_EMPTY, context=":.c1:"),
            "42211 The specified context ':.c1:' is not empty.",
        ),
    ],
)
def test_the_texts_of_the_wire(refusal, text):
    assert str(refusal) == text


@pytest.mark.parametrize("text", ["{x}", "{", "}}", "{0}", "%s", "{subject}"])
def test_what_a_client_sent_is_never_a_template(text):
    assert Refusal(Fault.SUBJECT_NOT_FOUND, subject=text).message == f"Subject '{text}' not found."
    assert Refusal(Fault.INVALID_SCHEMA, why=text).message == text


def test_a_missing_value_is_a_defect():
    with pytest.raises(KeyError):
        Refusal(Fault.SUBJECT_NOT_FOUND)


def test_faults_are_told_apart_in_another_process_too():
    assert pickle.loads(pickle.dumps(Fault.SCHEMA_ID_NOT_FOUND)) is Fault.SCHEMA_ID_NOT_FOUND
