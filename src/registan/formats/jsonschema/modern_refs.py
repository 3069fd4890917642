"""Where a `$ref` or `$dynamicRef` of 2019-09 and 2020-12 leads (docs/wire.md, JSON Schema 5.1).

What lives here: ids and anchors of documents, and how URIs find them. What is made of a target, and when,
is modern.py's.
"""

from __future__ import annotations

from typing import NamedTuple

from registan.formats.jsonschema.draft import BadSchema
from registan.formats.jsonschema.library import Library, bundled, step, steps
from registan.formats.jsonschema.text import Json
from registan.formats.jsonschema.uri import resolve, without_fragment

_PREFIXES = ("", "./", "mem://input/")
"""What may stand before the name of a reference."""


class Scope(NamedTuple):
    """A schema that encloses others and may answer a `$dynamicRef`, in a list from the inside out."""

    json: dict[str, Json]
    base: str
    outer: Scope | None


class Target(NamedTuple):
    """A found schema, the base around it and the whole document."""

    json: Json
    base: str
    document: Document


class Document:
    """A document with what it names. Raises `BadSchema` if it names something twice."""

    def __init__(self, json: Json, base: str) -> None:
        self.json = json
        self.ids: dict[str, tuple[Json, str]] = {}
        """URI → schema, and the base around it."""
        self.anchors: dict[str, tuple[Json, str]] = {}
        stack: list[tuple[Json, str]] = [(json, base)]
        while stack:
            value, around = stack.pop()
            if isinstance(value, dict):
                inside = around
                if "$id" in value or "$anchor" in value or "$dynamicAnchor" in value:
                    inside = self.name(value, around)
                stack += [
                    (each, inside)
                    for key, each in value.items()
                    if isinstance(each, dict | list) and key not in ("enum", "const")
                ]
            elif isinstance(value, list):
                stack += [(each, around) for each in value if isinstance(each, dict | list)]
        self.ids.setdefault(base, (json, base))

    def name(self, value: dict[str, Json], around: str) -> str:
        """Note the names of a schema; the base inside it."""
        inside = around
        own = value.get("$id")
        if isinstance(own, str):
            inside, fragment = without_fragment(resolve(around, own))
            if fragment and value is self.json:
                raise BadSchema("$id must not have a fragment")
            if inside in self.ids:
                raise BadSchema(f"$id {inside} is there twice")
            self.ids[inside] = (value, around)
        anchor = value.get("$anchor")
        if isinstance(anchor, str):
            uri = resolve(inside, "#" + anchor)
            if uri in self.anchors:
                raise BadSchema(f"$anchor {uri} is there twice")
            self.anchors[uri] = (value, around)
        dynamic = value.get("$dynamicAnchor")
        if isinstance(dynamic, str):
            self.anchors.setdefault(resolve(inside, "#" + dynamic), (value, around))
        return inside


def inside(json: dict[str, Json], base: str) -> str:
    """The base inside a schema, which its id may change."""
    own = json.get("$id")
    return without_fragment(resolve(base, own))[0] if isinstance(own, str) else base


class ModernReferences:
    """Finds targets."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.root = Document(library.root, "")
        self.documents = {"": self.root}
        """Documents in use, by the name they were asked for."""

    def absolute(self, ref: str, base: str) -> str:
        """The URI that a reference stands for, without an empty fragment."""
        before = without_fragment(ref)[0]
        uri = ref if before and self.named(before) is not None else resolve(base, ref)
        return uri.removesuffix("#")

    def named(self, before: str) -> str | None:
        """The name of the reference that this is, with or without a prefix."""
        for prefix in _PREFIXES:
            if before.startswith(prefix) and before[len(prefix) :] in self.library.documents:
                return before[len(prefix) :]
        return None

    def find(self, uri: str) -> Target:
        """What stands under an absolute URI. Raises `BadSchema` if nothing does."""
        before, fragment = without_fragment(uri)
        found = self.resource(before)
        if fragment and not fragment.startswith("/"):
            known = found.document.anchors.get(uri)
            if known is None:
                raise BadSchema(f"nothing is known under {uri}")
            return Target(*known, found.document)
        json, base = found.json, found.base
        for part in steps(fragment or ""):
            if isinstance(json, dict):
                base = inside(json, base)
            json = step(json, part)
        return Target(json, base, found.document)

    def resource(self, uri: str) -> Target:
        """The schema or document of a URI without a fragment."""
        for document in self.documents.values():
            if uri in document.ids:
                return Target(*document.ids[uri], document)
        name = self.named(uri)
        json = self.library.documents[name] if name is not None else bundled(uri)
        if json is None:
            raise BadSchema(f"nothing is known under {uri}")
        document = self.documents[uri] = Document(json, uri)
        return Target(json, uri, document)


def dynamic_target(scope: Scope | None, name: str) -> tuple[dict[str, Json], str] | None:
    """The schema that answers a `$dynamicRef` and the base around it, from the outermost inwards.

    Each enclosing schema is asked, and the first of its `$defs`, and the first of those.
    """
    found = None
    while scope is not None:
        json: Json = scope.json
        base = scope.base
        while isinstance(json, dict):
            if json.get("$dynamicAnchor") == name:
                found = (json, base)
                break
            defs = json.get("$defs")
            base = inside(json, base)
            json = next(iter(defs.values()), None) if isinstance(defs, dict) else None
        scope = scope.outer
    return found
