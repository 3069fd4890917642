"""Whether a default value suits a type, and what becomes of values in the normal form.

What lives here: values against types. Nothing is resolved or printed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from typing import Any

from registan.formats.avro.types import (
    ABSENT,
    Array,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Type,
    Union,
    Unresolved,
    run,
)
from registan.formats.java_json import Tree
from registan.formats.protocol import Invalid

_INT = range(-(2**31), 2**31)
_LONG = range(-(2**63), 2**63)

_Check = Generator[Any, bool, bool]


class Judge:
    """Judges defaults of one text.

    `find` gives the type that an unresolved name stands for; None while that is not known, and then it
    takes any object, like a record without fields, and `guessed` is set. No object suits a record in
    `unfinished`: its fields are not known yet.
    """

    def __init__(
        self, find: Callable[[str], Type | None] = lambda _: None, unfinished: Collection[int] = ()
    ) -> None:
        self.find = find
        self.unfinished = unfinished
        self.guessed = False
        self._judged: dict[tuple[int, int], bool] = {}

    def suits(self, type_: Type, value: Tree) -> bool:
        """Whether a value may be the default of a field of this type.

        Raises `Invalid` where the verdict would need the fields of an unfinished record.
        """
        if type(value) is not dict and type(value) is not list:
            if type(type_) is Primitive:
                return _PRIMITIVE[type_.kind](value)
            return _scalar_suits(type_, value)
        if not value and type(type_) is (Map if type(value) is dict else Array):
            return True
        return run(self._container_suits(type_, value))

    def _asked(self, type_: Type, value: Tree) -> _Check:
        """Either answer at once or ask."""
        if not isinstance(value, dict | list):
            return _scalar_suits(type_, value)
        key = (id(type_), id(value))
        known = self._judged.get(key)
        if known is None:
            known = self._judged[key] = yield self._container_suits(type_, value)
        return known

    def _container_suits(self, type_: Type, value: dict[str, Tree] | list[Tree]) -> _Check:
        if isinstance(type_, Unresolved):
            found = self.find(type_.full)
            if found is None:
                self.guessed = True
                return isinstance(value, dict)
            type_ = found
        if isinstance(type_, Union):
            for branch in type_.branches:
                if (yield from self._asked(branch, value)):
                    return True
            return False
        if isinstance(type_, Record):
            return isinstance(value, dict) and (yield from self._record_suits(type_, value))
        if isinstance(type_, Array):
            values, item = (value if isinstance(value, list) else None), type_.items
        elif isinstance(type_, Map):
            values, item = (list(value.values()) if isinstance(value, dict) else None), type_.values
        else:
            return False
        if values is None:
            return False
        for each in values:
            if not (yield from self._asked(item, each)):
                return False
        return True

    def _record_suits(self, type_: Record, value: dict[str, Tree]) -> _Check:
        if id(type_) in self.unfinished:
            msg = "Schema fields not set yet"
            raise Invalid(msg)
        for field in type_.fields:
            given = value.get(field.name, field.default)
            if given is ABSENT or not (yield from self._asked(field.type, given)):
                return False
        return True


def _scalar_suits(type_: Type, value: Tree) -> bool:
    if isinstance(type_, Union):
        return any(_scalar_suits(branch, value) for branch in type_.branches)
    if isinstance(type_, Primitive):
        return _PRIMITIVE[type_.kind](value)
    return isinstance(type_, Enum | Fixed) and isinstance(value, str)


def _is_number(value: Tree) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Tree) -> bool:
    return isinstance(value, str)


_PRIMITIVE: dict[str, Callable[[Tree], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "int": lambda value: type(value) is int and value in _INT,
    "long": lambda value: type(value) is int and value in _LONG,
    "float": _is_number,
    "double": _is_number,
    "bytes": _is_text,
    "string": _is_text,
}
