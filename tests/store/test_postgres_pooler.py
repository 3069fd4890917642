"""PgBouncer before PostgreSQL: as good as the server itself in session mode, refused in the others."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import asyncpg
import pytest

from registan.store.protocol import Unavailable
from registan.testing.services.backend import Database
from registan.testing.services.postgres import PASSWORD, ROLE, USER
from registan.testing.services.service import ServerProcess
from registan.testing.services.shared import shared
from registan.testing.store_case import commit
from registan.testing.tools import needed

pytestmark = [
    pytest.mark.usefixtures("abandoned_sockets"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]
CONF = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {folder}/users
pool_mode = {mode}
"""


@pytest.fixture
def folder():
    needed("pgbouncer")
    # Not pytest's own, which the user that the pooler runs as may not enter.
    place = Path(tempfile.mkdtemp(prefix="registan-pgbouncer-", dir="/tmp"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
async def pooled(folder, request):
    """A database behind a pooler of the mode that the test asks for."""
    server = shared("postgresql")
    process = ServerProcess(folder)
    (folder / "users").write_text(f'"{ROLE}" "{PASSWORD}"\n')
    (folder / "conf").write_text(
        CONF.format(server=server.port, port=process.port, folder=folder, mode=request.param)
    )
    # It refuses to run as root.
    other = [] if os.geteuid() else ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"]
    process.run([*other, "pgbouncer", str(folder / "conf")])
    environment = {**server.database(), "POSTGRES_PORT": str(process.port)}
    try:
        await _answers(process, environment["POSTGRES_DATABASE"])
        yield Database(environment)
    finally:
        process.end()


async def _answers(process, database):
    while True:
        assert process.running(), process.log.read_text()
        try:
            connection = await asyncpg.connect(
                host="127.0.0.1", port=process.port, user=ROLE, password=PASSWORD, database=database
            )
        except ConnectionRefusedError:
            await asyncio.sleep(0.02)
            continue
        await connection.close()
        return


@pytest.mark.parametrize("pooled", ["session"], indirect=True)
async def test_a_pooler_that_lends_for_a_session_is_fine(pooled):
    store = pooled.store()
    await store.open()
    await store.append(commit(1))
    assert [each.seq for each in await store.read(0, 9)] == [1]
    await store.close()


@pytest.mark.parametrize(
    ("pooled", "why"),
    [
        ("transaction", "lends each connection to the server for one transaction only"),
        ("statement", "transaction blocks not allowed in statement pooling mode"),
    ],
    indirect=["pooled"],
)
async def test_a_pooler_that_lends_for_less_is_refused(pooled, why):
    store = pooled.store()
    with pytest.raises(Unavailable, match=why):
        await store.open()
    await store.close()
