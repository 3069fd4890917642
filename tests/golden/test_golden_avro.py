"""The Avro format agrees with what a live registry answered (avro/*.jsonl)."""

from registan.formats.avro import AVRO

FORMAT = AVRO
DIRECTORY = "avro"
DISAGREEMENTS: dict[str, str] = {}
"""Case → why it cannot agree. May only shrink."""


def test_stored_text_and_guid(cases, parse_case: dict, kind: str) -> None:
    """Stored text, guid and references, or the refusal, are those of the recording, and it is found again."""
    cases.check_parse(parse_case, kind)


def test_compatibility(cases, compat_case: dict) -> None:
    """Verdict and messages of every level are those of the recording, in any order."""
    cases.check_compatibility(compat_case)
