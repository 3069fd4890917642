"""A PostgreSQL that only talks TLS, and is stopped and killed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from registan.model.commit import Put
from registan.store.protocol import Unavailable
from registan.testing.services.backend import Database
from registan.testing.services.certificates import Authority
from registan.testing.services.postgres import DEBIAN, NOT_NAMED, PostgresqlServer
from registan.testing.store_case import commit, config, records_of
from registan.testing.tools import needed

pytestmark = [
    pytest.mark.usefixtures("abandoned_sockets"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


@pytest.fixture(scope="module")
def folder():
    needed(DEBIAN)
    # Not pytest's own, which the user that the server runs as may not enter.
    place = Path(tempfile.mkdtemp(prefix="registan-postgres-", dir="/tmp"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def authority(folder):
    return Authority(folder / "certificates")


@pytest.fixture(scope="module")
def server(folder, authority):
    server = PostgresqlServer(folder / "server", tls=authority)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def environment(server, authority):
    return {
        **server.database(),
        "POSTGRES_SSLMODE": "verify-full",
        "POSTGRES_SSLROOTCERT": str(authority.certificate),
    }


async def came_in(environment, **more):
    """Whether a store can be opened."""
    store = Database({**environment, **more}).store()
    try:
        await store.open()
        await store.append(commit(1))
        assert await store.head() == 1
    except Unavailable as error:
        return str(error)
    finally:
        await store.close()
    return "yes"


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_a_right_certificate_is_accepted(environment, mode):
    assert await came_in(environment, POSTGRES_SSLMODE=mode) == "yes"


async def test_verify_full_wants_the_name(environment):
    said = await came_in(environment, POSTGRES_HOST=NOT_NAMED)
    assert "IP address mismatch" in said


@pytest.mark.parametrize("mode", ["require", "verify-ca"])
async def test_other_modes_do_not_look_at_the_name(environment, mode):
    assert await came_in(environment, POSTGRES_HOST=NOT_NAMED, POSTGRES_SSLMODE=mode) == "yes"


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
async def test_an_unknown_authority_is_refused(environment, tmp_path, mode):
    other = Authority(tmp_path)
    for certificate in (str(other.certificate), ""):
        said = await came_in(environment, POSTGRES_SSLMODE=mode, POSTGRES_SSLROOTCERT=certificate)
        assert "CERTIFICATE_VERIFY_FAILED" in said


async def test_require_takes_any_authority(environment, tmp_path):
    more = {"POSTGRES_SSLMODE": "require", "POSTGRES_SSLROOTCERT": str(Authority(tmp_path).certificate)}
    assert await came_in(environment, **more) == "yes"


async def test_without_tls_the_server_refuses(environment):
    assert "no encryption" in await came_in(environment, POSTGRES_SSLMODE="disable")


async def test_a_client_certificate_logs_in(server, environment, authority):
    database = environment["POSTGRES_DATABASE"]
    server.run("CREATE ROLE certified LOGIN", f"ALTER DATABASE {database} OWNER TO certified")
    right, wrong = authority.client("certified"), authority.client("somebody")
    login = {"POSTGRES_USER": "certified", "POSTGRES_PASSWORD": ""}
    for pair, said in ((wrong, "certificate authentication failed"), (right, "yes")):
        files = {"POSTGRES_SSLCERT": str(pair.certificate), "POSTGRES_SSLKEY": str(pair.key)}
        assert said in await came_in(environment, **login, **files)


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_a_restart_of_the_server_loses_nothing(server, environment, end):
    """While it is away everything says so; then all goes on, without reopening."""
    store = Database(environment).store()
    await store.open()
    await store.append(commit(1, Put(config("a"))))
    getattr(server, end)()
    try:
        for work in (store.head, store.load, store.ping, lambda: store.read(0, 1)):
            with pytest.raises(Unavailable):
                await work()
        with pytest.raises(Unavailable):
            await store.append(commit(2))
        await store.wait(0, 0.01)
    finally:
        server.start()
    assert await store.head() == 1
    await store.append(commit(2, Put(config("b"))))
    assert await records_of(store) == [config("a"), config("b")]
    await store.close()
