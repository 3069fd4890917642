"""A registry as a process: start, signals, a disk that is full, TLS, a port for figures."""

from __future__ import annotations

import http.client
import json
import resource
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from registan.testing.keys import make_keys, trusting
from registan.testing.process import SERVE, WAIT_S, RegistryProcess, environment, free_port, until

UNLIMITED = resource.RLIM_INFINITY


def running(tmp_path: Path, *flags: str, tls: ssl.SSLContext | None = None) -> RegistryProcess:
    """A registry in memory, unless flags say otherwise."""
    return RegistryProcess(tmp_path, {"STORAGE_TYPE": "memory"}, *flags, tls=tls)


def failing(tmp_path: Path, port: int, *flags: str) -> subprocess.CompletedProcess[str]:
    """What a registry says that cannot start."""
    return subprocess.run(
        [*SERVE, *flags],
        env=environment(port, tmp_path / "r.db", {"STORAGE_TYPE": "memory"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S,
    )


def register(registry: RegistryProcess, subject: str, schema: str = '"int"') -> tuple[int, dict, dict]:
    return registry.ask("POST", f"/subjects/{subject}/versions", {"schema": schema})


def limit_files(registry: RegistryProcess, size: int) -> None:
    """No file of the registry may grow beyond this."""
    resource.prlimit(registry.process.pid, resource.RLIMIT_FSIZE, (size, UNLIMITED))


def sqlite(path: Path) -> tuple[str, str]:
    return "--storage.type=sqlite", f"--storage.sqlite.path={path}"


# start and end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(tmp_path, number):
    with running(tmp_path) as registry:
        assert registry.ask("GET", "/")[:2] == (200, {})
        registry.process.send_signal(number)
        assert registry.process.wait(WAIT_S) == 0
        assert "Traceback" not in registry.log.read_text()
        assert registry.log.read_text().endswith("registan: stopped\n")


@pytest.fixture
def hang_up():
    """What processes started from here on do about a hang-up, whatever these tests are started by."""
    before = signal.getsignal(signal.SIGHUP)
    yield lambda what: signal.signal(signal.SIGHUP, what)
    signal.signal(signal.SIGHUP, before)


several = pytest.mark.parametrize("more", [(), ("--server.workers=2",)], ids=["alone", "workers"])


@several
def test_a_hang_up_ends_it_well(tmp_path, hang_up, more):
    hang_up(signal.SIG_DFL)
    with running(tmp_path, *sqlite(tmp_path / "r.db"), *more) as registry:
        registry.process.send_signal(signal.SIGHUP)
        assert registry.process.wait(WAIT_S) == 0
        assert registry.log.read_text().endswith("registan: stopped\n")


@several
def test_under_nohup_it_outlives_a_hang_up(tmp_path, hang_up, more):
    hang_up(signal.SIG_IGN)
    with running(tmp_path, *sqlite(tmp_path / "r.db"), *more) as registry:
        registry.process.send_signal(signal.SIGHUP)
        assert registry.ask("GET", "/")[:2] == (200, {})
        assert registry.stop() == 0


def test_the_log_tells_where_it_listens_and_that_memory_is_lost(tmp_path):
    with running(tmp_path) as registry:
        text = registry.log.read_text()
        assert f"listens on http://127.0.0.1:{registry.port}; storage memory with 0 subjects" in text
        assert "NOTHING IS SAVED" in text


def test_what_was_acknowledged_is_there_after_a_restart(tmp_path):
    path = tmp_path / "data" / "r.db"
    with running(tmp_path, *sqlite(path)) as registry:
        ids = {name: register(registry, name, json.dumps(name))[1]["id"] for name in ("int", "string")}
        assert registry.stop() == 0
    with running(tmp_path, *sqlite(path)) as registry:
        assert f"storage sqlite {path} with 2 subjects, 2 schemas" in registry.log.read_text()
        for name, schema_id in ids.items():
            assert registry.ask("GET", f"/subjects/{name}/versions/1")[1]["id"] == schema_id


def test_readiness_goes_first(tmp_path):
    """For a while it goes on serving, though it says that it is not ready."""
    with running(tmp_path, "--server.shutdown_delay=60") as registry:
        assert registry.ask("GET", "/health/ready")[:2] == (200, {"status": "UP"})
        registry.process.send_signal(signal.SIGTERM)
        until(lambda: registry.ask("GET", "/health/ready")[0] == 503)
        assert registry.ask("GET", "/health/ready")[1]["status"] == "DOWN"
        assert registry.ask("GET", "/health/live")[:2] == (200, {"status": "UP"})
        assert register(registry, "late")[0] == 200


def test_a_port_for_figures_in_use_is_told_in_one_line(tmp_path):
    taken = free_port()
    with socket.create_server(("127.0.0.1", taken)):
        made = failing(tmp_path, free_port(), f"--metrics.port={taken}")
    assert made.returncode == 1
    assert f"cannot start: metrics.port: 127.0.0.1:{taken}: " in made.stderr
    assert "listens on" not in made.stderr
    assert "Traceback" not in made.stderr


def test_a_port_in_use_is_told_in_one_line(tmp_path):
    with running(tmp_path) as registry:
        made = failing(tmp_path, registry.port)
    assert made.returncode != 0
    assert "address already in use" in made.stderr
    assert "Traceback" not in made.stderr


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (("--storage.type=sqlite", "--storage.sqlite.path=/proc/none/r.db"), "/proc/none"),
        (
            ("--server.tls.enabled", "--server.tls.cert_file=/none.pem", "--server.tls.key_file=/none.pem"),
            "server.tls: ",
        ),
    ],
)
def test_what_keeps_it_from_starting_is_told_in_one_line(tmp_path, flags, why):
    made = failing(tmp_path, free_port(), *flags)
    assert made.returncode == 1
    assert "cannot start: " in made.stderr
    assert why in made.stderr
    assert "Traceback" not in made.stderr


def test_the_access_log_has_a_line_for_each_request(tmp_path):
    with running(tmp_path, "--logging.access", "--logging.format=json") as registry:
        for _ in range(2):
            registry.ask("GET", "/subjects?deleted=true")
        registry.ask("GET", "/nothing")
        connection = registry.connect()
        connection.request("GET", "/subjects", headers={"X-Request-ID": "mine"})
        connection.getresponse().read()
        connection.close()
        assert registry.stop() == 0
    lines = [json.loads(line) for line in registry.out.read_text().splitlines()]
    assert lines.pop(0)["path"] == "/health/ready"
    assert [(line["method"], line["path"], line.get("route"), line["status"]) for line in lines] == [
        ("GET", "/subjects", "subject.list", 200),
        ("GET", "/subjects", "subject.list", 200),
        ("GET", "/nothing", None, 404),
        ("GET", "/subjects", "subject.list", 200),
    ]
    assert lines[3]["request_id"] == "mine"
    assert len({line["request_id"] for line in lines}) == 4


# health and figures


def test_figures_are_on_the_port_of_the_registry(tmp_path):
    with running(tmp_path) as registry:
        register(registry, "a")
        status, page, headers = registry.ask("GET", "/metrics")
        assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
        assert b"schema_registry_subjects_total 1.0" in page
        assert b"schema_registry_http_connections 1.0" in page
        assert b"schema_registry_requests_in_flight 1.0" in page
        assert registry.ask("POST", "/metrics")[0] == 405


def test_figures_may_have_a_port_and_a_path_of_their_own(tmp_path):
    port = free_port()
    with running(tmp_path, f"--metrics.port={port}", "--metrics.path=/figures") as registry:
        assert registry.ask("GET", "/figures")[0] == 404
        assert b"schema_registry_build_info" in registry.ask("GET", "/figures", port=port)[1]
        assert registry.ask("GET", "/health/ready", port=port)[1] == {"status": "UP"}
        assert registry.ask("GET", "/subjects", port=port)[0] == 404
        assert registry.stop() == 0


def test_figures_may_be_switched_off(tmp_path):
    with running(tmp_path, "--metrics.enabled=false") as registry:
        assert registry.ask("GET", "/metrics")[0] == 404


# a disk that is full


def schemas() -> Iterator[tuple[str, str]]:
    for number in range(1_000_000):
        yield f"s{number}", json.dumps({"type": "enum", "name": f"E{number}_{'x' * 4000}", "symbols": ["A"]})


def fill(registry: RegistryProcess, made: Iterator[tuple[str, str]]) -> tuple[list[str], dict]:
    """Register until it is refused; the subjects that were acknowledged, and the refusal."""
    taken: list[str] = []
    for subject, schema in made:
        status, body, headers = register(registry, subject, schema)
        if status != 200:
            return taken, {"status": status, "body": body, "headers": headers}
        taken.append(subject)
    raise AssertionError("never refused")


def check_full_and_recovered(registry: RegistryProcess, make_room, refusals: int = 3) -> None:
    made = schemas()
    taken, refused = fill(registry, made)
    assert (refused["status"], refused["body"]["error_code"]) == (503, 50001)
    assert refused["headers"]["retry-after"] == "1"
    for number in range(refusals):
        assert number == 0 or register(registry, *next(made))[0] == 503
        status, listed, _ = registry.ask("GET", "/subjects")
        assert (status, sorted(listed)) == (200, sorted(taken))
    assert registry.ask("GET", "/health/live")[0] == 200
    make_room()
    subject, schema = next(made)
    until(lambda: register(registry, subject, schema)[0] == 200)
    assert sorted(registry.ask("GET", "/subjects")[1]) == sorted([*taken, subject])
    assert "Traceback" not in registry.log.read_text()
    assert registry.stop() == 0


def test_a_file_that_cannot_grow_refuses_writes_until_it_can(tmp_path):
    path = tmp_path / "r.db"
    with running(tmp_path, *sqlite(path)) as registry:
        limit_files(registry, 400_000)

        def make_room() -> None:
            limit_files(registry, UNLIMITED)

        # One is enough: SQLite cannot tell that nothing was written, so the refusal takes its time.
        check_full_and_recovered(registry, make_room, refusals=1)
    with running(tmp_path, *sqlite(path)) as registry:
        assert registry.ask("GET", "/subjects")[0] == 200


def test_a_full_disk_refuses_writes_until_there_is_room(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        (disk / "ballast").write_bytes(bytes(1_000_000))
        with running(tmp_path, *sqlite(disk / "r.db")) as registry:
            check_full_and_recovered(registry, (disk / "ballast").unlink)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_file_that_has_gone_refuses_writes_and_says_so_on_reads(tmp_path):
    path = tmp_path / "data" / "r.db"
    with running(tmp_path, *sqlite(path)) as registry:
        assert register(registry, "a")[0] == 200
        path.parent.rename(tmp_path / "elsewhere")
        status, body, headers = register(registry, "b", '"string"')
        assert (status, body["error_code"]) == (503, 50001)
        assert "retry-after" in headers
        assert registry.ask("GET", "/schemas/ids/1")[0] == 200
        (tmp_path / "elsewhere").rename(path.parent)
        until(lambda: register(registry, "b", '"string"')[0] == 200)
        assert registry.ask("GET", "/subjects")[1] == ["a", "b"]


# TLS


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> Path:
    return make_keys(tmp_path_factory.mktemp("keys"))


def tls_flags(keys: Path, *more: str) -> tuple[str, ...]:
    return (
        "--server.tls.enabled",
        f"--server.tls.cert_file={keys / 'server.pem'}",
        f"--server.tls.key_file={keys / 'server.key'}",
        *more,
    )


def test_https(tmp_path, keys):
    with running(tmp_path, *tls_flags(keys), tls=trusting(keys)) as registry:
        assert f"listens on https://127.0.0.1:{registry.port}" in registry.log.read_text()
        assert register(registry, "a")[0] == 200
        connection = registry.connect()
        for _ in range(3):
            connection.request("GET", "/subjects")
            assert json.loads(connection.getresponse().read()) == ["a"]
        connection.close()
        plain = http.client.HTTPConnection("127.0.0.1", registry.port, timeout=WAIT_S)
        plain.request("GET", "/subjects")
        with pytest.raises((http.client.HTTPException, OSError)):
            plain.getresponse()
        plain.close()
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", registry.port)) as raw:
            old.wrap_socket(raw)
        assert registry.ask("GET", "/subjects")[0] == 200
        assert registry.stop() == 0


def refused(registry: RegistryProcess, context: ssl.SSLContext) -> bool:
    registry.tls = context
    try:
        return registry.ask("GET", "/subjects")[0] != 200
    except (ssl.SSLError, ConnectionError, http.client.HTTPException):
        return True


@pytest.mark.parametrize(
    ("auth", "nobody_refused", "stranger_refused"), [("request", False, True), ("require", True, True)]
)
def test_certificates_of_clients(tmp_path, keys, auth, nobody_refused, stranger_refused):
    flags = tls_flags(keys, f"--server.tls.ca_file={keys / 'ca.pem'}", f"--server.tls.client_auth={auth}")
    with running(tmp_path, *flags, tls=trusting(keys, "client")) as registry:
        assert refused(registry, trusting(keys)) is nobody_refused
        assert refused(registry, trusting(keys, "stranger")) is stranger_refused
        assert not refused(registry, trusting(keys, "client"))
