"""When the targets of modern references are built, and which references share one.

What lives here: the order of work of the recorded server (docs/wire.md, JSON Schema 5.3, identity).
References wait in a queue that is drained after each entry of some `$defs` and after the root. A draining
that builds a target lets another one drain the rest first; each has a cache of copies of its own. A copy is
a new node over the same inner nodes. All this is visible only in how often a change inside a circle of
references is reported. Work waits on a stack of its own, so that depth costs no frames.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from typing import Any, NamedTuple, TypeAlias, TypeVar

from registan.formats.budget import BUDGET, exceeded
from registan.formats.jsonschema.library import Library
from registan.formats.jsonschema.model import ALWAYS, NEVER, Combined, Node, Reference, put
from registan.formats.jsonschema.modern_fold import spliced
from registan.formats.jsonschema.modern_refs import ModernReferences, Scope
from registan.formats.jsonschema.text import Json

N = TypeVar("N", bound=Node)


class Place(NamedTuple):
    """Where a schema stands."""

    base: str
    scope: Scope | None
    expanding: frozenset[int]
    """The targets of `$dynamicRef` that this is a part of."""


_Task: TypeAlias = tuple[int, Any, Any, Any, Any]
"""What is to be done: one of the following, with what it needs. Tasks are many, so they are plain."""
_BUILD = 0
"""Read a schema: holder and key for its node, its JSON, its place."""
_WAIT = 1
"""Let a reference begin to wait: its node, the key of its target, the target and its place if known."""
_DRAIN = 2
"""Drain the queue: a cache of copies by key."""
_GIVE = 3
"""Give a reference a copy of its own: its node, its target, which is built by now."""


class Queue:
    """The work of reading one root document."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.references = ModernReferences(library)
        self.stack: list[_Task] = []
        self.inner: list[_Task] = []
        """Work that the schema being read leaves, in order."""
        self.waiting: deque[_Task] = deque()
        self.built: dict[str | int, Node] = {}
        self.copied: list[tuple[Node, Node]] = []
        self.combined: list[Combined] = []
        self.made = 0
        self.place = Place("", None, frozenset())
        """Where the schema stands whose keywords are being read."""

    @abstractmethod
    def node(self, json: Json, place: Place) -> Node:
        """The node of one schema."""

    def load(self) -> Node:
        """The model of the root. Raises `BadSchema`, `BadReference` and `Invalid` (budget)."""
        root = self.read(self.library.root, self.place)
        self.built[""] = root
        for uri, named in self.references.ids.items():
            if named.json is self.library.root:
                self.built[uri] = root
        self.stack.insert(0, _draining())
        self.work()
        # Inner nodes were made after outer ones.
        for combined in reversed(self.combined):
            combined.members = spliced(combined.members)
        for target, copy in self.copied:
            vars(copy).update(vars(target))
        return root

    def read(self, json: Json, place: Place) -> Node:
        """The node of a schema, its inner schemas next on the stack."""
        self.inner = []
        node = self.node(json, place)
        self.stack += reversed(self.inner)
        if self.made > BUDGET.json_schemas:
            raise exceeded("it unfolds into too many schemas", "json_schemas")
        return node

    def work(self) -> None:
        """Do what is left to do, the last first."""
        stack = self.stack
        while stack:
            task = stack.pop()
            kind = task[0]
            if kind == _BUILD:
                _, holder, key, json, place = task
                put(holder, key, self.read(json, place))
            elif kind == _WAIT:
                self.waiting.append(task)
            elif kind == _GIVE:
                task[1].target = self.copy(task[2])
            else:
                self.drain(task)

    def child(self, holder: object, key: object, json: Json) -> None:
        """Leave a schema inside this one to do."""
        self.inner.append((_BUILD, holder, key, json, self.place))

    def define(self, json: Json) -> None:
        """Leave an entry of `$defs` to do, which is followed by a draining."""
        self.inner += ((_BUILD, [None], 0, json, self.place), _draining())

    def refer(self, node: Reference, uri: str) -> None:
        """Let a reference wait for what stands under a URI."""
        self.inner.append((_WAIT, node, uri, None, None))

    def refer_to(self, node: Reference, json: Json, place: Place) -> None:
        """Let a reference wait for this very schema."""
        self.inner.append((_WAIT, node, id(json), json, place))

    def drain(self, draining: _Task) -> None:
        """Give waiting references their targets; where one must be built first, come back later."""
        copies: dict[str | int, Node] = draining[1]
        while self.waiting:
            _, node, key, json, place = self.waiting.popleft()
            target = self.built.get(key)
            if target is not None:
                if key not in copies:
                    copies[key] = self.copy(target)
                node.target = copies[key]
                continue
            if place is None:
                json, base = self.references.find(key)
                place = Place(base, None, frozenset())
            self.stack.append(draining)
            after = len(self.stack)
            target = self.built[key] = self.read(json, place)
            self.stack[after:after] = ((_GIVE, node, target, None, None), _draining())
            return

    def copy(self, target: N) -> N:
        """A node that will be like another once all are filled."""
        if target is ALWAYS or target is NEVER:
            return target
        copy = target.__class__.__new__(target.__class__)
        self.copied.append((target, copy))
        return copy


def _draining() -> _Task:
    return (_DRAIN, {}, None, None, None)
