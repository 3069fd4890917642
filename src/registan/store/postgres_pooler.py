"""Poolers between us and PostgreSQL that lend their connections for one transaction only.

What lives here: how such a one is recognised. What never does: a reason to avoid it (docs/guide/stores.md).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from registan.store.protocol import Unavailable

_PID = "SELECT pg_backend_pid()"


async def refuse_shared(connection: Any, connect: Callable[[], Awaitable[Any]]) -> None:  # noqa: ANN401
    """Raise `Unavailable` where two connections of ours turn out to be one of the server's.

    A pooler gives its clients other process ids than the server has; without one there is nothing to ask
    further. Where many others use the pooler meanwhile, it may go unnoticed.
    """
    pid = await connection.fetchval(_PID)
    if pid == connection.get_server_pid():
        return
    other = await connect()
    try:
        async with other.transaction():
            same = await other.fetchval(_PID) == pid
            # The other one holds what it was lent; who is given another now does not own one either.
            changed = same or await _changed(connection, pid)
    finally:
        other.terminate()
    if changed:
        raise Unavailable(
            "a pooler here lends each connection to the server for one transaction only; "
            "Registan needs its own, as of pool_mode = session, or the server without a pooler"
        )


async def _changed(connection: Any, pid: int) -> bool:  # noqa: ANN401
    try:
        return bool(await connection.fetchval(_PID) != pid)
    except asyncpg.InvalidSQLStatementNameError:  # the other one has not heard of the statement
        return True
