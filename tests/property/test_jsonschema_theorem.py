"""Instances of an old JSON Schema are instances of a new one that is called backward compatible.

That is a theorem on a subset only (`Subset`): the rules are those of the recorded server, which does not
compare everything. In the subset every schema is of one class, named by `type` (or a list of types of
different classes, with the keywords of one), or one of `enum`, `const`, `not`, `anyOf`, `allOf`, `$ref`,
alone and not empty, or a boolean, and
- there are no defaults (a required property with a default may be added), `required` names properties only,
  and none that says nothing (which may be added though required);
- no `oneOf` (more members may match twice), no `format`, `contains`, `propertyNames`, `if`, `unevaluated*`,
  `patternProperties`, exclusive bounds of draft 4 (not compared), no `exclusiveMaximum` beside `maximum` (the
  recorded slip), `additionalItems` only beside a list of `items`;
- a `$ref` leads to a schema that is none itself (two chains of them are equal whatever lies behind);
- drafts 4, 6, 7 and 2020-12 (2019-09 is read as the latter). The policy is STRICT.
"""

import json
import random
from typing import Any

import jsonschema_rs
import pytest

from registan.formats.jsonschema import JSON_SCHEMA, JsonSchema
from registan.model.schema import SchemaType, Source

ORACLES = {
    "http://json-schema.org/draft-04/schema#": jsonschema_rs.Draft4Validator,
    "http://json-schema.org/draft-06/schema#": jsonschema_rs.Draft6Validator,
    "http://json-schema.org/draft-07/schema#": jsonschema_rs.Draft7Validator,
    "https://json-schema.org/draft/2020-12/schema": jsonschema_rs.Draft202012Validator,
}
WORDS = ["", "a", "ab", "abc", "b"]
NAMES = ["p", "q", "r", "s"]
CLASSES = ["string", "integer", "number", "boolean", "null", "array", "object"]
LISTS = [["string", "null"], ["integer", "string"], ["object", "null"], ["array", "boolean"], ["null"]]
PREFIX = "#/definitions/"


class Subset:
    """Draws schemas of the subset and values that may suit them."""

    def __init__(self, rnd: random.Random, draft: str) -> None:
        self.rnd = rnd
        self.draft = draft
        self.old_four = "draft-04" in self.draft
        self.modern = "2020" in self.draft

    def maybe(self, chance: float) -> bool:
        return self.rnd.random() < chance

    def some(self, low: int, high: int) -> range:
        return range(self.rnd.randint(low, high))

    def value(self, depth: int = 2) -> Any:
        kind = self.rnd.random()
        if depth and kind < 0.2:
            return [self.value(depth - 1) for _ in self.some(0, 3)]
        if depth and kind < 0.55:
            return {self.rnd.choice(NAMES): self.value(depth - 1) for _ in self.some(0, 3)}
        return self.rnd.choice([None, True, False, 0, 1, 2, 3, 6, 1.0, 1.5, -1, *WORDS])

    def schema(self, depth: int, *, said: bool = False) -> Any:
        """A schema; `said` if it must say something."""
        kind = self.rnd.random()
        if not said and kind < 0.06:
            return self.rnd.choice([{}] if self.old_four else [True, False, {}])
        if kind < 0.12:
            return {"enum": [self.value(1) for _ in self.some(1, 4)]}
        if kind < 0.16 and not self.old_four:
            return {"const": self.value(1)}
        if depth > 0 and kind < 0.22:
            return {"not": self.schema(depth - 1)}
        if depth > 0 and kind < 0.36:
            members = [self.schema(depth - 1) for _ in self.some(1, 3)]
            return {self.rnd.choice(["anyOf", "anyOf", "allOf"]): members}
        if kind < 0.44:
            return {"$ref": PREFIX + self.rnd.choice("TU")}
        return self.typed(depth)

    def typed(self, depth: int) -> dict[str, Any]:
        types = self.rnd.choice(LISTS) if self.maybe(0.15) else self.rnd.choice(CLASSES)
        node: dict[str, Any] = {"type": types}
        class_ = types[0] if isinstance(types, list) else types
        if class_ == "array":
            self.array(node, depth)
        elif class_ == "object":
            self.object(node, depth)
        else:
            self.scalar(node, class_)
        return node

    def scalar(self, node: dict[str, Any], class_: str) -> None:
        if class_ == "string":
            found = {"minLength": self.rnd.randrange(3), "maxLength": self.rnd.randrange(4), "pattern": "a"}
        elif class_ in ("integer", "number"):
            found = {"minimum": self.rnd.randrange(4), "maximum": self.rnd.randrange(1, 8)}
            found["multipleOf"] = self.rnd.choice([1, 2, 3, 6])
            if not self.old_four:
                found["exclusiveMinimum"] = self.rnd.randrange(3)
                if self.maybe(0.3):
                    del found["maximum"]
                    found["exclusiveMaximum"] = self.rnd.randrange(1, 8)
        else:
            found = {}
        node.update({key: value for key, value in found.items() if self.maybe(0.3)})

    def array(self, node: dict[str, Any], depth: int) -> None:
        found = {"minItems": self.rnd.randrange(3), "maxItems": self.rnd.randrange(4), "uniqueItems": True}
        node.update({key: value for key, value in found.items() if self.maybe(0.2)})
        if depth <= 0 or self.maybe(0.2):
            return
        rest = self.maybe(0.4) if self.maybe(0.5) else self.typed(depth - 1)
        if self.maybe(0.5):
            node["items"] = self.schema(depth - 1)
        else:
            listed, more = ("prefixItems", "items") if self.modern else ("items", "additionalItems")
            node[listed] = [self.schema(depth - 1) for _ in self.some(1, 3)]
            if self.maybe(0.6):
                node[more] = rest
        if self.old_four and isinstance(node.get("items"), bool):
            del node["items"]

    def object(self, node: dict[str, Any], depth: int) -> None:
        names = self.rnd.sample(NAMES, self.rnd.randrange(4)) if depth > 0 else []
        properties = {name: self.schema(depth - 1) for name in names}
        if properties:
            node["properties"] = properties
        named = [name for name, each in properties.items() if each not in (True, {})]
        if named and self.maybe(0.4):
            node["required"] = self.rnd.sample(named, self.rnd.randint(1, len(named)))
        if self.maybe(0.6):
            node["additionalProperties"] = False if self.maybe(0.6) else self.typed(depth - 1)
        if self.maybe(0.15):
            node["maxProperties"] = self.rnd.randrange(1, 4)
        if self.maybe(0.15):
            node["minProperties"] = self.rnd.randrange(3)
        if self.maybe(0.15):
            needed = {self.rnd.choice(NAMES): self.rnd.sample(NAMES, self.rnd.randint(1, 2))}
            node["dependentRequired" if self.modern else "dependencies"] = needed

    def root(self) -> dict[str, Any]:
        definitions = {key: self.typed(2) for key in "TU"}
        return {"$schema": self.draft, **self.typed(3), "definitions": definitions}

    def changed(self, tree: Any) -> Any:
        """The tree with some schemas, or keywords of theirs, replaced; mostly so that it accepts more."""
        tree = json.loads(json.dumps(tree))
        for _ in self.some(0, 3):
            node = self.rnd.choice(list(schemas(tree)))
            other = self.typed(1)
            keys = [key for key in node if key in WIDENED]
            if keys and self.maybe(0.7):
                widen(node, self.rnd.choice(keys), self)
            elif "type" in node and node["type"] == other["type"] and "$schema" not in node:
                node.clear()
                node.update(other)
            elif "properties" in node and self.maybe(0.7):
                node["properties"][self.rnd.choice(NAMES)] = self.schema(1, said=True)
        return tree


WIDENED = [
    *("minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "multipleOf", "anyOf"),
    *(
        "minItems",
        "maxItems",
        "uniqueItems",
        "required",
        "additionalProperties",
        "enum",
        "properties",
        "allOf",
    ),
    *(
        "minProperties",
        "maxProperties",
        "additionalItems",
        "prefixItems",
        "dependencies",
        "dependentRequired",
    ),
    *("type", "items", "exclusiveMaximum"),
]


def widen(node: dict[str, Any], key: str, subset: Subset) -> None:
    """Change one keyword, mostly for the wider."""
    value = node[key]
    if key == "type":
        node[key] = {"integer": "number"}.get(value, value) if isinstance(value, str) else value
    elif key == "items" or (isinstance(value, list) and key == "prefixItems"):
        if isinstance(value, list) and len(value) > 1:
            value.pop()
    elif key in ("anyOf", "enum"):
        value.append(subset.schema(1) if key == "anyOf" else subset.value(1))
    elif key == "allOf":
        if len(value) > 1:
            value.pop(subset.rnd.randrange(len(value)))
    elif key == "properties":
        gone = subset.rnd.choice(list(value)) if value else None
        if gone is not None and gone not in node.get("required", ()):
            del value[gone]
    elif isinstance(value, int) and not isinstance(value, bool) and subset.maybe(0.7):
        node[key] = value + (1 if key.startswith("max") else -1) if key != "multipleOf" else 1
        node[key] = max(node[key], 0)
    else:
        del node[key]


def schemas(tree: Any) -> Any:
    """All schemas of a tree that are objects."""
    work = [tree]
    while work:
        node = work.pop()
        if isinstance(node, dict):
            yield node
            for key, value in node.items():
                if key in ("properties", "definitions"):
                    work += value.values()
                elif key in ("not", "additionalProperties", "additionalItems", "items"):
                    work += value if isinstance(value, list) else [value]
                elif key in ("anyOf", "allOf", "prefixItems"):
                    work += value


def suited(schema: Any, subset: Subset, tree: Any, depth: int = 4) -> Any:
    """A value that tends to be an instance."""
    if not isinstance(schema, dict) or depth < 0 or subset.maybe(0.1):
        return subset.value()
    if "$ref" in schema:
        return suited(tree["definitions"][schema["$ref"][-1]], subset, tree, depth - 1)
    for key in ("anyOf", "allOf"):
        if key in schema:
            return suited(subset.rnd.choice(schema[key]), subset, tree, depth - 1)
    if "enum" in schema:
        return subset.rnd.choice(schema["enum"])
    types = schema.get("type")
    kind = subset.rnd.choice(types) if isinstance(types, list) else types
    if kind == "object":
        properties = schema.get("properties", {})
        names = [name for name in properties if name in schema.get("required", ()) or subset.maybe(0.5)]
        found = {name: suited(properties[name], subset, tree, depth - 1) for name in names}
        if schema.get("additionalProperties") is not False:
            found.update(
                {name: subset.value() for name in NAMES if name not in properties and subset.maybe(0.3)}
            )
        return found
    if kind == "array":
        listed = schema.get("prefixItems", schema.get("items"))
        rest = schema.get("additionalItems", schema.get("items") if "prefixItems" in schema else True)
        inner = listed if isinstance(listed, list) else [listed] * 2
        return [suited(each, subset, tree, depth - 1) for each in [*inner, rest][: subset.rnd.randrange(5)]]
    scalars = {"string": WORDS, "integer": [0, 1, 2, 3, 6], "number": [0, 1.5, 2, 6, 3.0]}
    return subset.rnd.choice(scalars.get(str(kind), [True, False] if kind == "boolean" else [None]))


def parse(tree: Any) -> JsonSchema:
    return JSON_SCHEMA.parse(Source(SchemaType.JSON, json.dumps(tree)), {})


@pytest.mark.parametrize("draft", sorted(ORACLES))
def test_instances_stay_instances(draft: str) -> None:
    """What the old schema accepts the new one accepts; of the pairs and values drawn enough are of use."""
    pairs = instances = 0
    for seed in range(1_000):
        subset = Subset(random.Random(f"{draft} {seed}"), draft)
        old = subset.root()
        new = subset.changed(old)
        if JSON_SCHEMA.incompatibilities(parse(new), parse(old)):
            continue
        pairs += new != old
        was, is_ = (ORACLES[draft](tree, validate_formats=False, offline=True) for tree in (old, new))
        for _ in range(20):
            instance = suited(old, subset, old)
            if was.is_valid(instance):
                instances += 1
                assert is_.is_valid(instance), (old, new, instance)
    assert pairs > 200
    assert instances > 5_000
