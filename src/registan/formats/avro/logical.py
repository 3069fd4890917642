"""What the policy LOGICAL adds for Avro: the unit of a time must stay (docs/wire.md, what we do not offer).

What lives here: the one rule of that policy that is known, since its message states it. What never does:
rules made up for other types; those are judged as under STRICT.

A time is a number of thousandths or millionths of a second, and which of them only the schema says. A reader
with another unit reads every value, and gets it wrong by a factor of a thousand.
"""

from __future__ import annotations

from collections.abc import Iterator

from registan.formats.avro.compat import Path, steps
from registan.formats.avro.rules import unit_changed
from registan.formats.avro.types import Array, Map, Named, Primitive, Record, Type, Union
from registan.formats.budget import BUDGET, exceeded
from registan.formats.protocol import Incompatibility

_UNITS = {
    ("int", "time-millis"): ("TIME", 3),
    ("long", "time-micros"): ("TIME", 6),
    **{
        ("long", f"{local}timestamp-{unit}"): (name, precision)
        for local, name in (("", "TIMESTAMP_LTZ"), ("local-", "TIMESTAMP"))
        for unit, precision in (("millis", 3), ("micros", 6), ("nanos", 9))
    },
}
"""Types of the stream processor, and digits of a second, by kind and logical type."""


def changed_units(reader: Type, writer: Type) -> list[Incompatibility]:
    """The times whose unit differs; of too many only the first. Raises `Invalid` (budget).

    Fields are met by their names, branches of unions by their kinds and names.
    """
    found: list[Incompatibility] = []
    length = done = 0
    met: set[tuple[int, int]] = set()
    left: list[tuple[Type, Type, Path]] = [(reader, writer, None)]
    while left and len(found) < BUDGET.avro_differences and length <= BUDGET.avro_path_chars:
        mine, yours, path = left.pop()
        if isinstance(mine, Primitive) and isinstance(yours, Primitive):
            now, before = _unit(mine), _unit(yours)
            if now is not None and before is not None and now[0] == before[0] and now != before:
                found.append(unit_changed(".".join(steps(path)), _type(now), _type(before)))
                length += len(found[-1].path)
        elif (id(mine), id(yours)) not in met:
            met.add((id(mine), id(yours)))
            inside = [(a, b, (path, step) if step else path) for a, b, step in _inside(mine, yours)]
            left += reversed(inside)
            done += 1 + len(inside)
            if done > BUDGET.avro_comparison_steps:
                raise exceeded("its comparison takes too many steps", "avro_comparison_steps")
    return found


def _type(unit: tuple[str, int]) -> str:
    return f"{unit[0]}({unit[1]})"


def _unit(type_: Primitive) -> tuple[str, int] | None:
    logical = (type_.props or {}).get("logicalType")
    return _UNITS.get((type_.kind, logical)) if isinstance(logical, str) else None


def _inside(reader: Type, writer: Type) -> Iterator[tuple[Type, Type, str]]:
    """Pairs of types in two types, and the step that leads to them."""
    if isinstance(reader, Union) or isinstance(writer, Union):
        theirs = {_called(branch): branch for branch in _branches(writer)}
        for branch in _branches(reader):
            if (other := theirs.get(_called(branch))) is not None:
                yield branch, other, ""
    elif isinstance(reader, Record) and isinstance(writer, Record):
        fields = {field.name: field for field in writer.fields}
        for field in reader.fields:
            for name in (field.name, *field.aliases):
                if name in fields:
                    yield field.type, fields[name].type, field.name
                    break
    elif isinstance(reader, Array) and isinstance(writer, Array):
        yield reader.items, writer.items, "element"
    elif isinstance(reader, Map) and isinstance(writer, Map):
        yield reader.values, writer.values, "value"


def _branches(type_: Type) -> tuple[Type, ...]:
    return type_.branches if isinstance(type_, Union) else (type_,)


def _called(type_: Type) -> str:
    return type_.name if isinstance(type_, Named) else type_.kind
