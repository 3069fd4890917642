"""Options in normal form: names qualified, dotted names folded into aggregates, all of one name merged.

What lives here: options and their values. Known extensions are folded and merged; unknown ones and plain
options keep their statements, only their values are put in order.
"""

from __future__ import annotations

from collections.abc import Iterable

from registan.formats.protobuf.index import Extension, Prefixes
from registan.formats.protobuf.number_form import normal
from registan.formats.protobuf.resolve import Definition, Scope
from registan.formats.protobuf.tree import Aggregate, Field, Items, Message, Option, Value


def normal_options(options: Iterable[Option], scope: Scope, scopes: Prefixes) -> tuple[Option, ...]:
    """The options of one declaration, merged and sorted by name; `scopes` is where they stand."""
    result: list[Option] = []
    merged: dict[str, tuple[int, Extension, list[Value]]] = {}
    for option in options:
        known = scope.extension(option.name, scopes) if option.extension else None
        if known is None:
            result.append(option)
            continue
        name, extension = known
        value = _fold(option)
        if extension.field.label != "repeated":
            if name in merged:
                merged[name][2].append(value)
                continue
            merged[name] = len(result), extension, [value]
        result.append(Option(name, True, (), value))
    for name, (at, extension, values) in merged.items():
        if len(values) > 1:
            result[at] = Option(name, True, (), _Merger(scope).option(values, extension))
    ordered = [o._replace(value=normal_value(o.value)) for o in result]
    ordered.sort(key=_name)
    return tuple(ordered)


def _name(option: Option) -> str:
    return option.name


def _fold(option: Option) -> Value:
    """The value with the steps of the name as aggregates around it."""
    value = option.value
    for step in reversed(option.steps):
        value = Aggregate(((step.strip("()"), value),))
    return value


def normal_value(value: Value) -> Value:
    """A value with numbers in normal spelling and the keys of its aggregates sorted.

    Inside of aggregates and lists, empty lists fall away and lists of one item become the item. One frame
    for each level of nesting.
    """
    if isinstance(value, str):
        return normal(value)
    if isinstance(value, Aggregate):
        entries: list[tuple[str, Value]] = []
        for key, raw in value.entries:
            each = normal_value(raw)
            if not isinstance(each, Items) or len(each.values) > 1:
                entries.append((key, each))
            elif each.values:
                entries.append((key, each.values[0]))
        entries.sort(key=_key)
        return Aggregate(tuple(entries))
    if isinstance(value, Items):
        items: list[Value] = []
        for raw in value.values:
            each = normal_value(raw)
            if not isinstance(each, Items) or len(each.values) > 1:
                items.append(each)
            else:
                items += each.values
        return Items(tuple(items))
    return value


def _key(entry: tuple[str, Value]) -> str:
    return entry[0]


class _Merger:
    """Merges values given one after the other to one field, by the type of the field."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def option(self, values: list[Value], extension: Extension) -> Value:
        return self._singular(values, extension.field.type, extension.scopes)

    def _singular(self, values: list[Value], type_name: str, scopes: Prefixes) -> Value:
        """The last value, with the aggregates directly before it if it is one."""
        run: list[Aggregate] = []
        for value in reversed(values):
            if not isinstance(value, Aggregate):
                break
            run.append(value)
        if len(run) <= 1:
            return values[-1]
        run.reverse()
        full = self.scope.resolve(type_name, scopes)
        return self._aggregates(run, None if full is None else self.scope.definition(full))

    def _aggregates(self, values: list[Aggregate], kind: Definition | None) -> Aggregate:
        """Key by key. Two frames for each level of nesting."""
        singular = _singular_fields(kind)
        given: dict[str, list[Value]] = {}
        for value in values:
            for key, each in value.entries:
                given.setdefault(key, []).append(each)
        entries: list[tuple[str, Value]] = []
        for key, each_given in given.items():
            field = singular.get(key)
            if len(each_given) == 1:
                entries.append((key, each_given[0]))
            elif field is None or kind is None:
                entries.append((key, _collected(each_given)))
            else:
                entries.append((key, self._singular(each_given, field.type, kind.scopes())))
        return Aggregate(tuple(entries))


def _collected(values: list[Value]) -> Items:
    """All values in one list; lists among them are spliced in."""
    items: list[Value] = []
    for value in values:
        if isinstance(value, Items):
            items.extend(value.values)
        else:
            items.append(value)
    return Items(tuple(items))


def _singular_fields(kind: Definition | None) -> dict[str, Field]:
    """Fields of a message type that are neither repeated nor maps nor members of a oneof."""
    if kind is None or not isinstance(kind.node, Message):
        return {}
    return {
        field.name: field
        for field in kind.node.fields
        if field.label != "repeated" and not field.type.startswith("map<")
    }
