"""Connections to MySQL and MariaDB: TLS, logging in, the pool, and servers that are none."""

import asyncio
from dataclasses import replace
from time import monotonic

import pytest

from registan.model.commit import Put
from registan.store import pool
from registan.store.mysql import MysqlStore
from registan.store.mysql_connections import Connections, Server
from registan.store.protocol import Unavailable
from registan.testing.process import free_port
from registan.testing.services.backend import Database
from registan.testing.services.certificates import Authority
from registan.testing.services.shared import own, shared
from registan.testing.store_case import commit, config

KINDS = ["mariadb", "mysql"]


@pytest.fixture(params=KINDS)
def plain(request):
    """A server without TLS."""
    return shared(request.param)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module", params=KINDS)
def secure(request, tmp_path_factory, authority):
    """A server with TLS."""
    service = own(request.param, tmp_path_factory.mktemp("tls") / request.param)
    service.use_tls(authority)
    service.start()
    yield service
    service.kill()


async def cipher(environment, **settings):
    """How the connection is encrypted, empty where it is not."""
    store = Database({**environment, **settings}).store()
    await store.open()
    try:
        async with store.connections.lend() as session:
            rows = await session.run("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        await store.append(commit(1, Put(config("a"))))
        return rows[0][1].decode()
    finally:
        await store.close()


def server_of(environment, **changes):
    """The connection settings alone."""
    return replace(
        Server(
            host="127.0.0.1",
            port=int(environment["MYSQL_PORT"]),
            user=environment["MYSQL_USER"],
            password=environment["MYSQL_PASSWORD"],
            database=environment["MYSQL_DATABASE"],
        ),
        **changes,
    )


# TLS


async def test_a_certificate_is_checked(secure, authority):
    """`true` with the authority that signed it."""
    assert await cipher(secure.database(), MYSQL_TLS="true", MYSQL_CA_FILE=str(authority.certificate))


async def test_the_certificate_of_a_stranger_is_refused(secure, tmp_path):
    """`true` with another authority, or with those of the system."""
    stranger = Authority(tmp_path, "stranger")
    for settings in ({"MYSQL_CA_FILE": str(stranger.certificate)}, {}):
        with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
            await cipher(secure.database(), MYSQL_TLS="true", **settings)


async def test_a_certificate_for_another_name_is_refused(secure, tmp_path, authority):
    """It must bear the name that the setting gives, though another leads to the same place."""
    environment = secure.database()
    server = server_of(environment, tls="true", ca_file=str(authority.certificate), host="127.1")
    with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
        await Connections(server).open()


@pytest.mark.parametrize("tls", ["skip-verify", "preferred"])
async def test_encryption_without_a_check(secure, tls):
    """Whoever signed the certificate."""
    assert await cipher(secure.database(), MYSQL_TLS=tls)


async def test_no_encryption_unless_asked_for(secure):
    """Even where the server offers it."""
    assert await cipher(secure.database(), MYSQL_TLS="false") == ""


async def test_preferred_goes_without(plain):
    """Where the server offers none."""
    assert await cipher(plain.database(), MYSQL_TLS="preferred") == ""


@pytest.mark.parametrize("tls", ["true", "skip-verify"])
async def test_encryption_is_never_left_out(plain, tls):
    """Not even if the server has none: the password would be read by anybody."""
    with pytest.raises(Unavailable, match="offers no TLS"):
        await cipher(plain.database(), MYSQL_TLS=tls)


async def test_a_client_certificate(secure, authority):
    """For a user that must show one."""
    environment = secure.database()
    name = environment["MYSQL_DATABASE"]
    user = f"c{name[-12:]}"
    secure.run(
        f"CREATE USER '{user}'@'%' IDENTIFIED BY 'x' REQUIRE X509; GRANT ALL ON {name}.* TO '{user}'@'%'"
    )
    pair = authority.client(user)
    environment = {**environment, "MYSQL_USER": user, "MYSQL_PASSWORD": "x", "MYSQL_TLS": "skip-verify"}
    with pytest.raises(Unavailable, match="Access denied"):
        await cipher(environment)
    files = {"MYSQL_CERT_FILE": str(pair.certificate), "MYSQL_KEY_FILE": str(pair.key)}
    assert await cipher(environment, **files)


async def test_a_file_that_is_not_there(plain, tmp_path):
    """It is named by what the system says."""
    with pytest.raises(Unavailable, match="No such file"):
        await cipher(plain.database(), MYSQL_TLS="true", MYSQL_CA_FILE=str(tmp_path / "none"))


# logging in


@pytest.mark.parametrize("plugin", ["caching_sha2_password", "mysql_native_password", "sha256_password"])
async def test_every_way_to_log_in_without_tls(plugin):
    """The first time the password itself is sent, under the server's key; later its digest is known there."""
    service = shared("mysql")
    environment = service.database()
    name = environment["MYSQL_DATABASE"]
    user = f"l{name[-12:]}"
    service.run(
        f"CREATE USER '{user}'@'%' IDENTIFIED WITH {plugin} BY 'pä ss'; GRANT ALL ON {name}.* TO '{user}'@'%'"
    )
    for _ in range(2):
        store = Database({**environment, "MYSQL_USER": user, "MYSQL_PASSWORD": "pä ss"}).store()
        await store.open()
        assert await store.head() == 0
        await store.close()


async def test_a_wrong_password(plain):
    """Who was refused is told, the password is not."""
    with pytest.raises(Unavailable, match="Access denied for user 'registan'") as caught:
        await cipher(plain.database(), MYSQL_PASSWORD="hunter2")
    assert "hunter2" not in str(caught.value)


async def test_a_database_that_is_not_there(plain):
    """It is not made: who runs the registry need not have that right."""
    with pytest.raises(Unavailable, match="nowhere"):
        await cipher(plain.database(), MYSQL_DATABASE="nowhere")


def test_the_password_is_not_shown():
    """Neither in a log nor in an error."""
    server = server_of(
        {"MYSQL_PORT": "1", "MYSQL_USER": "u", "MYSQL_PASSWORD": "hunter2", "MYSQL_DATABASE": "d"}
    )
    assert "hunter2" not in f"{server} {server!r}"


# the pool


async def test_many_share_few_connections(plain):
    """Those for whom there is none wait."""
    connections = Connections(server_of(plain.database(), max_connections=2))
    await connections.open()

    async def ask(number):
        async with connections.lend() as session:
            assert connections.counts.in_use <= 2
            return await session.value(f"SELECT {number}")

    assert await asyncio.gather(*map(ask, range(50))) == list(range(50))
    assert (connections.counts.in_use, connections.counts.idle) == (0, 2)
    await connections.close()
    assert connections.counts.idle == 0


async def test_waiting_for_a_connection_ends(plain, monkeypatch):
    """After the time to connect in, which here is shorter only once it is connected."""
    connections = Connections(server_of(plain.database(), max_connections=1))
    await connections.open()
    monkeypatch.setattr(connections._pool, "_patience_s", 0.01)
    async with connections.lend():
        with pytest.raises(Unavailable, match="all 1 connections are in use"):
            async with connections.lend():
                pass
    async with connections.lend() as session:
        assert await session.value("SELECT 1") == 1
    await connections.close()


async def test_old_connections_are_replaced(plain, monkeypatch):
    """When they come back, or when they are asked for."""
    connections = Connections(server_of(plain.database(), max_connection_lifetime_s=3600))
    await connections.open()
    async with connections.lend() as session:
        first = await session.value("SELECT CONNECTION_ID()")
        monkeypatch.setattr(pool, "monotonic", lambda: monotonic() + 3601)
    async with connections.lend() as session:
        second = await session.value("SELECT CONNECTION_ID()")
    async with connections.lend() as session:
        assert await session.value("SELECT CONNECTION_ID()") == second != first
    await connections.close()


async def test_idle_connections_are_let_go(plain, monkeypatch):
    """All but the fewest to keep."""
    monkeypatch.setattr(pool, "SPARE_S", -1.0)
    connections = Connections(server_of(plain.database(), min_connections=2, max_connections=9))
    await connections.open()

    async def ask():
        async with connections.lend() as session:
            await session.value("SELECT 1")

    await asyncio.gather(*(ask() for _ in range(9)))
    assert connections.counts.idle == 2
    await connections.close()


async def test_what_breaks_one_connection_is_expected_of_all(plain):
    """Or a network that swallows what is sent would be found out once for each."""
    connections = Connections(server_of(plain.database(), min_connections=3))
    await connections.open()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), connections.lend() as session:
            await session.value("SELECT SLEEP(30)")
    assert (connections.counts.in_use, connections.counts.idle) == (0, 0)
    async with connections.lend() as session:
        assert await session.value("SELECT 7") == 7
    await connections.close()


async def test_a_cancelled_user_leaves_no_answer_behind(plain):
    """The next one would take it for its own."""
    connections = Connections(server_of(plain.database(), max_connections=1))
    await connections.open()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), connections.lend() as session:
            await session.value("SELECT SLEEP(30)")
    async with connections.lend() as session:
        assert await session.value("SELECT 7") == 7
    await connections.close()


# what is no server


async def test_nobody_listens():
    """The address is told."""
    port = free_port()
    server = Server(host="127.0.0.1", port=port, user="u", password="", database="d")
    with pytest.raises(Unavailable, match=f"127.0.0.1:{port}/d"):
        await MysqlStore(server).open()


@pytest.mark.parametrize(
    "greeting",
    [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 64, b"\x05\x00\x00\x00\x0a8.0\x00", b"\xff" * 9],
)
@pytest.mark.parametrize("closes", [True, False])
async def test_something_else_listens(greeting, closes):
    """It may say anything, or nothing for ever."""

    ended = asyncio.Event()

    async def serve(reader, writer):
        writer.write(greeting)
        if not closes:
            await reader.read()
        writer.close()
        ended.set()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        server = Server(
            host="127.0.0.1", port=port, user="u", password="", database="d", connection_timeout_s=1
        )
        with pytest.raises(Unavailable):
            await MysqlStore(server).open()
        await ended.wait()
