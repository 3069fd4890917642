"""What settings must be to one another, what is not built yet, and what an operator should hear."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping, Set
from typing import NamedTuple

from registan.settings.fields import fields, value_of
from registan.settings.nodes import Place, Problem
from registan.settings.tree import Settings

NOT_YET: dict[str, str] = {
    "auth": "authentication",
    "rbac": "role-based access control",
    "audit": "the audit log",
    "rate_limit": "rate limiting",
}
"""Settings that are read but have no effect yet, by path of a setting or section, or `path=value`.

Setting one to something other than its default is refused at start-up: silence would be taken for
protection. Whoever builds the thing removes its line. A section that is switched off explicitly
(`enabled: false`) may hold anything.
"""

DRIVERS: dict[str, tuple[str, str]] = {
    "postgresql": ("asyncpg", "postgres"),
    "mysql": ("asyncmy", "mysql"),
    "cassandra": ("cassandra.cluster", "cassandra"),
}
"""By storage.type: the module that must be there, and the extra of this package that brings it."""


class Check(NamedTuple):
    """A relation between settings: `holds` is asked only when all of `paths` could be read."""

    paths: tuple[str, ...]
    holds: Callable[[Settings], bool]
    what: str


def _needs(path: str, other: str) -> Check:
    return Check(
        (path, other),
        lambda s: not value_of(s, path) or bool(value_of(s, other)),
        f"{path} needs {other}",
    )


def _at_most(path: str, other: str) -> Check:
    return Check(
        (path, other),
        lambda s: bool(value_of(s, path) <= value_of(s, other)),
        f"{path} must not be more than {other}",
    )


_NODE = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+(?:%\w+)?\]|[^\s:/\[\]]+)(?::(?P<port>[0-9]{1,5}))?"
    r"|(?=.*:.*:)[0-9A-Fa-f:.]+(?:%\w+)?"
)


def _is_node(text: str) -> bool:
    found = _NODE.fullmatch(text)
    return found is not None and (not found["port"] or 1 <= int(found["port"]) <= 65535)


def _behind_figures(settings: Settings) -> int:
    """The first port behind those that figures are served at."""
    return (settings.metrics.port or 0) + settings.server.workers


CHECKS: tuple[Check, ...] = (
    Check(
        ("server.tls.cert_file", "server.tls.key_file", "server.tls.enabled"),
        lambda s: not s.server.tls.enabled or bool(s.server.tls.cert_file and s.server.tls.key_file),
        "server.tls.enabled needs server.tls.cert_file and server.tls.key_file",
    ),
    Check(
        ("server.tls.client_auth", "server.tls.ca_file"),
        lambda s: s.server.tls.client_auth == "none" or bool(s.server.tls.ca_file),
        "server.tls.client_auth needs server.tls.ca_file",
    ),
    Check(
        ("server.workers", "storage.type"),
        lambda s: s.server.workers == 1 or s.storage.type != "memory",
        "server.workers above 1 needs a storage.type that processes can share; memory is each one's own",
    ),
    Check(
        ("server.workers", "metrics.port"),
        lambda s: not s.metrics.port or _behind_figures(s) <= 65536,
        "server.workers above 1 take a port each from metrics.port on; there are not so many",
    ),
    Check(
        ("metrics.port", "server.port", "server.workers", "metrics.enabled"),
        lambda s: (
            not (s.metrics.enabled and s.metrics.port)
            or s.server.port not in range(s.metrics.port, _behind_figures(s))
        ),
        "server.port must not be among the ports of metrics; without metrics.port they are served there",
    ),
    _at_most("storage.postgresql.min_connections", "storage.postgresql.max_connections"),
    _at_most("storage.mysql.min_connections", "storage.mysql.max_connections"),
    _needs("storage.postgresql.sslkey", "storage.postgresql.sslcert"),
    _needs("storage.mysql.key_file", "storage.mysql.cert_file"),
    Check(
        ("storage.cassandra.hosts",),
        lambda s: all(map(_is_node, s.storage.cassandra.hosts)),
        "storage.cassandra.hosts must each be host, host:port or [IPv6]:port, with a port up to 65535",
    ),
    _needs("storage.cassandra.key_file", "storage.cassandra.cert_file"),
    _at_most("limits.search_default", "limits.search_max"),
    _at_most("engine.batch_max", "engine.queue_max"),
)


def cross_problems(settings: Settings, origins: Mapping[str, Place], broken: Set[str]) -> list[Problem]:
    """Relations that do not hold, at the place of the first setting in them that was given."""
    return [
        Problem(_place(check.paths, origins), check.what)
        for check in CHECKS
        if broken.isdisjoint(check.paths) and not check.holds(settings)
    ]


def _place(paths: tuple[str, ...], origins: Mapping[str, Place]) -> Place:
    given = [origins[path] for path in paths if origins[path].source != "default"]
    return given[0] if given else origins[paths[0]]


def unsupported(settings: Settings, origins: Mapping[str, Place]) -> list[Problem]:
    """What was asked for and cannot be had here, each with its place; empty when all can be honoured.

    That is what `NOT_YET` names, and a store whose driver is not installed.
    """
    problems = _without_driver(settings, origins)
    for entry, what in NOT_YET.items():
        path, _, value = entry.partition("=")
        if value:
            touched = [path] if value_of(settings, path) == value else []
        else:
            touched = _deviating(settings, origins, path)
        if touched:
            named = entry.replace("=", ": ") if value else touched[0]
            problems.append(Problem(origins[touched[0]], f"{named}: {what} is not supported yet"))
    return problems


def _without_driver(settings: Settings, origins: Mapping[str, Place]) -> list[Problem]:
    kind = settings.storage.type
    module, extra = DRIVERS.get(kind, ("", ""))
    if not module:
        return []
    try:
        importlib.import_module(module)
    except ImportError as error:
        what = f"storage.type: {kind} needs a driver ({error}): pip install 'registan[{extra}]'"
        return [Problem(origins["storage.type"], what)]
    return []


def _deviating(settings: Settings, origins: Mapping[str, Place], path: str) -> list[str]:
    """Settings at or below a path that differ from their default, unless switched off as a whole."""
    switch = f"{path}.enabled"
    if switch in fields() and origins[switch].source != "default" and not value_of(settings, switch):
        return []
    return [
        below
        for below, field in fields().items()
        if (below == path or below.startswith(f"{path}.")) and value_of(settings, below) != field.default
    ]


def warnings(settings: Settings) -> list[str]:
    """What is allowed but should be known; logged loudly at start-up."""
    notes = []
    if settings.storage.type == "memory":
        notes.append(
            "storage.type is memory: NOTHING IS SAVED, every schema is lost when this process ends; "
            "set storage.type to sqlite, postgresql, mysql or cassandra to keep them"
        )
    return notes
