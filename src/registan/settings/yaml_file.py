"""The configuration file: YAML to nodes with their lines. Nothing is read but structure and text.

Refused with file and line: what is no YAML, more than one document, keys given twice, keys that
are no texts, merge keys, tags, variables that are not set.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registan.settings.interpolate import interpolate
from registan.settings.nodes import Items, Node, Place, Problem, Scalar, Table

BYTES_MAX = 4 * 1024 * 1024
"""A configuration file is never bigger."""

NODES_MAX = 100_000
"""Anchors may make a small file grow; it stops there."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_STANDARD_TAG = "tag:yaml.org,2002:"


def read_file(path: Path, environ: Mapping[str, str], problems: list[Problem]) -> Table:
    """The mapping that the file holds; an empty one where it holds none. Never raises."""
    name = str(path)
    nothing = Table(Place(name), ())
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except OSError as error:
        problems.append(Problem(Place(name), f"cannot be read: {error.strerror}"))
        return nothing
    if len(data) > BYTES_MAX:
        problems.append(Problem(Place(name), f"is bigger than {BYTES_MAX} bytes"))
        return nothing
    node = _compose(data, name, problems)
    if node is None:
        return nothing
    try:
        made = _Reader(name, environ, problems).node(node)
    except RecursionError:
        problems.append(Problem(Place(name), "is nested too deeply"))
        return nothing
    if isinstance(made, Table):
        return made
    if not (isinstance(made, Scalar) and made.is_null):
        problems.append(Problem(made.place, "the file must hold a mapping of settings"))
    return nothing


def _compose(data: bytes, name: str, problems: list[Problem]) -> Any:  # noqa: ANN401  (yaml's nodes)
    """The document's root node, or None."""
    import yaml  # only where there is a file

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem(Place(name, line), "is not UTF-8"))
        return None
    try:
        # the pure loader: the one in C takes the process down when nesting is deep
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        what = " ".join(part for part in (error.context, error.problem) if part)
        problems.append(Problem(Place(name, line), f"is not YAML: {what}"))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.append(Problem(Place(name, line), "is not YAML: a character that may not stand here"))
    except RecursionError:
        problems.append(Problem(Place(name), "is nested too deeply"))
    return None


class _Reader:
    """Turns yaml's nodes into ours."""

    def __init__(self, name: str, environ: Mapping[str, str], problems: list[Problem]) -> None:
        self._name = name
        self._environ = environ
        self._problems = problems
        self._nodes = 0

    def node(self, node: Any) -> Node:  # noqa: ANN401  (yaml's nodes)
        import yaml

        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise RecursionError
        place = self._place(node)
        if not node.tag.startswith(_STANDARD_TAG):
            self._problems.append(Problem(place, f"the tag {node.tag} is not known"))
        if isinstance(node, yaml.MappingNode):
            return self._table(node, place)
        if isinstance(node, yaml.SequenceNode):
            return Items(place, tuple(self.node(item) for item in node.value))
        return self._scalar(node, place)

    def _place(self, node: Any) -> Place:  # noqa: ANN401
        return Place(self._name, node.start_mark.line + 1)

    def _scalar(self, node: Any, place: Place) -> Scalar:  # noqa: ANN401
        if node.style is None and node.value in _NULLS:
            return Scalar(place, node.value, is_null=True)
        try:
            return Scalar(place, interpolate(node.value, self._environ))
        except ValueError as error:
            self._problems.append(Problem(place, f"the value {error}"))
            return Scalar(place, "", is_broken=True)

    def _table(self, node: Any, place: Place) -> Table:  # noqa: ANN401
        import yaml

        entries: dict[str, tuple[str, Place, Node]] = {}
        for key, value in node.value:
            at = self._place(key)
            if not isinstance(key, yaml.ScalarNode):
                self._problems.append(Problem(at, "a key must be a text"))
            elif key.value in entries:
                first = entries[key.value][1].line
                self._problems.append(Problem(at, f"{key.value} is given twice, first on line {first}"))
            elif key.tag == f"{_STANDARD_TAG}merge":
                self._problems.append(Problem(at, "merge keys (<<) are not supported"))
            else:
                entries[key.value] = (key.value, at, self.node(value))
        return Table(place, tuple(entries.values()))
