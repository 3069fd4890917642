"""The documents that a schema can see: itself, its references by name, and the bundled meta-schemas.

What lives here: texts made ready to be pointed into. Which `$ref` leads where differs by draft
(classic_refs.py, modern_refs.py). Nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote_plus

from registan.formats.budget import BUDGET, exceeded
from registan.formats.jsonschema.draft import BadSchema
from registan.formats.jsonschema.text import Json, read
from registan.formats.jsonschema.uri import resolve
from registan.formats.protocol import Invalid, References

_DOCUMENTS_KEPT = 128
"""How many referenced documents are kept read; they tend to be referenced by many schemas."""


@lru_cache(maxsize=_DOCUMENTS_KEPT)
def _document(text: str) -> Json:
    return with_defs(read(text))


def with_defs(document: Json) -> Json:
    """The document with a copy of each of its top-level `definitions` in `$defs`, unless it is there."""
    if not isinstance(document, dict):
        return document
    definitions, defs = document.get("definitions"), document.get("$defs", {})
    if not isinstance(definitions, dict) or not definitions or not isinstance(defs, dict):
        return document
    return {**document, "$defs": {**definitions, **defs}}


class Library:
    """A root document and what it may refer to. Raises `BadSchema` if a reference is no JSON."""

    def __init__(self, root: Json, references: References) -> None:
        self.characters = 0
        """Length of all URIs resolved so far."""
        self.root = with_defs(root)
        self.documents: dict[str, Json] = {}
        for name, referenced in references.items():
            try:
                self.documents[name] = _document(referenced.source.text)
            except Invalid as invalid:
                raise BadSchema(f"The reference {name} is no JSON: {invalid.why}") from None

    def resolve(self, base: str | None, text: str) -> str:
        """A reference as seen from a base. Raises `BadReference`, and `Invalid` if it has been too much."""
        found = resolve(base, text)
        self.characters += len(found) + 1
        if self.characters > BUDGET.json_uri_chars:
            raise exceeded("its ids and references are too long", "json_uri_chars")
        return found


def bundled(uri: str) -> Json | None:
    """The meta-schema of this URI, if it is one that comes with us."""
    if "json-schema.org/" not in uri:
        return None
    # Late: few schemas refer to a meta-schema.
    from registan.formats.jsonschema.metaschemas import META_SCHEMAS

    return META_SCHEMAS.get(uri.removesuffix("#"))


def steps(pointer: str) -> Iterator[str]:
    """The parts of a JSON pointer in a URI fragment, behind the first `/`."""
    for part in pointer.split("/")[1:]:
        yield unquote_plus(part).replace("~1", "/").replace("~0", "~")


def step(value: Json, part: str) -> Json:
    """What is found under a key or index. Raises `BadSchema` if nothing is."""
    if isinstance(value, dict) and part in value:
        return value[part]
    if isinstance(value, list) and part.isascii() and part.isdigit() and len(part) < 10:
        index = int(part)
        if index < len(value):
            return value[index]
    raise BadSchema(f"nothing is found under {part!r}")
