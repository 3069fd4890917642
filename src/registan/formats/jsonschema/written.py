"""Telling members of a combined schema apart: which are the same, written out.

What lives here: keys of nodes, equal exactly if the recorded server would write the two alike (docs/wire.md,
JSON Schema 5.4, duplicates). References count by their text, so keys are finite and need no target.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from registan.formats.jsonschema.draft import Draft
from registan.formats.jsonschema.model import (
    Array,
    Combined,
    Conditional,
    Const,
    Enum,
    Kind,
    Node,
    Not,
    Number,
    Numeric,
    Object,
    Reference,
    String,
)
from registan.formats.jsonschema.text import Json, compact

_IN_MODEL = (
    "type minLength maxLength pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf items"
    " minItems maxItems uniqueItems contains properties required minProperties maxProperties"
    " patternProperties additionalProperties propertyNames enum allOf anyOf oneOf not const if then else $ref"
)
_CLASSIC = "additionalItems dependencies"
_MODERN = (
    "prefixItems dependentRequired dependentSchemas unevaluatedItems unevaluatedProperties minContains"
    " maxContains $dynamicRef format readOnly writeOnly deprecated $id $anchor $dynamicAnchor $schema $defs"
)
_FORMATS = {
    Draft.D4: "date-time uri email ipv4 ipv6 hostname",
    Draft.D6: "json-pointer uri-reference uri-template",
    Draft.D7: "date time regex relative-json-pointer",
}

_UNSEEN_CLASSIC = frozenset(f"{_IN_MODEL} {_CLASSIC}".split())
"""Keywords that the model holds."""
_UNSEEN_MODERN = frozenset(f"{_IN_MODEL} {_MODERN}".split())
"""The same, and those that are not written."""
_KNOWN_FORMATS = {
    draft: frozenset(word for each, words in _FORMATS.items() if each <= draft for word in words.split())
    for draft in _FORMATS
}


_KEY_STEPS = 4
"""What it takes to write one node, in pairs of scalars compared."""


class Members(NamedTuple):
    """Members of a combined schema that differ."""

    nodes: Sequence[Node]
    keys: Sequence[int]
    """The keys of the nodes."""
    places: Mapping[int, int]
    """Key → place among the nodes."""


class Writer:
    """Gives keys to nodes; equal nodes get equal keys. Each new key is paid for with `spend`."""

    def __init__(self, spend: Callable[[int], None]) -> None:
        self.spend = spend
        self.keys: dict[int, int] = {}
        """Node (by identity) → key."""
        self.known: dict[Hashable, int] = {}
        self.told_apart: dict[int, Members] = {}

    def distinct(self, node: Combined) -> Members:
        """The members without those that are written like an earlier one."""
        found = self.told_apart.get(id(node))
        if found is None:
            first: dict[int, Node] = {}
            for member in node.members:
                first.setdefault(self.key(member), member)
            places = {key: place for place, key in enumerate(first)}
            found = self.told_apart[id(node)] = Members(tuple(first.values()), tuple(first), places)
        return found

    def key(self, node: Node) -> int:
        """The key of a node."""
        keys, stack = self.keys, [node]
        while stack:
            top = stack[-1]
            if id(top) in keys:
                stack.pop()
                continue
            inner, shape = _shape(top)
            missing = [each for each in inner if id(each) not in keys]
            if missing:
                stack += missing
                continue
            ordered = tuple(keys[id(each)] for each in inner)
            members: Hashable = ordered
            if isinstance(top, Combined) and top.loose and top.criterion == "allOf":
                members = frozenset(ordered)
            self.spend(_KEY_STEPS)
            written = (top.kind, shape, _notes(top), members)
            keys[id(top)] = self.known.setdefault(written, len(self.known))
            stack.pop()
        return keys[id(node)]


def _notes(node: Node) -> str:
    """All that a schema says beside the model, as far as it is written."""
    source = node.source
    if source is None:
        return ""
    unseen = _UNSEEN_MODERN if node.draft is Draft.MODERN else _UNSEEN_CLASSIC
    if isinstance(node, Reference) and node.draft is not Draft.MODERN:
        unseen = frozenset(("$ref",))  # of the rest nothing is in the model
    notes: dict[str, Json] = {key: value for key, value in source.items() if key not in unseen}
    form = notes.get("format")
    # Beside a reference it may be anything.
    if not isinstance(form, str) or form not in _KNOWN_FORMATS[node.draft]:
        notes.pop("format", None)
    return compact(notes, ordered=True) if notes else ""


def _plain(number: Number | None) -> Hashable:
    """A number without regard to how it was written."""
    return number.normalize() if isinstance(number, Decimal) else number


def _present(nodes: Iterable[Node | None]) -> tuple[list[Node], tuple[bool, ...]]:
    listed = list(nodes)
    return [node for node in listed if node is not None], tuple(node is not None for node in listed)


def _shape(node: Node) -> tuple[list[Node], Hashable]:
    """The inner nodes in a fixed order, and all else that is written."""
    if isinstance(node, Combined):
        return node.members, (node.criterion, node.loose)
    if isinstance(node, Object):
        return _object(node)
    if isinstance(node, Array):
        listed = node.listed or []
        inner, present = _present((node.items, node.additional, node.unevaluated, node.contains))
        counts = (node.min_items, node.max_items, node.min_contains, node.max_contains)
        flags = (node.typed, node.unique, node.permits_additional, node.listed is not None)
        return [*listed, *inner], (len(listed), present, counts, flags)
    if isinstance(node, Not):
        return [node.inner], None
    if isinstance(node, Conditional):
        return _present((node.condition, node.then, node.otherwise))
    return [], _leaf(node)


def _leaf(node: Node) -> Hashable:
    if isinstance(node, String):
        return (node.typed, node.min_length, node.max_length, node.pattern)
    if isinstance(node, Numeric):
        bounds = (
            node.minimum,
            node.maximum,
            node.exclusive_minimum,
            node.exclusive_maximum,
            node.multiple_of,
        )
        return (node.typed, node.integer, node.exclusive_flags, tuple(map(_plain, bounds)))
    if isinstance(node, Enum):
        return node.values
    if isinstance(node, Const):
        return node.value
    if isinstance(node, Reference):
        return node.text
    return node.kind is Kind.NULL


def _object(node: Object) -> tuple[list[Node], Hashable]:
    properties = sorted(node.properties.items())
    patterns = sorted((node.patterns or {}).items())
    needed = sorted((node.needed_schemas or {}).items())
    names = sorted((name, tuple(sorted(each))) for name, each in (node.needed_names or {}).items())
    inner, present = _present((node.additional, node.unevaluated, node.names))
    written = tuple(tuple(name for name, _ in group) for group in (properties, patterns, needed))
    counts = (node.min_properties, node.max_properties)
    flags = (node.typed, node.permits_additional)
    return (
        [each for group in (properties, patterns, needed) for _, each in group] + inner,
        (written, tuple(names), present, node.required, counts, flags),
    )
