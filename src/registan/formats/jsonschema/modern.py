"""Reading 2019-09 and 2020-12: from JSON to the object model, or the verdict that it is no schema.

What lives here: what each keyword must be and says (docs/wire.md, JSON Schema 5.1, 5.3). How parts come
together is modern_fold.py's, when targets of references are built is modern_queue.py's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from registan.formats.budget import BUDGET, exceeded
from registan.formats.jsonschema import checks
from registan.formats.jsonschema.draft import BadSchema
from registan.formats.jsonschema.library import Library
from registan.formats.jsonschema.model import (
    ALWAYS,
    NEVER,
    Array,
    Boolean,
    Combined,
    Conditional,
    Const,
    Enum,
    Node,
    Not,
    Null,
    Numeric,
    Object,
    Reference,
    String,
)
from registan.formats.jsonschema.modern_fold import Fold, MeetingOrder
from registan.formats.jsonschema.modern_queue import Place, Queue
from registan.formats.jsonschema.modern_refs import Scope, dynamic_target, inside
from registan.formats.jsonschema.text import Json

_Object: TypeAlias = dict[str, Json]


def load(library: Library) -> Node:
    """The model of a root document. Raises `BadSchema`, `BadReference` and `Invalid` (budget)."""
    return _Loader(library).load()


class _Loader(Queue):
    """Reads one root document."""

    def node(self, json: Json, place: Place) -> Node:
        """The node of one schema; what stands inside it is left to do."""
        self.made += 1
        if json is True:
            return ALWAYS
        if json is False:
            return NEVER
        if not isinstance(json, dict):
            raise BadSchema("a schema must be an object or a boolean")
        if "$dynamicAnchor" in json or "$defs" in json:
            place = place._replace(scope=Scope(json, place.base, place.scope))
        if "$id" in json:
            place = place._replace(base=inside(json, place.base, self.library))
        self.place = place
        fold = Fold()
        known = [key for key in json if key in _KEYWORDS]
        if len(known) > 1:
            known = _ORDER.sorted(known, len(json))
        for key in known:
            _KEYWORDS[key](self, fold, json, key)
        if not _LAST.keys().isdisjoint(json):
            for key, reader in _LAST.items():
                if key in json:
                    reader(self, fold, json, key)
        node = fold.finished()
        if not isinstance(node, Reference):
            node.default = json.get("default") is not None
        node.source = json
        return node

    # -- any class

    def type(self, fold: Fold, json: _Object, key: str) -> None:
        types = checks.types(json[key])
        if isinstance(json[key], str):
            fold.typed(self.typed(types[0]))
        else:
            combined = Combined("anyOf", [self.typed(name) for name in types])
            combined.loose = True
            fold.typed(combined)

    def typed(self, name: str) -> Node:
        self.made += 1
        node = _CLASSES[name]()
        node.typed = True
        if isinstance(node, Numeric):
            node.integer = name == "integer"
        return node

    def enum(self, fold: Fold, json: _Object, key: str) -> None:
        enum = Enum()
        enum.values = frozenset(map(checks.identity, checks.items(json[key], "enum")))
        fold.add(enum)

    def const(self, fold: Fold, json: _Object, key: str) -> None:
        const = Const()
        const.value = checks.identity(json[key])
        fold.add(const)

    def negation(self, fold: Fold, json: _Object, key: str) -> None:
        negated = Not()
        self.child(negated, "inner", json[key])
        fold.add(negated)

    def combination(self, fold: Fold, json: _Object, key: str) -> None:
        members = checks.items(json[key], key)
        combined = Combined(key, [ALWAYS] * len(members))
        for i, each in enumerate(members):
            self.child(combined.members, i, each)
        self.combined.append(combined)
        fold.add(combined)

    def conditional(self, fold: Fold, json: _Object, key: str) -> None:
        node = Conditional()
        self.child(node, "condition", json[key])
        for key, attribute in (("then", "then"), ("else", "otherwise")):
            if key in json:
                self.child(node, attribute, json[key])
        fold.add(node)

    def reference(self, fold: Fold, json: _Object, key: str) -> None:
        node = Reference()
        node.text = checks.text(json[key], "$ref")
        self.refer(node, self.references.absolute(node.text, self.place.base))
        fold.add(node)

    def dynamic_reference(self, fold: Fold, json: _Object, key: str) -> None:
        text = checks.text(json[key], "$dynamicRef")
        place = self.place
        answer = dynamic_target(place.scope, text.partition("#")[2], self.library)
        self.made += answer.asked
        if answer.found is None:
            self.reference(fold, json, key)
            return
        target, base = answer.found
        if id(target) in place.expanding:
            node = Reference()
            node.text = text
            self.refer_to(node, target, place._replace(base=base))
            fold.add(node)
            return
        if len(place.expanding) >= BUDGET.json_dynamic_depth:
            raise exceeded("dynamic references lead into each other", "json_dynamic_depth")
        inner = self.node(target, place._replace(base=base, expanding=place.expanding | {id(target)}))
        self.place = place
        combined = Combined("allOf", [inner])
        combined.loose = True
        fold.add(combined)

    # -- strings and numbers

    def length(self, fold: Fold, json: _Object, key: str) -> None:
        node = fold.family(String)
        attribute = "min_length" if key == "minLength" else "max_length"
        setattr(node, attribute, checks.truncated(json[key], key))

    def pattern(self, fold: Fold, json: _Object, key: str) -> None:
        fold.family(String).pattern = checks.pattern(json[key], key)

    def bound(self, fold: Fold, json: _Object, key: str) -> None:
        setattr(fold.family(Numeric), _BOUNDS[key], checks.number(json[key], key))

    # -- arrays

    def count_of_items(self, fold: Fold, json: _Object, key: str) -> None:
        node = fold.family(Array)
        attribute = "min_items" if key == "minItems" else "max_items"
        setattr(node, attribute, checks.truncated(json[key], key))

    def unique_items(self, fold: Fold, json: _Object, key: str) -> None:
        fold.family(Array).unique = checks.flag(json[key], key)

    def prefix_items(self, fold: Fold, json: _Object, key: str) -> None:
        items = checks.items(json[key], key)
        listed = fold.family(Array).listed = [ALWAYS] * len(items)
        for i, each in enumerate(items):
            self.child(listed, i, each)

    def items(self, fold: Fold, json: _Object, key: str) -> None:
        node = fold.family(Array)
        if json[key] is False:
            node.permits_additional = False
        elif json[key] is not True:
            self.child(node, "additional" if json.get("prefixItems") else "items", json[key])

    def contains(self, fold: Fold, json: _Object, key: str) -> None:
        node = fold.family(Array)
        self.child(node, "contains", json[key])
        node.min_contains = 1
        checks.counts_of_contains(json, node)

    def unevaluated_items(self, fold: Fold, json: _Object, key: str) -> None:
        self.child(fold.family(Array), "unevaluated", json[key])

    # -- objects

    def required(self, fold: Fold, json: _Object, key: str) -> None:
        fold.family(Object).required = checks.names(json[key], key)

    def count_of_properties(self, fold: Fold, json: _Object, key: str) -> None:
        node = fold.family(Object)
        attribute = "min_properties" if key == "minProperties" else "max_properties"
        setattr(node, attribute, checks.truncated(json[key], key))

    def property_names(self, fold: Fold, json: _Object, key: str) -> None:
        self.child(fold.family(Object), "names", json[key])

    def additional_properties(self, fold: Fold, json: _Object, key: str) -> None:
        node = fold.family(Object)
        if json[key] is False:
            node.permits_additional = False
        elif json[key] is not True:
            self.child(node, "additional", json[key])

    def dependent_required(self, fold: Fold, json: _Object, key: str) -> None:
        node = fold.family(Object)
        found = checks.entries(json[key], key)
        names = {name: frozenset(checks.names(each, key)) for name, each in found.items()}
        node.needed_names = {name: each for name, each in names.items() if each} or None

    def dependent_schemas(self, fold: Fold, json: _Object, key: str) -> None:
        node = fold.family(Object)
        schemas: dict[str, Node] = {}
        for name, each in checks.entries(json[key], key).items():
            schemas[name] = ALWAYS
            self.child(schemas, name, each)
        node.needed_schemas = schemas or None

    def properties(self, fold: Fold, json: _Object, key: str) -> None:
        found = checks.entries(json[key], key)
        if found:
            properties = fold.family(Object).properties
            for name, each in found.items():
                properties[name] = ALWAYS
                self.child(properties, name, each)

    def pattern_properties(self, fold: Fold, json: _Object, key: str) -> None:
        found = checks.entries(json[key], key)
        if found:
            patterns = fold.family(Object).patterns = {}
            for name, each in found.items():
                patterns[checks.pattern(name, key)] = ALWAYS
                self.child(patterns, name, each)

    def unevaluated_properties(self, fold: Fold, json: _Object, key: str) -> None:
        self.child(fold.family(Object), "unevaluated", json[key])

    # -- what says nothing

    def flag(self, _: Fold, json: _Object, key: str) -> None:
        checks.flag(json[key], key)

    def text(self, _: Fold, json: _Object, key: str) -> None:
        checks.text(json[key], key)

    def definitions(self, _: Fold, json: _Object, key: str) -> None:
        found = checks.entries(json[key], key)
        if not self.place.expanding:
            for each in found.values():
                self.define(each)


_CLASSES: dict[str, Callable[[], Node]] = {
    "string": String,
    "integer": Numeric,
    "number": Numeric,
    "boolean": Boolean,
    "null": Null,
    "array": Array,
    "object": Object,
}
_BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "multiple_of",
}
_Reader = Callable[[_Loader, Fold, _Object, str], None]
_L = _Loader
_KEYWORDS: dict[str, _Reader] = {
    "type": _L.type,
    "enum": _L.enum,
    "const": _L.const,
    "not": _L.negation,
    "allOf": _L.combination,
    "anyOf": _L.combination,
    "oneOf": _L.combination,
    "if": _L.conditional,
    "$ref": _L.reference,
    "$dynamicRef": _L.dynamic_reference,
    "minLength": _L.length,
    "maxLength": _L.length,
    "pattern": _L.pattern,
    **dict.fromkeys(_BOUNDS, _L.bound),
    "minItems": _L.count_of_items,
    "maxItems": _L.count_of_items,
    "uniqueItems": _L.unique_items,
    "prefixItems": _L.prefix_items,
    "items": _L.items,
    "contains": _L.contains,
    "required": _L.required,
    "minProperties": _L.count_of_properties,
    "maxProperties": _L.count_of_properties,
    "propertyNames": _L.property_names,
    "additionalProperties": _L.additional_properties,
    "dependentRequired": _L.dependent_required,
    "dependentSchemas": _L.dependent_schemas,
    "readOnly": _L.flag,
    "writeOnly": _L.flag,
    "deprecated": _L.flag,
    "title": _L.text,
    "description": _L.text,
    "format": _L.text,
    "$dynamicAnchor": _L.text,
}
"""Keywords in the order of a hash map; those below come after them, in this order."""
_LAST: dict[str, _Reader] = {
    "properties": _L.properties,
    "patternProperties": _L.pattern_properties,
    "unevaluatedItems": _L.unevaluated_items,
    "unevaluatedProperties": _L.unevaluated_properties,
    "$defs": _L.definitions,
}
_ORDER = MeetingOrder(_KEYWORDS)
