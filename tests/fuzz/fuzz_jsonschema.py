"""Random JSON Schema texts, valid and not, thrown at the format: it answers or refuses, and nothing else.

python tests/fuzz/fuzz_jsonschema.py [COUNT] [--seed N]     (PYTHONPATH=src in a checkout)

Schemas come from a grammar of all drafts with a taste for what is rare (references in circles, ids inside
ids, odd numbers, keywords of other drafts), and some of them are then broken, as trees and as texts. Each
text that is accepted must keep what any schema keeps: printing is stable, the normal form is normal, it
reads what it wrote.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from registan.formats.jsonschema import JSON_SCHEMA, JsonSchema
from registan.formats.protocol import Invalid, Policy, TagEdit
from registan.model.schema import Referenced, SchemaType, Source

DRAFTS = [
    None,
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
    "https://json-schema.org/draft/2020-12/schema",
]
TYPES = ["string", "integer", "number", "boolean", "null", "array", "object"]
NAMES = ["a", "b", "c", "id", "$id", "é", "a/b", "x~y", "", "name", "50%", "\U0001f680"]
KEYS = ["T", "U", "V"]
REFS = [
    *("#", "#/definitions/T", "#/$defs/U", "#/definitions/V", "#/$defs/T", "#spot", "#/properties/a"),
    *("T", "http://x.y/T", "urn:a:b", "other.json", "other.json#/$defs/T", "#/nowhere", "#/", "a b", "%zz"),
    *("http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"),
]
IDS = ["http://x.y/T", "T", "#spot", "urn:a:b", "http://x.y/a/../b", "//h", "x#y", "", "http://[1"]
PATTERNS = [
    *("^a", "b$", "[a-c]+", "(a|b)*c", "(?<!x)y", "\\p{L}", "a{2,3}", "(?:a+)+$", "\\d", ".", ""),
    *("[[a-z]&&[^b]]", "\\Qa\\E", "x*+", "(?i)q", "(", "a**", "\\u{1}", "[", "(a)\\1", "\\bw", "(?=a)b"),
]
COUNTS: list[Any] = [0, 1, 2, 3, 10, -1, 2.0, 1e30, 2**31, "1", None, 10**30]
NUMBERS: list[Any] = [0, 1, -1, 0.1, 2.5, 3, 6, 1e308, 1e-320, 10**400, -(10**20), "1", True, 1e-7]
SCALARS: list[Any] = [
    *(None, True, False, 0, 1, 1.0, -0.0, 10**30, 1e23, 1e-7, float("nan"), float("inf")),
    *("", "x", "a", "é", "\ud83d", "\U0001f680", "\u0001", 'q"\\/\n\u2028', "NaN"),
]
FRAGMENTS = [*'{}[],:" \0-', "null", "1e5", "\\ud83d", "NaN", "0", "//x\n", '"$ref":"#"', "1E-999999999"]


class Maker:
    """Makes trees of schemas, most of them valid. What it does depends on its random numbers only."""

    def __init__(self, rnd: random.Random) -> None:
        self.rnd = rnd
        self.draft = rnd.choice(DRAFTS)

    def maybe(self, chance: float) -> bool:
        return self.rnd.random() < chance

    def some(self, most: int) -> range:
        return range(self.rnd.randrange(most + 1))

    def value(self, depth: int = 2) -> Any:
        kind = self.rnd.random()
        if depth and kind < 0.15:
            return [self.value(depth - 1) for _ in self.some(2)]
        if depth and kind < 0.3:
            return {self.rnd.choice(NAMES): self.value(depth - 1) for _ in self.some(2)}
        return self.rnd.choice(SCALARS)

    def count(self) -> Any:
        return self.rnd.choice(COUNTS) if self.maybe(0.05) else self.rnd.randrange(5)

    def number(self) -> Any:
        return self.rnd.choice(NUMBERS) if self.maybe(0.1) else self.rnd.choice([1, 2, 3, 6, 0.5, 10])

    def names(self) -> list[str]:
        return [self.rnd.choice(NAMES) for _ in self.some(3)]

    def map(self, depth: int, names: list[str]) -> dict[str, Any]:
        return {self.rnd.choice(names): self.schema(depth - 1) for _ in self.some(3)}

    def list(self, depth: int) -> list[Any]:
        return [self.schema(depth - 1) for _ in self.some(3)]

    def pattern(self) -> str:
        return self.rnd.choice(PATTERNS[:-11] if self.maybe(0.9) else PATTERNS)

    def reference(self) -> str:
        return self.rnd.choice(REFS[:5] if self.maybe(0.85) else REFS)

    def type(self) -> Any:
        if self.maybe(0.75):
            return self.rnd.choice(TYPES)
        return [self.rnd.choice(TYPES) for _ in self.some(3)]

    def keyword(self, depth: int) -> tuple[str, Any]:
        """One keyword with a value that often suits it."""
        name = self.rnd.choice(LEAVES if depth <= 0 else ALL)
        return name, KEYWORDS[name](self, depth)

    def schema(self, depth: int) -> Any:
        kind = self.rnd.random()
        if kind < 0.06:
            return self.rnd.choice([True, False, {}])
        if kind < 0.18:
            return {"$ref": self.reference()}
        node: dict[str, Any] = {}
        if kind < 0.7:
            node["type"] = self.type()
            for name in _FITTING.get(node["type"], ()) if isinstance(node["type"], str) else ():
                if self.maybe(0.4):
                    node[name] = KEYWORDS[name](self, depth)
        for _ in self.some(2):
            name, value = self.keyword(depth)
            node[name] = value
        return node

    def root(self) -> Any:
        """A document."""
        if self.maybe(0.03):
            return self.value()
        node = self.schema(4)
        if not isinstance(node, dict):
            return node
        if self.draft is not None:
            node = {"$schema": self.draft, **node}
        if self.maybe(0.8):
            node["definitions"] = {key: self.schema(2) for key in KEYS}
        if self.maybe(0.5):
            node["$defs"] = {key: self.schema(2) for key in KEYS}
        return node

    # -- changes

    def changed(self, tree: Any) -> Any:
        """The tree with one node replaced, removed or doubled."""
        tree = json.loads(json.dumps(tree))
        places = list(_places(tree))
        if not places:
            return self.schema(2)
        holder, key = self.rnd.choice(places)
        choice = self.rnd.random()
        if choice < 0.3:
            del holder[key]
        elif choice < 0.4:
            holder[key] = self.value()
        elif choice < 0.6:
            holder[key] = self.schema(2)
        elif choice < 0.8 and isinstance(holder[key], dict):
            name, value = self.keyword(2)
            holder[key][name] = value
        elif choice < 0.9 and isinstance(holder, list):
            holder.insert(self.rnd.randrange(len(holder) + 1), holder[key])
        else:
            other, name = self.rnd.choice(places)
            holder[key] = json.loads(json.dumps(other[name]))
        return tree

    def broken(self, text: str) -> str:
        """The text with characters gone, doubled or put in."""
        for _ in range(self.rnd.randrange(1, 3)):
            at = self.rnd.randrange(len(text) + 1)
            end = min(len(text), at + self.rnd.randrange(1, 12))
            middle = self.rnd.choice(["", text[at:end] * 2, self.rnd.choice(FRAGMENTS)])
            text = text[:at] + middle + text[end if self.maybe(0.5) else at :]
        return text

    def text(self) -> str:
        """One text to try."""
        tree = self.root()
        for _ in range(self.rnd.choice([0, 0, 1, 1, 2])):
            tree = self.changed(tree)
        text = json.dumps(tree, ensure_ascii=self.maybe(0.5), indent=self.rnd.choice([None, None, 1]))
        return self.broken(text) if self.maybe(0.1) else text


_Make = Callable[[Maker, int], Any]
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_FITTING = {
    "string": ("minLength", "maxLength", "pattern", "format"),
    "integer": _BOUNDS,
    "number": _BOUNDS,
    "array": ("items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems"),
    "object": ("properties", "properties", "required", "additionalProperties", "patternProperties"),
}


def _exclusive(maker: Maker, _: int) -> Any:
    if maker.draft == DRAFTS[1]:
        return maker.maybe(0.5)
    return maker.number()


def _items(maker: Maker, depth: int) -> Any:
    modern = maker.draft in DRAFTS[4:]
    return maker.schema(depth - 1) if modern or maker.maybe(0.6) else maker.list(depth)


def _dependencies(maker: Maker, depth: int) -> Any:
    found = maker.map(depth, NAMES)
    return {name: maker.names() if maker.maybe(0.5) else each for name, each in found.items()}


def _additional(maker: Maker, depth: int) -> Any:
    return maker.maybe(0.3) or (False if maker.maybe(0.4) else maker.schema(depth - 1))


_SCHEMA: _Make = lambda maker, depth: maker.schema(depth - 1)  # noqa: E731
_LIST: _Make = lambda maker, depth: maker.list(depth)  # noqa: E731
_COUNT: _Make = lambda maker, _: maker.count()  # noqa: E731
_FLAG: _Make = lambda maker, _: maker.maybe(0.5)  # noqa: E731
_WORD: _Make = lambda maker, _: maker.rnd.choice(NAMES)  # noqa: E731
KEYWORDS: dict[str, _Make] = {
    **dict.fromkeys(("not", "contains", "propertyNames", "if", "then", "else"), _SCHEMA),
    **dict.fromkeys(("unevaluatedProperties", "unevaluatedItems"), _SCHEMA),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _LIST),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties"), _COUNT),
    **dict.fromkeys(("maxProperties", "minContains", "maxContains"), _COUNT),
    **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly", "deprecated"), _FLAG),
    **dict.fromkeys(("title", "description", "$comment", "format", "unknown"), _WORD),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _exclusive),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), lambda maker, _: maker.number()),
    **dict.fromkeys(("additionalProperties", "additionalItems"), _additional),
    **dict.fromkeys(("properties", "dependentSchemas"), lambda maker, depth: maker.map(depth, NAMES)),
    **dict.fromkeys(("$id", "id"), lambda maker, _: maker.rnd.choice(IDS)),
    **dict.fromkeys(("$anchor", "$dynamicAnchor"), lambda maker, _: maker.rnd.choice(["spot", "T", "é"])),
    "patternProperties": lambda maker, depth: maker.map(depth, [maker.pattern(), maker.pattern()]),
    "items": _items,
    "dependencies": _dependencies,
    "dependentRequired": lambda maker, _: {name: maker.names() for name in maker.names()},
    "required": lambda maker, _: maker.names(),
    "pattern": lambda maker, _: maker.pattern(),
    "enum": lambda maker, _: [maker.value() for _ in maker.some(3)],
    "const": lambda maker, _: maker.value(),
    "default": lambda maker, _: maker.value(),
    "connect.type": lambda maker, _: maker.rnd.choice(["bytes", "int8"]),
    "confluent:tags": lambda maker, _: ["PII"],
    "$ref": lambda maker, _: maker.reference(),
    "$dynamicRef": lambda maker, _: maker.rnd.choice(["#spot", "#T", "#"]),
}
ALL = list(KEYWORDS)
LEAVES = [*_BOUNDS, "minLength", "pattern", "enum", "const", "default", "title", "format", "required", "$ref"]


def _places(tree: Any) -> Any:
    work = [tree]
    while work:
        holder = work.pop()
        if isinstance(holder, dict | list):
            for key in holder if isinstance(holder, dict) else range(len(holder)):
                yield holder, key
                work.append(holder[key])


def parse(text: str, refs: dict[str, Referenced] | None = None) -> JsonSchema:
    return JSON_SCHEMA.parse(Source(SchemaType.JSON, text), refs or {})


def check(text: str, before: JsonSchema | None = None) -> JsonSchema | None:
    """Try one text; None if it is refused. Raises whatever is wrong with an answer."""
    refs = {} if before is None else {"other.json": Referenced("s", 1, Source(SchemaType.JSON, before.text))}
    try:
        schema = parse(text, refs)
    except Invalid as invalid:
        str(invalid).encode()
        return None
    again = parse(schema.text, refs)
    assert again.text == schema.text, "printing is not stable"
    schema.text.encode()
    normal = JSON_SCHEMA.normalize(schema)
    assert JSON_SCHEMA.normalize(normal).text == normal.text, "the normal form is not normal"
    assert JSON_SCHEMA.normalize(parse(normal.text, refs)).text == normal.text
    others = [schema, again, normal] if before is None else [schema, again, normal, before]
    for policy in (Policy.STRICT, Policy.LENIENT):
        for other in others:
            try:
                found = [*JSON_SCHEMA.incompatibilities(schema, other, policy)]
                back = [*JSON_SCHEMA.incompatibilities(other, schema, policy)]
            except Invalid as invalid:
                if invalid.syntax:
                    raise AssertionError from invalid
                continue
            assert other is before or other is normal or not (found or back), "unreadable by itself"
            for each in found + back:
                each.message("new", "old").encode()
    for place in list(JSON_SCHEMA.tags(schema))[:1]:
        added = JSON_SCHEMA.edit_tags(schema, [TagEdit(place.path, place.is_field, ("NEW",))], ())
        assert any("NEW" in each.tags for each in JSON_SCHEMA.tags(added))
    return schema


def run(count: int, seed: int = 0) -> int:
    """Try so many texts; how many were accepted."""
    accepted = 0
    before: JsonSchema | None = None
    for number in range(count):
        text = Maker(random.Random(seed * 1_000_003 + number)).text()
        try:
            schema = check(text, before)
        except Exception:
            print(f"text {number} of seed {seed}: {text!r}", file=sys.stderr)
            if before is not None:
                print(f"after {before.text!r}", file=sys.stderr)
            raise
        if schema is not None:
            accepted += 1
            before = JsonSchema(schema.json, {})
            try:
                _ = before.model
            except Invalid:  # it stood on its reference
                before = None
    return accepted


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("count", type=int, nargs="?", default=100_000)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    start = time.perf_counter()
    accepted = run(given.count, given.seed)
    print(f"{given.count} texts, {accepted} accepted, {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
