"""How recorded cases of a format are run: shared by the test modules of the formats.

A test module names its FORMAT, the DIRECTORY of its cases and its DISAGREEMENTS. Its tests take `cases` (the
runner) and `parse_case` and `kind`, or `compat_case`.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from registan.core.compatibility import Old, closing, violations
from registan.formats.memo import Parsed
from registan.formats.protocol import Invalid, Policy, SchemaFormat
from registan.model.policy import CompatibilityLevel
from registan.model.schema import Reference, Referenced, Source, guid

REFUSED = 422


def load(directory: str, name: str) -> list[dict]:
    path = Path(__file__).parent / directory / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for fixture, name in (("parse_case", "parse.jsonl"), ("compat_case", "compat.jsonl")):
        if fixture in metafunc.fixturenames:
            recorded = load(metafunc.module.DIRECTORY, name)
            metafunc.parametrize(fixture, recorded, ids=[case["case"] for case in recorded])
    if "kind" in metafunc.fixturenames and "parse_case" in metafunc.fixturenames:
        metafunc.parametrize("kind", ["as_is", "normalized"])


@pytest.fixture
def cases(request: pytest.FixtureRequest) -> "Cases":
    module = request.module
    return Cases(module.FORMAT, module.DISAGREEMENTS, told_apart=getattr(module, "TOLD_APART", False))


def missing_version(sent: list[dict]) -> bool:
    """Whether a reference names a version that registering each text once does not make."""
    return any(r["version"] > 1 or missing_version(r.get("references") or []) for r in sent)


class Cases:
    """Runs recorded cases against a format.

    `disagreements`: case → why it cannot agree. `told_apart`: a text that cannot be read is refused in other
    words than one that means nothing.
    """

    def __init__(
        self, format_: SchemaFormat[Any], disagreements: dict[str, str], *, told_apart: bool
    ) -> None:
        self.format = format_
        self.disagreements = disagreements
        self.told_apart = told_apart

    def closure(self, case: str, sent: list[dict]) -> dict[str, Referenced]:
        """References by name, inner ones first."""
        found: dict[str, Referenced] = {}
        for reference in sent:
            for name, inner in self.closure(case, reference.get("references") or []).items():
                found.setdefault(name, inner)
            source = Source(self.format.type, self._stored(case, reference))
            subject = f"{case}.{reference['subject']}"
            found.setdefault(reference["name"], Referenced(subject, reference["version"], source))
        return found

    def _stored(self, case: str, schema: dict) -> str:
        """The text that a reference names: not what was sent, but what was stored."""
        return self.format.canonical(self.parsed(case, schema))

    def references(self, case: str, sent: list[dict]) -> tuple[Reference, ...]:
        return tuple(Reference(r["name"], f"{case}.{r['subject']}", r["version"]) for r in sent)

    def parsed(self, case: str, schema: dict, *, strict: bool = True) -> Any:
        sent = schema.get("references") or []
        source = Source(self.format.type, schema["schema"], self.references(case, sent))
        return self.format.parse(source, self.closure(case, sent), strict=strict)

    def check_parse(self, case: dict, kind: str) -> None:
        """Stored text, guid and references, or the refusal, are those of the recording."""
        name, answer = case["case"], case["answer"].get(kind)
        if answer is None or name in self.disagreements:
            pytest.skip(self.disagreements.get(name, "no answer was recorded"))
        sent = case.get("references") or []
        if missing_version(sent):
            assert answer["status"] == REFUSED
            return
        if answer["status"] == REFUSED:
            self._check_refusal(case, kind, answer)
            return
        schema, listed = self.parsed(name, case), self.references(name, sent)
        if kind == "normalized":
            schema = self.format.normalize(schema)
            listed = tuple(sorted(dict.fromkeys(listed), key=lambda r: (r.subject, r.version)))
        text = self.format.canonical(schema)
        assert text == answer["schema"]
        assert [dict(r._asdict()) for r in listed] == answer.get("references", [])
        assert guid(Source(self.format.type, text, listed)) == answer["guid"]
        self._check_found_again(case)

    def _check_refusal(self, case: dict, kind: str, answer: dict) -> None:
        def prepare() -> None:
            schema = self.parsed(case["case"], case)
            if kind == "normalized":
                self.format.normalize(schema)

        with pytest.raises(Invalid) as refused:
            prepare()
        message = answer["body"]["message"]
        if self.told_apart and message != "Empty schema":
            assert message.startswith("Invalid schema of type") == refused.value.syntax

    def _check_found_again(self, case: dict) -> None:
        """The text means the same as what was stored of it."""
        if case["answer"].get("found_again") == 200:
            schema = self.parsed(case["case"], case)
            stored = self.parsed(
                case["case"], {**case, "schema": self.format.canonical(schema)}, strict=False
            )
            assert self.format.same(schema, stored)

    def check_compatibility(self, case: dict) -> None:
        """Verdict and messages of every level are those of the recording, in any order."""
        name = case["case"]
        if name in self.disagreements:
            pytest.skip(self.disagreements[name])
        *previous, new = (
            self._memoized(name, each, strict=i == len(case["previous"]))
            for i, each in enumerate([*case["previous"], case["new"]])
        )
        previous = self._versions(previous)
        for level, answer in case["answer"].items():
            if new is None:
                assert answer.get("status", 200) == REFUSED or not answer["is_compatible"], level
                continue
            got = messages(CompatibilityLevel(level), previous, new)
            assert (not got) == answer["is_compatible"], level
            assert Counter(got) == Counter(answer["messages"]), level

    def _versions(self, registered: list[Parsed]) -> list[Parsed]:
        """Registering what an earlier version means makes no version."""
        versions: list[Parsed] = []
        for each in registered:
            if not any(self.format.same(each.form, earlier.form) for earlier in versions):
                versions.append(each)
        return versions

    def _memoized(self, case: str, schema: dict, *, strict: bool) -> Parsed | None:
        try:
            return Parsed(self.format, self.parsed(case, schema, strict=strict), object())
        except Invalid:
            return None


def messages(level: CompatibilityLevel, previous: list[Parsed], new: Parsed) -> list[str]:
    """The messages of a verbose check; empty if compatible."""
    olds = [Old(version, each, each.text) for version, each in enumerate(previous, start=1)]
    olds.reverse()
    found = violations(level, new, olds if level.transitive else olds[:1], Policy.STRICT)
    return [*found, closing(level, validate_fields=False)] if found else []
