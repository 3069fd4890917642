"""Apache Cassandra: one small node, from its jars. Three that are one cluster: `cassandra_ring.py`."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from registan.testing.process import free_port
from registan.testing.services.fetched import fetched
from registan.testing.services.service import READY_WITHIN_S, ServerProcess

NEWEST, NEWEST_4 = "5.0.9", "4.1.10"
"""Versions; the older one is made for Java 11, and runs on 17 with what is opened here."""

YAML = """cluster_name: test
num_tokens: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: {snitch}
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{{seeds: "{seeds}"}}]
listen_address: {address}
rpc_address: {address}
storage_port: {storage}
ssl_storage_port: {encrypted}
native_transport_port: {port}
start_native_transport: true
commitlog_sync: periodic
commitlog_sync_period: 10s
commitlog_segment_size: 4MiB
commitlog_total_space: 64MiB
memtable_allocation_type: unslabbed_heap_buffers
memtable_heap_space: 48MiB
memtable_offheap_space: 16MiB
concurrent_reads: 8
concurrent_writes: 8
concurrent_counter_writes: 2
file_cache_size: 16MiB
networking_cache_size: 16MiB
key_cache_size: 2MiB
auto_snapshot: false
cdc_enabled: false
tables_warn_threshold: -1
keyspaces_warn_threshold: -1
authenticator: {authenticator}
authorizer: {authorizer}
role_manager: CassandraRoleManager
"""

PATIENCE = """request_timeout: 20s
read_request_timeout: 20s
range_request_timeout: 20s
write_request_timeout: 20s
cas_contention_timeout: 20s
"""
"""A busy machine of two cores is given more time than a node in production has.

Not where there are several: for so long each would wait for one that was killed.
"""

TLS = """client_encryption_options:
  enabled: true
  optional: false
  keystore: {store}
  keystore_password: changeit
"""

LOGBACK = """<configuration><appender name="O" class="ch.qos.logback.core.ConsoleAppender"><encoder>
<pattern>%-5level %d{HH:mm:ss.SSS} %logger{20} %msg%n</pattern></encoder></appender>
<root level="INFO"><appender-ref ref="O"/></root></configuration>
"""

EXPORTS = (
    "java.base/jdk.internal.misc",
    "java.base/jdk.internal.ref",
    "java.base/sun.nio.ch",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.sql/java.sql",
    "java.base/java.lang.ref",
    "jdk.unsupported/sun.misc",
    "jdk.attach/sun.tools.attach",
)
OPENS = (
    "java.base/java.lang.module",
    "java.base/jdk.internal.loader",
    "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect",
    "java.base/jdk.internal.math",
    "java.base/jdk.internal.module",
    "java.base/jdk.internal.util.jar",
    "jdk.management/com.sun.management.internal",
    "java.base/sun.nio.ch",
    "java.base/java.io",
    "java.base/java.lang",
    "java.base/java.lang.reflect",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/java.nio",
    "java.rmi/sun.rmi.transport.tcp",
    # 4.1 measures how much memory its objects take, whatever they are made of.
    "java.base/java.util.concurrent.locks",
    "java.base/java.net",
    "java.base/java.nio.charset",
    "java.base/java.nio.file",
    "java.base/java.time",
    "java.base/sun.nio.fs",
    "java.base/sun.nio.cs",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A node's place in a cluster of several, all of them on the same ports of addresses of their own."""

    address: str
    seeds: str
    """All nodes, each with the port by which they speak to one another."""
    token: int
    centre: str
    port: int
    storage: int
    encrypted: int


class CassandraNode(ServerProcess):
    """See `Service`. With `passwords` who connects must log in: at first as cassandra, cassandra.

    With `certificate` (a store in the form PKCS #12, password `changeit`) it speaks TLS alone. With
    `compiled` Java compiles what runs often as well as it can, which is for a node that serves for long.
    """

    name = "cassandra"

    def __init__(
        self,
        folder: Path,
        *,
        version: str = NEWEST,
        passwords: bool = False,
        certificate: Path | None = None,
        member: Member | None = None,
        compiled: bool = False,
    ) -> None:
        super().__init__(folder)
        self.compiled = compiled
        self.passwords = passwords
        self.version = version
        self.joined = member is not None
        """Whether it is one of several."""
        self.address = member.address if member else "127.0.0.1"
        if member:
            self.port = member.port
        self.tables = folder / "data" / "data"
        """Where the files of tables are: a folder for each keyspace, in it one for each table."""
        self._flush_tables = False
        self._said = 0
        """How long the log was when it was started last."""
        self._makes_role = False
        """Whether that start makes the role that one logs in with at first."""
        kept = folder / "jmx"
        if not kept.exists():
            kept.write_text(str(free_port()))
        self._jmx = int(kept.read_text())
        conf = folder / "conf"
        if not conf.exists():
            conf.mkdir()
            (folder / "tmp").mkdir()
            (conf / "logback.xml").write_text(LOGBACK)
            storage = member.storage if member else free_port()
            text = YAML.format(
                address=self.address,
                port=self.port,
                storage=storage,
                encrypted=member.encrypted if member else free_port(),
                seeds=member.seeds if member else f"127.0.0.1:{storage}",
                snitch="GossipingPropertyFileSnitch" if member else "SimpleSnitch",
                authenticator="PasswordAuthenticator" if passwords else "AllowAllAuthenticator",
                authorizer="CassandraAuthorizer" if passwords else "AllowAllAuthorizer",
            )
            text += TLS.format(store=certificate) if certificate else ""
            if not member:
                text += PATIENCE
            else:
                # All start at once, and so none can ask another what it is to hold.
                text += f"auto_bootstrap: false\ninitial_token: {member.token}\n"
                (conf / "cassandra-rackdc.properties").write_text(f"dc={member.centre}\nrack=rack1\n")
            (conf / "cassandra.yaml").write_text(text)

    def sync_each_write(self) -> None:
        """From the next start on a write is acknowledged once it is on the disk, as no node does by itself.

        A node alone loses up to ten seconds of what it acknowledged when it is killed; several of them
        do not die together.
        """
        conf = self.folder / "conf" / "cassandra.yaml"
        periodic = "commitlog_sync: periodic\ncommitlog_sync_period: 10s\n"
        conf.write_text(conf.read_text().replace(periodic, "commitlog_sync: batch\n"))
        self._flush_tables = True

    def remember_no_rights(self) -> None:
        """From the next start on a right that was given or taken away holds at once."""
        conf = self.folder / "conf" / "cassandra.yaml"
        conf.write_text(f"{conf.read_text()}permissions_validity: 0ms\n")

    def start(self) -> None:
        """Start the node, and wait until it takes clients; about ten seconds."""
        lib = fetched("org.apache.cassandra", "cassandra-all", self.version)
        self._said = self.log.stat().st_size if self.log.exists() else 0
        # At its first start a node listens before anybody can log in.
        self._makes_role = self.passwords and not self._said
        self.run(self._command(lib))
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._listens():
            if not self.running() or time.monotonic() > deadline:
                self.end()
                raise self.failed("it did not start")
            time.sleep(0.1)

    def sees(self, address: str) -> bool:
        """Whether this node, since it was started last, found the one at that address well, or is it."""
        if address == self.address:
            return True
        with self.log.open("rb") as log:
            log.seek(self._said)
            up = f"/{address}:".encode()
            return any(up in line and b"is now UP" in line for line in log)

    def stop(self) -> None:
        """Flush and end; some seconds."""
        self.end()

    def kill(self) -> None:
        """End it at once."""
        self.end(9)

    def database(self) -> Mapping[str, str]:
        """A keyspace name that nobody used; the registry makes the keyspace."""
        return {
            "STORAGE_TYPE": "cassandra",
            "CASSANDRA_HOSTS": f"{self.address}:{self.port}",
            "CASSANDRA_KEYSPACE": f"r{uuid4().hex[:16]}",
            "CASSANDRA_REPLICATION_FACTOR": "1",
            "CASSANDRA_TIMEOUT": "30s",
            "CASSANDRA_CONNECTION_TIMEOUT": "30s",
        }

    def nodetool(self, *words: str) -> str:
        """What the tool of that name says to this node. Raises `RuntimeError` where it fails."""
        lib = fetched("org.apache.cassandra", "cassandra-all", self.version)
        home = self.folder / "nodetool"
        home.mkdir(exist_ok=True)
        line = [
            *("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Duser.home={home}"),
            *(f"-Dlogback.configurationFile=file://{self.folder}/conf/logback.xml", *_opened()),
            *("-cp", f"{self.folder}/conf:{lib}/*", "org.apache.cassandra.tools.NodeTool"),
            *("-h", "127.0.0.1", "-p", str(self._jmx), *words),
        ]
        done = subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise RuntimeError(f"nodetool {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def _listens(self) -> bool:
        with self.log.open("rb") as log:
            log.seek(self._said)
            text = log.read()
        made = not self._makes_role or b"Created default superuser role" in text
        return made and b"Starting listening for CQL clients" in text

    def _command(self, lib: Path) -> list[str]:
        scratch = self.folder / "tmp"
        agent = next(lib.glob("jamm-*.jar"))
        properties = {
            "cassandra.config": f"file://{self.folder}/conf/cassandra.yaml",
            "cassandra.storagedir": f"{self.folder}/data",
            "cassandra.logdir": f"{self.folder}",
            "logback.configurationFile": f"file://{self.folder}/conf/logback.xml",
            "cassandra-foreground": "yes",
            "cassandra.jmx.local.port": str(self._jmx),
            # One that others have not heard of for so long is forgotten before it has joined.
            "cassandra.ring_delay_ms": "10000" if self.joined else "100",
            "cassandra.skip_wait_for_gossip_to_settle": "0",
            "cassandra.superuser_setup_delay_ms": "0",
            # Tables are made often here, and so flushed only where a kill must not take them.
            "cassandra.test.flush_local_schema_changes": str(self._flush_tables).lower(),
            "jdk.attach.allowAttachSelf": "true",
            "io.netty.tryReflectionSetAccessible": "true",
            "java.net.preferIPv4Stack": "true",
            "jna.tmpdir": str(scratch),
            "java.io.tmpdir": str(scratch),
        }
        return [
            # Each test has tables of its own, which are never dropped: a node keeps a megabyte and more of
            # each keyspace, and one that collects garbage without end answers nobody.
            *("java", "-Xms320m", "-Xmx1g", "-Xss512k", "-XX:+UseSerialGC"),
            *(() if self.compiled else ("-XX:TieredStopAtLevel=1",)),
            *("-XX:MaxDirectMemorySize=64m", "-XX:ReservedCodeCacheSize=64m"),
            *(f"-D{name}={value}" for name, value in properties.items()),
            f"-javaagent:{agent}",
            *_opened(),
            *("-cp", f"{self.folder}/conf:{lib}/*"),
            "org.apache.cassandra.service.CassandraDaemon",
        ]


def _opened() -> list[str]:
    return [
        *(word for name in EXPORTS for word in ("--add-exports", f"{name}=ALL-UNNAMED")),
        *(word for name in OPENS for word in ("--add-opens", f"{name}=ALL-UNNAMED")),
    ]
