"""Names that other registries give to the same settings, accepted so that moving is easy.

The operations guide's names come first; these are read where the guide's are not set.
"""

from __future__ import annotations

ENV_PREFIX = "SCHEMA_REGISTRY_"
"""Every variable may carry this prefix: SCHEMA_REGISTRY_STORAGE_TYPE is STORAGE_TYPE."""

_POOL = {
    "max_open_conns": "max_connections",
    "max_idle_conns": "min_connections",
    "connect_timeout": "connection_timeout",
    "conn_max_lifetime": "max_connection_lifetime",
}

FILE_ALIASES: dict[str, str] = {
    "compatibility.default_level": "compatibility.level",
    "server.max_request_body_size": "server.max_body_bytes",
    "storage.postgresql.ssl_mode": "storage.postgresql.sslmode",
    "storage.cassandra.consistency": "storage.cassandra.consistency_level",
    "storage.cassandra.connect_timeout": "storage.cassandra.connection_timeout",
    "security.tls": "server.tls",
    "security.rate_limiting": "rate_limit",
    "security.rate_limiting.burst_size": "rate_limit.burst",
    **{
        f"storage.{kind}.{theirs}": f"storage.{kind}.{ours}"
        for kind in ("postgresql", "mysql")
        for theirs, ours in _POOL.items()
    },
}
"""Path in the file → path of the setting; an alias of a section holds for all below it."""

GROUPS = frozenset({"security"})
"""Mappings that are no sections here but hold aliases."""

ENV_ALIASES: dict[str, str] = {
    "SCHEMA_REGISTRY_HOST": "server.host",
    "SCHEMA_REGISTRY_PORT": "server.port",
    "SCHEMA_REGISTRY_READ_TIMEOUT": "server.read_timeout",
    "SCHEMA_REGISTRY_WRITE_TIMEOUT": "server.write_timeout",
    "SCHEMA_REGISTRY_SHUTDOWN_TIMEOUT": "server.shutdown_timeout",
    "SCHEMA_REGISTRY_MAX_REQUEST_BODY_SIZE": "server.max_body_bytes",
    "SCHEMA_REGISTRY_SCHEMA_COMPATIBILITY_LEVEL": "compatibility.level",
    "SCHEMA_REGISTRY_AVRO_COMPATIBILITY_LEVEL": "compatibility.level",
    "SCHEMA_REGISTRY_MODE_MUTABILITY": "schema.mode_mutability",
    "SCHEMA_REGISTRY_SCHEMA_PROVIDERS_REFERENCE_VERSIONS_STRICT": "schema.strict_reference_versions",
    "SCHEMA_REGISTRY_SCHEMA_SEARCH_DEFAULT_LIMIT": "limits.search_default",
    "SCHEMA_REGISTRY_SCHEMA_SEARCH_MAX_LIMIT": "limits.search_max",
    "SCHEMA_REGISTRY_ASSOCIATIONS_ENABLE": "associations.enabled",
    "SCHEMA_REGISTRY_CLUSTER_ID": "server.cluster_id",
    "SCHEMA_REGISTRY_DOCS_ENABLED": "server.docs_enabled",
    "SCHEMA_REGISTRY_SCHEMA_REGISTRY_GROUP_ID": "server.group_id",
    "SCHEMA_REGISTRY_LOG_LEVEL": "logging.level",
    "SCHEMA_REGISTRY_LOG_FORMAT": "logging.format",
    "SCHEMA_REGISTRY_CASSANDRA_CONSISTENCY": "storage.cassandra.consistency_level",
    "SCHEMA_REGISTRY_CASSANDRA_CONNECT_TIMEOUT": "storage.cassandra.connection_timeout",
    "SCHEMA_REGISTRY_RATE_LIMIT_RPS": "rate_limit.requests_per_second",
    **{
        f"SCHEMA_REGISTRY_TLS_{key.upper()}": f"server.tls.{key}"
        for key in ("enabled", "cert_file", "key_file", "ca_file", "client_auth")
    },
    **{
        f"SCHEMA_REGISTRY_PG_{key.upper()}": f"storage.postgresql.{key}"
        for key in ("host", "port", "user", "password", "database", "sslmode")
    },
    **{
        f"SCHEMA_REGISTRY_{prefix}_{theirs.upper()}": f"storage.{kind}.{ours}"
        for prefix, kind in (("PG", "postgresql"), ("MYSQL", "mysql"))
        for theirs, ours in _POOL.items()
    },
}
"""Variable → path of the setting, beyond those that `ENV_PREFIX` explains."""

_OTHERS = {"storage.postgresql": "PG", "storage.mysql": "MYSQL", "storage.cassandra": "CASSANDRA"}

NEEDLESS: dict[str, str] = {
    **{
        f"storage.{kind}.{key}": why
        for kind in ("postgresql", "mysql")
        for key, why in (
            ("health_check_timeout", "every question has a time-out"),
            ("schema_max_retries", "see engine.attempts_max"),
        )
    },
    "storage.cassandra.read_consistency": "reads that decide are serial, others follow consistency_level",
    "storage.cassandra.write_consistency": "writes follow consistency_level",
    "storage.cassandra.max_retries": "see engine.attempts_max",
    "storage.cassandra.id_block_size": "ids come from the log, one by one",
}
"""Keys of other registries that nothing here hangs on, and why: accepted, with a note."""

NEEDLESS_ENV: dict[str, str] = {
    f"{ENV_PREFIX}{_OTHERS[section]}_{key.upper()}": why
    for (section, _, key), why in ((path.rpartition("."), why) for path, why in NEEDLESS.items())
}
"""The same as variables."""


def resolve(path: str) -> str:
    """The path of the setting that a path in the file means."""
    if path in FILE_ALIASES:
        return FILE_ALIASES[path]
    parent, dot, key = path.rpartition(".")
    return f"{resolve(parent)}.{key}" if dot else path
