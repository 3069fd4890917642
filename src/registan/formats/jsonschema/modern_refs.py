"""Where a `$ref` or `$dynamicRef` of 2019-09 and 2020-12 leads (docs/wire.md, JSON Schema 5.1).

What lives here: ids and anchors of documents, and how URIs find them. What is made of a target, and when,
is modern.py's.
"""

from __future__ import annotations

from typing import NamedTuple

from registan.formats.jsonschema.draft import BadSchema
from registan.formats.jsonschema.library import Library, bundled, step, steps
from registan.formats.jsonschema.text import Json
from registan.formats.jsonschema.uri import without_fragment

_PREFIXES = ("", "./", "mem://input/")
"""What may stand before the name of a reference."""


class Scope(NamedTuple):
    """A schema that encloses others and may answer a `$dynamicRef`, in a list from the inside out."""

    json: dict[str, Json]
    base: str
    outer: Scope | None


class Target(NamedTuple):
    """A found schema and the base around it."""

    json: Json
    base: str


def inside(json: dict[str, Json], base: str, library: Library) -> str:
    """The base inside a schema, which its id may change."""
    own = json.get("$id")
    return without_fragment(library.resolve(base, own))[0] if isinstance(own, str) else base


class ModernReferences:
    """Finds targets. Raises `BadSchema` if a document names something twice."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.ids: dict[str, Target] = {}
        """URI → schema. Of equal names in several documents the first counts."""
        self.anchors: dict[str, Target] = {}
        self.dynamic: dict[str, Target] = {}
        """Dynamic anchors, which may be there twice; an anchor goes before them."""
        self.add(library.root, "")

    def add(self, document: Json, base: str) -> None:
        """Take in the ids and anchors of a document, unknown keywords included."""
        ids: dict[str, Target] = {}
        anchors: dict[str, Target] = {}
        stack: list[tuple[Json, str]] = [(document, base)]
        while stack:
            value, around = stack.pop()
            if isinstance(value, dict):
                if "$id" in value or "$anchor" in value or "$dynamicAnchor" in value:
                    target = Target(value, around)
                    around = inside(value, around, self.library)
                    self.name(target, around, ids, anchors, is_root=value is document)
                stack += [
                    (each, around)
                    for key, each in value.items()
                    if isinstance(each, dict | list) and key not in ("enum", "const")
                ]
            elif isinstance(value, list):
                stack += [(each, around) for each in value if isinstance(each, dict | list)]
        ids.setdefault(base, Target(document, base))
        self.ids = ids | self.ids
        self.anchors = anchors | self.anchors

    def name(
        self,
        target: Target,
        base: str,
        ids: dict[str, Target],
        anchors: dict[str, Target],
        *,
        is_root: bool,
    ) -> None:
        """Note the names of a schema, whose own base is `base`."""
        json = target.json
        own = json.get("$id")
        if isinstance(own, str):
            if is_root and without_fragment(own)[1]:
                raise BadSchema("$id must not have a fragment")
            if base in ids:
                raise BadSchema(f"$id {base} is there twice")
            ids[base] = target
        anchor = json.get("$anchor")
        if isinstance(anchor, str):
            uri = self.library.resolve(base, "#" + anchor)
            if uri in anchors:
                raise BadSchema(f"$anchor {uri} is there twice")
            anchors[uri] = target
        dynamic = json.get("$dynamicAnchor")
        if isinstance(dynamic, str):
            self.dynamic.setdefault(self.library.resolve(base, "#" + dynamic), target)

    def absolute(self, ref: str, base: str) -> str:
        """The URI that a reference stands for, without an empty fragment."""
        before = without_fragment(ref)[0]
        if before and self.named(before) is not None:
            return self.library.resolve(None, ref).removesuffix("#")
        return self.library.resolve(base, ref).removesuffix("#")

    def named(self, before: str) -> str | None:
        """The name of the reference that this is, with or without a prefix."""
        for prefix in _PREFIXES:
            if before.startswith(prefix) and before[len(prefix) :] in self.library.documents:
                return before[len(prefix) :]
        return None

    def find(self, uri: str) -> Target:
        """What stands under an absolute URI. Raises `BadSchema` if nothing does."""
        before, fragment = without_fragment(uri)
        json, base = self.resource(before)
        if fragment and not fragment.startswith("/"):
            known = self.anchors.get(uri) or self.dynamic.get(uri)
            if known is None:
                raise BadSchema(f"nothing is known under {uri}")
            return known
        for part in steps(fragment or ""):
            if isinstance(json, dict):
                base = inside(json, base, self.library)
            json = step(json, part)
        return Target(json, base)

    def resource(self, uri: str) -> Target:
        """The schema or document of a URI without a fragment."""
        known = self.ids.get(uri)
        if known is not None:
            return known
        name = self.named(uri)
        json = self.library.documents[name] if name is not None else bundled(uri)
        if json is None:
            raise BadSchema(f"nothing is known under {uri}")
        self.add(json, uri)
        return self.ids[uri]


class Answer(NamedTuple):
    """What came of looking for the schema that answers a `$dynamicRef`."""

    found: tuple[dict[str, Json], str] | None
    """The schema and the base around it."""
    asked: int
    """How many schemas were asked."""


def dynamic_target(scope: Scope | None, name: str, library: Library) -> Answer:
    """The schema that answers a `$dynamicRef`, from the outermost inwards.

    Each enclosing schema is asked, and the first of its `$defs`, and the first of those.
    """
    found = None
    asked = 0
    while scope is not None:
        json: Json = scope.json
        base = scope.base
        while isinstance(json, dict):
            asked += 1
            if json.get("$dynamicAnchor") == name:
                found = (json, base)
                break
            defs = json.get("$defs")
            base = inside(json, base, library)
            json = next(iter(defs.values()), None) if isinstance(defs, dict) else None
        scope = scope.outer
    return Answer(found, asked)
