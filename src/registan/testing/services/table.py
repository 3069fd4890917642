"""The services there are, by name: what makes one over a folder, and what must be installed for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from registan.testing.services import postgres
from registan.testing.services.cassandra import NEWEST_4, CassandraNode
from registan.testing.services.cassandra_ring import CassandraRing
from registan.testing.services.mysql import MariaDb, MySql
from registan.testing.services.service import Service


class Kind(NamedTuple):
    """One kind of server."""

    make: Callable[[Path], Service]
    programs: tuple[str, ...]
    """What must be on the machine; each a name, or a glob of paths."""
    each_run: bool = True
    """Whether every run of the tests has all that is tested on each server; else it is marked slow."""
    one_address: bool = True
    """Whether clients know one address of it; else it tells them more, and no proxy stands before those."""
    lasting: Callable[[Path], Service] | None = None
    """What makes one as it runs for days, where those of the tests are made to be ready soon."""


SERVICES: dict[str, Kind] = {
    "postgresql": Kind(postgres.PostgresqlServer, (postgres.DEBIAN,)),
    "postgresql18": Kind(postgres.Postgresql18Server, ("mvn",)),
    "mariadb": Kind(MariaDb, ("mariadbd", "mariadb-install-db", "mariadb")),
    "mysql": Kind(MySql, ("mariadb", "mvn", "java", "unzip")),
    "cassandra": Kind(CassandraNode, ("mvn", "java"), lasting=partial(CassandraNode, compiled=True)),
    "cassandra41": Kind(
        partial(CassandraNode, version=NEWEST_4),
        ("mvn", "java"),
        each_run=False,
        lasting=partial(CassandraNode, version=NEWEST_4, compiled=True),
    ),
    "cassandra3": Kind(
        CassandraRing,
        ("mvn", "java"),
        each_run=False,
        one_address=False,
        lasting=partial(CassandraRing, compiled=True),
    ),
}
