"""The services there are, by name: what makes one over a folder, and what must be installed for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from registan.testing.services import postgres
from registan.testing.services.cassandra import CassandraNode
from registan.testing.services.mysql import MariaDb, MySql
from registan.testing.services.service import Service


class Kind(NamedTuple):
    """One kind of server."""

    make: Callable[[Path], Service]
    programs: tuple[str, ...]
    """What must be on the machine; each a name, or a glob of paths."""


SERVICES: dict[str, Kind] = {
    "postgresql": Kind(postgres.PostgresqlServer, (postgres.DEBIAN,)),
    "postgresql18": Kind(postgres.Postgresql18Server, ("mvn",)),
    "mariadb": Kind(MariaDb, ("mariadbd", "mariadb-install-db", "mariadb")),
    "mysql": Kind(MySql, ("mariadb", "mvn", "java", "unzip")),
    "cassandra": Kind(CassandraNode, ("mvn", "java")),
}
