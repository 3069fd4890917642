"""Inline tags: which records and fields carry `confluent:tags`, and texts with tags added or removed.

A place is written as the full name of a record, for a field with the field's name behind it: `n.R`, `n.R.f`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from registan.formats.avro.names import joined, split
from registan.formats.avro.types import Record, Type, inner
from registan.formats.java_json import Tree
from registan.formats.protocol import EntityTags, Invalid, TagEdit

_KEY = "confluent:tags"


def _tags(holder: Mapping[str, Tree] | None) -> tuple[str, ...]:
    tags = holder.get(_KEY) if holder is not None else None
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


def read_tags(root: Type) -> Iterator[EntityTags]:
    """All tags, those of referenced types included, each type where it is met first."""
    work: list[Type | EntityTags] = [root]
    seen: set[int] = set()
    while work:
        each = work.pop()
        if isinstance(each, EntityTags):
            yield each
            continue
        if isinstance(each, Record):
            if id(each) in seen:
                continue
            seen.add(id(each))
            if tags := _tags(each.props):
                yield EntityTags(each.full, False, tags)
            for field in reversed(each.fields):
                work.append(field.type)
                if tags := _tags(field.props):
                    work.append(EntityTags(f"{each.full}.{field.name}", True, tags))
        else:
            work += reversed(inner(each))


def edit(tree: Tree, add: Sequence[TagEdit], remove: Sequence[TagEdit]) -> None:
    """Add, then remove tags in the tree of a canonical text. Raises `Invalid` for an unknown place."""
    places = dict(_places(tree))
    for change, is_removal in [(each, False) for each in add] + [(each, True) for each in remove]:
        place = places.get((change.path, change.is_field))
        if place is None:
            msg = f"No matching path '{change.path}' found in the schema"
            raise Invalid(msg, syntax=False)
        before = _tags(place)
        if is_removal:
            after = tuple(tag for tag in before if tag not in change.tags)
        else:
            after = (*before, *sorted(set(change.tags).difference(before)))
        if after:
            place[_KEY] = list(after)
        elif before:
            del place[_KEY]


def _places(tree: Tree) -> Iterator[tuple[tuple[str, bool], dict[str, Tree]]]:
    """Path and node of each record and field that is defined in a tree."""
    work: list[tuple[Tree, str]] = [(tree, "")]
    while work:
        node, space = work.pop()
        if isinstance(node, list):
            work += ((each, space) for each in node)
        elif isinstance(node, dict):
            if node["type"] in ("record", "error"):
                name, space = split(node["name"], node.get("namespace", space))
                full = joined(name, space)
                yield (full, False), node
                for field in node["fields"]:
                    yield (f"{full}.{field['name']}", True), field
            work += ((each, space) for each in _held(node))


def _held(node: dict[str, Tree]) -> Iterable[Tree]:
    """The nodes of the types inside."""
    if node["type"] in ("record", "error"):
        return [field["type"] for field in node["fields"]]
    return [node[key] for key in ("items", "values") if node["type"] in ("array", "map") and key in node]
