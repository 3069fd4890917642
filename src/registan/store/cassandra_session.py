"""The driver for Cassandra behind a small door: statements go in, rows come out as awaitables.

What lives here: connecting, preparing, and what each of the driver's errors means. What never does: a
table, a word of what the log is, a socket (`cassandra_connection.py`). Nothing of the driver gets past
these two modules.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import cassandra as driver
from cassandra import ConsistencyLevel
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import (
    EXEC_PROFILE_DEFAULT,
    Cluster,
    ExecutionProfile,
    NoHostAvailable,
    ResultSet,
    Session,
)
from cassandra.policies import (
    DCAwareRoundRobinPolicy,
    ExponentialReconnectionPolicy,
    FallthroughRetryPolicy,
)
from cassandra.query import BatchStatement, BatchType, BoundStatement, PreparedStatement, tuple_factory

from registan.store.cassandra_connection import LoopConnection
from registan.store.protocol import Pooling, Unavailable, Unknown
from registan.store.tls import client_context

Rows = list[tuple[Any, ...]]

PAGE_ROWS = 500
"""Rows that one reply of a node holds at most: a node builds each in memory, and a row may be of 64 KiB."""

PROTOCOL = 4
"""Version 5 puts frames into segments with check-sums, which the driver takes apart in Python: twice the
processor time for a large reply, and nothing else in it is of use here."""

READS_TRIED = 3
"""How often a read that a node gave up on is asked for: serial reads do where writers are many."""

GAVE_UP = driver.ReadTimeout, driver.WriteTimeout
"""What a node tells of such a read: the second where it was to finish somebody's transaction first."""

RECONNECT_MIN_S, RECONNECT_MAX_S = 0.1, 1.0
"""Between two attempts to connect to a node that is down; for as long as it is. The driver's own would
grow to ten minutes, and end."""

HEARTBEAT_S = 5.0
"""How long a connection may be silent before its node is asked whether it lives, within `timeout_s`."""

NOT_WRITTEN = frozenset({ConsistencyLevel.SERIAL, ConsistencyLevel.LOCAL_SERIAL})
"""Where a lightweight transaction lacks copies at these, it has not begun; behind them it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to connect. An empty `local_dc` is the one of the first node.

    `tls` is false, true, verify-ca or skip-verify; files are in PEM form, empty for none of one's own.
    """

    hosts: Sequence[str]
    """Each `host` or `host:port`; an IPv6 address with a port stands in brackets."""
    port: int
    keyspace: str
    replication_factor: int
    consistency_level: str
    serial_consistency: str
    local_dc: str = ""
    username: str = ""
    password: str = ""
    timeout_s: float = 10.0
    connection_timeout_s: float = 10.0
    tls: str = "false"
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""


class Forbidden(Unavailable):
    """Whoever is logged in has not the right to do this."""


class Bridge:
    """A session that is awaited; `KS.` in a statement stands for the keyspace.

    Every method raises `Unavailable` where no node takes
    the statement.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._cluster: Cluster | None = None
        self._session: Session | None = None
        self._prepared: dict[str, PreparedStatement] = {}
        self._preparing = asyncio.Lock()
        """Each in a thread, which costs memory for as long as the process lives."""

    async def connect(self) -> None:
        """Find the nodes and log in, in a thread: the driver blocks.

        Whoever sees it fail, or gives it up, calls `close`.
        """
        if self._session is None:
            try:
                self._cluster = self._make_cluster()
                session = await asyncio.to_thread(self._cluster.connect)
                session.default_fetch_size = PAGE_ROWS
                self._session = session
            except Exception as error:
                raise self._why_not(error) from error

    async def close(self) -> None:
        """Let go of every connection; closing twice does no harm."""
        cluster, self._cluster, self._session = self._cluster, None, None
        self._prepared.clear()
        if cluster is not None:
            await asyncio.to_thread(cluster.shutdown)

    def pool(self) -> Pooling | None:
        """Connections for statements, one for each node, as the driver counts them."""
        session = self._session
        if session is None:
            return None
        nodes = session.get_pool_state().values()
        used = sum(1 for node in nodes for under_way in node["in_flights"] if under_way)
        opened = sum(node["open_count"] for node in nodes)
        return Pooling(idle=max(0, opened - used), in_use=used, most=len(nodes))

    def data_centres(self) -> dict[str, int]:
        """How many nodes each data centre has, as far as the nodes know one another."""
        centres: dict[str, int] = {}
        if self._cluster is not None:
            for host in self._cluster.metadata.all_hosts():
                if host.datacenter:
                    centres[host.datacenter] = centres.get(host.datacenter, 0) + 1
        return centres

    async def define(self, statement: str) -> None:
        """Change the tables, and wait until the nodes agree on it. Raises `Forbidden` where it may not."""
        session = self._live()
        try:
            await asyncio.to_thread(
                session.execute, self._named(statement), timeout=self._options.timeout_s * 3
            )
        except Exception as error:
            raise unavailable(error) from error

    async def ask(self, text: str, values: Sequence[object], level: str) -> Rows:
        """All rows of a SELECT; a page is tried again where a node gave up."""
        return [row async for rows in self.pages(text, values, level) for row in rows]

    async def pages(self, text: str, values: Sequence[object], level: str) -> AsyncIterator[Rows]:
        """The same page by page: the next one is on its way while the caller has one in hand."""
        bound = await self._bind(text, values, level)
        rows, after = await self._page(bound)
        while after is not None:
            following = asyncio.ensure_future(self._page(bound, after))
            try:
                yield rows
                rows, after = await following
            finally:
                following.cancel()
        yield rows

    async def write(self, text: str, values: Sequence[object], level: str) -> None:
        """One statement that may be repeated at will."""
        try:
            await self._run(await self._bind(text, values, level))
        except Exception as error:
            raise unavailable(error) from error

    async def write_together(self, statements: Iterable[tuple[str, Sequence[object]]], level: str) -> None:
        """Statements on one partition, which takes them as one; they may be repeated at will."""
        batch = BatchStatement(BatchType.UNLOGGED, consistency_level=ConsistencyLevel.name_to_value[level])
        for text, values in statements:
            batch.add(await self._bind(text, values, level))
        try:
            await self._run(batch)
        except Exception as error:
            raise unavailable(error) from error

    async def decide(self, text: str, values: Sequence[object], level: str) -> tuple[Any, ...]:
        """A lightweight transaction, tried once: whether its condition held, and if not what is there.

        Raises `Unknown` wherever it may have been applied.
        """
        bound = await self._bind(text, values, level)
        bound.serial_consistency_level = ConsistencyLevel.name_to_value[self._options.serial_consistency]
        try:
            rows = await self._run(bound)
        except driver.Unavailable as error:
            if error.consistency in NOT_WRITTEN:
                raise unavailable(error) from error
            raise Unknown(str(error)) from error
        except (NoHostAvailable, driver.RequestValidationException, Unavailable) as error:
            # Nothing was sent: the driver tries the next node only where it could not. Or a node looked
            # at it and turned it down: without the right, with the table gone, by a guardrail.
            raise unavailable(error) from error
        except Exception as error:
            raise Unknown(f"{type(error).__name__}: {error}") from error
        return rows[0]

    async def _bind(self, text: str, values: Sequence[object], level: str) -> BoundStatement:
        session = self._live()
        if text not in self._prepared:
            async with self._preparing:
                if text not in self._prepared:
                    try:
                        self._prepared[text] = await asyncio.to_thread(session.prepare, self._named(text))
                    except Exception as error:
                        raise unavailable(error) from error
        bound = self._prepared[text].bind(values)
        bound.consistency_level = ConsistencyLevel.name_to_value[level]
        return bound

    async def _page(self, bound: BoundStatement, after: bytes | None = None) -> tuple[Rows, bytes | None]:
        """A page, and what to ask for the next one with; None where there is none."""
        for tried in range(1, READS_TRIED + 1):
            try:
                return await self._send(bound, after)
            except Exception as error:
                if tried == READS_TRIED or not isinstance(error, GAVE_UP):
                    raise unavailable(error) from error
        raise AssertionError("one try is the last")

    async def _run(self, statement: BoundStatement | BatchStatement) -> Rows:
        return (await self._send(statement))[0]

    async def _send(
        self, statement: BoundStatement | BatchStatement, after: bytes | None = None
    ) -> tuple[Rows, bytes | None]:
        future: asyncio.Future[tuple[Rows, bytes | None]] = asyncio.get_running_loop().create_future()
        session = self._live()
        response = session.execute_async(statement, timeout=self._options.timeout_s, paging_state=after)
        do = session.cluster.connection_class.do

        def answered(rows: Rows | None) -> None:
            # The response is a ring with whom it tells. So that this does not keep the rows, they are taken
            # out of its list, and it forgets whom it told.
            response.clear_callbacks()
            taken = list(rows or ())
            if rows:
                rows.clear()
            after = ResultSet(response, rows).paging_state if response.has_more_pages else None
            do(_settle, future, future.set_result, (taken, after))

        def failed(error: Exception) -> None:
            do(_settle, future, future.set_exception, error)

        response.add_errback(failed)
        response.add_callback(answered)  # the last: it may be called at once
        return await future

    def _named(self, text: str) -> str:
        # A `USE` of the keyspace would do, but nodes warn of it where statements are prepared.
        return text.replace("KS.", f'"{self._options.keyspace}".')

    def _live(self) -> Session:
        if self._session is None:
            raise Unavailable("Cassandra: not open")
        return self._session

    def _why_not(self, error: Exception) -> Unavailable:
        """What to tell of a connection that could not be made."""
        wanted, centres = self._options.local_dc, self.data_centres()
        if isinstance(error, driver.UnresolvableContactPoints):
            return Unavailable(f"Cassandra: no address is known for {', '.join(self._options.hosts)}")
        if isinstance(error, NoHostAvailable) and wanted and centres and wanted not in centres:
            known = ", ".join(sorted(centres))
            return Unavailable(
                f"Cassandra: no node is in the data centre {wanted} (local_dc), but in {known}"
            )
        return unavailable(error)

    def _make_cluster(self) -> Cluster:
        options = self._options
        profile = ExecutionProfile(
            load_balancing_policy=DCAwareRoundRobinPolicy(options.local_dc),
            retry_policy=FallthroughRetryPolicy(),
            request_timeout=options.timeout_s,
            row_factory=tuple_factory,
            consistency_level=ConsistencyLevel.LOCAL_ONE,  # of what is read of the system's own tables
        )
        login = PlainTextAuthProvider(options.username, options.password) if options.username else None
        return Cluster(
            [_endpoint(host, options.port) for host in options.hosts],
            port=options.port,
            auth_provider=login,
            ssl_context=_context(options),
            connect_timeout=options.connection_timeout_s,
            control_connection_timeout=options.connection_timeout_s,
            protocol_version=PROTOCOL,
            connection_class=LoopConnection.of(asyncio.get_running_loop()),
            reconnection_policy=ExponentialReconnectionPolicy(RECONNECT_MIN_S, RECONNECT_MAX_S, None),
            idle_heartbeat_interval=HEARTBEAT_S,
            idle_heartbeat_timeout=options.timeout_s,
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
            schema_metadata_enabled=False,
            schema_event_refresh_window=-1,
            token_metadata_enabled=False,
            monitor_reporting_enabled=False,  # to another maker's monitor
        )


def unavailable(error: BaseException) -> Unavailable:
    """The driver's error as the port's: what it says, and of several nodes what each said."""
    if isinstance(error, Unavailable):
        return error
    if isinstance(error, NoHostAvailable):
        # Where no pool could be made the driver gives names of nodes alone.
        errors = error.errors if isinstance(error.errors, dict) else {}
        said = "; ".join(f"{host}: {why}" for host, why in errors.items())
        return Unavailable(f"Cassandra: no node answers: {said or error.args[0]}")
    if isinstance(error, driver.Unauthorized):
        return Forbidden(f"Cassandra: {error}")
    return Unavailable(f"Cassandra: {type(error).__name__}: {error}")


def _context(options: Options) -> ssl.SSLContext | None:
    if options.tls == "false":
        return None
    files = options.ca_file, options.cert_file, options.key_file
    return client_context(*files, verify=options.tls != "skip-verify", host=options.tls == "true")


def _endpoint(host: str, port: int) -> tuple[str, int]:
    name, colon, number = host.rpartition(":")
    if colon and number.isdigit() and (":" not in name or name.endswith("]")):
        return name.strip("[]"), int(number)
    return host.strip("[]"), port


def _settle(
    future: asyncio.Future[tuple[Rows, bytes | None]], settle: Callable[[Any], None], value: object
) -> None:
    if not future.done():
        settle(value)
