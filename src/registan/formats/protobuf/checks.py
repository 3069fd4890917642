"""The extra checks of `validateFields`: what a file descriptor built from the schema would not allow.

What lives here: doubled names and numbers, and numbers and defaults that cannot be. The texts are those
of the descriptor builder of the recorded registry.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from registan.formats.protobuf.resolve import Scope
from registan.formats.protobuf.tree import MAP_KEYS, Enum, Field, Message, Service, members
from registan.formats.protocol import Invalid

_INTEGERS = MAP_KEYS - {"bool", "string"}


def check_descriptor(scope: Scope) -> None:
    """Check the file of a scope. Raises `Invalid`."""
    checker = _Checker(scope)
    file, package = scope.own.file, scope.own.root[0]
    for message in file.messages:
        checker.message(message, package)
    for enum in file.enums:
        checker.enum(enum, package)
    for service in file.services:
        checker.service(service, package)
    for extend in file.extends:
        checker.names(extend.fields, package)


def _refuse(where: str, what: str) -> NoReturn:
    msg = f"Invalid protobuf schema definition: {where}: {what}"
    raise Invalid(msg, syntax=False)


class _Checker:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.seen: set[str] = set()

    def declare(self, prefix: str, name: str) -> None:
        """Refuse a second declaration of a name in one place."""
        full = prefix + name
        if full in self.seen:
            inside = f' in "{prefix[:-1]}"' if prefix else ""
            _refuse(full, f'"{name}" is already defined{inside}.')
        self.seen.add(full)

    def names(self, fields: Iterable[Field], prefix: str) -> None:
        for field in fields:
            self.declare(prefix, field.name)

    def message(self, message: Message, around: str) -> None:
        """One frame for each level of nesting."""
        self.declare(around, message.name)
        prefix = f"{around}{message.name}."
        self.names(members(message), prefix)
        numbers: dict[int, str] = {}
        for field in members(message):
            full = prefix + field.name
            if field.tag <= 0:
                _refuse(full, "Field numbers must be positive integers.")
            first = numbers.setdefault(field.tag, field.name)
            if first != field.name:
                _refuse(
                    full,
                    f'Field number {field.tag} has already been used in "{prefix[:-1]}" by field "{first}".',
                )
            self.default(field, full)
        for oneof in message.oneofs:
            self.declare(prefix, oneof.name)
        for extend in message.extends:
            self.names(extend.fields, prefix)
        for enum in message.enums:
            self.enum(enum, prefix)
        for nested in message.messages:
            self.message(nested, prefix)

    def default(self, field: Field, full: str) -> None:
        if field.default is None:
            return
        if field.label == "repeated":
            _refuse(full, "Repeated fields cannot have default values.")
        text = field.default
        if field.type in _INTEGERS and _integer(text) is None:
            _refuse(full, f'Could not parse default value: "{text}"')
        if field.type == "bool" and text not in ("true", "false"):
            _refuse(full, f'Could not parse default value: "{text}"')

    def enum(self, enum: Enum, prefix: str) -> None:
        self.declare(prefix, enum.name)
        if not enum.constants:
            _refuse(prefix + enum.name, "Enums must contain at least one value.")
        for constant in enum.constants:
            self.declare(prefix, constant.name)

    def service(self, service: Service, prefix: str) -> None:
        self.declare(prefix, service.name)
        for rpc in service.rpcs:
            self.declare(f"{prefix}{service.name}.", rpc.name)


def _integer(text: str) -> int | None:
    try:
        return int(text, 0) if len(text) < 24 else None
    except ValueError:
        try:
            return int(text, 8)
        except ValueError:
            return None
