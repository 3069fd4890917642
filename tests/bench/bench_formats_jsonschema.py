"""Figures of the JSON Schema format: `python tests/bench/bench_formats_jsonschema.py`.

Each figure is the best of several runs in milliseconds, with the target where there is one, and the ratio
to json.loads on the same text where that means something.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from registan.formats.jsonschema import JSON_SCHEMA, JsonSchema
from registan.model.schema import SchemaType, Source

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"
KINDS: list[dict[str, Any]] = [
    {"type": "string", "maxLength": 80},
    {"type": ["string", "null"], "description": "Free text, as the customer wrote it."},
    {"type": "integer", "minimum": 0},
    {"type": "number", "minimum": 0.5, "multipleOf": 0.01},
    {"type": "string", "format": "date-time"},
    {"enum": ["NEW", "PAID", "SENT", "RETURNED"]},
    {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    {"oneOf": [{"type": "null"}, {"type": "string", "pattern": "^[A-Z]{2}[0-9]+$"}]},
    {"type": "boolean", "default": False},
]


def wide(count: int, draft: str, *, step: int = 0, closed: bool = True) -> dict[str, Any]:
    """An object of `count` properties; with `step`, each step-th is widened."""
    properties: dict[str, Any] = {}
    for i in range(count):
        schema = dict(KINDS[i % len(KINDS)])
        if step and i % step == 0 and "maxLength" in schema:
            schema["maxLength"] += 10
        properties[f"field_{i:05}"] = schema
    return {
        "$schema": draft,
        "type": "object",
        "properties": properties,
        "required": [f"field_{i:05}" for i in range(0, count, 3)],
        "additionalProperties": not closed,
    }


def nested(definitions: int, draft: str, *, changed: bool = False) -> dict[str, Any]:
    """Definitions that refer to each other in circles; with `changed`, a property of each changes type."""
    key = "$defs" if draft == DRAFT_2020 else "definitions"
    found = {}
    for i in range(definitions):
        found[f"T{i}"] = {
            "type": "object",
            "properties": {
                "id": {"type": "integer" if changed else "string"},
                "next": {"$ref": f"#/{key}/T{(i + 1) % definitions}"},
                "other": {"oneOf": [{"type": "null"}, {"$ref": f"#/{key}/T{(i * 7 + 3) % definitions}"}]},
                "many": {"type": "array", "items": {"$ref": f"#/{key}/T{(i * 13 + 5) % definitions}"}},
            },
            "required": ["id"],
            "additionalProperties": False,
        }
    return {"$schema": draft, "$ref": f"#/{key}/T0", key: found}


def union(members: int, *, changed: bool = False) -> dict[str, Any]:
    """A union of events told apart by a constant."""
    found = []
    for i in range(members):
        properties = {"kind": {"const": f"event-{i}"}, **wide(6, DRAFT_7)["properties"]}
        if changed and i % 10 == 0:
            properties["field_00000"] = {"type": "integer"}
        found.append({"type": "object", "properties": properties, "required": ["kind"]})
    return {"$schema": DRAFT_7, "oneOf": found}


def parse(text: str) -> JsonSchema:
    return JSON_SCHEMA.parse(Source(SchemaType.JSON, text), {})


def best(work: Callable[[], Any], runs: int = 5) -> float:
    """Milliseconds of the fastest of some runs."""
    found = []
    for _ in range(runs):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found) * 1000


Row = tuple[str, float, str, float | None, bool, str]
"""What is measured, the figure, its unit, the bound, whether that is the least, a note."""


def row(what: str, found: float, target: float | None = None, more: str = "") -> Row:
    return f"JSON Schema: {what}", found, "ms", target, False, more


def reading() -> Iterator[Row]:
    for draft in (DRAFT_7, DRAFT_2020):
        count = 100
        while len(text := json.dumps(wide(count, draft))) < 100_000:
            count += 10
        loads = best(lambda text=text: json.loads(text))
        found = best(lambda text=text: JSON_SCHEMA.canonical(parse(text)))
        name = "2020-12" if draft == DRAFT_2020 else "draft 7"
        yield row(
            f"parse + canonical, {len(text):,} bytes, {name}", found, 40, f"{found / loads:.1f} x json.loads"
        )
        normal = best(lambda text=text: JSON_SCHEMA.canonical(JSON_SCHEMA.normalize(parse(text))))
        yield row(
            f"parse + normalize, {len(text):,} bytes, {name}",
            normal,
            None,
            f"{normal / loads:.1f} x json.loads",
        )


def comparing(what: str, old: dict[str, Any], new: dict[str, Any], target: float | None = None) -> Row:
    texts = json.dumps(old), json.dumps(new)
    writer, reader = map(parse, texts)
    both = best(lambda: [parse(text) for text in texts], 2)
    count = len(JSON_SCHEMA.incompatibilities(reader, writer))
    found = best(lambda: JSON_SCHEMA.incompatibilities(reader, writer), 3)
    return row(
        f"{what}: {len(texts[1]):,} bytes", found, target, f"{count} differences; parsing both {both:.0f} ms"
    )


def facts() -> Iterator[Row]:
    """All figures."""
    yield from reading()
    for draft in (DRAFT_7, DRAFT_2020):
        yield comparing("compare 1,000 properties", wide(1000, draft), wide(1000, draft, step=5), 50)
        yield comparing(
            "compare 1,000 properties, open", wide(1000, draft, closed=False), wide(1001, draft), 50
        )
    yield comparing("compare 10,000 properties", wide(10_000, DRAFT_7), wide(10_010, DRAFT_7, step=2), 2000)
    for draft in (DRAFT_7, DRAFT_2020):
        yield comparing("3,000 types in circles, unchanged", nested(3000, draft), nested(3000, draft), 2000)
        yield comparing(
            "3,000 types in circles, all change", nested(3000, draft), nested(3000, draft, changed=True), 2000
        )
    yield comparing("union of 300, unchanged", union(300), union(300), 2000)
    yield comparing("union of 300, every tenth changes", union(300), union(300, changed=True), 2000)
    yield comparing("union of 1,500, every tenth changes", union(1500), union(1500, changed=True), 2000)


def main() -> None:
    for name, value, unit, bound, _, note in facts():
        aim = f"(target {bound:g})" if bound else ""
        print(f"{name:<78} {value:9.2f} {unit} {aim:<14} {note}")


if __name__ == "__main__":
    main()
