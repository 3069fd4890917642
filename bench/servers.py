"""The servers that a run starts: Registan from this tree or from the last release, and nginx."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import machine
from bench.wire import Address, Ask, Connection
from registan.testing.process import SERVE, environment, free_port

ROOT = Path(__file__).parents[1]
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0

NGINX = """\
daemon off;
master_process off;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    default_type application/vnd.schemaregistry.v1+json;
    server {{ listen {host}:{port}; root {home}/files; }}
}}
"""


@dataclass(frozen=True)
class Server:
    """One that answers."""

    address: Address
    pid: int | None
    """Its process, where it runs on this machine."""
    started_s: float = 0.0
    """From the start of the process to the first answer."""


@contextmanager
def registan(
    source: Path, home: Path, store: str, core: int, settings: Mapping[str, str] = {}
) -> Iterator[Server]:
    """A Registan of one worker, run from a source tree on one core. Raises `machine.Missing`."""
    port = free_port()
    own = {"PYTHONPATH": str(source / "src"), "STORAGE_TYPE": store, **settings}
    variables = environment(port, home / "registan.db", own)
    with _running(SERVE, Address("127.0.0.1", port), core, home, variables) as server:
        yield server


@contextmanager
def nginx(home: Path, core: int) -> Iterator[Server]:
    """An nginx of one worker that serves the files of `home`/files."""
    port = free_port()
    (home / "files").mkdir(parents=True, exist_ok=True)
    (home / "files" / "ready").write_text("{}")
    (home / "nginx.conf").write_text(NGINX.format(home=home, host="127.0.0.1", port=port))
    command = [machine.program("nginx"), "-p", str(home), "-c", str(home / "nginx.conf")]
    with _running(command, Address("127.0.0.1", port), core, home, dict(os.environ), "/ready") as server:
        yield server


@contextmanager
def last_release(home: Path) -> Iterator[tuple[str, Path] | None]:
    """The name and a checkout of the newest tag; None where there is none."""
    git = ("git", "-C", str(ROOT))
    said = subprocess.run(
        [*git, "describe", "--tags", "--abbrev=0"], capture_output=True, text=True, check=False
    )
    tag = said.stdout.strip()
    if said.returncode or not tag:
        yield None
        return
    tree = home / "release"
    subprocess.run([*git, "worktree", "add", "--detach", str(tree), tag], capture_output=True, check=True)
    try:
        yield tag, tree
    finally:
        subprocess.run([*git, "worktree", "remove", "--force", str(tree)], capture_output=True, check=False)


@contextmanager
def _running(
    command: Sequence[str],
    to: Address,
    core: int,
    home: Path,
    variables: Mapping[str, str],
    path: str = "/",
) -> Iterator[Server]:
    log = home / "log.txt"
    with log.open("wb") as out:
        started = time.perf_counter()
        process = subprocess.Popen(
            ["taskset", "-c", str(core), *command],
            cwd=home,
            env=variables,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        answered = asyncio.run(_first_answer(process, to, path))
        if answered is None:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise machine.Missing(f"{' '.join(command)} does not answer:\n{tail}")
        yield Server(to, process.pid, answered - started)
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _first_answer(process: subprocess.Popen[bytes], to: Address, path: str) -> float | None:
    """When the process first answered 200; None where it has ended or never does."""
    end = time.perf_counter() + START_TIMEOUT_S
    connection = Connection(to)
    while process.poll() is None and time.perf_counter() < end:
        try:
            answer = await connection.send(Ask("GET", path))
        except (OSError, EOFError):
            connection.close()
        else:
            if answer.status == 200:
                connection.close()
                return time.perf_counter()
        await asyncio.sleep(0.002)
    connection.close()
    return None
