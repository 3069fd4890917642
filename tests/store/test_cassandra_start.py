"""The start on Cassandra: who may, over which wire, in which keyspace; and what is told otherwise."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509 import load_pem_x509_certificate

from registan.model.commit import Put
from registan.store.cassandra_session import Forbidden
from registan.store.protocol import Unavailable
from registan.testing.services.backend import Database
from registan.testing.services.cassandra import CassandraNode
from registan.testing.services.certificates import Authority
from registan.testing.services.proxy import Proxy, through
from registan.testing.services.shared import shared
from registan.testing.store_case import commit, config, opened, records_of, until
from registan.testing.tools import needed


async def refused(backend, why):
    """It cannot be opened, and leaves no connection behind."""
    store = backend.store()
    with pytest.raises(Unavailable, match=why):
        await store.open()
    assert store.pool() is None


def plain(**settings):
    return Database({**shared("cassandra").database(), **settings})


async def test_a_host_without_an_address_is_named():
    await refused(plain(CASSANDRA_HOSTS="nobody.invalid"), r"no address is known for nobody\.invalid")


async def test_a_start_that_is_given_up_ends_its_connections():
    """`no_driver_goes_on` looks for what is left."""
    environment, port = shared("cassandra").database(), shared("cassandra").port
    with Proxy(port) as proxy:
        store = Database(through(environment, port, proxy)).store()
        opening = asyncio.ensure_future(store.open())
        await until(lambda: proxy.accepted)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await asyncio.get_running_loop().shutdown_default_executor()  # where the driver connects
    assert store.pool() is None


async def test_one_wrong_host_among_good_ones_does_no_harm():
    port = shared("cassandra").port
    async with opened(plain(CASSANDRA_HOSTS=f"nobody.invalid,127.0.0.1:1,127.0.0.1:{port}")) as (store,):
        await store.ping()


async def test_a_data_centre_without_nodes_is_named():
    await refused(plain(CASSANDRA_LOCAL_DC="nowhere"), r"data centre nowhere .*, but in datacenter1")


async def test_no_keyspace_is_made_that_too_few_nodes_would_hold():
    """Nobody could read from it, and it would stand in the way once the setting is put right."""
    environment = shared("cassandra").database()
    await refused(
        Database({**environment, "CASSANDRA_REPLICATION_FACTOR": "2"}),
        "2 copies .* datacenter1 has nodes for 1 of",
    )
    async with opened(Database(environment)) as (store,):
        await store.ping()


async def test_a_table_of_somebody_else_is_not_written_to():
    backend = plain()
    keyspace = backend.settings.storage.cassandra.keyspace
    async with opened(plain()) as (other,):
        await other._bridge.define(
            f"CREATE KEYSPACE {keyspace} WITH replication = "
            "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
        await other._bridge.define(f"CREATE TABLE {keyspace}.schemas (id int PRIMARY KEY, type text)")
    await refused(backend, rf"{keyspace}\.schemas is not the registry's: it has no context, deleted,")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A node with passwords and TLS."""
    needed("mvn", "java")
    folder = tmp_path_factory.mktemp("guarded")
    authority = Authority(folder / "keys")
    pair = authority.server()
    key = load_pem_private_key(pair.key.read_bytes(), None)
    store = folder / "keys" / "server.p12"
    certificate = load_pem_x509_certificate(pair.certificate.read_bytes())
    store.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"server", key, certificate, None, BestAvailableEncryption(b"changeit")
        )
    )
    node = CassandraNode(folder / "node", passwords=True, certificate=store)
    node.remember_no_rights()
    node.start()
    yield SimpleNamespace(node=node, authority=authority.certificate, other=Authority(folder / "other"))
    node.kill()


def login(guarded, name, password, **more):
    given = {"CASSANDRA_USERNAME": name, "CASSANDRA_PASSWORD": password, "CASSANDRA_TLS": "true"}
    given["CASSANDRA_CA_FILE"] = str(guarded.authority)
    return Database({**guarded.node.database(), **given, **more})


async def test_passwords_and_tls(guarded):
    async with opened(login(guarded, "cassandra", "cassandra")) as (store,):
        await store.append(commit(1, Put(config("a"))))
        assert await records_of(store) == [config("a")]
        await store._bridge.define("CREATE ROLE guest WITH PASSWORD = 'guest' AND LOGIN = true")
    wrong = {"CASSANDRA_CA_FILE": str(guarded.other.certificate)}
    for refused, why in (
        (login(guarded, "cassandra", "wrong"), "Bad credentials|incorrect"),
        (login(guarded, "", ""), "requires authentication"),
        (login(guarded, "cassandra", "cassandra", CASSANDRA_TLS="false"), "no node answers"),
        (login(guarded, "cassandra", "cassandra", **wrong), "CERTIFICATE_VERIFY_FAILED|certificate"),
    ):
        with pytest.raises(Unavailable, match=why):
            await refused.store().open()
    with pytest.raises(Forbidden, match="guest"):
        await login(guarded, "guest", "guest").store().open()
    unchecked = login(guarded, "cassandra", "cassandra", CASSANDRA_TLS="skip-verify", **wrong)
    async with opened(unchecked) as (store,):
        await store.ping()


async def comes_to(wanted, asked):
    async with asyncio.timeout(30):
        while await asked() != wanted:  # noqa: ASYNC110  (what it waits for has no event)
            await asyncio.sleep(0.1)


async def works(store):
    try:
        await store.ping()
    except Unavailable:
        return False
    return True


async def lets_in(backend):
    try:
        async with opened(backend):
            return True
    except Unavailable:
        return False


async def test_a_log_in_that_failed_is_tried_again(guarded):
    """A node may not see the others that know the password, or somebody puts it right."""
    given = login(guarded, "late", "good")
    async with opened(login(guarded, "cassandra", "cassandra")) as (admin,):
        define = admin._bridge.define
        await define("CREATE ROLE late WITH PASSWORD = 'good' AND LOGIN = true AND SUPERUSER = true")
        with Proxy(guarded.node.port) as proxy:
            led = Database(through(given.environment, guarded.node.port, proxy))
            async with opened(led) as (store,):
                await define("ALTER ROLE late WITH LOGIN = false")
                await comes_to(False, lambda: lets_in(given))  # the node remembers it for a moment
                proxy.cut()
                enough = proxy.accepted + 4
                await until(lambda: proxy.accepted > enough)
                assert not await works(store)
                await define("ALTER ROLE late WITH LOGIN = true")
                await comes_to(True, lambda: works(store))
                await store.append(commit(1, Put(config("a"))))


@pytest.mark.parametrize("durable", [True, False])
async def test_a_keyspace_whose_writes_are_not_durable_is_warned_of(caplog, durable):
    backend = plain()
    keyspace = backend.settings.storage.cassandra.keyspace
    async with opened(plain()) as (other,):
        await other._bridge.define(
            f"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'SimpleStrategy', "
            f"'replication_factor': 1}} AND durable_writes = {durable}"
        )
    async with opened(backend) as (store,):
        await store.ping()
    assert ("durable_writes = false" in caplog.text) != durable


RIGHTS = [
    (right, table)
    for right in ("SELECT", "MODIFY")
    for table in ("commits", "commit_bodies", "records", "schemas")
    if (right, table) != ("SELECT", "schemas")  # which the registry never reads
]


async def test_a_role_that_lacks_rights_is_told_which_at_the_start(guarded):
    """A missing right would else show at the first commit, or big commit, or never but in the log."""
    environment = guarded.node.database()
    keyspace = environment["CASSANDRA_KEYSPACE"]

    def as_(name):
        given = {**login(guarded, name, name).environment, "CASSANDRA_KEYSPACE": keyspace}
        return Database(given)

    async with opened(as_("cassandra")) as (admin,):
        define = admin._bridge.define
        await define("CREATE ROLE IF NOT EXISTS least WITH PASSWORD = 'least' AND LOGIN = true")
        for right, table in RIGHTS:
            await define(f"GRANT {right} ON {keyspace}.{table} TO least")
        async with opened(as_("least")) as (store,):
            await store.append(commit(1, Put(config("a" * 200_000))))
            await store._records.settle()
        for right, table in (("SELECT", "commits"), ("MODIFY", "commits"), ("MODIFY", "schemas")):
            await define(f"REVOKE {right} ON {keyspace}.{table} FROM least")
            with pytest.raises(
                Forbidden, match=rf"least has no {right} permission on <table {keyspace}.{table}>"
            ):
                await as_("least").store().open()
            await define(f"GRANT {right} ON {keyspace}.{table} TO least")
        await define(f"REVOKE MODIFY ON {keyspace}.commit_bodies FROM least")
        await define(f"REVOKE SELECT ON {keyspace}.records FROM least")
        with pytest.raises(Forbidden, match=r"no MODIFY permission on .*commit_bodies.*no SELECT .*records"):
            await as_("least").store().open()


async def test_a_certificate_that_does_not_name_the_address(guarded):
    """The driver knows nodes by their addresses; `verify-ca` is content with the authority's word."""
    with Proxy(guarded.node.port) as proxy:
        environment = through(login(guarded, "cassandra", "cassandra").environment, guarded.node.port, proxy)
        environment["CASSANDRA_HOSTS"] = f"[::ffff:127.0.0.1]:{proxy.port}"
        await refused(Database(environment), "certificate is not valid for '::ffff:127.0.0.1'")
        async with opened(Database({**environment, "CASSANDRA_TLS": "verify-ca"})) as (store,):
            await store.ping()
        other = {"CASSANDRA_TLS": "verify-ca", "CASSANDRA_CA_FILE": str(guarded.other.certificate)}
        await refused(Database({**environment, **other}), "certificate verify failed")
