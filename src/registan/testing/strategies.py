"""Values for hypothesis: records of every kind, and histories that could have happened.

What lives here: how values are drawn. What must hold for them is in tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from registan.model.commit import Change, Drop, Put
from registan.model.policy import CompatibilityLevel, Config, Mode
from registan.model.record import RECORDS, ContextEntry, Kind, ModeSetting, Record, Schema, Version
from registan.model.schema import Reference, SchemaType, Source
from registan.model.subject import Subject

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
"""Lone surrogates included: JSON can spell them."""


def values_of(type_: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401  (a type)
    """Values of a type that records are made of, by its annotations alone."""
    arguments = get_args(type_)
    origin = get_origin(type_)
    if origin in (Union, UnionType):
        return st.one_of(*(st.none() if a is NoneType else values_of(a) for a in arguments))
    if origin is tuple:
        return st.lists(values_of(arguments[0]), max_size=3).map(tuple)
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(values_of(arguments[0]), values_of(arguments[1]), max_size=3)
    if type_ is str:
        return ANY_TEXT
    if type_ is bool:
        return st.booleans()
    if type_ is int:
        return st.integers(-(2**53), 2**53)
    if issubclass(type_, Enum):
        return st.sampled_from(list(type_))
    hints = get_type_hints(type_)
    names = [field.name for field in fields(type_)] if is_dataclass(type_) else list(type_._fields)
    return st.builds(type_, **{name: values_of(hints[name]) for name in names})


def records(*kinds: Kind) -> st.SearchStrategy[Record]:
    """Records of these kinds, or of any, with any values, sensible or not."""
    return st.one_of(*(values_of(RECORDS[kind].type) for kind in kinds or RECORDS))


def changes() -> st.SearchStrategy[Change]:
    """Any changes."""
    return st.one_of(st.builds(Put, records()), st.builds(Drop, records()))


_SUBJECTS = (Subject(".", "a"), Subject(".", "b"), Subject(".c", "a"), Subject(".d", ""))
_SCOPES = (*_SUBJECTS, Subject(".", ""), Subject(".c", ""))
_REFERENCES = (Reference("n", "a", 1), Reference("m", ":.c:a", 2), Reference("o", "b", -1))


class _World:
    """What holds so far in a history, so that what comes next is possible."""

    def __init__(self) -> None:
        self.held: dict[tuple[Kind, str], Record] = {}

    def make(self, change: Change) -> Change:
        place = (change.kind, change.key)
        if type(change) is Put:
            self.held[place] = change.record
        else:
            del self.held[place]
        return change

    def all_of(self, type_: type[Any]) -> list[Any]:
        return [record for record in self.held.values() if type(record) is type_]

    def held_ids(self) -> set[tuple[str, int]]:
        return {(v.subject.context, v.schema_id) for v in self.all_of(Version)}


@st.composite
def histories(draw: st.DrawFn, commits_max: int = 8) -> list[tuple[Change, ...]]:
    """The changes of one commit after the other, each of which can be made where it stands."""
    world = _World()
    return [
        tuple(world.make(_next(draw, world)) for _ in range(draw(st.integers(1, 4))))
        for _ in range(draw(st.integers(1, commits_max)))
    ]


def _next(draw: st.DrawFn, world: _World) -> Change:
    kind = draw(st.sampled_from(("schema", "version", "version", "policy", "context", "drop", "drop")))
    if kind == "version" and (schemas := world.all_of(Schema)):
        schema = draw(st.sampled_from(schemas))
        subject = draw(st.sampled_from([s for s in _SUBJECTS if s.context == schema.context]))
        number = draw(st.integers(1, 4))
        return Put(Version(subject, number, schema.id, draw(st.booleans()), draw(st.integers(0, 9))))
    if kind == "policy":
        return draw(_POLICIES)
    if kind == "context":
        name = draw(st.sampled_from((".", ".c", ".d", ".e")))
        return Put(ContextEntry(name, draw(st.integers(0, 5)), name == "." or draw(st.booleans())))
    if kind == "drop" and (droppable := _droppable(world)):
        return Drop(draw(st.sampled_from(droppable)))
    context = draw(st.sampled_from((".", ".c", ".d")))
    references = draw(st.lists(st.sampled_from(_REFERENCES), max_size=2, unique=True))
    source = Source(SchemaType.AVRO, draw(st.sampled_from("xyz")), tuple(references))
    return Put(Schema(context, draw(st.integers(1, 5)), source, source.guid))


_POLICIES = st.one_of(
    st.builds(
        lambda scope, level, alias: Put(Config(scope=scope, level=level, alias=alias)),
        st.sampled_from(_SCOPES),
        st.sampled_from(CompatibilityLevel),
        st.sampled_from((None, "b", "")),
    ),
    st.builds(
        lambda scope, mode: Put(ModeSetting(scope, mode)), st.sampled_from(_SCOPES), st.sampled_from(Mode)
    ),
)


def _droppable(world: _World) -> list[Record]:
    """All but schemas that a version has, and contexts, which only lose their place on the list."""
    held = world.held_ids()
    return [
        record
        for record in world.held.values()
        if not isinstance(record, ContextEntry)
        and not (isinstance(record, Schema) and (record.context, record.id) in held)
    ]
