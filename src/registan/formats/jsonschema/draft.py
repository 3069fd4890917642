"""Which draft a document follows, by its `$schema` (docs/wire.md, JSON Schema 5.1)."""

from __future__ import annotations

from enum import IntEnum

from registan.formats.jsonschema.text import Json


class BadSchema(Exception):  # noqa: N818  (a verdict on a text)
    """The JSON is no schema; says why in a few words."""


class Draft(IntEnum):
    """The drafts that are read differently."""

    D4 = 4
    D6 = 6
    D7 = 7
    MODERN = 2020
    """2019-09 and 2020-12, which have one reader."""

    @property
    def id_keyword(self) -> str:
        """The keyword that names a schema."""
        return "id" if self is Draft.D4 else "$id"


_DRAFTS = {
    "json-schema.org/schema": Draft.D4,
    "json-schema.org/draft-04/schema": Draft.D4,
    "json-schema.org/draft-06/schema": Draft.D6,
    "json-schema.org/draft-07/schema": Draft.D7,
    "json-schema.org/draft/2019-09/schema": Draft.MODERN,
    "json-schema.org/draft/2020-12/schema": Draft.MODERN,
}


def draft_of(document: Json, otherwise: Draft | None = None) -> Draft | None:
    """The draft that a document names; `otherwise` where it names none, or none that is known.

    Raises `BadSchema` if `$schema` is no string.
    """
    if not isinstance(document, dict) or "$schema" not in document:
        return otherwise
    url = document["$schema"]
    if not isinstance(url, str):
        raise BadSchema("$schema must be a string")
    scheme, mark, rest = url.partition("://")
    if not mark or scheme not in ("http", "https"):
        return otherwise
    exact = _DRAFTS.get(rest.removesuffix("#"))
    if exact is not None:
        return exact
    for known, draft in _DRAFTS.items():
        if draft is not Draft.MODERN and rest.startswith(known):
            return draft
    return otherwise
