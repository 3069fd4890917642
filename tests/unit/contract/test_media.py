"""Media types: what a client may send, and which of the produced types it gets."""

from __future__ import annotations

from contextlib import suppress

import pytest

from registan.contract.media import PRODUCED, check_content_type, response_type
from registan.model.fault import Fault, Refusal

V1 = b"application/vnd.schemaregistry.v1+json"
V0 = b"application/vnd.schemaregistry+json"
JSON = b"application/json"


@pytest.mark.parametrize("accept", [None, b"", b" ", b"*", b"*/*", b"application/*", b"*/*;q=0.1"])
def test_who_does_not_care_gets_the_newest(accept):
    assert response_type(accept) == V1


@pytest.mark.parametrize("wanted", PRODUCED)
def test_each_produced_type_can_be_had(wanted):
    assert response_type(wanted) == wanted


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (b"application/json, application/vnd.schemaregistry.v1+json", V1),
        (b"application/json, */*", V1),
        (b"application/json, */*;q=0.1", JSON),
        (b"application/json;q=0.5, application/vnd.schemaregistry+json;q=0.9", V0),
        (b"text/html, application/json", JSON),
        (b"application/json;q=0", JSON),
        (b"APPLICATION/JSON", JSON),
        (b"application/json;Q=0.2,application/vnd.schemaregistry+json", V0),
    ],
)
def test_the_highest_quality_wins_and_ties_go_to_the_servers_order(accept, chosen):
    assert response_type(accept) == chosen


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (b"application/json; charset=utf-8", JSON + b";charset=utf-8"),
        (b"application/json;charset=UTF-8;q=0.3", JSON + b";charset=UTF-8"),
        (b"application/json;b=2;a=1", JSON + b";a=1;b=2"),
        (b"application/*;charset=utf-8", V1),
    ],
)
def test_parameters_named_with_a_type_are_echoed(accept, chosen):
    assert response_type(accept) == chosen


@pytest.mark.parametrize(
    "accept", [b"text/plain", b"text/html, image/*", b"application/vnd.schemaregistry.v2+json"]
)
def test_what_cannot_be_produced_is_not_acceptable(accept):
    with pytest.raises(Refusal) as refused:
        response_type(accept)
    assert refused.value.fault is Fault.NOT_ACCEPTABLE


@pytest.mark.parametrize("accept", [b"nonsense", b"application/", b",", b"a/b/c", b"application/json;q=2"])
def test_what_cannot_be_read_is_a_bad_request(accept):
    with pytest.raises(Refusal) as refused:
        response_type(accept)
    assert (refused.value.fault, refused.value.message) == (Fault.BAD_REQUEST, "Bad Request")


@pytest.mark.parametrize(
    "content_type",
    [None, V1, V0, JSON, b"application/octet-stream", b"Application/JSON", JSON + b"; charset=latin-1"],
)
def test_bodies_of_known_types_are_taken(content_type):
    assert check_content_type(content_type) is None


@pytest.mark.parametrize("content_type", [b"text/plain", b"*/*", b"application/*", b"application/x-www-form"])
def test_bodies_of_foreign_types_are_not(content_type):
    with pytest.raises(Refusal) as refused:
        check_content_type(content_type)
    assert refused.value.fault is Fault.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.parametrize("content_type", [b"", b"nonsense", b"application/", b"application/json,"])
def test_a_content_type_that_cannot_be_read_is_a_bad_request(content_type):
    with pytest.raises(Refusal) as refused:
        check_content_type(content_type)
    assert refused.value.fault is Fault.BAD_REQUEST


@pytest.mark.parametrize(
    "header",
    [
        b"application/json" + b";" * 60_000,
        b"application/json" + b"; " * 60_000 + b"!",
        b"application/json" + b" ;\t" * 40_000 + b"(",
        b"*/*," * 20_000,
        b'application/json;a="' + b"\\" * 60_001,
    ],
)
def test_headers_made_to_make_a_parser_go_back_are_answered(header):
    """Were anything tried twice for each character, this would take years and not a moment."""
    for read in (response_type, check_content_type):
        with suppress(Refusal):
            assert read(header) in (None, *PRODUCED)
