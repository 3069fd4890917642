"""Three nodes of Cassandra: what one may lack, what two may not, and who agrees with whom.

They take long to start, so `make test-servers` runs this.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from registan.testing.process import RegistryProcess, until
from registan.testing.services.backend import Database
from registan.testing.services.cassandra_ring import CassandraRing
from registan.testing.services.shared import own
from registan.testing.store_case import opened
from registan.testing.tools import needed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

WRITERS = 8
BOUND_S = {"ENGINE_APPEND_TIMEOUT": "1s", "ENGINE_DOUBT_TIMEOUT": "1s", "READS_TIMEOUT": "1s"}
"""A write is answered within twice the first and the second, whatever nodes do."""


@contextmanager
def running(ring):
    ring.sync_each_write()
    try:
        ring.start()
        yield ring
    finally:
        ring.kill()


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    with running(own("cassandra3", tmp_path_factory.mktemp("cassandra3"))) as ring:
        yield ring


@pytest.fixture
def ring(started):
    """All three nodes; those that the test ended are started again."""
    yield started
    ended = [node for node in started.nodes if not node.running()]
    for node in ended:
        node.start()
    for node in ended:
        until(lambda node=node: all(node.sees(other.address) for other in started.nodes))


def hosts(*nodes):
    return {"CASSANDRA_HOSTS": ",".join(f"{node.address}:{node.port}" for node in nodes)}


def register(registry, subject, text='"int"'):
    return registry.ask("POST", f"/subjects/{subject}/versions", {"schema": text})


def enum(number):
    return f'{{"type":"enum","name":"E{number}","symbols":["A"]}}'


def taken(registry, subject, text='"int"'):
    """The answer once it was taken; until then it is told to come again, and nothing else."""

    def ask():
        answered = register(registry, subject, text)
        if answered.status == 200:
            return answered
        assert (answered.status, answered.body["error_code"]) == (503, 50001), answered
        assert answered.headers["retry-after"]
        return None

    return until(ask)


def fresh(registry, path):
    """The answer once the store told what is the newest."""

    def ask():
        answered = registry.ask("GET", path)
        return None if answered.status == 503 or "warning" in answered.headers else answered

    return until(ask)


def subjects(registry):
    return set(fresh(registry, "/subjects").body)


def copies(database):
    """What the keyspace says of its copies."""

    async def ask():
        async with opened(Database(database)) as (store,):
            text = "SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?"
            return await store._bridge.ask(text, (database["CASSANDRA_KEYSPACE"],), "LOCAL_ONE")

    return {name: copies for name, copies in dict(asyncio.run(ask())[0][0]).items() if name != "class"}


class Writers:
    """Clients that register and read without end, and what they were told."""

    def __init__(self, registry, named="w"):
        self.told = {}
        self.reads = 0
        self.refused = []
        self._registry = registry
        self._named = named
        self._over = threading.Event()
        self._threads = ThreadPoolExecutor(WRITERS)

    def __enter__(self):
        self._working = [self._threads.submit(self._work, number) for number in range(WRITERS)]
        return self

    def __exit__(self, kind, error, trace):
        self._over.set()
        self._threads.shutdown()
        if kind is None:
            for each in self._working:
                each.result()

    def go_on(self):
        """Wait until many more were answered."""
        before, reads = len(self.told), self.reads
        until(lambda: len(self.told) >= before + 100 and self.reads > reads + 20)

    def _work(self, writer):
        number = 0
        while not self._over.is_set():
            subject = f"{self._named}{writer}n{number}"
            answered = register(self._registry, subject, enum(subject))
            if answered.status == 200:
                self.told[subject] = answered.body["id"]
                number += 1
            else:
                self.refused.append(answered)
            if number and number % 3 == 0:
                read = self._registry.ask("GET", f"/subjects/{self._named}{writer}n0/versions/latest")
                if read.status == 200:
                    self.reads += 1
                else:
                    self.refused.append(read)


def test_each_node_has_a_copy(ring, tmp_path):
    database = ring.database()
    with RegistryProcess(tmp_path, database) as registry:
        taken(registry, "s")
    assert copies(database) == {"dc1": "3"}


@pytest.mark.parametrize("number", [0, 1, 2])
def test_one_node_is_not_missed(ring, tmp_path, number):
    """It is killed under writers, and none of them is refused; nothing is lost."""
    database = ring.database()
    with RegistryProcess(tmp_path, database) as registry:
        with Writers(registry) as writers:
            writers.go_on()
            ring.nodes[number].kill()
            writers.go_on()
            ring.nodes[number].start()
            writers.go_on()
        assert writers.refused == []
        assert set(writers.told) <= subjects(registry)
    (tmp_path / "again").mkdir()
    with RegistryProcess(tmp_path / "again", database) as again:
        assert set(writers.told) <= subjects(again)
    assert sorted(writers.told.values()) == list(range(1, len(writers.told) + 1))


def test_an_instance_starts_without_the_node_named_first(ring, tmp_path):
    database = ring.database()
    with RegistryProcess(tmp_path, database) as registry:
        taken(registry, "before")
    ring.nodes[0].kill()
    (tmp_path / "again").mkdir()
    with RegistryProcess(tmp_path / "again", database) as again:
        assert subjects(again) == {"before"}
        taken(again, "after")


def test_without_two_nodes_writes_come_again(ring, tmp_path):
    """Each is answered in time, reads go on, and with the nodes all comes back by itself."""
    with RegistryProcess(tmp_path, {**ring.database(), **BOUND_S}) as registry:
        taken(registry, "before")
        for node in ring.nodes[1:]:
            node.kill()
        for number in range(3):
            answered = register(registry, f"during{number}")
            assert (answered.status, answered.body["error_code"]) == (503, 50001), answered
        listed = registry.ask("GET", "/subjects")
        assert (listed.status, listed.headers["warning"][:3]) == (200, "110")
        assert "before" in listed.body
        for node in ring.nodes[1:]:
            node.start()
        until(registry.ready)
        taken(registry, "after")
        assert {"before", "after"} <= subjects(registry)
        ids = {taken(registry, f"more{number}", enum(number)).body["id"] for number in range(5)}
        assert ids == {2, 3, 4, 5, 6}


def test_instances_on_different_nodes_agree(ring, tmp_path):
    """What one is told the other reads next, and no id is given twice."""
    database = ring.database()
    for name in "ab":
        (tmp_path / name).mkdir()
    with (
        RegistryProcess(tmp_path / "a", {**database, **hosts(ring.nodes[0])}) as one,
        RegistryProcess(tmp_path / "b", {**database, **hosts(ring.nodes[2])}) as other,
    ):
        for number in range(20):
            writer, reader = (one, other) if number % 2 else (other, one)
            told = taken(writer, "s" if number == 0 else f"s{number}", enum(number))
            assert told.body["id"] == number + 1
            read = fresh(reader, f"/schemas/ids/{number + 1}")
            assert (read.status, read.body["schema"]) == (200, enum(number))
            assert subjects(one) == subjects(other)


@pytest.mark.parametrize("level", ["QUORUM", "LOCAL_QUORUM", "ONE"])
def test_most_nodes_are_enough_at(ring, tmp_path, level):
    with RegistryProcess(tmp_path, {**ring.database(), "CASSANDRA_CONSISTENCY_LEVEL": level}) as registry:
        taken(registry, "before")
        ring.nodes[1].kill()
        taken(registry, "after")
        assert subjects(registry) == {"before", "after"}


def test_most_nodes_decide_at_all(ring, tmp_path):
    """Not all nodes answer, but the log says that the commit stands: it is acknowledged, if late."""
    database = {**ring.database(), **BOUND_S, "CASSANDRA_CONSISTENCY_LEVEL": "ALL"}
    with RegistryProcess(tmp_path, database) as registry:
        taken(registry, "before", enum(0))
        ring.nodes[1].kill()
        ids = [taken(registry, f"during{number}", enum(number + 1)).body["id"] for number in range(3)]
        assert ids == [2, 3, 4]
        ring.nodes[1].start()
        assert taken(registry, "after", enum(4)).body["id"] == 5
        there = {"before", "during0", "during1", "during2", "after"}
        assert subjects(registry) == there
    (tmp_path / "again").mkdir()
    with RegistryProcess(tmp_path / "again", database) as again:
        assert subjects(again) == there


def test_data_centres_agree(tmp_path):
    """Two nodes in one and the third in another: a copy in each, and instances of both take ids in turn."""
    needed("mvn", "java")
    with running(CassandraRing(tmp_path / "ring", centres=("dc1", "dc1", "dc2"))) as ring:
        for node in ring.nodes:
            until(lambda node=node: node.nodetool("status").count("\nUN ") == 3)
        database = {**ring.database(), "CASSANDRA_REPLICATION_FACTOR": "1"}
        for name in "ab":
            (tmp_path / name).mkdir()
        here = {**database, **hosts(*ring.nodes[:2]), "CASSANDRA_LOCAL_DC": "dc1"}
        there = {**database, **hosts(ring.nodes[2]), "CASSANDRA_LOCAL_DC": "dc2"}
        with RegistryProcess(tmp_path / "a", here) as one, RegistryProcess(tmp_path / "b", there) as other:
            with Writers(one) as some, Writers(other, "v") as more:
                some.go_on()
                more.go_on()
            assert subjects(one) == subjects(other) == set(some.told) | set(more.told)
            ids = sorted([*some.told.values(), *more.told.values()])
            assert ids == list(range(1, len(ids) + 1))
        assert copies(here) == copies(there) == {"dc1": "1", "dc2": "1"}
