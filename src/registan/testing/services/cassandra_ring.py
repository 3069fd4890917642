"""Apache Cassandra: three nodes that are one cluster, on addresses of the loopback interface of their own.

What lives here: where each node stands, and starting all of them. What never does: a node's own files
and command (`cassandra.py`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from registan.testing.process import free_port
from registan.testing.services.cassandra import NEWEST, CassandraNode, Member
from registan.testing.services.service import READY_WITHIN_S

FIRST_TOKEN, TOKENS = -(2**63), 2**64


class CassandraRing:
    """See `Service`; `port` is that of every node. `centres` names the data centre of each node."""

    name = "cassandra3"

    def __init__(
        self,
        folder: Path,
        *,
        version: str = NEWEST,
        centres: Sequence[str] = ("dc1", "dc1", "dc1"),
        compiled: bool = False,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        kept = folder / "ports"
        if not kept.exists():
            kept.write_text(json.dumps([free_port() for _ in range(3)]))
        self.port, storage, encrypted = json.loads(kept.read_text())
        addresses = [f"127.0.0.{number + 1}" for number in range(len(centres))]
        self.nodes = [
            CassandraNode(
                folder / f"node{number + 1}",
                version=version,
                compiled=compiled,
                member=Member(
                    address=address,
                    seeds=",".join(f"{each}:{storage}" for each in addresses),
                    token=FIRST_TOKEN + TOKENS // len(centres) * number,
                    centre=centre,
                    port=self.port,
                    storage=storage,
                    encrypted=encrypted,
                ),
            )
            for number, (address, centre) in enumerate(zip(addresses, centres, strict=True))
        ]

    def sync_each_write(self) -> None:
        """See `CassandraNode`: else a node that is killed forgets what it promised the others."""
        for node in self.nodes:
            node.sync_each_write()

    def start(self) -> None:
        """Start the nodes, and wait until each takes clients and knows the others; about fifteen seconds."""
        with ThreadPoolExecutor(len(self.nodes)) as threads:
            list(threads.map(CassandraNode.start, self.nodes))
        deadline = time.monotonic() + READY_WITHIN_S
        while not all(node.sees(other.address) for node in self.nodes for other in self.nodes):
            if time.monotonic() > deadline:
                raise self.nodes[0].failed("the nodes do not find one another")
            time.sleep(0.1)

    def stop(self) -> None:
        """End all nodes in good order."""
        for node in self.nodes:
            node.stop()

    def kill(self) -> None:
        """End all nodes at once."""
        for node in self.nodes:
            node.kill()

    def database(self) -> Mapping[str, str]:
        """A keyspace name that nobody used, of which every node is to have a copy."""
        return {
            **self.nodes[0].database(),
            "CASSANDRA_HOSTS": ",".join(f"{node.address}:{node.port}" for node in self.nodes),
            "CASSANDRA_REPLICATION_FACTOR": str(len(self.nodes)),
        }
