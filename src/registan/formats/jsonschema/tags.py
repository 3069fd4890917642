"""Inline tags (`confluent:tags`): which places of a schema carry them, and texts with tags added or removed.

A place is written as steps with dots from the root: `object.NAME` is a property, `array` the items,
`array.I` one of a list of them, `allof.I`, `anyof.I`, `oneof.I` a member, `not` what is negated,
`conditional.if` (`then`, `else`) a part of a condition. A place that ends in `object` is the object itself.
References are not followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from registan.formats.jsonschema.text import Json
from registan.formats.protocol import EntityTags, Invalid, TagEdit

TAGS = "confluent:tags"

_MEMBERS = {"allof": "allOf", "anyof": "anyOf", "oneof": "oneOf"}
_LISTS = ("prefixItems", "items")


def read_tags(root: Json) -> Iterator[EntityTags]:
    """All tags of a schema in document order."""
    stack: list[tuple[Json, str, bool]] = [(root, "", False)]
    while stack:
        schema, path, is_field = stack.pop()
        if not isinstance(schema, dict):
            continue
        tags = _tags(schema)
        if tags and is_field:
            yield EntityTags(path, True, tags)
        elif tags and _is_object(schema):
            yield EntityTags(_joined(path, "object"), False, tags)
        stack += reversed(list(_inner(schema, path)))


def _joined(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


def _is_object(schema: dict[str, Json]) -> bool:
    return schema.get("type") == "object" or isinstance(schema.get("properties"), dict)


def _tags(schema: dict[str, Json]) -> tuple[str, ...]:
    tags = schema.get(TAGS)
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


def _inner(schema: dict[str, Json], path: str) -> Iterator[tuple[Json, str, bool]]:
    """The schemas inside a schema, with their paths, and whether they are properties."""
    for step, keyword in _MEMBERS.items():
        members = schema.get(keyword)
        if isinstance(members, list):
            for i, member in enumerate(members):
                yield member, _joined(path, f"{step}.{i}"), False
    if "not" in schema:
        yield schema["not"], _joined(path, "not"), False
    properties = schema.get("properties")
    if isinstance(properties, dict):
        for name, each in properties.items():
            yield each, _joined(path, f"object.{name}"), True
    for step, keys in _items(schema).items():
        inner: Json = schema
        for key in keys:
            inner = inner[key]
        yield inner, _joined(path, step), False
    for keyword in ("if", "then", "else"):
        if keyword in schema:
            yield schema[keyword], _joined(path, f"conditional.{keyword}"), False


def _items(schema: dict[str, Json]) -> dict[str, list[str | int]]:
    """The keys that lead to items, by their steps; of two keywords with the same step the first counts."""
    found: dict[str, list[str | int]] = {}
    for keyword in _LISTS:
        items = schema.get(keyword)
        if isinstance(items, dict):
            found.setdefault("array", [keyword])
        elif isinstance(items, list):
            for i in range(len(items)):
                found.setdefault(f"array.{i}", [keyword, i])
    return found


def edit(root: Json, add: Sequence[TagEdit], remove: Sequence[TagEdit]) -> Json:
    """The schema with tags added, then removed. Raises `Invalid` for a place that is not there.

    Only what is on the way to an edited place is copied.
    """
    for edits, removal in ((add, False), (remove, True)):
        for each in edits:
            root = _edited(root, each, removal=removal)
    return root


def _edited(root: Json, change: TagEdit, *, removal: bool) -> Json:
    keys = _place(root, change)
    if keys is None:
        raise Invalid(f"No matching path '{change.path}' found in the schema", syntax=False)
    copy: Json = {"": root}
    holder = copy
    for key in ("", *keys):
        inner = holder[key]
        holder[key] = dict(inner) if isinstance(inner, dict) else list(inner)
        holder = holder[key]
    before = _tags(holder)
    if removal:
        after = [tag for tag in before if tag not in change.tags]
    else:
        after = [*before, *sorted(set(change.tags).difference(before))]
    if after:
        holder[TAGS] = after
    else:
        holder.pop(TAGS, None)
    return copy[""]


def _place(root: Json, change: TagEdit) -> list[str | int] | None:
    """The keys that lead to a place, None if it is not there.

    Names may contain dots, so the longest name that leads on is taken first, and of names that differ in
    case only the one that is written so.
    """
    keys: list[str | int] = []
    schema, rest, is_field = root, change.path, False
    while True:
        if not isinstance(schema, dict):
            return None
        if not rest:
            return keys if is_field == change.is_field else None
        if rest == "object" and not change.is_field:
            return keys if _is_object(schema) else None
        found = [
            (path, inner, field)
            for inner, path, field in _inner(schema, "")
            if rest.lower() == path.lower() or rest.lower().startswith(path.lower() + ".")
        ]
        if not found:
            return None
        path, inner, is_field = max(found, key=lambda each: (len(each[0]), rest.startswith(each[0])))
        keys += _keys(schema, path)
        schema, rest = inner, rest[len(path) + 1 :]


def _keys(schema: dict[str, Json], path: str) -> list[str | int]:
    """The keys of one step."""
    step, _, name = path.partition(".")
    if step == "object":
        return ["properties", name]
    if step in _MEMBERS:
        return [_MEMBERS[step], int(name)]
    if step == "array":
        return _items(schema)[path]
    return [name or "not"]
