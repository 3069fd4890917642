"""What a file declares, by full name: its types and its extension fields.

What lives here: lookups of exact names. Finding out which name a reference means is resolve.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple, TypeAlias

from registan.formats.protobuf.tree import Enum, Extend, Field, File, Message

Prefixes: TypeAlias = "tuple[str, ...]"
"""Scopes of a place, innermost first, each with its dot; the last one is empty."""

Origin: TypeAlias = "tuple[str, int] | str | None"
"""Where a file comes from: subject and version, path of a built-in file, or None for the file itself."""


class Extension(NamedTuple):
    """A declared extension field and the scopes of its declaration."""

    field: Field
    scopes: Prefixes
    home: Home


class Home:
    """A file with its index. Immutable, but for what is computed once on demand."""

    def __init__(self, file: File, origin: Origin = None) -> None:
        self.file = file
        self.origin = origin
        self.root = package_scopes(file.package)
        self.types: dict[str, Message | Enum] = {}
        _index(self.types, self.root[0], file.messages, file.enums)

    def local(self, full: str) -> str:
        """The nesting path of a type, without the package."""
        return full[len(self.root[0]) :]

    @cached_property
    def scopes(self) -> Mapping[str, Prefixes]:
        """The scopes inside of each message, by its full name."""
        found: dict[str, Prefixes] = {}
        _collect_scopes(found, self.file.messages, self.root)
        return found

    @cached_property
    def extensions(self) -> Mapping[str, Extension]:
        """Extension fields by full name."""
        found: dict[str, Extension] = {}
        self._extensions(found, self.file.extends, self.file.messages, self.root)
        return found

    def _extensions(
        self,
        found: dict[str, Extension],
        extends: tuple[Extend, ...],
        messages: tuple[Message, ...],
        scopes: Prefixes,
    ) -> None:
        for extend in extends:
            for field in extend.fields:
                found.setdefault(scopes[0] + field.name, Extension(field, scopes, self))
        for message in messages:
            inner = (f"{scopes[0]}{message.name}.", *scopes)
            self._extensions(found, message.extends, message.messages, inner)


def package_scopes(package: str) -> Prefixes:
    """The scopes of a package: `a.b.`, `a.` and the empty one."""
    scopes = [""]
    if package:
        prefix = ""
        for segment in package.split("."):
            prefix += segment + "."
            scopes.append(prefix)
    return tuple(reversed(scopes))


def _index(
    types: dict[str, Message | Enum],
    prefix: str,
    messages: tuple[Message, ...],
    enums: tuple[Enum, ...],
) -> None:
    for enum in enums:
        types[prefix + enum.name] = enum
    for message in messages:
        full = prefix + message.name
        types[full] = message
        if message.messages or message.enums:
            _index(types, full + ".", message.messages, message.enums)


def _collect_scopes(found: dict[str, Prefixes], messages: tuple[Message, ...], around: Prefixes) -> None:
    for message in messages:
        full = around[0] + message.name
        inside = found[full] = (full + ".", *around)
        _collect_scopes(found, message.messages, inside)
