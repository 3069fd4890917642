"""Connections to MySQL and MariaDB: making them, lending them, and what their errors mean.

What lives here: the driver, TLS, what is lent. What never does: a statement about commits or records.
Nothing of the driver's errors leaves this module and `mysql.py`.
"""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from asyncmy import errors
from asyncmy.connection import Connection
from asyncmy.constants.CLIENT import SSL
from asyncmy.constants.CR import CR_SERVER_GONE_ERROR, CR_SSL_CONNECTION_ERROR
from asyncmy.cursors import SSCursor

from registan.store.pool import Pool, Size
from registan.store.protocol import Pooling, Unavailable
from registan.store.tls import client_context

FAILURES = (errors.MySQLError, OSError, RuntimeError, AssertionError, IndexError, struct.error)
"""What the driver raises: its own errors, those of the transport, and those of reading nonsense."""

Rows = list[tuple[Any, ...]]

LOCK_WAIT_S = 5
"""A statement that waits longer for a lock fails; its sender gave up soon after."""

# READ COMMITTED: each statement sees all that was committed before it, be it in a session that is
# older; and reads take no locks on gaps, on which two writers would meet in a deadlock. The mode
# makes NULL in a key an error and backslashes an escape, whatever the server's own mode is. Nor does the
# server's limit of rows hold, by which the state would be loaded in part, or what it does after a COMMIT.
SESSION = (
    "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1",
    "SET SESSION sql_select_limit = 18446744073709551615, completion_type = 'NO_CHAIN'",
    f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_S}, lock_wait_timeout = {LOCK_WAIT_S}",
    "SELECT @@max_allowed_packet, @@log_bin, @@sync_binlog",
)


@dataclass(frozen=True, slots=True)
class Server:
    """Where the database is and how to log in: the settings `storage.mysql.…`, which tell what each is."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    tls: Literal["false", "true", "skip-verify", "preferred"] = "false"
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    max_connections: int = 25
    min_connections: int = 1
    connection_timeout_s: float = 30.0
    max_connection_lifetime_s: float = 3600.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}/{self.database}"


class Session(Connection):  # type: ignore[misc] # it has no types
    """A connection of the driver that does not ask for TLS where none is offered."""

    def __init__(self, server: Server, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            host=server.host,
            port=server.port,
            user=server.user,
            password=server.password.encode(),
            database=server.database,
            connect_timeout=server.connection_timeout_s,
            charset="utf8mb4",
            use_unicode=False,  # the codec reads bytes
            autocommit=None,
            ssl=tls,
        )
        self.tls = tls
        self.optional_tls = server.tls == "preferred"
        self.answered_is_durable = False
        """Whether a commit that is answered cannot be lost; learnt when connecting."""

    @property
    def sound(self) -> bool:
        """Whether it can be used, as far as that is known without asking."""
        return bool(self.connected and not self._stream_broken)

    async def run(self, *statements: str) -> Rows:
        """Run statements in one round trip, and give the rows of the last one."""
        await self.query("; ".join(statements))
        for _ in statements[1:]:
            await self.next_result()
        return list(self._result.rows or ())

    async def value(self, *statements: str) -> int:
        """The one number that the last of the statements gives."""
        return int((await self.run(*statements))[0][0])

    async def stream(self, query: str, size: int) -> AsyncGenerator[Rows, None]:
        """The rows of a query, `size` at a time, as they arrive."""
        cursor = self.cursor(SSCursor)
        await cursor.execute(query)
        while rows := await cursor.fetchmany(size):
            yield rows

    async def _get_server_information(self) -> None:
        await super()._get_server_information()
        if self.tls is None or self.server_capabilities & SSL:
            return
        if not self.optional_tls:
            raise errors.OperationalError(CR_SSL_CONNECTION_ERROR, "the server offers no TLS")
        self._ssl_context: ssl.SSLContext | None = None
        self._client_flag &= ~SSL


class Connections:
    """At most `max_connections` at once, each lent to one user at a time, new ones made as needed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._tls: ssl.SSLContext | None = None
        size = Size(server.min_connections, server.max_connections, server.max_connection_lifetime_s)
        self._pool = Pool(
            self._connect,
            lambda session: session.sound,
            Session.close,
            size,
            leave=_leave,
            patience_s=server.connection_timeout_s,
            place=str(server),
        )
        self.packet_max = 1024 * 1024
        """The longest statement in bytes, and the longest row, that the server takes."""

    @property
    def counts(self) -> Pooling:
        """How many are open and not lent, and how many are lent."""
        return self._pool.counts

    async def open(self) -> None:
        """Connect as often as is always to be, at least once. Raises `Unavailable`."""
        try:
            self._tls = _tls(self._server)
        except OSError as error:  # ssl.SSLError is one
            raise self.unavailable(error) from error
        try:
            await self._pool.open()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of all; those that are lent are waited for."""
        await self._pool.close()

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Session]:
        """A session, in no transaction; it is dropped where anything is raised.

        Raises `Unavailable`, also for whatever the driver raises meanwhile.
        """
        try:
            async with self._pool.lent() as session:
                yield session
        except FAILURES as error:
            raise self.unavailable(error) from error

    def unavailable(self, error: BaseException) -> Unavailable:
        """The port's word for an error of the driver."""
        return Unavailable(f"{self._server}: {words(error)}")

    async def _connect(self) -> Session:
        session: Session | None = None
        try:
            async with asyncio.timeout(self._server.connection_timeout_s):
                session = Session(self._server, self._tls)
                await session.connect()
                self.packet_max, binary_log, every = map(int, (await session.run(*SESSION))[0])
                # After a crash the binary log says what was committed, be its own end lost or not.
                session.answered_is_durable = not binary_log or every == 1
        except BaseException as error:
            if session is not None:
                session.close()
            if isinstance(error, TimeoutError):
                why = f"no connection within {self._server.connection_timeout_s:g} s"
                raise Unavailable(f"{self._server}: {why}") from error
            if isinstance(error, Exception):  # whatever answers there need not be MySQL
                raise self.unavailable(error) from error
            raise
        return session


def never_sent(error: BaseException) -> bool:
    """Whether the driver knew that the connection was lost before the whole statement was written."""
    return isinstance(error, errors.InterfaceError) or code_of(error) == CR_SERVER_GONE_ERROR


def code_of(error: BaseException) -> int:
    """The number of an error that the server sent or the driver made, else 0."""
    number = error.args[0] if isinstance(error, errors.MySQLError) and error.args else 0
    return number if type(number) is int else 0


def from_server(error: BaseException) -> bool:
    """Whether the server answered with this error, so that the connection and what it said can be trusted."""
    number = code_of(error)
    return 1000 <= number < 2000 or number >= 3000


def words(error: BaseException) -> str:
    """What an operator should read."""
    if isinstance(error, errors.MySQLError) and len(error.args) > 1:
        return f"{error.args[1]} ({error.args[0]})"
    return str(error) or type(error).__name__


def _tls(server: Server) -> ssl.SSLContext | None:
    """How to encrypt: checked fully with `true`, not at all with `skip-verify` and `preferred`."""
    if server.tls == "false":
        return None
    return client_context(server.ca_file, server.cert_file, server.key_file, verify=server.tls == "true")


async def _leave(session: Session) -> None:
    """Say goodbye, or the server logs an aborted connection; a peer that does not listen is left."""
    with suppress(*FAILURES):
        async with asyncio.timeout(1):
            await session.ensure_closed()
    session.close()
