"""Where a `$ref` of draft 4, 6 or 7 leads (docs/wire.md, JSON Schema 5.1).

What lives here: the order in which targets are looked for. What is made of them is classic.py's.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple, TypeAlias

from registan.formats.jsonschema.draft import BadSchema, Draft, draft_of
from registan.formats.jsonschema.library import Library, bundled, step, steps
from registan.formats.jsonschema.text import Json
from registan.formats.jsonschema.uri import without_fragment

_Ids: TypeAlias = "tuple[str, _Ids] | None"
"""The ids around a place, from the inside out."""


class Document:
    """A document that is pointed into."""

    def __init__(self, json: Json, base: str | None, draft: Draft) -> None:
        self.json = json
        self.base = base
        self.draft = draft

    @cached_property
    def named(self) -> dict[str, tuple[Json, _Ids]]:
        """Objects by their id as written, with the ids around them; of equal ones the first."""
        keyword = self.draft.id_keyword
        found: dict[str, tuple[Json, _Ids]] = {}
        stack: list[tuple[Json, _Ids]] = [(self.json, None)]
        while stack:
            value, around = stack.pop()
            if isinstance(value, dict):
                name = value.get(keyword)
                if isinstance(name, str):
                    found.setdefault(name, (value, around))
                    around = (name, around)
                inner = list(value.values())
            elif isinstance(value, list):
                inner = value
            else:
                continue
            stack += [(each, around) for each in reversed(inner) if isinstance(each, dict | list)]
        return found


class Place(NamedTuple):
    """Where a schema stands: its document and the nearest enclosing id."""

    document: Document
    base: str | None


class Target(NamedTuple):
    """A found schema and the place around it."""

    json: Json
    place: Place


class ClassicReferences:
    """Finds targets."""

    def __init__(self, library: Library, draft: Draft) -> None:
        self.library = library
        root = library.root
        own = root.get(draft.id_keyword) if isinstance(root, dict) else None
        self.resolve = library.resolve
        base = self.resolve(None, own) if isinstance(own, str) else None
        self.names = {self.resolve(base, name): name for name in reversed(list(library.documents))}
        if any(not isinstance(each, dict) for each in library.documents.values()):
            raise BadSchema("a referenced document is no object")

    def find(self, ref: str, absolute: str, place: Place) -> Target:
        """The target of a reference. Raises `BadSchema` if there is none."""
        document = place.document
        known = document.named.get(absolute)
        if known is None and ref.startswith("#"):
            known = document.named.get(ref)
        if known is not None:
            json, around = known
            names = []
            while around is not None:
                name, around = around
                names.append(name)
            base = document.base
            for name in reversed(names):
                base = self.resolve(base, name)
            return Target(json, Place(document, base))
        if ref.startswith("#"):
            return self.pointed(document, document.base, ref)
        before, fragment = without_fragment(absolute)
        if absolute in self.names:
            found, fragment = self.library.documents[self.names[absolute]], ""
        elif before in self.names:
            found = self.library.documents[self.names[before]]
        else:
            found = bundled(before)
        if found is None:
            raise BadSchema(f"nothing is known under {absolute}")
        other = Document(found, before, self.draft_below(found, document.draft))
        return self.pointed(other, before, fragment or "")._replace(place=Place(other, before))

    def draft_below(self, json: Json, referrer: Draft) -> Draft:
        """The draft of a referenced document."""
        draft = draft_of(json)
        if draft is not None and draft is not Draft.MODERN:
            return draft
        if referrer is Draft.D4 and "$schema" in json:
            raise BadSchema("a referenced document has a $schema that draft 4 does not know")
        return referrer

    def pointed(self, document: Document, base: str | None, pointer: str) -> Target:
        """What a pointer leads to; trailing empty parts and what stands before the first `/` are dropped."""
        keyword = document.draft.id_keyword
        value = document.json
        for part in steps(pointer.rstrip("/")):
            if isinstance(value, dict) and isinstance(name := value.get(keyword), str):
                base = self.resolve(base, name)
            value = step(value, part)
        return Target(value, Place(document, base))
