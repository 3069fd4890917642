"""Reads options: `name = value` with every shape of value, and lists of options in brackets.

What never lives here: what an option means; that is for options_fold.py and whoever asks for it.
"""

from __future__ import annotations

from registan.formats.budget import BUDGET
from registan.formats.protobuf.cursor import Cursor
from registan.formats.protobuf.tree import Aggregate, Items, Option, Quoted, Value


class _Entries:
    """The entries of an aggregate while they are read: values of a key given again are collected."""

    def __init__(self) -> None:
        self.values: dict[str, list[Value]] = {}
        self.lists: set[str] = set()

    def add(self, key: str, steps: tuple[str, ...], value: Value) -> None:
        for step in reversed(steps):
            value = Aggregate(((step, value),))
        if isinstance(value, Items):
            self.lists.add(key)
            self.values.setdefault(key, []).extend(value.values)
        elif key in self.values:
            self.lists.add(key)
            self.values[key].append(value)
        else:
            self.values[key] = [value]

    def done(self) -> Aggregate:
        return Aggregate(
            tuple(
                (key, Items(tuple(values)) if key in self.lists else values[0])
                for key, values in self.values.items()
            )
        )


class OptionReader(Cursor):
    """A cursor that can read options."""

    def option(self) -> Option:
        """Read `name = value`, without what ends it."""
        name, extension, steps = self._option_name()
        if self.toks[self.i] != "=":
            self.fail("expected '=' in option", behind=1)
        self.i += 1
        if not steps:
            return Option(name, extension, steps, self.value())
        self.deeper_value(len(steps))
        value = self.value()
        self.value_depth -= len(steps)
        return Option(name, extension, steps, value)

    def option_statement(self) -> Option:
        """Read what follows the word `option`, with the `;`."""
        option = self.option()
        self.require(";")
        return option

    def option_list(self) -> tuple[Option, ...]:
        """Read `[ option, … ]` if it is next."""
        if not self.take("["):
            return ()
        options = [self.option()]
        while not self.take("]"):
            if not self.take(","):
                self.fail("Expected ',' or ']", behind=1)
            options.append(self.option())
        return tuple(options)

    def _option_name(self) -> tuple[str, bool, tuple[str, ...]]:
        ahead = self.toks[self.i]
        extension = ahead == "("
        name = self.name()
        if ahead == "[":
            name = f"[{name}]"
        elif not extension:
            return name, False, ()
        return name, extension, self._steps()

    def _steps(self) -> tuple[str, ...]:
        steps: list[str] = []
        while (ahead := self.toks[self.i])[:1] == ".":
            self.i += 1
            if ahead == "." and self.toks[self.i] == "(":
                steps.append(f"({self.name()})")
            else:
                steps.extend((ahead[1:] or self.word()).split("."))
            if len(steps) > BUDGET.protobuf_value_depth:
                self.fail(f"option name of more than {BUDGET.protobuf_value_depth} steps")
        if "" in steps:
            self.fail("empty step in option name", self.i - 1)
        return tuple(steps)

    def value(self) -> Value:
        """Read a string, word, aggregate or list. One frame for each level of nesting."""
        ahead = self.toks[self.i]
        first = ahead[:1]
        if first == '"' or first == "'":
            return Quoted(self.string())
        if ahead == "{":
            self.deeper_value()
            entries = _Entries()
            self.i += 1
            while not self.take("}"):
                key, steps = self._key()
                self.deeper_value(len(steps))
                entries.add(key, steps, self.value())
                self.value_depth -= len(steps)
                if self.toks[self.i] == "," or self.toks[self.i][:1] == ";":
                    self.i += 1
            self.value_depth -= 1
            return entries.done()
        if ahead == "[":
            self.deeper_value()
            values: list[Value] = []
            self.i += 1
            while not self.take("]"):
                values.append(self.value())
                if not self.take(",") and self.toks[self.i] != "]":
                    self.fail("expected ',' or ']'", behind=1)
            self.value_depth -= 1
            return Items(tuple(values))
        return self.word()

    def _key(self) -> tuple[str, tuple[str, ...]]:
        """Read the key of an aggregate with its colon, which may be left out before a brace."""
        name, _, steps = self._option_name()
        if not self.take(":") and self.toks[self.i] != "{":
            self.fail("expected ':' in option", behind=1)
        return name, steps
