"""Reading 2019-09 and 2020-12: from JSON to the object model, or the verdict that it is no schema.

What lives here: what each keyword must be and says (docs/wire.md, JSON Schema 5.1, 5.3). How parts come
together is modern_fold.py's, when targets of references are built is modern_queue.py's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from registan.formats.budget import exceeded
from registan.formats.jsonschema import checks
from registan.formats.jsonschema.draft import BadSchema
from registan.formats.jsonschema.exact import Json
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
from registan.formats.jsonschema.modern_fold import Fold, met_in_order
from registan.formats.jsonschema.modern_queue import Build, Place, Queue
from registan.formats.jsonschema.modern_refs import Scope, dynamic_target, inside

EXPANDED_MAX = 32
"""Targets of `$dynamicRef` inside each other."""


class _Met(NamedTuple):
    """A keyword that was met, with what it stands in."""

    value: Json
    key: str
    json: dict[str, Json]
    place: Place
    fold: Fold


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
        scope = place.scope
        if "$dynamicAnchor" in json or "$defs" in json:
            scope = Scope(json, place.base, scope)
        place = place._replace(base=inside(json, place.base), scope=scope)
        fold = Fold()
        known = [key for key in json if key in _KEYWORDS]
        if len(known) > 1:
            known = met_in_order(known, len(json))
        for key in known:
            _KEYWORDS[key](self, _Met(json[key], key, json, place, fold))
        for key, reader in _LAST.items():
            if key in json:
                reader(self, _Met(json[key], key, json, place, fold))
        node = fold.finished()
        if not isinstance(node, Reference):
            node.default = json.get("default") is not None
        node.source = json
        return node

    def child(self, holder: object, key: object, json: Json, place: Place) -> None:
        """Leave a schema inside this one to do."""
        self.inner.append(Build(holder, key, json, place))

    # -- any class

    def type(self, met: _Met) -> None:
        types = [self.typed(name) for name in checks.types(met.value)]
        if isinstance(met.value, str):
            met.fold.typed(types[0])
        else:
            combined = Combined("anyOf", types)
            combined.loose = True
            met.fold.typed(combined)

    def typed(self, name: str) -> Node:
        self.made += 1
        node = _CLASSES[name]()
        node.typed = True
        if isinstance(node, Numeric):
            node.integer = name == "integer"
        return node

    def enum(self, met: _Met) -> None:
        enum = Enum()
        enum.values = frozenset(map(checks.identity, checks.items(met.value, "enum")))
        met.fold.add(enum)

    def const(self, met: _Met) -> None:
        const = Const()
        const.value = checks.identity(met.value)
        met.fold.add(const)

    def negation(self, met: _Met) -> None:
        negated = Not()
        self.child(negated, "inner", met.value, met.place)
        met.fold.add(negated)

    def combination(self, met: _Met) -> None:
        members = checks.items(met.value, met.key)
        combined = Combined(met.key, [ALWAYS] * len(members))
        for i, each in enumerate(members):
            self.child(combined.members, i, each, met.place)
        self.combined.append(combined)
        met.fold.add(combined)

    def conditional(self, met: _Met) -> None:
        node = Conditional()
        self.child(node, "condition", met.value, met.place)
        for key, attribute in (("then", "then"), ("else", "otherwise")):
            if key in met.json:
                self.child(node, attribute, met.json[key], met.place)
        met.fold.add(node)

    def reference(self, met: _Met) -> None:
        node = Reference()
        node.text = checks.text(met.value, "$ref")
        self.refer(node, self.references.absolute(node.text, met.place.base))
        met.fold.add(node)

    def dynamic_reference(self, met: _Met) -> None:
        text = checks.text(met.value, "$dynamicRef")
        place = met.place
        found = dynamic_target(place.scope, text.partition("#")[2])
        if found is None:
            self.reference(met)
            return
        json, base = found
        if id(json) in place.expanding:
            node = Reference()
            node.text = text
            self.refer_to(node, json, place._replace(base=base))
            met.fold.add(node)
            return
        if len(place.expanding) >= EXPANDED_MAX:
            raise exceeded("dynamic references lead into each other", EXPANDED_MAX)
        target = self.node(json, place._replace(base=base, expanding=place.expanding | {id(json)}))
        combined = Combined("allOf", [target])
        combined.loose = True
        met.fold.add(combined)

    # -- strings and numbers

    def length(self, met: _Met) -> None:
        node = met.fold.family(String)
        attribute = "min_length" if met.key == "minLength" else "max_length"
        setattr(node, attribute, checks.truncated(met.value, met.key))

    def pattern(self, met: _Met) -> None:
        met.fold.family(String).pattern = checks.pattern(met.value, met.key)

    def bound(self, met: _Met) -> None:
        setattr(met.fold.family(Numeric), _BOUNDS[met.key], checks.number(met.value, met.key))

    # -- arrays

    def count_of_items(self, met: _Met) -> None:
        node = met.fold.family(Array)
        attribute = "min_items" if met.key == "minItems" else "max_items"
        setattr(node, attribute, checks.truncated(met.value, met.key))

    def unique_items(self, met: _Met) -> None:
        met.fold.family(Array).unique = checks.flag(met.value, met.key)

    def prefix_items(self, met: _Met) -> None:
        items = checks.items(met.value, met.key)
        listed = met.fold.family(Array).listed = [ALWAYS] * len(items)
        for i, each in enumerate(items):
            self.child(listed, i, each, met.place)

    def items(self, met: _Met) -> None:
        node = met.fold.family(Array)
        if met.value is False:
            node.permits_additional = False
        elif met.value is not True:
            self.child(node, "additional" if met.json.get("prefixItems") else "items", met.value, met.place)

    def contains(self, met: _Met) -> None:
        node = met.fold.family(Array)
        self.child(node, "contains", met.value, met.place)
        node.min_contains = 1
        checks.counts_of_contains(met.json, node)

    def unevaluated_items(self, met: _Met) -> None:
        self.child(met.fold.family(Array), "unevaluated", met.value, met.place)

    # -- objects

    def required(self, met: _Met) -> None:
        met.fold.family(Object).required = checks.names(met.value, met.key)

    def count_of_properties(self, met: _Met) -> None:
        node = met.fold.family(Object)
        attribute = "min_properties" if met.key == "minProperties" else "max_properties"
        setattr(node, attribute, checks.truncated(met.value, met.key))

    def property_names(self, met: _Met) -> None:
        self.child(met.fold.family(Object), "names", met.value, met.place)

    def additional_properties(self, met: _Met) -> None:
        node = met.fold.family(Object)
        if met.value is False:
            node.permits_additional = False
        elif met.value is not True:
            self.child(node, "additional", met.value, met.place)

    def dependent_required(self, met: _Met) -> None:
        node = met.fold.family(Object)
        found = checks.entries(met.value, met.key)
        names = {name: frozenset(checks.names(each, met.key)) for name, each in found.items()}
        node.needed_names = {name: each for name, each in names.items() if each} or None

    def dependent_schemas(self, met: _Met) -> None:
        node = met.fold.family(Object)
        schemas: dict[str, Node] = {}
        for name, each in checks.entries(met.value, met.key).items():
            schemas[name] = ALWAYS
            self.child(schemas, name, each, met.place)
        node.needed_schemas = schemas or None

    def properties(self, met: _Met) -> None:
        found = checks.entries(met.value, met.key)
        if found:
            properties = met.fold.family(Object).properties
            for name, each in found.items():
                properties[name] = ALWAYS
                self.child(properties, name, each, met.place)

    def pattern_properties(self, met: _Met) -> None:
        found = checks.entries(met.value, met.key)
        if found:
            patterns = met.fold.family(Object).patterns = {}
            for name, each in found.items():
                patterns[checks.pattern(name, met.key)] = ALWAYS
                self.child(patterns, name, each, met.place)

    def unevaluated_properties(self, met: _Met) -> None:
        self.child(met.fold.family(Object), "unevaluated", met.value, met.place)

    # -- what says nothing

    def flag(self, met: _Met) -> None:
        checks.flag(met.value, met.key)

    def text(self, met: _Met) -> None:
        checks.text(met.value, met.key)

    def definitions(self, met: _Met) -> None:
        found = checks.entries(met.value, met.key)
        if not met.place.expanding:
            for each in found.values():
                self.define(each, met.place)


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
_Reader = Callable[[_Loader, _Met], None]
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
