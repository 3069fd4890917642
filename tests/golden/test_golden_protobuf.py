"""The Protobuf format agrees with what a live registry answered (protobuf/*.jsonl)."""

import json
from collections import Counter
from pathlib import Path

import pytest

from registan.core.compatibility import Old, closing, violations
from registan.formats.memo import Parsed
from registan.formats.protobuf import PROTOBUF, ProtobufSchema
from registan.formats.protocol import Invalid, Policy
from registan.model.policy import CompatibilityLevel
from registan.model.schema import Reference, Referenced, SchemaType, Source, guid

HERE = Path(__file__).parent / "protobuf"
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
        source = Source(SchemaType.PROTOBUF, reference["schema"])
        subject = f"{case}.{reference['subject']}"
        found.setdefault(reference["name"], Referenced(subject, reference["version"], source))
    return found


def references(case: str, sent: list[dict]) -> tuple[Reference, ...]:
    return tuple(Reference(r["name"], f"{case}.{r['subject']}", r["version"]) for r in sent)


def parsed(case: str, schema: dict) -> ProtobufSchema:
    sent = schema.get("references") or []
    source = Source(SchemaType.PROTOBUF, schema["schema"], references(case, sent))
    return PROTOBUF.parse(source, closure(case, sent))


def missing_version(sent: list[dict]) -> bool:
    """Whether a reference names a version that registering each text once does not make."""
    return any(r["version"] > 1 or missing_version(r.get("references") or []) for r in sent)


PARSE = load("parse.jsonl")


@pytest.mark.parametrize("kind", ["as_is", "normalized"])
@pytest.mark.parametrize("case", PARSE, ids=lambda case: case["case"])
def test_stored_text_and_guid(case: dict, kind: str) -> None:
    """Stored text, guid and references, or the refusal, are those of the recording."""
    answer = case["answer"].get(kind)
    if answer is None or case["case"] in DISAGREEMENTS:
        pytest.skip(DISAGREEMENTS.get(case["case"], "no answer was recorded"))
    sent = case.get("references") or []
    if missing_version(sent):
        assert answer["status"] == REFUSED
        return
    if answer["status"] == REFUSED:
        with pytest.raises(Invalid) as refused:
            parsed(case["case"], case)
        # Two kinds of refusal read differently on the wire.
        message = answer["body"]["message"]
        if message != "Empty schema":
            assert message.startswith("Invalid schema of type") == refused.value.syntax
        return
    schema = parsed(case["case"], case)
    listed = references(case["case"], sent)
    if kind == "normalized":
        schema = PROTOBUF.normalize(schema)
        listed = tuple(sorted(dict.fromkeys(listed), key=lambda r: (r.subject, r.version)))
    text = PROTOBUF.canonical(schema)
    assert text == answer["schema"]
    assert [dict(r._asdict()) for r in listed] == answer.get("references", [])
    assert guid(Source(SchemaType.PROTOBUF, text, listed)) == answer["guid"]


def messages(level: CompatibilityLevel, previous: list[Parsed], new: Parsed) -> list[str]:
    """The messages of a verbose check; empty if compatible."""
    olds = [Old(version, each, each.text) for version, each in enumerate(previous, start=1)]
    olds.reverse()
    found = violations(level, new, olds if level.transitive else olds[:1], Policy.STRICT)
    return [*found, closing(level, validate_fields=False)] if found else []


@pytest.mark.parametrize("case", load("compat.jsonl"), ids=lambda case: case["case"])
def test_compatibility(case: dict) -> None:
    """Verdict and messages of every level are those of the recording, in any order."""
    if case["case"] in DISAGREEMENTS:
        pytest.skip(DISAGREEMENTS[case["case"]])
    *previous, new = (
        Parsed(PROTOBUF, parsed(case["case"], each), object()) for each in [*case["previous"], case["new"]]
    )
    for level, answer in case["answer"].items():
        got = messages(CompatibilityLevel(level), previous, new)
        assert (not got) == answer["is_compatible"], level
        assert Counter(got) == Counter(answer["messages"]), level
