"""How the keywords of one modern schema come together to one node (docs/wire.md, JSON Schema 5.3).

What lives here: the fold, in the order in which the recorded server meets keywords. What each keyword says
is modern.py's.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
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


@lru_cache(maxsize=1024)
def _spread(key: str) -> int:
    """The hash of a Java string as a Java hash map uses it."""
    value = 0
    units = key.encode("utf-16-be", "surrogatepass")
    for i in range(0, len(units), 2):
        value = (value * 31 + units[i] * 256 + units[i + 1]) & 0xFFFFFFFF
    return value ^ value >> 16


def met_in_order(keys: Iterable[str], count: int) -> list[str]:
    """Keys in the order of a Java hash map that holds `count` of them."""
    capacity = 16
    while count > capacity * 3 // 4:
        capacity *= 2
    mask = capacity - 1
    return sorted(keys, key=lambda key: _spread(key) & mask)
