"""Random Avro texts, valid and not, thrown at the format: it answers or refuses, and nothing else.

python tests/fuzz/fuzz_avro.py [COUNT] [--seed N]     (PYTHONPATH=src in a checkout)

Schemas come from a grammar with a taste for what is rare (forward references, odd defaults, repeated
definitions), and some of them are then broken, as trees and as texts. Each text that is accepted must
keep what any schema keeps: printing is stable, the normal form is normal, it reads what it wrote.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from typing import Any

from registan.formats.avro import AVRO, AvroSchema
from registan.formats.protocol import EntityTags, Invalid, TagEdit
from registan.model.schema import Referenced, SchemaType, Source

PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
SPACES = ["", "n", "a.b", None, None, None]
NAMES = ["A", "B", "C", "R", "Foo", "record", "int", "array"]
WORDS = ["x", "y", "id", "a", "b", "é", "", "x-y", "ä", "1st"]
SCALARS: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**31 - 1, 2**31, -(2**31), 2**63, -(2**63), 10**30),
    *(0.0, -0.0, 1.5, 1e23, 1e-7, 5e-324, 1.0e10, 123456.789, float("inf")),
    *("", "x", "A", "NaN", "1.5f", " 4 ", "é", "\u0100", "\ud83d", "\U0001f680", "\u0001", 'q"\\/\n\u2028'),
]
LOGICAL: list[dict[str, Any]] = [
    {"logicalType": "date"},
    {"logicalType": "uuid"},
    {"logicalType": "timestamp-millis"},
    {"scale": 2, "logicalType": "decimal", "precision": 4},
    {"precision": 40, "logicalType": "decimal"},
    {"logicalType": "duration"},
    {"logicalType": 3},
]
FRAGMENTS = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "//x\n",
    "/* */",
    "null",
    "1e5",
    "-",
    "\\u00e9",
    "\x00",
    " ",
    "0",
]


class Maker:
    """Makes trees of schemas, most of them valid. What it does depends on its random numbers only."""

    def __init__(self, rnd: random.Random) -> None:
        self.rnd = rnd
        self.used: list[str] = []

    def maybe(self, chance: float) -> bool:
        return self.rnd.random() < chance

    def value(self, depth: int = 2) -> Any:
        kind = self.rnd.random()
        if depth and kind < 0.15:
            return [self.value(depth - 1) for _ in range(self.rnd.randrange(3))]
        if depth and kind < 0.3:
            return {self.rnd.choice(WORDS): self.value(depth - 1) for _ in range(self.rnd.randrange(3))}
        return self.rnd.choice(SCALARS)

    def default(self, type_: Any, depth: int = 3) -> Any:
        """A value that suits the type, as far as that can be told from its tree."""
        if self.maybe(0.1):
            return self.value()
        if isinstance(type_, list):
            return self.default(self.rnd.choice(type_), depth) if type_ else None
        kind = type_.get("type") if isinstance(type_, dict) else type_
        if isinstance(type_, dict) and depth:
            if kind in ("record", "error"):
                fields = [f for f in type_.get("fields", []) if "default" not in f or self.maybe(0.5)]
                return {f["name"]: self.default(f["type"], depth - 1) for f in fields}
            if kind == "array":
                return [self.default(type_.get("items"), depth - 1) for _ in range(self.rnd.randrange(3))]
            if kind == "map":
                return {w: self.default(type_.get("values"), depth - 1) for w in self.rnd.sample(WORDS, 2)}
            if kind == "enum" and type_.get("symbols"):
                return self.rnd.choice(type_["symbols"])
        simple = {"null": None, "boolean": True, "int": 7, "long": 2**40, "float": 0.1, "double": 1}
        return (
            simple.get(kind, "A") if isinstance(kind, str) and kind in (*PRIMITIVES, "fixed", "enum") else {}
        )

    def props(self, chance: float) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.maybe(chance):
            found.update(self.rnd.choice(LOGICAL) if self.maybe(0.4) else {})
            found.update({self.rnd.choice(["p", "q", "z", "é"]): self.value() for _ in range(2)})
            if self.maybe(0.3):
                found["confluent:tags"] = ["PII"]
        return found

    def shuffled(self, node: dict[str, Any]) -> dict[str, Any]:
        keys = list(node)
        if self.maybe(0.3):
            self.rnd.shuffle(keys)
        return {key: node[key] for key in keys}

    def named(self, kind: str) -> dict[str, Any]:
        name = self.rnd.choice(NAMES) + (str(self.rnd.randrange(40)) if self.maybe(0.8) else "")
        space = self.rnd.choice(SPACES)
        node: dict[str, Any] = {"type": kind, "name": name}
        if space is not None:
            if self.maybe(0.3) and space:
                node["name"] = f"{space}.{name}"
            else:
                node["namespace"] = space
        self.used += [name, f"{space}.{name}" if space else name]
        if self.maybe(0.2):
            node["doc"] = self.rnd.choice(["", "some words", 'a "quote"', 3])
        if self.maybe(0.15):
            node["aliases"] = self.rnd.sample(["Old", "n.Old", ".Older", "a.b.C"], self.rnd.randrange(4))
        return {**node, **self.props(0.2)}

    def type(self, depth: int) -> Any:
        kind = self.rnd.random()
        if not depth or kind < 0.3:
            return self.rnd.choice(PRIMITIVES)
        if kind < 0.4:
            return self.shuffled({"type": self.rnd.choice(PRIMITIVES), **self.props(0.8)})
        if kind < 0.52 and self.used:
            return self.rnd.choice(self.used) if self.maybe(0.9) else {"type": self.rnd.choice(self.used)}
        if kind < 0.6:
            word, key = self.rnd.choice([("array", "items"), ("map", "values")])
            return self.shuffled({"type": word, key: self.type(depth - 1), **self.props(0.2)})
        if kind < 0.72:
            branches = [self.type(depth - 1) for _ in range(self.rnd.randrange(1, 4))]
            return [*(["null"] if self.maybe(0.6) else []), *(b for b in branches if not isinstance(b, list))]
        if kind < 0.78:
            symbols = self.rnd.sample(["A", "B", "C", "D"], self.rnd.randrange(5))
            node = {**self.named("enum"), "symbols": symbols}
            if symbols and self.maybe(0.3):
                node["default"] = symbols[0]
            return self.shuffled(node)
        if kind < 0.84:
            return self.shuffled({**self.named("fixed"), "size": self.rnd.choice([0, 2, 12, 16])})
        return self.record(depth)

    def record(self, depth: int) -> dict[str, Any]:
        node = self.named(self.rnd.choice(["record", "record", "record", "error"]))
        names = self.rnd.sample(["x", "y", "id", "a", "b", "c"], self.rnd.randrange(5))
        node["fields"] = [self.field(name, depth) for name in names]
        return self.shuffled(node)

    def field(self, name: str, depth: int) -> dict[str, Any]:
        type_ = self.type(depth - 1)
        node: dict[str, Any] = {"name": name, "type": type_}
        if self.maybe(0.35):
            node["default"] = self.default(type_)
        if self.maybe(0.15):
            node["doc"] = self.rnd.choice(["", "words", None])
        if self.maybe(0.1):
            node["order"] = self.rnd.choice(["ascending", "descending", "IGNORE"])
        if self.maybe(0.1):
            node["aliases"] = self.rnd.sample(["old", "x", "é-"], self.rnd.randrange(3))
        return self.shuffled({**node, **self.props(0.15)})

    # -- changes

    def changed(self, tree: Any) -> Any:
        """The tree with one node replaced, removed or doubled."""
        tree = json.loads(json.dumps(tree))
        places = list(_places(tree))
        if not places:
            return self.type(2)
        holder, key = self.rnd.choice(places)
        choice = self.rnd.random()
        if choice < 0.3:
            del holder[key]
        elif choice < 0.5:
            holder[key] = self.value()
        elif choice < 0.7:
            holder[key] = self.type(2)
        elif choice < 0.85 and isinstance(holder, list):
            holder.insert(self.rnd.randrange(len(holder) + 1), holder[key])
        else:
            other, name = self.rnd.choice(places)
            holder[key] = json.loads(json.dumps(other[name])) if name in _keys(other) else None
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
        tree = self.record(4) if self.maybe(0.7) else self.type(4)
        for _ in range(self.rnd.choice([0, 0, 1, 1, 2])):
            tree = self.changed(tree)
        text = json.dumps(tree, ensure_ascii=self.maybe(0.5), indent=self.rnd.choice([None, None, 1]))
        return self.broken(text) if self.maybe(0.1) else text


def _keys(holder: Any) -> Any:
    return holder if isinstance(holder, dict) else range(len(holder))


def _places(tree: Any) -> Any:
    work = [tree]
    while work:
        holder = work.pop()
        if isinstance(holder, dict | list):
            for key in _keys(holder):
                yield holder, key
                work.append(holder[key])


def parse(text: str, *, strict: bool = True, references: dict[str, Referenced] | None = None) -> AvroSchema:
    return AVRO.parse(Source(SchemaType.AVRO, text), references or {}, strict=strict)


def check(text: str, before: AvroSchema | None = None) -> AvroSchema | None:
    """Try one text; None if it is refused. Raises whatever is wrong with an answer."""
    plain = AVRO.plain_text(Source(SchemaType.AVRO, text))
    try:
        schema = parse(text)
        assert plain in (None, schema.text), "the quick way leads elsewhere"
    except Invalid as invalid:
        assert plain is None, "the quick way leads where nothing is"
        str(invalid).encode()
        try:
            schema = parse(text, strict=False)
        except Invalid:
            return None
    again = parse(schema.text, strict=False)
    if '".' in text:
        # An alias in no namespace is printed without the dot that says so: it moves when read again.
        schema, again = again, parse(again.text, strict=False)
    assert again.text == schema.text, "printing is not stable"
    assert AVRO.same(schema, again), "not the same after printing"
    schema.text.encode()
    try:
        normal = AVRO.normalize(schema)
    except Invalid as invalid:
        if invalid.syntax:
            raise AssertionError from invalid
    else:
        # Aliases are put in order before they move with their type, so only the second form is final.
        normal = AVRO.normalize(normal)
        assert AVRO.normalize(normal).text == normal.text, "the normal form is not normal"
        assert parse(normal.text, strict=False).text == normal.text
    _check_self(schema)
    _check_tags(schema)
    if before is not None:
        for each in (*AVRO.incompatibilities(schema, before), *AVRO.incompatibilities(before, schema)):
            each.message("new", "old").encode()
    return schema


def _check_self(schema: AvroSchema) -> None:
    """It reads what it wrote, unless an alias of a field is the name of another."""
    found = AVRO.incompatibilities(schema, schema)
    assert all(each.rule == "UNEXPECTED" for each in found), found


def _check_tags(schema: AvroSchema) -> None:
    places = [each for each in AVRO.tags(schema) if isinstance(each, EntityTags)]
    for place in places[:1]:
        added = AVRO.edit_tags(schema, [TagEdit(place.path, place.is_field, ("NEW",))], ())
        assert any("NEW" in each.tags for each in AVRO.tags(added))


def run(count: int, seed: int = 0) -> int:
    """Try so many texts; how many were accepted."""
    accepted = 0
    before: AvroSchema | None = None
    for number in range(count):
        text = Maker(random.Random(seed * 1_000_003 + number)).text()
        try:
            schema = check(text, before)
        except Exception:
            print(f"text {number} of seed {seed}: {text!r}", file=sys.stderr)
            raise
        if schema is not None:
            accepted += 1
            before = schema
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
