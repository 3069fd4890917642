"""A registry whose database, or the wire to it, goes away and comes back: bounded answers, no restart.

Where a test needs no dead server the shared one is used, behind a proxy of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from registan.testing.process import WAIT_S, Answered, RegistryProcess, until
from registan.testing.services.proxy import Proxy, through
from registan.testing.services.shared import each_service, shared

QUICK = {
    "ENGINE_APPEND_TIMEOUT": "500ms",
    "ENGINE_DOUBT_TIMEOUT": "500ms",
    "READS_TIMEOUT": "500ms",
    "READS_POLL_INTERVAL": "100ms",
    "SERVER_WRITE_TIMEOUT": "20s",
}
"""No write may take longer than a few seconds then; above the time to write it would be no 50001.

On a busy machine a database that is well may take longer than that, too: where it must answer it is
asked again, as clients do.
"""


class Remote:
    """A registry on a database behind a proxy."""

    def __init__(self, registry: RegistryProcess, proxy: Proxy) -> None:
        self.registry = registry
        self.proxy = proxy

    def register(self, subject: str) -> Answered:
        return self.registry.ask("POST", f"/subjects/{subject}/versions", {"schema": '"int"'})

    def registered(self, subject: str) -> Answered:
        """The answer once it was taken."""
        return until(lambda: None if unavailable(answered := self.register(subject)) else answered)

    def get(self, path: str) -> Answered:
        return self.registry.ask("GET", path)

    def fresh(self, path: str) -> Answered:
        """The answer once the store told what is the newest."""

        def ask() -> Answered | None:
            answered = self.get(path)
            return None if answered.status == 503 or "warning" in answered.headers else answered

        return until(ask)

    def metric(self, name: str) -> float:
        lines = self.get("/metrics").body.decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


@pytest.fixture(params=each_service(behind_proxy=True))
def remote(request, tmp_path) -> Iterator[Remote]:
    service = shared(request.param)
    with Proxy(service.port) as proxy:
        settings = through(service.database(), service.port, proxy)
        with RegistryProcess(tmp_path, {**settings, **QUICK}) as registry:
            yield Remote(registry, proxy)


def unavailable(answered: Answered) -> bool:
    """Whether it is the answer to a write that cannot be taken just now."""
    if answered.status == 200:
        return False
    assert (answered.status, answered.body["error_code"]) == (503, 50001), answered
    assert answered.headers["retry-after"]
    return True


BREAK = {"refused": Proxy.refuse, "held": Proxy.hold}


@pytest.mark.parametrize("how", BREAK)
def test_away_and_back(remote, how):
    """Reads go on with a warning, writes are told to come again, and then all is as before."""
    remote.registered("before")
    BREAK[how](remote.proxy)
    assert unavailable(remote.register("during"))
    listed = remote.get("/subjects")
    assert (listed.status, listed.body) == (200, ["before"])
    assert listed.headers["warning"].startswith("110")
    assert remote.get("/schemas/ids/1").status == 200
    assert remote.get("/health/ready").status == 503
    assert remote.get("/health/live").status == 200
    assert remote.metric("schema_registry_storage_up") == 0
    remote.proxy.mend()
    until(remote.registry.ready)
    remote.registered("after")
    listed = remote.fresh("/subjects")
    assert {"before", "after"} <= set(listed.body) <= {"before", "during", "after"}
    until(lambda: remote.metric("schema_registry_storage_up") == 1)
    assert remote.metric("schema_registry_follower_lag_seconds") < WAIT_S


def test_a_cut_is_hardly_noticed(remote):
    """All connections break at once; a write soon has the database again."""
    for number in range(5):
        remote.registered(f"s{number}")
        remote.proxy.cut()
        remote.registered(f"again{number}")
    assert remote.registry.process.poll() is None


def test_many_writers_are_all_answered_while_the_database_is_silent(remote):
    """Each within a bound, none as if it had been stored, and afterwards the log says the same."""
    remote.proxy.hold()
    with ThreadPoolExecutor(40) as threads:
        answers = list(threads.map(remote.register, (f"s{number}" for number in range(40))))
    assert all(map(unavailable, answers))
    remote.proxy.mend()
    until(remote.registry.ready)
    for number in range(40):
        remote.registered(f"s{number}")
    assert len(remote.fresh("/subjects").body) == 40
    assert remote.fresh("/schemas/ids/1").body["schema"] == '"int"'
    assert remote.fresh("/schemas/ids/2").status == 404, "however often it was offered"


def test_a_slow_database_is_only_slow(remote):
    remote.proxy.delay(0.01)
    remote.registered("s")
    assert remote.fresh("/subjects").body == ["s"]


def test_an_answer_that_is_lost_is_found_out(remote):
    """The wire breaks while writes are on their way, again and again: who is told 200 is in the log."""
    over = threading.Event()
    told: dict[str, int] = {}

    def write(worker: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            subject = f"w{worker}n{number}"
            answered = remote.register(subject)
            if not unavailable(answered):
                told[subject] = answered.body["version"]

    with ThreadPoolExecutor(8) as threads:
        writing = [threads.submit(write, worker) for worker in range(8)]
        try:
            for _ in range(8):
                before = len(told)
                remote.proxy.cut()
                until(lambda before=before: len(told) > before)
        finally:
            over.set()
        for each in writing:
            each.result()
    until(remote.registry.ready)
    assert set(told) <= set(remote.fresh("/subjects").body)
    assert set(told.values()) == {1}


def test_connections_are_told(remote):
    """As the operations guide asks: `curl …/metrics | grep connections`."""
    until(lambda: remote.metric("schema_registry_storage_connections{") >= 1)
    assert remote.metric("schema_registry_storage_connections_max") >= 1


@pytest.mark.parametrize("remote", ["cassandra"], indirect=True)
def test_a_node_that_refused_often_is_still_tried(remote):
    """The driver's own pauses would have grown to minutes."""
    assert remote.register("before").status == 200
    remote.proxy.refuse()
    enough = remote.proxy.accepted + 8
    until(lambda: remote.proxy.accepted > enough)
    remote.proxy.mend()
    until(remote.registry.ready)
    assert remote.register("after").status == 200
