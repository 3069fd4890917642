"""The `confluent` meta of a declaration: doc, parameters and tags, in whatever spelling they were given.

What lives here: finding the meta among options and putting changed tags back. Who has which tags in a
schema is tags.py.
"""

from __future__ import annotations

from collections.abc import Iterable

from registan.formats.protobuf.index import Prefixes
from registan.formats.protobuf.options_fold import normal_options
from registan.formats.protobuf.resolve import Scope
from registan.formats.protobuf.tree import Aggregate, Items, Option, Quoted, Value


def meta_name(place: str) -> str:
    """The option that carries the meta of a `file`, `message`, `field`, `enum` or `enum_value`."""
    return f"confluent.{place}_meta"


def is_meta(option: Option, place: str, scope: Scope, scopes: Prefixes) -> bool:
    """Whether an option is (part of) the meta of its declaration."""
    if not option.extension or not option.name.endswith("_meta"):
        return False
    found = scope.extension(option.name, scopes)
    return found is not None and found[0] == meta_name(place)


def meta_of(options: Iterable[Option], place: str, scope: Scope, scopes: Prefixes) -> Aggregate | None:
    """The meta of a declaration as one aggregate, if it has any."""
    parts = [option for option in options if is_meta(option, place, scope, scopes)]
    if not parts:
        return None
    for option in normal_options(parts, scope, scopes):
        if isinstance(option.value, Aggregate):
            return option.value
    return None


def texts(meta: Aggregate | None, key: str) -> tuple[str, ...]:
    """The texts under a key of the meta, such as its tags."""
    return tuple(value.text for value in values(meta, key) if isinstance(value, Quoted))


def values(meta: Aggregate | None, key: str) -> tuple[Value, ...]:
    """The values under a key of the meta; a single one counts as a list of one."""
    for name, value in meta.entries if meta is not None else ():
        if name == key:
            return value.values if isinstance(value, Items) else (value,)
    return ()


def with_tags(
    options: tuple[Option, ...], tags: Iterable[str], place: str, scope: Scope, scopes: Prefixes
) -> tuple[Option, ...]:
    """The options with the meta as one aggregate that has exactly these tags."""
    meta = meta_of(options, place, scope, scopes)
    entries = [entry for entry in (meta.entries if meta else ()) if entry[0] != "tags"]
    listed = tuple(Quoted(tag) for tag in tags)
    if listed:
        entries.append(("tags", Items(listed)))
    kept = tuple(option for option in options if not is_meta(option, place, scope, scopes))
    if not entries:
        return kept
    return (*kept, Option(meta_name(place), True, (), Aggregate(tuple(entries))))
