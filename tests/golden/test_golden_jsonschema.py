"""The JSON Schema format agrees with what a live registry answered (jsonschema/*.jsonl)."""

import json
from collections import Counter
from pathlib import Path

import pytest

from registan.core.compatibility import Old, closing, violations
from registan.core.sources import invalid_text
from registan.formats.jsonschema import JSON_SCHEMA, JsonSchema
from registan.formats.memo import Parsed
from registan.formats.protocol import Invalid, Policy
from registan.model.policy import CompatibilityLevel
from registan.model.schema import Reference, Referenced, SchemaType, Source, guid
from registan.model.subject import Subject

HERE = Path(__file__).parent / "jsonschema"
REFUSED = 422

DISAGREEMENTS: dict[str, str] = {}
"""Case → why it cannot agree. May only shrink."""


def load(name: str) -> list[dict]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


def closure(case: str, sent: list[dict]) -> dict[str, Referenced]:
    """References by name, inner ones first."""
    found: dict[str, Referenced] = {}
    for reference in sent:
        for name, inner in closure(case, reference.get("references") or []).items():
            found.setdefault(name, inner)
        source = Source(SchemaType.JSON, reference["schema"])
        subject = f"{case}.{reference['subject']}"
        found.setdefault(reference["name"], Referenced(subject, reference["version"], source))
    return found


def references(case: str, sent: list[dict]) -> tuple[Reference, ...]:
    return tuple(Reference(r["name"], f"{case}.{r['subject']}", r["version"]) for r in sent)


def source_of(case: str, schema: dict) -> Source:
    return Source(SchemaType.JSON, schema["schema"], references(case, schema.get("references") or []))


def parsed(case: str, schema: dict) -> JsonSchema:
    """The parsed form; its references are registered first, as they were when this was recorded."""
    sent = schema.get("references") or []
    for reference in sent:
        registered(case, reference)
    return JSON_SCHEMA.parse(source_of(case, schema), closure(case, sent))


def registered(case: str, reference: dict) -> None:
    try:
        parsed(case, reference)
    except Invalid:
        msg = f'No schema reference found for subject "{case}.{reference["subject"]}" and version 1'
        raise Invalid(msg) from None


def refusal(case: str, subject: str, schema: dict, invalid: Invalid) -> str:
    if invalid.why == "Empty schema":
        return invalid.why
    return invalid_text(Subject.parse(f"{case}.{subject}"), source_of(case, schema), invalid)


PARSE = load("parse.jsonl")


@pytest.mark.parametrize("kind", ["as_is", "normalized"])
@pytest.mark.parametrize("case", PARSE, ids=lambda case: case["case"])
def test_stored_text_and_guid(case: dict, kind: str) -> None:
    """Stored text, guid and references, or the words of the refusal, are those of the recording."""
    answer = case["answer"].get(kind)
    if answer is None or case["case"] in DISAGREEMENTS:
        pytest.skip(DISAGREEMENTS.get(case["case"], "no answer was recorded"))
    if answer["status"] == REFUSED:
        with pytest.raises(Invalid) as refused:
            parsed(case["case"], case)
        assert refusal(case["case"], kind, case, refused.value) == answer["body"]["message"]
        return
    schema = parsed(case["case"], case)
    listed = references(case["case"], case.get("references") or [])
    if kind == "normalized":
        schema = JSON_SCHEMA.normalize(schema)
        listed = tuple(sorted(dict.fromkeys(listed), key=lambda r: (r.subject, r.version)))
    text = JSON_SCHEMA.canonical(schema)
    assert text == answer["schema"]
    assert [dict(r._asdict()) for r in listed] == answer.get("references", [])
    assert guid(Source(SchemaType.JSON, text, listed)) == answer["guid"]


def messages(level: CompatibilityLevel, previous: list[Parsed], new: Parsed) -> list[str]:
    """The messages of a verbose check; empty if compatible."""
    olds = [Old(version, each, each.text) for version, each in enumerate(previous, start=1)]
    olds.reverse()
    found = violations(level, new, olds if level.transitive else olds[:1], Policy.STRICT)
    return [*found, closing(level, validate_fields=False)] if found else []


@pytest.mark.parametrize("case", load("compat.jsonl"), ids=lambda case: case["case"])
def test_compatibility(case: dict) -> None:
    """Verdict and messages of every level are those of the recording, in any order."""
    name = case["case"]
    if name in DISAGREEMENTS:
        pytest.skip(DISAGREEMENTS[name])
    previous = [Parsed(JSON_SCHEMA, parsed(name, each), object()) for each in case["previous"]]
    try:
        new = Parsed(JSON_SCHEMA, parsed(name, case["new"]), object())
    except Invalid as invalid:
        new = None
        refused = refusal(name, "value", case["new"], invalid)
    for level, answer in case["answer"].items():
        got = messages(CompatibilityLevel(level), previous, new) if new is not None else [refused]
        assert (not got) == answer["is_compatible"], level
        assert Counter(got) == Counter(answer["messages"]), level
