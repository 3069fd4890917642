"""Which declaration a name means, and the check that every name means one.

All types of the file, of all its references (direct or not) and of all built-in files are visible,
imported or not. A name is looked for from the innermost scope outwards; the first scope in which the
whole name is a known message or enum wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from registan.formats.protobuf import wellknown
from registan.formats.protobuf.index import Extension, Home, Prefixes
from registan.formats.protobuf.tree import (
    MAP_KEYS,
    SCALARS,
    Enum,
    Extend,
    Field,
    Group,
    Message,
    map_parts,
)
from registan.formats.protocol import Invalid

_LONGEST_NAME = 500
"""More characters of a name are not quoted in a refusal."""
_BARE = re.compile(r"[A-Za-z0-9_.\-]+")


class Definition(NamedTuple):
    """A type and the file it is declared in."""

    full: str
    node: Message | Enum
    home: Home

    def scopes(self) -> Prefixes:
        """The scopes inside of the type, if it is a message."""
        return self.home.scopes[self.full]


class Scope:
    """The names a file can see. Immutable.

    A reference that has the path of a built-in file stands in its place: `built_in` are the others.
    """

    def __init__(
        self, own: Home, others: Iterable[Home] = (), built_in: Mapping[str, str] = wellknown.TYPES
    ) -> None:
        self.own = own
        self.built_in = built_in
        self.others = tuple(others)
        self._referenced: dict[str, Home] = {}
        for home in self.others:
            self._referenced.update(dict.fromkeys(home.types, home))

    def resolve(self, name: str, scopes: Prefixes) -> str | None:
        """The full name (without leading dot) that `name` means in some place, if any."""
        own, referenced, built_in = self.own.types, self._referenced, self.built_in
        if name[0] == ".":
            full = name[1:]
            return full if full in own or full in referenced or full in built_in else None
        for scope in scopes:
            full = scope + name
            if full in own or full in referenced or full in built_in:
                return full
        return None

    def home_of(self, full: str, inside: Home | None = None) -> Home | None:
        """Where a full name is declared, in `inside` if there, None if in a built-in file."""
        if inside is not None and full in inside.types:
            return inside
        return self.own if full in self.own.types else self._referenced.get(full)

    def definition(self, full: str) -> Definition:
        """What a full name, known to be one, is declared as."""
        home = self.home_of(full) or wellknown.home(wellknown.TYPES[full])
        return Definition(full, home.types[full], home)

    def declared(self, full: str) -> Message | Enum | None:
        """What a full name is declared as in the file or a reference; None for built-in types."""
        home = self.home_of(full)
        return None if home is None else home.types[full]

    def is_enum(self, full: str) -> bool:
        """Whether a full name, known to be one, is an enum; loads no built-in file."""
        node = self.declared(full)
        return full in wellknown.ENUMS if node is None else isinstance(node, Enum)

    def extension(self, name: str, scopes: Prefixes) -> tuple[str, Extension] | None:
        """The extension field an option name in parentheses means, with its full name."""
        candidates = (name[1:],) if name[0] == "." else (scope + name for scope in scopes)
        for full in candidates:
            if (found := self.own.extensions.get(full)) is not None:
                return full, found
            for home in self.others:
                if (found := home.extensions.get(full)) is not None:
                    return full, found
            if (path := wellknown.EXTENSIONS.get(full)) is not None:
                return full, wellknown.home(path).extensions[full]
        return None


def check(scope: Scope) -> None:
    """Check that every name of the file means something. Raises `Invalid`.

    Also refuses what could not be read again once printed: defaults of types other than string lose
    their quotes.
    """
    checker = _Checker(scope)
    file, root = scope.own.file, scope.own.root
    for message in file.messages:
        checker.message(message, root)
    for extend in file.extends:
        checker.extend(extend, root)
    for service in file.services:
        for rpc in service.rpcs:
            checker.named(rpc.request, root)
            checker.named(rpc.response, root)


class _Checker:
    def __init__(self, scope: Scope) -> None:
        self.resolve = scope.resolve

    def named(self, name: str, scopes: Prefixes) -> None:
        if self.resolve(name, scopes) is None:
            msg = f"Could not resolve type: {name[:_LONGEST_NAME]}"
            raise Invalid(msg, syntax=False)

    def fields(self, fields: Iterable[Field], scopes: Prefixes) -> None:
        checked: set[str] = set()
        for _, kind, _, _, _, default, _ in fields:
            if kind not in SCALARS and kind not in checked:
                checked.add(kind)
                parts = map_parts(kind)
                if parts is None:
                    self.named(kind, scopes)
                elif parts[0] not in MAP_KEYS:
                    msg = f"map key must be non-byte, non-floating point scalar: {parts[0][:_LONGEST_NAME]}"
                    raise Invalid(msg, syntax=False)
            if default is not None and kind != "string" and not _BARE.fullmatch(default):
                msg = "Could not parse Protobuf - a default that is printed without quotes is no word"
                raise Invalid(msg, syntax=False)

    def extend(self, extend: Extend, scopes: Prefixes) -> None:
        self.named(extend.name, scopes)
        self.fields(extend.fields, scopes)

    def groups(self, groups: Iterable[Group], scopes: Prefixes) -> None:
        for group in groups:
            self.fields(group.fields, scopes)

    def message(self, message: Message, around: Prefixes) -> None:
        """One frame for each level of nesting."""
        scopes = (f"{around[0]}{message.name}.", *around)
        self.fields(message.fields, scopes)
        for oneof in message.oneofs:
            self.fields(oneof.fields, scopes)
            self.groups(oneof.groups, scopes)
        self.groups(message.groups, scopes)
        for extend in message.extends:
            self.extend(extend, scopes)
        for nested in message.messages:
            self.message(nested, scopes)
