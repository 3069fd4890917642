"""PostgreSQL, as Debian packs it, and a newer one from Maven's repository.

It does not run as root: there it runs as the user `postgres`, who must be able to enter the folder.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import subprocess
import tarfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from signal import SIGINT, SIGKILL
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

from registan.testing.services.certificates import Authority
from registan.testing.services.fetched import fetched
from registan.testing.services.service import READY_WITHIN_S, ServerProcess

DEBIAN = "/usr/lib/postgresql/*/bin/postgres"
USER = "postgres"
PASSWORD = "secret"  # noqa: S105
ROLE = "registan"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64v8"}
"""How the packed binaries are called for what Python calls the machine."""
NOT_NAMED = "127.0.0.2"
"""An address that the server has but its certificate does not name."""

_CONF = """
listen_addresses = '127.0.0.1,{other}'
port = {port}
unix_socket_directories = ''
max_connections = 200
shared_buffers = 64MB
logging_collector = off
"""
_TLS_CONF = """
ssl = on
ssl_cert_file = 'server.crt'
ssl_key_file = 'server.key'
ssl_ca_file = 'ca.crt'
"""


class PostgresqlServer:
    """See `registan.testing.services.service.Service`. With `tls` it refuses connections without it."""

    name = "postgresql"

    def __init__(self, folder: Path, *, tls: Authority | None = None) -> None:
        self._process = ServerProcess(folder)
        self._tls = tls
        self._data = folder / "data"
        self.port = self._process.port

    def start(self) -> None:
        """Make the cluster at first."""
        if not self._data.exists():
            self._make()
        self._process.run([*self._as_user(), str(self._programs() / "postgres"), "-D", str(self._data)])
        deadline = time.monotonic() + READY_WITHIN_S
        while (trouble := self._trouble()) is not None:
            if not self._process.running() or time.monotonic() > deadline:
                raise self._process.failed(trouble)
            time.sleep(0.05)

    def stop(self) -> None:
        """A fast shutdown: clients are sent away."""
        self._process.end(SIGINT)

    def kill(self) -> None:
        """The first process and all its children, which have sessions of their own."""
        pid = self._process.pid
        family = _children(pid) if pid is not None and self._process.running() else []
        self._process.end(SIGKILL)
        for child in family:
            with suppress(ProcessLookupError):
                os.kill(child, SIGKILL)
        while any(Path(f"/proc/{child}").exists() and not _zombie(child) for child in family):
            time.sleep(0.01)

    def database(self) -> Mapping[str, str]:
        """Owned by a role that is no superuser."""
        name = f"registan_{uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name} OWNER {ROLE}")
        return {
            "STORAGE_TYPE": "postgresql",
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(self.port),
            "POSTGRES_USER": ROLE,
            "POSTGRES_PASSWORD": PASSWORD,
            "POSTGRES_DATABASE": name,
        }

    def run(self, *statements: str, database: str = "postgres", user: str = USER) -> list[Any]:
        """Run statements as `user`, by default the superuser; the rows of the last."""
        with ThreadPoolExecutor(1) as thread:  # the caller may be inside a loop
            return thread.submit(asyncio.run, self._run(statements, database, user)).result()

    async def _run(self, statements: Sequence[str], database: str, user: str) -> list[Any]:
        import asyncpg  # late, so that the table of services can be read without the driver

        connection = await asyncpg.connect(
            host="127.0.0.1",
            port=self.port,
            user=user,
            password=PASSWORD,
            database=database,
            ssl="require" if self._tls else False,
            timeout=READY_WITHIN_S,
        )
        try:
            rows: list[Any] = []
            for statement in statements:
                rows = await connection.fetch(statement)
            return rows
        finally:
            await connection.close()

    def _make(self) -> None:
        folder = self._process.folder
        fresh = folder / "new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        self._own(fresh, secret)
        command = [str(self._programs() / "initdb"), "-D", str(fresh), "-A", "scram-sha-256", "-U", USER]
        command += [f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(  # noqa: S603
            [*self._as_user(), *command], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stdout}{made.stderr}")
        kind = "hostssl" if self._tls else "host"
        (fresh / "pg_hba.conf").write_text(
            (f"{kind} all certified 127.0.0.0/8 cert\n" if self._tls else "")
            + f"{kind} all all 127.0.0.0/8 scram-sha-256\n"
        )
        with (fresh / "postgresql.conf").open("a") as conf:
            conf.write(_CONF.format(port=self.port, other=NOT_NAMED))
            conf.write(_TLS_CONF if self._tls else "")
        if self._tls:
            pair = self._tls.server()
            for source, name in ((pair.certificate, "server.crt"), (pair.key, "server.key")):
                shutil.copy(source, fresh / name)
            shutil.copy(self._tls.certificate, fresh / "ca.crt")
            (fresh / "server.key").chmod(0o600)
            self._own(*(fresh / name for name in ("server.crt", "server.key", "ca.crt")))
        fresh.rename(self._data)

    def _trouble(self) -> str | None:
        """Why it cannot be used yet; makes the role where it is missing."""
        try:
            if not self.run(f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'"):  # noqa: S608
                self.run(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
        except Exception as error:  # noqa: BLE001  (whatever it is, the log tells more)
            return repr(error)
        return None

    def _programs(self) -> Path:
        return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))

    def _as_user(self) -> list[str]:
        # Not runuser, which stays between: the pid must be the server's.
        return [] if os.geteuid() else ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"]

    def _own(self, *paths: Path) -> None:
        if not os.geteuid():
            for path in paths:
                shutil.chown(path, USER, USER)


class Postgresql18Server(PostgresqlServer):
    """The newest release, whatever the machine has."""

    name = "postgresql18"

    def _programs(self) -> Path:
        group, artifact = (
            "io.zonky.test.postgres",
            f"embedded-postgres-binaries-linux-{MACHINES[platform.machine()]}",
        )
        jar = next(fetched(group, artifact, "18.6.0", alone=True).glob("*.jar"))
        # Beside the cluster: the cache is in a home that the server's user cannot enter.
        unpacked = self._process.folder / "programs"
        if not unpacked.exists():
            part = self._process.folder / "programs.new"
            shutil.rmtree(part, ignore_errors=True)
            with ZipFile(jar) as box:
                inner = next(name for name in box.namelist() if name.endswith(".txz"))
                with box.open(inner) as stream, tarfile.open(fileobj=stream, mode="r:xz") as tar:
                    tar.extractall(part, filter="tar")
            part.rename(unpacked)
        return unpacked / "bin"


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            after_name = stat.read_text().rpartition(")")[2].split()
            if int(after_name[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def _zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
