"""Database servers for a run: each is started when first asked for, and gone at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench import machine
from registan.testing.services.service import Service
from registan.testing.services.table import SERVICES
from registan.testing.tools import lacking


class Services:
    """A context manager. The servers may use both cores, as one on another machine would have its own."""

    def __init__(self, cores: machine.Cores) -> None:
        self._cores = cores
        self._running: dict[str, Service] = {}
        self._home: Path | None = None

    def settings(self, store: str) -> Mapping[str, str]:
        """A new database, as settings of a registry; nothing for a store that needs no server.

        Raises `machine.Missing`.
        """
        if store not in SERVICES:
            return {}
        if store not in self._running:
            self._start(store)
        return self._running[store].database()

    def __enter__(self) -> Services:
        return self

    def __exit__(self, *error: object) -> None:
        for service in self._running.values():
            service.kill()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)

    def _start(self, store: str) -> None:
        kind = SERVICES[store]
        if missing := lacking(*kind.programs):
            raise machine.Missing(f"not installed: {', '.join(missing)}")
        if self._home is None:
            # On a disk, and where the user that a server runs as may enter.
            self._home = Path(tempfile.mkdtemp(prefix="registan-bench-", dir="/var/tmp"))
            self._home.chmod(0o755)
        service = (kind.lasting or kind.make)(self._home / store)
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self._cores.servers, self._cores.others})
        try:
            self._running[store] = service
            service.start()
        except RuntimeError as error:
            raise machine.Missing(str(error)) from error
        finally:
            os.sched_setaffinity(0, before)
