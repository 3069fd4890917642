"""Several processes behind one port: one registry, whoever answers, and whoever dies."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from registan.testing.process import SERVE, WAIT_S, RegistryProcess, environment, free_port, until

LINE = re.compile(r'schema_registry_build_info\{.*worker="(\d+)".*\} 1\.0')


def two(tmp_path: Path, *flags: str) -> RegistryProcess:
    return RegistryProcess(tmp_path, None, "--server.workers=2", *flags)


def workers_of(registry: RegistryProcess) -> set[int]:
    """Process ids of the workers."""
    pid = registry.process.pid
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def answers(registry: RegistryProcess) -> str:
    """The number of the worker that answers a new connection."""
    found = LINE.search(registry.ask("GET", "/metrics").body.decode())
    assert found
    return found[1]


def both_answer(registry: RegistryProcess) -> None:
    seen: set[str] = set()
    until(lambda: seen.add(answers(registry)) or seen == {"1", "2"})


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def register(registry: RegistryProcess, subject: str) -> None:
    assert registry.ask("POST", f"/subjects/{subject}/versions", {"schema": '"int"'}).status == 200


def failing(tmp_path: Path, port: int, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SERVE, "--server.workers=2"],
        env=environment(port, tmp_path / "r.db", settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S,
    )


def test_a_write_through_one_is_seen_by_the_next_read_through_any(tmp_path):
    with two(tmp_path) as registry:
        both_answer(registry)
        for number in range(60):
            register(registry, f"s{number}")
            subjects = registry.ask("GET", "/subjects").body
            assert len(subjects) == number + 1, "a new connection each, so that workers take turns by lot"


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(tmp_path):
    with two(tmp_path) as registry:
        register(registry, "before")
        both_answer(registry)
        killed, other = sorted(workers_of(registry))
        os.kill(killed, signal.SIGKILL)
        until(lambda: len(workers_of(registry) - {killed}) == 2)
        assert other in workers_of(registry)
        both_answer(registry)
        assert registry.ask("GET", "/subjects").body == ["before"]
        assert "was ended by signal 9; it is started again" in registry.log.read_text()


def test_a_worker_that_dies_again_and_again_is_started_less_often(tmp_path):
    with two(tmp_path) as registry:
        both_answer(registry)
        one, other = workers_of(registry)
        for pause in ("0.1", "0.2", "0.4"):
            os.kill(one, signal.SIGKILL)
            until(lambda one=one: len(workers_of(registry) - {one}) == 2)
            assert f"signal 9; it is started again in {pause} s" in registry.log.read_text()
            (one,) = workers_of(registry) - {one, other}
            both_answer(registry)


def test_the_access_log_of_all_of_them_is_one(tmp_path):
    """Each line whole, and one for each request."""
    with two(tmp_path, "--logging.access", "--logging.format=json") as registry:
        for number in range(60):
            assert registry.ask("GET", f"/subjects/{'s' * 700}{number}/versions").status == 404
        assert registry.stop() == 0
    lines = [json.loads(line) for line in registry.out.read_text().splitlines()]
    asked = sorted(line["path"] for line in lines if line["path"].startswith("/subjects/"))
    assert asked == sorted(f"/subjects/{'s' * 700}{number}/versions" for number in range(60))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_of_them_well(tmp_path, number):
    with two(tmp_path) as registry:
        both_answer(registry)
        workers = workers_of(registry)
        registry.process.send_signal(number)
        assert registry.process.wait(WAIT_S) == 0
        assert all(map(ended, workers))
        log = registry.log.read_text()
        assert log.count("registan: stopped\n") == 2
        assert "Traceback" not in log


def test_workers_do_not_outlive_the_process_that_started_them(tmp_path):
    with two(tmp_path) as registry:
        both_answer(registry)
        workers = workers_of(registry)
        registry.kill()
        until(lambda: all(map(ended, workers)))


def test_with_a_port_for_figures_each_has_its_own(tmp_path):
    first = free_port(2)
    with two(tmp_path, f"--metrics.port={first}") as registry:
        for worker, port in enumerate((first, first + 1), 1):
            until(lambda port=port: _connects(port))
            figures = registry.ask("GET", "/metrics", port=port).body.decode()
            assert set(re.findall(r'worker="(\d+)"', figures)) == {str(worker)}
            assert f'process_open_fds{{worker="{worker}"}}' in figures


def test_a_port_for_figures_that_is_taken_ends_the_start(tmp_path):
    """Before a client could connect: no worker serves and dies again and again."""
    first = free_port(2)
    with socket.create_server(("127.0.0.1", first + 1)):
        made = failing(tmp_path, free_port(), METRICS_PORT=str(first))
    assert made.returncode == 1
    assert f"cannot start: metrics.port: 127.0.0.1:{first + 1}: " in made.stderr
    assert "started again" not in made.stderr
    assert "Traceback" not in made.stderr


def _connects(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_port_in_use_is_told_in_one_line(tmp_path):
    with two(tmp_path) as registry:
        made = failing(tmp_path, registry.port)
    assert made.returncode == 1
    assert made.stderr.count("cannot start") == 1
    assert "Address already in use" in made.stderr
    assert "Traceback" not in made.stderr


def test_workers_that_cannot_start_end_it(tmp_path):
    (tmp_path / "folder").mkdir()
    made = failing(tmp_path, free_port(), SQLITE_PATH=str(tmp_path / "folder"))
    assert made.returncode == 1
    assert "cannot start: worker" in made.stderr
    assert "Traceback" not in made.stderr


def test_memory_cannot_be_shared(tmp_path):
    made = failing(tmp_path, free_port(), STORAGE_TYPE="memory")
    assert made.returncode != 0
    assert "needs a storage.type that processes can share" in made.stderr
