"""Loading: defaults → file → environment → flags, all problems at once, and where each value is from.

The environment and the flags are handed in; the only I/O is reading the file and the files that
`…_FILE` variables name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from registan.settings.aliases import ENV_ALIASES, ENV_PREFIX, GROUPS, NEEDLESS, NEEDLESS_ENV, resolve
from registan.settings.checks import cross_problems, warnings
from registan.settings.convert import FAILED, convert
from registan.settings.fields import Field, build, children, fields, sections
from registan.settings.nodes import Items, Node, Place, Problem, Scalar, Table
from registan.settings.tree import Settings
from registan.settings.yaml_file import read_file

DEFAULT = Place("default")

_SERVICE_LINK = re.compile(r"(tcp|udp|sctp)://")
_SERVICE_NAME = re.compile(r"_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP|SCTP)")
_JSON_LIST = re.compile(r"""\s*\[(?![^\]"'{]*:)""")
"""How a list in JSON begins, as against an IPv6 address in brackets."""
SECRET_FILE_BYTES_MAX = 64 * 1024


class SettingsError(Exception):
    """The settings cannot be used. `problems` are all that were found, each with its place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, with the origin of each value by path and what an operator should be told."""

    settings: Settings
    origins: Mapping[str, Place]
    """For every setting: `default`, `file:line`, `env NAME` or `--flag`."""
    notes: tuple[str, ...]
    """Warnings, to be logged at start-up."""


def load(
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, str] | None = None,
    *,
    file_only: bool = False,
) -> Loaded:
    """Read all sources. Raises `SettingsError` with every problem found.

    `flags` are texts by path. What a later source gives replaces what an earlier one gave;
    lists and mappings are replaced as a whole. With `file_only` the environment only fills in what
    the file takes from it by name.
    """
    problems: list[Problem] = []
    notes: list[str] = []
    environ = environ or {}
    layers: list[dict[str, Node]] = []
    if file is not None:
        layers.append(_from_file(read_file(file, environ, problems), problems, notes))
    if not file_only:
        layers.append(_from_environment(environ, problems, notes))
    layers.append(_from_flags(flags or {}, problems))
    values: dict[str, Any] = {}
    origins = dict.fromkeys(fields(), DEFAULT)
    for layer in layers:
        for path, node in layer.items():
            # what a later source replaces must be right all the same
            values[path] = convert(node, fields()[path].marked, path, problems)
            origins[path] = node.place
    broken = {path for path, value in values.items() if value is FAILED}
    settings = build({path: value for path, value in values.items() if path not in broken})
    problems += cross_problems(settings, origins, broken)
    if problems:
        raise SettingsError(problems)
    return Loaded(settings, origins, (*notes, *warnings(settings)))


# the file


def _from_file(table: Table, problems: list[Problem], notes: list[str]) -> dict[str, Node]:
    found: dict[str, Node] = {}

    def walk(table: Table, prefix: str) -> None:
        for key, place, node in table.entries:
            raw = f"{prefix}.{key}" if prefix else key
            path = resolve(raw)
            if path in fields():
                if path in found:
                    problems.append(Problem(place, f"{path} is given twice, first at {found[path].place}"))
                else:
                    found[path] = node
            elif path in sections() or raw in GROUPS:
                if isinstance(node, Table):
                    walk(node, raw)
                elif not (isinstance(node, Scalar) and (node.is_null or node.is_broken)):
                    problems.append(Problem(node.place, f"{raw} must be a mapping of settings"))
            elif raw in NEEDLESS:
                notes.append(f"{place}: {raw} has no effect: {NEEDLESS[raw]}")
            else:
                problems.append(Problem(place, f"{raw} is not a setting{_nearest(raw, prefix)}"))

    walk(table, "")
    return found


def _nearest(raw: str, prefix: str) -> str:
    """A hint at the setting that was meant."""
    _, _, key = raw.rpartition(".")
    here = children().get(resolve(prefix) if prefix else "", ())
    near = get_close_matches(key, here, 1)
    if near:
        return f"; did you mean {f'{resolve(prefix)}.' if prefix else ''}{near[0]}?"
    every = (*sections(), *fields())
    near = get_close_matches(raw, every, 1, 0.75) or [
        path for path in every if path.rpartition(".")[2] == key.rpartition(".")[2]
    ]
    if near:
        return f"; did you mean {' or '.join(near[:3])}?"
    return f"; settings here are {', '.join(here)}" if here else ""


# the environment


def _variables() -> dict[str, tuple[Field, bool]]:
    """Setting by variable, the guide's names first; and whether the variable names a file."""
    found: dict[str, tuple[Field, bool]] = {}
    for prefix in ("", ENV_PREFIX):
        for field in fields().values():
            found.setdefault(f"{prefix}{field.env}", (field, False))
    for name, path in ENV_ALIASES.items():
        found.setdefault(name, (fields()[path], False))
    for name, (field, _) in list(found.items()):
        if field.is_secret:
            found.setdefault(f"{name}_FILE", (field, True))
    return found


def _from_environment(
    environ: Mapping[str, str], problems: list[Problem], notes: list[str]
) -> dict[str, Node]:
    found: dict[str, Node] = {}
    known = _variables()
    for name, (field, is_file) in known.items():
        text = environ.get(name, "")
        if not text:  # an empty variable is one that is not set
            continue
        place = Place(f"env {name}")
        if _SERVICE_LINK.match(text) and field.path.endswith("port"):
            # Kubernetes and Docker set NAME_PORT=tcp://… for a service called NAME
            notes.append(f"{place}: ignored, since {text[:60]!r} is the link of a service, not a port")
            continue
        if field.path in found:
            notes.append(f"{place}: ignored, since {found[field.path].place} is set")
            continue
        node: Node | None = _secret_file(Path(text), place, problems) if is_file else None
        found[field.path] = node or _from_text(text, field, place, problems)
    notes.extend(_strays(environ, known))
    return found


def _secret_file(path: Path, place: Place, problems: list[Problem]) -> Scalar:
    try:
        with path.open("rb") as file:
            text = file.read(SECRET_FILE_BYTES_MAX).decode()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        problems.append(Problem(place, f"the file {str(path)!r} cannot be read: {why}"))
        return Scalar(place, "", is_broken=True)
    return Scalar(place, text.rstrip("\r\n"))


def _strays(environ: Mapping[str, str], known: Mapping[str, Any]) -> list[str]:
    """Variables that look like a setting of ours with a slip in it."""
    starts = tuple({f"{name.partition('_')[0]}_" for name in known})
    notes = []
    for name in sorted(environ):
        if name in NEEDLESS_ENV:
            notes.append(f"env {name}: has no effect: {NEEDLESS_ENV[name]}")
            continue
        if name in known or not name.startswith(starts) or _SERVICE_NAME.search(name):
            continue
        near = get_close_matches(name, known, 1, 0.9)
        if near:
            notes.append(f"env {name}: not a setting; did you mean {near[0]}?")
    return notes


# text of variables and flags


def _from_text(text: str, field: Field, place: Place, problems: list[Problem]) -> Node:
    """A node from one text: lists by commas or as JSON, users and the like as JSON."""
    if field.is_compound or (field.is_list and _JSON_LIST.match(text)):
        try:
            return _from_json(
                json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=_unique), place
            )
        except (ValueError, RecursionError):
            problems.append(Problem(place, f"{field.path} must be JSON here"))
            return Scalar(place, "", is_broken=True)
    if field.is_list:
        parts = (part.strip() for part in text.split(","))
        return Items(place, tuple(Scalar(place, part) for part in parts if part))
    return Scalar(place, text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key is given twice")
    return made


def _from_json(value: Any, place: Place) -> Node:  # noqa: ANN401  (any JSON)
    if isinstance(value, list):
        return Items(place, tuple(_from_json(item, place) for item in value))
    if isinstance(value, dict):
        return Table(place, tuple((key, place, _from_json(item, place)) for key, item in value.items()))
    if isinstance(value, bool):
        return Scalar(place, str(value).lower())
    return Scalar(place, "" if value is None else str(value), is_null=value is None)


def _from_flags(flags: Mapping[str, str], problems: list[Problem]) -> dict[str, Node]:
    return {
        path: _from_text(text, fields()[path], Place(f"--{path}"), problems) for path, text in flags.items()
    }
