"""The JSON Schema format agrees with what a live registry answered (jsonschema/*.jsonl)."""

import pytest

from registan.formats.jsonschema import JSON_SCHEMA
from registan.formats.protocol import Invalid

FORMAT = JSON_SCHEMA
DIRECTORY = "jsonschema"
TOLD_APART = True
DISAGREEMENTS: dict[str, str] = {}
"""Case → why it cannot agree. May only shrink."""


def test_stored_text_and_guid(cases, parse_case: dict, kind: str) -> None:
    """Stored text, guid and references, or the refusal, are those of the recording, and it is found again."""
    cases.check_parse(parse_case, kind)


def test_compatibility(cases, compat_case: dict) -> None:
    """Verdict and messages of every level are those of the recording, in any order."""
    cases.check_compatibility(compat_case)


def test_refusals_are_worded_as_recorded(cases, parse_case: dict) -> None:
    """What the format says of a text that it refuses ends the recorded message."""
    answer = parse_case["answer"]["as_is"]
    if answer["status"] == 200:
        assert cases.parsed(parse_case["case"], parse_case) is not None
        return
    with pytest.raises(Invalid) as refused:
        cases.parsed(parse_case["case"], parse_case)
    message = answer["body"]["message"]
    if "No schema reference found" not in message:
        assert message.endswith(str(refused.value))
