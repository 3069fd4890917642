"""A service as the suites want it: one empty database, and handles to it as other processes have them."""

from __future__ import annotations

from collections.abc import Mapping

from registan.app import make_store
from registan.settings.load import load
from registan.settings.tree import Settings
from registan.store.protocol import Store


class Database:
    """A `registan.testing.store_case.Backend` over what `Service.database` gave."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        """What a registry that uses this database is started with."""
        self.settings: Settings = load(environ=environment).settings

    def store(self) -> Store:
        """A handle of its own."""
        return make_store(self.settings)
