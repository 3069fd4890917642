"""Settings of where things are kept: the databases, with what they have in common written once."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from registan.settings.kinds import Duration, Port, Secret, Section


class Sqlite(Section, frozen=True, kw_only=True):
    """One file on a local disk, for one instance."""

    path: Annotated[str, Meta(min_length=1, description="File of the database; it is made if missing.")] = (
        "data/registan.db"
    )


# What the sections of databases have in common: who is there, TLS, and the pool of connections.
Host = Annotated[str, Meta(min_length=1, description="Host of the server.")]
PortThere = Annotated[Port, Meta(description="Port of the server.")]
User = Annotated[str, Meta(description="Who to log in as.")]
Password = Annotated[Secret, Meta(description="Password of `user`.")]
Database = Annotated[str, Meta(min_length=1, description="Name of the database.")]
Authorities = Annotated[
    str,
    Meta(description="Authorities that vouch for the server's certificate, PEM; empty: the system's."),
]
Certificate = Annotated[str, Meta(description="Certificate to log in with, PEM.")]
Key = Annotated[str, Meta(description="Private key of `cert_file`, PEM, unless that holds it too.")]
Most = Annotated[int, Meta(ge=1, description="Connections of the pool.")]
Least = Annotated[int, Meta(ge=0, description="Connections kept open when idle.")]
ToConnect = Annotated[Duration, Meta(description="Time to connect in.")]
Lifetime = Annotated[Duration, Meta(description="Age at which a connection is replaced.")]


class Postgresql(Section, frozen=True, kw_only=True):
    """PostgreSQL, for one or more instances."""

    host: Host = "localhost"
    port: PortThere = 5432
    user: User = "schemaregistry"
    password: Password = Secret("")
    database: Database = "schemaregistry"
    sslmode: Annotated[
        Literal["disable", "require", "verify-ca", "verify-full"],
        Meta(description="Whether the connection is encrypted, and what is checked of the certificate."),
    ] = "disable"
    sslrootcert: Authorities = ""
    sslcert: Certificate = ""
    sslkey: Annotated[str, Meta(description="Private key of `sslcert`, PEM.")] = ""
    max_connections: Most = 25
    min_connections: Least = 1
    connection_timeout_s: ToConnect = 30.0
    max_connection_lifetime_s: Lifetime = 3600.0


class Mysql(Section, frozen=True, kw_only=True):
    """MySQL or MariaDB, for one or more instances."""

    host: Host = "localhost"
    port: PortThere = 3306
    user: User = "schemaregistry"
    password: Password = Secret("")
    database: Database = "schemaregistry"
    tls: Annotated[
        Literal["false", "true", "skip-verify", "preferred"],
        Meta(
            description="Whether the connection is encrypted; `skip-verify` does not check the certificate."
        ),
    ] = "false"
    ca_file: Authorities = ""
    cert_file: Certificate = ""
    key_file: Key = ""
    max_connections: Most = 25
    min_connections: Least = 1
    connection_timeout_s: ToConnect = 30.0
    max_connection_lifetime_s: Lifetime = 3600.0


Consistency = Literal["ONE", "TWO", "THREE", "QUORUM", "ALL", "LOCAL_QUORUM", "EACH_QUORUM", "LOCAL_ONE"]


class Cassandra(Section, frozen=True, kw_only=True):
    """Apache Cassandra, for instances in one or more data centres."""

    hosts: Annotated[
        tuple[str, ...], Meta(min_length=1, description="Nodes to begin with, each `host` or `host:port`.")
    ] = ("localhost",)
    port: Annotated[Port, Meta(description="Port of nodes named without one.")] = 9042
    keyspace: Annotated[
        str, Meta(pattern="^[A-Za-z][A-Za-z0-9_]{0,47}$", description="Keyspace; it is made if missing.")
    ] = "schema_registry"
    replication_factor: Annotated[
        int, Meta(ge=1, description="Copies per data centre, when the keyspace is made.")
    ] = 3
    consistency_level: Annotated[
        Consistency, Meta(description="How many copies answer reads and writes.")
    ] = "LOCAL_QUORUM"
    serial_consistency: Annotated[
        Literal["SERIAL", "LOCAL_SERIAL"],
        Meta(
            description="Among whom it is decided who is first: `SERIAL` is all data centres; `LOCAL_SERIAL` "
            "only the local one, which hands out doubles where instances write in two."
        ),
    ] = "SERIAL"
    local_dc: Annotated[
        str, Meta(description="The data centre to talk to; empty is that of the first node.")
    ] = ""
    username: Annotated[str, Meta(description="Who to log in as; empty is nobody.")] = ""
    password: Annotated[Secret, Meta(description="Password of `username`.")] = Secret("")
    tls: Annotated[
        Literal["false", "true", "verify-ca", "skip-verify"],
        Meta(
            description="Whether connections are encrypted. `true` wants a certificate that names the node's "
            "IP address, `verify-ca` one of the right authority; `skip-verify` checks none."
        ),
    ] = "false"
    ca_file: Authorities = ""
    cert_file: Certificate = ""
    key_file: Key = ""
    timeout_s: Annotated[Duration, Meta(description="Time to answer one statement in.")] = 10.0
    connection_timeout_s: ToConnect = 10.0


class Storage(Section, frozen=True, kw_only=True):
    """Where the log and the records are kept."""

    type: Annotated[
        Literal["memory", "sqlite", "postgresql", "mysql", "cassandra"],
        Meta(description="The back-end. `memory` keeps nothing: all is lost when the process ends."),
    ] = "memory"
    sqlite: Annotated[Sqlite, Meta(extra={"env": "SQLITE"})] = Sqlite()
    postgresql: Annotated[Postgresql, Meta(extra={"env": "POSTGRES"})] = Postgresql()
    mysql: Annotated[Mysql, Meta(extra={"env": "MYSQL"})] = Mysql()
    cassandra: Annotated[Cassandra, Meta(extra={"env": "CASSANDRA"})] = Cassandra()
