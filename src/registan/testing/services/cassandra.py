"""Apache Cassandra: one small node, from its jars."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from registan.testing.process import free_port
from registan.testing.services.fetched import fetched
from registan.testing.services.service import READY_WITHIN_S, ServerProcess

VERSION = "5.0.9"

YAML = """cluster_name: test
num_tokens: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{{seeds: "127.0.0.1:{storage}"}}]
listen_address: 127.0.0.1
rpc_address: 127.0.0.1
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
request_timeout: 20s
read_request_timeout: 20s
range_request_timeout: 20s
write_request_timeout: 20s
cas_contention_timeout: 20s
authenticator: {authenticator}
authorizer: {authorizer}
role_manager: CassandraRoleManager
"""
# A busy machine of two cores is given more time than a node in production has.

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
    "java.base/java.nio",
    "java.rmi/sun.rmi.transport.tcp",
)


class CassandraNode(ServerProcess):
    """See `Service`. With `passwords` who connects must log in: at first as cassandra, cassandra.

    With `certificate` (a store in the form PKCS #12, password `changeit`) it speaks TLS alone.
    """

    name = "cassandra"

    def __init__(self, folder: Path, *, passwords: bool = False, certificate: Path | None = None) -> None:
        super().__init__(folder)
        self.passwords = passwords
        self.tables = folder / "data" / "data"
        """Where the files of tables are: a folder for each keyspace, in it one for each table."""
        self._flush_tables = False
        kept = folder / "jmx"
        if not kept.exists():
            kept.write_text(str(free_port()))
        self._jmx = int(kept.read_text())
        conf = folder / "conf"
        if not conf.exists():
            conf.mkdir()
            (folder / "tmp").mkdir()
            (conf / "logback.xml").write_text(LOGBACK)
            text = YAML.format(
                port=self.port,
                storage=free_port(),
                encrypted=free_port(),
                authenticator="PasswordAuthenticator" if passwords else "AllowAllAuthenticator",
                authorizer="CassandraAuthorizer" if passwords else "AllowAllAuthorizer",
            )
            text += TLS.format(store=certificate) if certificate else ""
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
        lib = fetched("org.apache.cassandra", "cassandra-all", VERSION)
        said = self.log.stat().st_size if self.log.exists() else 0
        self.run(self._command(lib))
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._listens(said):
            if not self.running() or time.monotonic() > deadline:
                self.end()
                raise self.failed("it did not start")
            time.sleep(0.1)

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
            "CASSANDRA_HOSTS": f"127.0.0.1:{self.port}",
            "CASSANDRA_KEYSPACE": f"r{uuid4().hex[:16]}",
            "CASSANDRA_REPLICATION_FACTOR": "1",
            "CASSANDRA_TIMEOUT": "30s",
            "CASSANDRA_CONNECTION_TIMEOUT": "30s",
        }

    def nodetool(self, *words: str) -> str:
        """What the tool of that name says to this node. Raises `RuntimeError` where it fails."""
        lib = fetched("org.apache.cassandra", "cassandra-all", VERSION)
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

    def _listens(self, said: int) -> bool:
        with self.log.open("rb") as log:
            log.seek(said)
            return b"Starting listening for CQL clients" in log.read()

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
            "cassandra.ring_delay_ms": "100",
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
            *("java", "-Xms320m", "-Xmx320m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
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
