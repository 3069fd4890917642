"""The state: all records of the log with the indexes that queries need.

`apply` is the only mutator and contains no rule: a change is a fact. What lives here besides are
look-ups of one fact; anything that decides lives in query/ and command/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any

from registan.core.entries import INT_MAX, ContextState, SubjectEntry
from registan.core.names import Names
from registan.core.scopes import Scopes
from registan.core.shelves import SHELVED, Shelves
from registan.model.commit import Change, Drop, Put
from registan.model.policy import Config, Defaults
from registan.model.record import ContextEntry, ModeSetting, Record, Schema, Version
from registan.model.schema import Reference
from registan.model.subject import DEFAULT_CONTEXT, Subject

OWNERS_IN_TUPLE = 16
"""Up to so many owners of an id stand in a tuple (small), more in a dictionary (no quadratic growth)."""


def target(reference: Reference, context: str) -> tuple[Subject, int]:
    """The subject and version a reference of a schema in `context` names.

    An unqualified subject, and one of the default context, is read in the referrer's own context.
    """
    subject = Subject.parse(reference.subject, context)
    if subject.context == DEFAULT_CONTEXT:
        subject = Subject(context, subject.name)
    return subject, reference.version


class State(Scopes, Shelves):
    """Everything that is known at one `seq`. Owned by one thread; queries read it, `apply` changes it."""

    def __init__(self, defaults: Defaults | None = None) -> None:
        super().__init__()
        self.defaults = defaults or Defaults()
        self.clear()

    def clear(self) -> None:
        """Know nothing, as before the first commit."""
        self.seq = 0
        self.contexts: dict[str, ContextState] = {DEFAULT_CONTEXT: ContextState(DEFAULT_CONTEXT)}
        self.clear_scopes()
        self.names = Names()
        self.referrers: dict[tuple[Subject, int], dict[tuple[str, int], None]] = {}
        """(context, schema id) of those that refer to a subject's version."""
        self.clear_shelves()
        self._context_names: tuple[str, ...] | None = None
        self._journal = self._redo = None

    @property
    def counts(self) -> dict[str, int]:
        """Schemas with an id, and subjects with a live version."""
        schemas = sum(len(held.schemas) for held in self.contexts.values())
        return {"schemas": schemas, "subjects": len(self.names) - len(self.names.gone)}

    # look-ups of one fact

    def context(self, name: str) -> ContextState | None:
        """The context, if anything was ever stored in it."""
        return self.contexts.get(name)

    def subject(self, subject: Subject) -> SubjectEntry | None:
        """The subject's entry, if it has any version, be it soft-deleted."""
        context = self.contexts.get(subject.context)
        return None if context is None else context.subjects.get(subject.name)

    def schema(self, context: str, schema_id: int) -> Schema | None:
        """The schema with this id."""
        held = self.contexts.get(context)
        return None if held is None else held.schemas.get(schema_id)

    def schema_of(self, version: Version) -> Schema:
        """The content of a version; every version has one."""
        return self.contexts[version.subject.context].schemas[version.schema_id]

    def schema_with(self, context: str, guid: str) -> Schema | None:
        """The schema last written with this content."""
        held = self.contexts.get(context)
        ids = held.by_guid.get(guid) if held is not None else None
        return held.schemas[ids[-1]] if held is not None and ids else None

    def next_id(self, context: str) -> int:
        """One more than the highest id ever seen in the context; beyond the last one negative ones."""
        held = self.contexts.get(context)
        if held is None:
            return 1
        if held.last_id < INT_MAX:
            return held.last_id + 1
        return next(number for number in count(-INT_MAX - 1) if number not in held.schemas)

    def context_names(self) -> tuple[str, ...]:
        """Contexts that are listed, sorted; the default one is always there."""
        if self._context_names is None:
            self._context_names = tuple(sorted(name for name, held in self.contexts.items() if held.listed))
        return self._context_names

    def owners(self, context: str, schema_id: int) -> Iterator[Version]:
        """For each subject that holds the id, the version last written with it."""
        held = self.contexts.get(context)
        if held is None:
            return
        for name in held.owners.get(schema_id, ()):
            entry = held.subjects[name]
            yield entry.versions[entry.by_schema[schema_id]]

    def records(self) -> Iterator[Record]:
        """All records; loading them into an empty state gives an equal one."""
        for held in self.contexts.values():
            if held.name != DEFAULT_CONTEXT or held.last_id:
                yield ContextEntry(held.name, held.last_id, held.listed)
            for ids in held.by_guid.values():
                yield from map(held.schemas.__getitem__, ids)
            for name, entry in held.subjects.items():
                for version in entry.versions.values():
                    if (name, version.schema_id) not in held.repeats:
                        yield version
            for (name, _), numbers in held.repeats.items():
                yield from map(held.subjects[name].versions.__getitem__, numbers)
        yield from self.scoped()
        yield from self.shelved()

    # changes

    def apply(self, seq: int, changes: Iterable[Change]) -> None:
        """Make the changes of the commit `seq`, which must be the next one; all of them or none."""
        if seq != self.seq + 1:
            raise ValueError(f"commit {seq} does not follow {self.seq}")
        changes = tuple(changes)
        if self.again(changes):
            self.seq = seq
            return
        if all(type(change) is Put for change in changes):
            self.make(changes)  # A Put cannot fail, so nothing need be remembered to take it back.
            self.seq = seq
            return
        self.begin()
        try:
            self.make(changes)
        except BaseException:
            self.rollback()
            raise
        self.keep()
        self.seq = seq

    def load(self, seq: int, records: Iterable[Record]) -> None:
        """Become the state that records add up to, in the order in which they were last written.

        Whatever `records` raises on the way is raised, and the state is as before.
        """
        other = State(self.defaults)
        other._fill(records)
        other.seq = seq
        vars(self).update(vars(other))
        self._redo = None

    def _fill(self, records: Iterable[Record]) -> None:
        puts = _PUTS
        for record in records:
            puts[type(record)](self, record)

    def make(self, changes: Iterable[Change]) -> None:
        """Make changes without moving `seq` (inside `begin` … `rollback`, or from `apply`)."""
        changes = tuple(changes)
        self._changing(changes)
        for change in changes:
            record = change.record
            (_PUTS if type(change) is Put else _DROPS)[type(record)](self, record)

    def _held(self, name: str) -> ContextState:
        held = self.contexts.get(name)
        if held is None:
            held = ContextState(name)
            self._set(self.contexts, name, held)
        return held

    def _put_context(self, entry: ContextEntry) -> None:
        held = self._held(entry.name)
        if held.listed != entry.listed:
            self._attr(held, "listed", entry.listed)
            self._attr(self, "_context_names", None)
        self._attr(held, "last_id", max(held.last_id, entry.last_id))

    def _drop_context(self, entry: ContextEntry) -> None:
        held = self.contexts[entry.name]
        self._attr(held, "listed", held.name == DEFAULT_CONTEXT)
        self._attr(self, "_context_names", None)
        self._attr(held, "last_id", max(held.schemas, default=0))
        if not (held.schemas or held.subjects or held.name == DEFAULT_CONTEXT):
            self._del(self.contexts, entry.name)

    def _put_schema(self, schema: Schema) -> None:
        held = self._held(schema.context)
        known = held.schemas.get(schema.id)
        if known is not None:
            self._drop_schema(known)
        else:
            self._attr(held, "last_id", max(held.last_id, schema.id))
        self._set(held.schemas, schema.id, schema)
        self._set(held.by_guid, schema.guid, (*held.by_guid.get(schema.guid, ()), schema.id))
        for reference in schema.source.references:
            key = target(reference, schema.context)
            referrers = self.referrers.get(key)
            if referrers is None:
                referrers = {}
                self._set(self.referrers, key, referrers)
            self._set(referrers, (schema.context, schema.id), None)

    def _drop_schema(self, schema: Schema) -> None:
        held = self.contexts[schema.context]
        known = held.schemas[schema.id]
        self._del(held.schemas, schema.id)
        rest = tuple(i for i in held.by_guid[known.guid] if i != schema.id)
        if rest:
            self._set(held.by_guid, known.guid, rest)
        else:
            self._del(held.by_guid, known.guid)
        for reference in known.source.references:
            key = target(reference, schema.context)
            referrers = self.referrers.get(key)
            if referrers is not None and (schema.context, schema.id) in referrers:
                self._del(referrers, (schema.context, schema.id))
                if not referrers:
                    self._del(self.referrers, key)

    def _put_version(self, version: Version) -> None:
        held = self._held(version.subject.context)
        entry = held.subjects.get(version.subject.name)
        if entry is None:
            self._put_first(held, version)
            return
        known = entry.versions.get(version.version)
        if known is not None and known.schema_id != version.schema_id:
            self._release(held, entry, known)
        self._count_live(entry, (not version.deleted) - (known is not None and not known.deleted))
        versions = entry.versions
        in_order = known is not None or not versions or next(reversed(versions)) < version.version
        self._set(versions, version.version, version)
        if not in_order:
            self._attr(entry, "versions", dict(sorted(versions.items())))
        self._hold(held, entry, version)

    def _put_first(self, held: ContextState, version: Version) -> None:
        """The first version of a subject; as nobody knows the entry yet, nothing in it need be taken back."""
        subject, names = version.subject, self.names
        entry = SubjectEntry(subject)
        entry.versions[version.version] = version
        entry.by_schema[version.schema_id] = version.version
        self._set(held.subjects, subject.name, entry)
        names.add(subject)
        self._undo(names.discard, subject, names.add, subject)
        if version.deleted:
            names.bury(subject)
            self._undo(names.revive, subject, names.bury, subject)
        else:
            entry.live = 1
        self._own(held, version.schema_id, subject.name)

    def _drop_version(self, version: Version) -> None:
        held = self.contexts[version.subject.context]
        entry = held.subjects[version.subject.name]
        known = entry.versions[version.version]
        self._release(held, entry, known)
        # A new table, because taking the change back must put the version where it stood: the order
        # of versions is meaning, and a dictionary would put it last.
        rest = {n: v for n, v in entry.versions.items() if n != version.version}
        self._attr(entry, "versions", rest)
        self._count_live(entry, -(not known.deleted))
        if not entry.versions:
            self._del(held.subjects, version.subject.name)
            self.names.discard(version.subject)
            self._undo(self.names.add_buried, version.subject, self.names.discard, version.subject)

    def _count_live(self, entry: SubjectEntry, step: int) -> None:
        if step:
            before, after = entry.live, entry.live + step
            self._attr(entry, "live", after)
            if not before or not after:
                change, back = self.names.revive, self.names.bury
                if not after:
                    change, back = back, change
                change(entry.subject)
                self._undo(back, entry.subject, change, entry.subject)

    def _hold(self, held: ContextState, entry: SubjectEntry, version: Version) -> None:
        """The version is now the one last written with its schema id."""
        schema_id, name = version.schema_id, entry.subject.name
        last = entry.by_schema.get(schema_id)
        if last == version.version:
            return
        self._set(entry.by_schema, schema_id, version.version)
        if last is not None:
            before = held.repeats.get((name, schema_id), (last,))
            rest = tuple(n for n in before if n != version.version)
            self._set(held.repeats, (name, schema_id), (*rest, version.version))
            return
        self._own(held, schema_id, name)

    def _own(self, held: ContextState, schema_id: int, name: str) -> None:
        """The subject holds the schema id now."""
        owners = held.owners.get(schema_id, ())
        if isinstance(owners, dict):
            self._set(owners, name, None)
        elif len(owners) < OWNERS_IN_TUPLE:
            self._set(held.owners, schema_id, (*owners, name))
        else:
            self._set(held.owners, schema_id, dict.fromkeys((*owners, name)))

    def _release(self, held: ContextState, entry: SubjectEntry, version: Version) -> None:
        """The version no longer holds its schema id; another of the subject may."""
        schema_id, name = version.schema_id, entry.subject.name
        numbers = held.repeats.get((name, schema_id))
        if numbers is not None:
            rest = tuple(n for n in numbers if n != version.version)
            if len(rest) > 1:
                self._set(held.repeats, (name, schema_id), rest)
            else:
                self._del(held.repeats, (name, schema_id))
            self._set(entry.by_schema, schema_id, rest[-1])
            return
        self._del(entry.by_schema, schema_id)
        owners = held.owners[schema_id]
        if len(owners) == 1:
            self._del(held.owners, schema_id)
        elif isinstance(owners, dict):
            self._del(owners, name)
        else:
            self._set(held.owners, schema_id, tuple(n for n in owners if n != name))


_PUTS: dict[type, Callable[[State, Any], None]] = {
    ContextEntry: State._put_context,  # noqa: SLF001
    Schema: State._put_schema,  # noqa: SLF001
    Version: State._put_version,  # noqa: SLF001
    Config: State.put_config,
    ModeSetting: State.put_mode,
    **dict.fromkeys(SHELVED, State.put_shelved),
}
_DROPS: dict[type, Callable[[State, Any], None]] = {
    ContextEntry: State._drop_context,  # noqa: SLF001
    Schema: State._drop_schema,  # noqa: SLF001
    Version: State._drop_version,  # noqa: SLF001
    Config: State.drop_config,
    ModeSetting: State.drop_mode,
    **dict.fromkeys(SHELVED, State.drop_shelved),
}

__all__ = ["INT_MAX", "ContextState", "Drop", "Put", "State", "SubjectEntry", "target"]
