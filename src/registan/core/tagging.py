"""Inline tags: from the bodies of requests to edits, and from one version to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registan.contract.body.common import EntityType, SchemaTagsBody
from registan.core.sources import resolve
from registan.core.state import State
from registan.formats import memo
from registan.formats.memo import Parsed
from registan.formats.protocol import Invalid, TagEdit
from registan.formats.table import format_of
from registan.model.fault import Fault, Refusal
from registan.model.schema import Source


def tag_edits(bodies: Sequence[SchemaTagsBody | None]) -> list[TagEdit]:
    """The edits of a request; raises `Refusal` BAD_REQUEST where a part is missing."""
    edits = []
    for body in bodies:
        entity = body.schema_entity if body is not None else None
        if body is None or entity is None or body.tags is None or not entity.entity_path:
            raise Refusal(Fault.BAD_REQUEST, why="`schemaEntity` with `entityPath` and `tags` must be given")
        tags = tuple(tag for tag in body.tags if tag is not None)
        if len(tags) != len(body.tags):
            raise Refusal(Fault.BAD_REQUEST, why="null is not allowed inside `tags`")
        edits.append(TagEdit(entity.entity_path, entity.entity_type is not EntityType.RECORD, tags))
    return edits


def propagated(state: State, context: str, parsed: Parsed, latest: Source) -> Any:  # noqa: ANN401
    """The form with the inline tags of the latest version, at places that still exist."""
    format_ = parsed.format
    if latest.type is not format_.type:
        return parsed.form
    try:
        _, closure = resolve(state, context, latest.references, deleted=True)
        before = memo.parse(format_of(latest.type), latest, closure, strict=False)
    except Invalid:
        return parsed.form
    form = parsed.form
    for place in format_.tags(before.form):
        try:
            form = format_.edit_tags(form, [TagEdit(place.path, place.is_field, place.tags)], ())
        except Invalid:
            continue  # the place is gone
    return form
