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
from typing import Any, NamedTuple, TypeVar

from registan.formats.budget import BUDGET, exceeded
from registan.formats.jsonschema.exact import Json
from registan.formats.jsonschema.library import Library
from registan.formats.jsonschema.model import ALWAYS, NEVER, Combined, Node, Reference, put
from registan.formats.jsonschema.modern_fold import spliced
from registan.formats.jsonschema.modern_refs import ModernReferences, Scope

N = TypeVar("N", bound=Node)


class Place(NamedTuple):
    """Where a schema stands."""

    base: str
    scope: Scope | None
    expanding: frozenset[int]
    """The targets of `$dynamicRef` that this is a part of."""


class Build(NamedTuple):
    """A schema to be read, and where its node is to be put."""

    holder: Any
    key: Any
    json: Json
    place: Place


class _Enqueue(NamedTuple):
    """A reference that begins to wait."""

    node: Reference
    key: str | int
    found: tuple[Json, Place] | None


class _Drain(NamedTuple):
    """A draining of the queue."""

    copies: dict[str | int, Node]


class _Give(NamedTuple):
    """A reference that gets a copy of its own once its target is built."""

    node: Reference
    target: Node


class Queue:
    """The work of reading one root document."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.references = ModernReferences(library)
        self.stack: list[Build | _Enqueue | _Drain | _Give] = []
        self.inner: list[Build | _Enqueue | _Drain | _Give] = []
        """Work that the schema being read leaves, in order."""
        self.waiting: deque[_Enqueue] = deque()
        self.built: dict[str | int, Node] = {}
        self.copied: list[tuple[Node, Node]] = []
        self.combined: list[Combined] = []
        self.made = 0

    @abstractmethod
    def node(self, json: Json, place: Place) -> Node:
        """The node of one schema."""

    def load(self) -> Node:
        """The model of the root. Raises `BadSchema`, `BadReference` and `Invalid` (budget)."""
        root = self.read(self.library.root, Place("", None, frozenset()))
        self.built[""] = root
        for uri, (json, _) in self.references.root.ids.items():
            if json is self.library.root:
                self.built[uri] = root
        self.stack.insert(0, _Drain({}))
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
        if self.made > BUDGET.schemas_max:
            raise exceeded("it unfolds into too many schemas", BUDGET.schemas_max)
        return node

    def work(self) -> None:
        """Do what is left to do, the last first."""
        stack = self.stack
        while stack:
            task = stack.pop()
            if isinstance(task, Build):
                put(task.holder, task.key, self.read(task.json, task.place))
            elif isinstance(task, _Enqueue):
                self.waiting.append(task)
            elif isinstance(task, _Give):
                task.node.target = self.copy(task.target)
            else:
                self.drain(task)

    def define(self, json: Json, place: Place) -> None:
        """Leave an entry of `$defs` to do, which is followed by a draining."""
        self.inner += (Build([None], 0, json, place), _Drain({}))

    def refer(self, node: Reference, uri: str) -> None:
        """Let a reference wait for what stands under a URI."""
        self.inner.append(_Enqueue(node, uri, None))

    def refer_to(self, node: Reference, json: Json, place: Place) -> None:
        """Let a reference wait for this very schema."""
        self.inner.append(_Enqueue(node, id(json), (json, place)))

    def drain(self, draining: _Drain) -> None:
        """Give one waiting reference its target, and come back for the next."""
        while self.waiting:
            node, key, found = self.waiting.popleft()
            target = self.built.get(key)
            if target is not None:
                if key not in draining.copies:
                    draining.copies[key] = self.copy(target)
                node.target = draining.copies[key]
                continue
            if found is None:
                assert isinstance(key, str)
                json, base, _ = self.references.find(key)
                found = (json, Place(base, None, frozenset()))
            self.stack.append(draining)
            after = len(self.stack)
            target = self.built[key] = self.read(*found)
            self.stack[after:after] = (_Give(node, target), _Drain({}))
            return

    def copy(self, target: N) -> N:
        """A node that will be like another once all are filled."""
        if target is ALWAYS or target is NEVER:
            return target
        copy = target.__class__.__new__(target.__class__)
        self.copied.append((target, copy))
        return copy
