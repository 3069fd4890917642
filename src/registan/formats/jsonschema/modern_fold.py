"""How the keywords of one modern schema come together to one node (docs/wire.md, JSON Schema 5.3).

What lives here: the fold, in the order in which the recorded server meets keywords. What each keyword says
is modern.py's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeGuard, TypeVar

from registan.formats.jsonschema.model import Array, Combined, Empty, Node, Numeric, Object, String

_FAMILIES = (String, Numeric, Array, Object)
F = TypeVar("F", bound=Node)


class Fold:
    """What the parts of a schema add up to so far."""

    def __init__(self) -> None:
        self.node: Node | None = None

    def family(self, class_: type[F]) -> F:
        """The node of this class that further keywords of its family go to."""
        node = self.node
        if isinstance(node, class_):
            return node
        if isinstance(node, Combined) and node.loose:
            for member in node.members:
                if isinstance(member, class_):
                    return member
        part = class_()
        self.add(part)
        return part

    def typed(self, part: Node) -> None:
        """Take in the class that `type` names, or the list of them."""
        node = self.node
        if isinstance(part, Combined):
            self._type_list(part)
            return
        if isinstance(part, _FAMILIES) and node is not None:
            _take_type(self.family(type(part)), part)
            return
        self.add(part)

    def _type_list(self, part: Combined) -> None:
        node = self.node
        if isinstance(node, _FAMILIES):
            for i, member in enumerate(part.members):
                if type(member) is type(node):
                    _take_type(node, member)
                    part.members[i] = node
                    self.node = part
                    return
        self.add(part)

    def add(self, part: Node) -> None:
        """Take in a part that merges with nothing."""
        node = self.node
        if node is None:
            self.node = part
            return
        members = node.members if _is_loose_all(node) else [node]
        members += part.members if _is_loose_all(part) else [part]
        self.node = Combined("allOf", members)
        self.node.loose = True

    def finished(self) -> Node:
        """The node of the whole schema."""
        return self.node if self.node is not None else Empty()


def _take_type(node: Node, named: Node) -> None:
    """Let a node be of the class that `type` names."""
    node.typed = True
    if isinstance(node, Numeric) and isinstance(named, Numeric):
        node.integer = named.integer


def _is_loose_all(node: Node) -> TypeGuard[Combined]:
    return isinstance(node, Combined) and node.loose and node.criterion == "allOf"


def spliced(members: Iterable[Node]) -> list[Node]:
    """The members of a combined schema, those that are loose themselves replaced by their parts."""
    found: list[Node] = []
    for member in members:
        if _is_loose_all(member):
            found += member.members
        else:
            found.append(member)
    return found


def _spread(key: str) -> int:
    """The hash of a Java string as a Java hash map uses it."""
    value = 0
    for char in key:
        value = (value * 31 + ord(char)) & 0xFFFFFFFF
    return value ^ value >> 16


class MeetingOrder:
    """Puts keywords in the order of a Java hash map."""

    def __init__(self, keywords: Iterable[str]) -> None:
        self._hashes = {key: _spread(key) for key in keywords}
        self._buckets = {key: spread & 15 for key, spread in self._hashes.items()}

    def sorted(self, keys: list[str], count: int) -> list[str]:
        """Keywords in the order in which a map of `count` keys holds them."""
        if count <= 12:
            return sorted(keys, key=self._buckets.__getitem__)
        capacity = 32
        while count > capacity * 3 // 4:
            capacity *= 2
        return sorted(keys, key=lambda key: self._hashes[key] & (capacity - 1))
