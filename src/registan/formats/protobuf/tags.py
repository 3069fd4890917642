"""Inline tags: which messages and fields carry them, and texts with tags added or removed.

A place is written as messages and field with dots, without the package: `M.ssn`, `M.Inner`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from registan.formats.protobuf.index import Prefixes
from registan.formats.protobuf.meta import meta_of, texts, with_tags
from registan.formats.protobuf.resolve import Scope
from registan.formats.protobuf.tree import Field, File, Message, members
from registan.formats.protobuf.wellknown import META
from registan.formats.protocol import EntityTags, Invalid, TagEdit

_Path = tuple[str, ...]


def read_tags(scope: Scope) -> Iterator[EntityTags]:
    """All tags of a file in document order."""
    for message in scope.own.file.messages:
        yield from _message_tags(message, (), scope, scope.own.root)


def _message_tags(message: Message, outer: _Path, scope: Scope, around: Prefixes) -> Iterator[EntityTags]:
    """One frame for each level of nesting."""
    path = (*outer, message.name)
    scopes = (f"{around[0]}{message.name}.", *around)
    if tags := texts(meta_of(message.options, "message", scope, scopes), "tags"):
        yield EntityTags(".".join(path), False, tags)
    for field in members(message):
        if field.options and (tags := _field_tags(field, scope, scopes)):
            yield EntityTags(".".join((*path, field.name)), True, tags)
    for nested in message.messages:
        yield from _message_tags(nested, path, scope, scopes)


def _field_tags(field: Field, scope: Scope, scopes: Prefixes) -> tuple[str, ...]:
    return texts(meta_of(field.options, "field", scope, scopes), "tags")


class _Edits(NamedTuple):
    """What to do at one place."""

    add: set[str]
    remove: set[str]

    def apply(self, tags: Iterable[str]) -> tuple[str, ...]:
        """The tags afterwards: those that were there in their order, then new ones by name."""
        before = tuple(tags)
        after = (*before, *sorted(self.add.difference(before)))
        return tuple(tag for tag in after if tag not in self.remove)


def edit(scope: Scope, add: Sequence[TagEdit], remove: Sequence[TagEdit]) -> File:
    """The file with tags added, then removed. Raises `Invalid` for a place that is not there."""
    edits: dict[tuple[_Path, bool], _Edits] = {}
    for each, is_removal in [(e, False) for e in add] + [(e, True) for e in remove]:
        path = tuple(each.path.split("."))
        _find(scope.own.file, path, is_field=each.is_field)
        change = edits.setdefault((path, each.is_field), _Edits(set(), set()))
        (change.remove if is_removal else change.add).update(each.tags)
    file = scope.own.file
    if not edits:
        return file
    editor = _Editor(scope, edits)
    messages = tuple(editor.message(each, (), scope.own.root) for each in file.messages)
    imports = file.imports
    if any(e.add for e in edits.values()) and META not in (*imports, *file.public_imports):
        imports = (*imports, META)
    return file._replace(messages=messages, imports=imports)


def _find(file: File, path: _Path, *, is_field: bool) -> None:
    """Check that a place exists."""
    messages: Sequence[Message] = file.messages
    fields: Sequence[Field] = ()
    for name in path[:-1] if is_field else path:
        found = next((each for each in messages if each.name == name), None)
        if found is None:
            msg = f"No matching Message with name '{name}' found in the schema"
            raise Invalid(msg, syntax=False)
        messages, fields = found.messages, members(found)
    if is_field and all(field.name != path[-1] for field in fields):
        kind = "Field" if len(path) > 1 else "Message"
        msg = f"No matching {kind} with name '{path[-1]}' found in the schema"
        raise Invalid(msg, syntax=False)


class _Editor:
    def __init__(self, scope: Scope, edits: dict[tuple[_Path, bool], _Edits]) -> None:
        self.scope = scope
        self.edits = edits

    def message(self, message: Message, outer: _Path, around: Prefixes) -> Message:
        """One frame for each level of nesting."""
        path = (*outer, message.name)
        scopes = (f"{around[0]}{message.name}.", *around)
        fields = self._fields(path, scopes)
        nested = []
        for each in message.messages:
            nested.append(self.message(each, path, scopes))  # noqa: PERF401 (a frame less)
        change = self.edits.get((path, False))
        options = message.options
        if change is not None:
            tags = texts(meta_of(options, "message", self.scope, scopes), "tags")
            options = with_tags(options, change.apply(tags), "message", self.scope, scopes)
        return message._replace(
            options=options,
            fields=tuple(map(fields, message.fields)),
            oneofs=tuple(oneof._replace(fields=tuple(map(fields, oneof.fields))) for oneof in message.oneofs),
            messages=tuple(nested),
        )

    def _fields(self, path: _Path, scopes: Prefixes) -> Callable[[Field], Field]:
        def edited(field: Field) -> Field:
            change = self.edits.get(((*path, field.name), True))
            if change is None:
                return field
            tags = change.apply(_field_tags(field, self.scope, scopes))
            options = with_tags(field.options, tags, "field", self.scope, scopes)
            return field._replace(options=options)

        return edited
