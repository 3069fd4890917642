"""Reading draft 4, 6 and 7: from JSON to the object model, or the verdict that it is no schema.

What lives here: which classes a schema object has and what its keywords must be (docs/wire.md, JSON Schema
5.1, 5.3). Only what the root reaches is looked at. Schemas inside schemas wait on a stack, so that depth
costs no frames.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from registan.formats.budget import BUDGET, exceeded
from registan.formats.jsonschema import checks
from registan.formats.jsonschema.classic_refs import ClassicReferences, Document, Place
from registan.formats.jsonschema.draft import BadSchema, Draft
from registan.formats.jsonschema.library import Library
from registan.formats.jsonschema.model import (
    ALWAYS,
    NEVER,
    Array,
    Boolean,
    Combined,
    Conditional,
    Const,
    Empty,
    Enum,
    Node,
    Not,
    Null,
    Numeric,
    Object,
    Reference,
    String,
    put,
)
from registan.formats.jsonschema.text import Json

_STRING, _NUMBER, _ARRAY, _OBJECT, _TYPE, _OTHER, _NOTE, _REF = (1 << i for i in range(8))
_CRITERIA = ("allOf", "anyOf", "oneOf")


def _families(draft: Draft) -> dict[str, int]:
    """Keyword → what it is about."""
    words = {
        _STRING: "minLength maxLength pattern format",
        _NUMBER: "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
        _ARRAY: "items additionalItems minItems maxItems uniqueItems",
        _OBJECT: "properties required minProperties maxProperties dependencies patternProperties"
        " additionalProperties",
        _TYPE: "type",
        _OTHER: "enum allOf anyOf oneOf not",
        _NOTE: "title description " + draft.id_keyword,
        _REF: "$ref",
    }
    if draft >= Draft.D6:
        words[_ARRAY] += " contains"
        words[_OBJECT] += " propertyNames"
        words[_OTHER] += " const"
    if draft >= Draft.D7:
        words[_OTHER] += " if then else"
        words[_NOTE] += " readOnly writeOnly"
    return {word: bit for bit, text in words.items() for word in text.split()}


_FAMILIES = {draft: _families(draft) for draft in (Draft.D4, Draft.D6, Draft.D7)}
_FAMILY_OF_TYPE = {
    "string": _STRING,
    "integer": _NUMBER,
    "number": _NUMBER,
    "array": _ARRAY,
    "object": _OBJECT,
}

_Task = tuple[Any, Any, Json, Place]
"""Where the node is to be put (holder and key), what it is made of, where that stands."""


class _Slot:
    """The target of all references of one absolute form."""

    def __init__(self) -> None:
        self.target: Node = ALWAYS


def load(library: Library, draft: Draft) -> Node:
    """The model of a root document. Raises `BadSchema`, `BadReference` and `Invalid` (budget)."""
    return _Loader(library, draft).load()


class _Loader:
    """Reads one root document."""

    def __init__(self, library: Library, draft: Draft) -> None:
        self.library = library
        self.draft = draft
        self.references = ClassicReferences(library, draft)
        self.slots: dict[str, _Slot] = {}
        self.waiting: list[tuple[Reference, _Slot]] = []
        self.stack: list[_Task] = []
        self.inner: list[_Task] = []
        """Tasks of the schema that is being read, in order."""
        self.made = 0

    def load(self) -> Node:
        """The model of the root."""
        root = _Slot()
        json = self.library.root
        stack = self.stack
        stack.append((root, "target", json, Place(Document(json, None, self.draft), None)))
        while stack:
            holder, key, json, place = stack.pop()
            self.inner = []
            put(holder, key, self.node(json, place))
            stack += reversed(self.inner)
            if self.made > BUDGET.json_schemas:
                raise exceeded("it unfolds into too many schemas", "json_schemas")
        for reference, slot in self.waiting:
            reference.target = slot.target
        return root.target

    # -- one schema

    def node(self, json: Json, place: Place) -> Node:
        self.made += 1
        if json is True:
            return ALWAYS
        if json is False:
            return NEVER
        if not isinstance(json, dict):
            raise BadSchema("a schema must be an object or a boolean")
        draft = place.document.draft
        families = _FAMILIES[draft]
        met = 0
        for key in json:
            met |= families.get(key, 0)
        if met & _NOTE:
            place = self.notes(json, place)
        if met & _REF:
            node: Node = self.reference(json, place)
        else:
            parts = self.parts(json, place, met)
            if len(parts) == 1:
                node = parts[0]
            elif parts:
                node = Combined("allOf", parts)
                node.loose = True
            else:
                node = Empty()
            node.default = "default" in json
            if isinstance(node, Array):
                checks.counts_of_contains(json, node)
        node.source = json
        node.draft = draft
        return node

    def notes(self, json: dict[str, Json], place: Place) -> Place:
        """Check the annotations; the place, changed by an id."""
        for key in ("title", "description"):
            if key in json:
                checks.text(json[key], key)
        draft = place.document.draft
        if draft >= Draft.D7:
            for key in ("readOnly", "writeOnly"):
                if key in json:
                    checks.flag(json[key], key)
        keyword = draft.id_keyword
        if keyword not in json:
            return place
        return place._replace(base=self.library.resolve(place.base, checks.text(json[keyword], keyword)))

    def reference(self, json: dict[str, Json], place: Place) -> Reference:
        ref = checks.text(json["$ref"], "$ref")
        absolute = self.library.resolve(place.base, ref)
        node = Reference()
        slot = self.slots.get(absolute)
        if slot is None:
            slot = self.slots[absolute] = _Slot()
            target = self.references.find(ref, absolute, place)
            self.inner.append((slot, "target", target.json, target.place))
            node.text = ref
        else:
            node.text = absolute
        self.waiting.append((node, slot))
        return node

    def parts(self, json: dict[str, Json], place: Place, met: int) -> list[Node]:
        """The classes that meet in one schema."""
        parts: list[Node] = []
        if met & _OTHER:
            self.others(json, place, parts)
        used = 0
        if met & _TYPE:
            value = json["type"]
            types = checks.types(value)
            typed = [self.typed(name, json, place) for name in types]
            for name in types:
                used |= _FAMILY_OF_TYPE.get(name, 0)
            if isinstance(value, str):
                parts += typed
            else:
                parts.append(Combined("anyOf", typed))
                parts[-1].loose = True  # type: ignore[attr-defined]
        for family in (_ARRAY, _OBJECT, _NUMBER, _STRING):
            if met & family & ~used:
                parts.append(_READERS[family](self, json, place))
        if met & _OTHER and place.document.draft >= Draft.D7:
            self.conditional(json, place, parts)
        return parts

    def typed(self, name: str, json: dict[str, Json], place: Place) -> Node:
        self.made += 1
        node: Node
        if name == "boolean":
            node = Boolean()
        elif name == "null":
            node = Null()
        else:
            node = _READERS[_FAMILY_OF_TYPE[name]](self, json, place)
            if isinstance(node, Numeric):
                node.integer = name == "integer"
        node.typed = True
        return node

    def others(self, json: dict[str, Json], place: Place, parts: list[Node]) -> None:
        if "enum" in json:
            enum = Enum()
            enum.values = frozenset(map(checks.identity, checks.items(json["enum"], "enum")))
            parts.append(enum)
        for criterion in _CRITERIA:
            if criterion in json:
                members = checks.items(json[criterion], criterion)
                combined = Combined(criterion, [ALWAYS] * len(members))
                self.inner += [(combined.members, i, each, place) for i, each in enumerate(members)]
                parts.append(combined)
        if "not" in json:
            negated = Not()
            self.inner.append((negated, "inner", json["not"], place))
            parts.append(negated)
        if "const" in json and place.document.draft >= Draft.D6:
            const = Const()
            const.value = checks.identity(json["const"])
            parts.append(const)

    def conditional(self, json: dict[str, Json], place: Place, parts: list[Node]) -> None:
        node = Conditional()
        found = False
        for key, attribute in (("if", "condition"), ("then", "then"), ("else", "otherwise")):
            if key in json:
                self.inner.append((node, attribute, json[key], place))
                found = True
        if found:
            parts.append(node)

    # -- the four families

    def string(self, json: dict[str, Json], place: Place) -> String:  # noqa: ARG002
        node = String()
        if "minLength" in json:
            node.min_length = checks.int32(json["minLength"], "minLength")
        if "maxLength" in json:
            node.max_length = checks.int32(json["maxLength"], "maxLength")
        if "pattern" in json:
            node.pattern = checks.pattern(json["pattern"], "pattern")
        if "format" in json:
            checks.text(json["format"], "format")
        return node

    def numeric(self, json: dict[str, Json], place: Place) -> Numeric:
        node = Numeric()
        if "minimum" in json:
            node.minimum = checks.number(json["minimum"], "minimum")
        if "maximum" in json:
            node.maximum = checks.number(json["maximum"], "maximum")
        if "multipleOf" in json:
            node.multiple_of = checks.number(json["multipleOf"], "multipleOf")
            if checks.double(node.multiple_of) == 0:
                raise BadSchema("multipleOf must not be 0")
        low, high = json.get("exclusiveMinimum"), json.get("exclusiveMaximum")
        if place.document.draft is Draft.D4:
            if "exclusiveMinimum" in json:
                checks.flag(low, "exclusiveMinimum")
            if "exclusiveMaximum" in json:
                checks.flag(high, "exclusiveMaximum")
            node.exclusive_flags = (low, high)
            return node
        if "exclusiveMinimum" in json:
            node.exclusive_minimum = checks.number(low, "exclusiveMinimum")
        if "exclusiveMaximum" in json:
            node.exclusive_maximum = checks.number(high, "exclusiveMaximum")
        return node

    def array(self, json: dict[str, Json], place: Place) -> Array:
        node = Array()
        if "minItems" in json:
            node.min_items = checks.int32(json["minItems"], "minItems")
        if "maxItems" in json:
            node.max_items = checks.int32(json["maxItems"], "maxItems")
        if "uniqueItems" in json:
            node.unique = checks.flag(json["uniqueItems"], "uniqueItems")
        if "items" in json:
            items = json["items"]
            if isinstance(items, list):
                node.listed = [ALWAYS] * len(items)
                self.inner += [(node.listed, i, each, place) for i, each in enumerate(items)]
            elif isinstance(items, bool) and place.document.draft is Draft.D4:
                raise BadSchema("items must be an object or an array")
            else:
                self.inner.append((node, "items", items, place))
        if "additionalItems" in json:
            additional = json["additionalItems"]
            if isinstance(additional, bool):
                node.permits_additional = additional or isinstance(json.get("items"), dict | bool)
            else:
                checks.entries(additional, "additionalItems")
                self.inner.append((node, "additional", additional, place))
        if "contains" in json and place.document.draft >= Draft.D6:
            self.inner.append((node, "contains", json["contains"], place))
        return node

    def object(self, json: dict[str, Json], place: Place) -> Object:
        node = Object()
        draft, inner = place.document.draft, self.inner
        if "properties" in json:
            properties = checks.entries(json["properties"], "properties")
            # Properties are many; the order of theirs is that of the text.
            skipped = draft.id_keyword
            for name, each in properties.items():
                if name == skipped and not isinstance(each, dict):
                    continue
                node.properties[name] = ALWAYS
                inner.append((node.properties, name, each, place))
        if "required" in json:
            node.required = checks.names(json["required"], "required")
        if "minProperties" in json:
            node.min_properties = checks.int32(json["minProperties"], "minProperties")
        if "maxProperties" in json:
            node.max_properties = checks.int32(json["maxProperties"], "maxProperties")
        if "additionalProperties" in json:
            additional = json["additionalProperties"]
            if isinstance(additional, bool):
                node.permits_additional = additional
            else:
                checks.entries(additional, "additionalProperties")
                inner.append((node, "additional", additional, place))
        if "patternProperties" in json:
            patterns = node.patterns = {}
            for name, each in checks.entries(json["patternProperties"], "patternProperties").items():
                patterns[checks.pattern(name, "patternProperties")] = ALWAYS
                inner.append((patterns, name, each, place))
        if "dependencies" in json:
            self.dependencies(checks.entries(json["dependencies"], "dependencies"), node, place)
        if "propertyNames" in json and draft >= Draft.D6:
            inner.append((node, "names", json["propertyNames"], place))
        return node

    def dependencies(self, found: dict[str, Json], node: Object, place: Place) -> None:
        names: dict[str, frozenset[str]] = {}
        schemas: dict[str, Node] = {}
        for name, each in found.items():
            if isinstance(each, list):
                listed = checks.names(each, "dependencies")
                if listed:
                    names[name] = frozenset(listed)
            elif isinstance(each, bool) and place.document.draft is Draft.D4:
                raise BadSchema("dependencies must be objects or arrays")
            else:
                schemas[name] = ALWAYS
                self.inner.append((schemas, name, each, place))
        node.needed_names = names or None
        node.needed_schemas = schemas or None


_READERS: dict[int, Callable[[_Loader, dict[str, Json], Place], Node]] = {
    _STRING: _Loader.string,
    _NUMBER: _Loader.numeric,
    _ARRAY: _Loader.array,
    _OBJECT: _Loader.object,
}
