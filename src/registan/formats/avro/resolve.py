"""Names that were used before they were defined.

What lives here: putting the types in, and judging anew the defaults whose types were not known in full.
For the latter, records are completed in the order in which the recorded server does it, because no object
is a default of a record that is not complete yet (docs/wire.md, Avro, defaults).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from registan.formats.avro.defaults import Judge
from registan.formats.avro.parser import Parser, fail
from registan.formats.avro.types import (
    Array,
    Field,
    Named,
    Record,
    Type,
    Union,
    Unresolved,
    inner,
    label,
    run,
)
from registan.formats.budget import BUDGET, exceeded


def resolve(parser: Parser, root: Type, known: int) -> Type:
    """The root with all names resolved; the first `known` names of the table were complete before.

    Raises `Invalid` for a name that is not defined, and for a default that does not suit its type.
    """
    if type(root) is Unresolved:
        fail(f"Undefined schema: {root.full}")
    if isinstance(root, Named):
        # An equal definition in a reference came first, and its docs and aliases count.
        root = parser.names[root.full]
    if not parser.open:
        return root
    if parser.doubtful:
        _Completion(parser).run(list(parser.names.values())[known:])
    for holder in parser.open:
        if isinstance(holder, Field):
            holder.type = _resolved(holder.type, parser)
        elif isinstance(holder, Union):
            holder.branches = tuple(_resolved(each, parser) for each in holder.branches)
        elif isinstance(holder, Array):
            holder.items = _resolved(holder.items, parser)
        else:
            holder.values = _resolved(holder.values, parser)
    return root


def _resolved(type_: Type, parser: Parser) -> Type:
    if type(type_) is not Unresolved:
        return type_
    found = parser.names.get(type_.full)
    if found is None:
        fail(f"Undefined schema: {type_.full}")
    return found


class _Completion:
    """Completes records one by one, depth first."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser
        self.begun: set[int] = set()
        self.unfinished: set[int] = set()
        self.judge = Judge(self._find, self.unfinished)
        self.steps = 0

    def _find(self, full: str) -> Type:
        return _resolved(Unresolved(full), self.parser)

    def run(self, roots: list[Any]) -> None:
        """Visit the named types of a text in the order of their definitions."""
        for root in roots:
            run(self._visit(root, set()))

    def _visit(self, type_: Type, visited: set[int]) -> Generator[Any, None, None]:
        """Visit what a type is made of, then complete it. Visits of open names are visits of their own."""
        self.steps += 1
        if self.steps > BUDGET.avro_default_steps:
            why = "types refer to one another in too many ways before they are defined"
            raise exceeded(why, "avro_default_steps")
        if type(type_) is Unresolved:
            type_ = self._find(type_.full)
            if id(type_) in self.begun:
                return
            visited = set()
        if id(type_) in visited:
            return
        visited.add(id(type_))
        if isinstance(type_, Record) and id(type_) not in self.begun:
            self.unfinished.add(id(type_))
        self.begun.add(id(type_))
        inside = inner(type_)
        for each in reversed(inside) if isinstance(type_, Union) else inside:
            if inner(each) or type(each) is Unresolved or isinstance(each, Record):
                yield self._visit(each, visited)
        if id(type_) in self.unfinished:
            self._complete(type_)

    def _complete(self, record: Any) -> None:  # noqa: ANN401
        for field in self.parser.doubtful.get(id(record), ()):
            if not self.judge.suits(field.type, field.default):
                fail(f"Invalid default for field {field.name}, not a {label(field.type)}", field.default)
        self.unfinished.discard(id(record))
