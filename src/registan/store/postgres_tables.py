"""The tables in PostgreSQL, how they are made, and what a role must be allowed.

What lives here: the steps of the tables' form, taken under a lock, and words for an operator whose role
may not do what is needed. What never does: a commit.
"""

from __future__ import annotations

from typing import Any

import asyncpg

from registan.store.migrations import MIGRATE_WITHIN_S, Migration, pending
from registan.store.protocol import Unavailable

LOCK = 0x7265676973746E
"""The advisory lock under which tables are made."""

# JSON can spell two things that no text of PostgreSQL holds: NUL and half a surrogate pair. The rows
# keep them as they were written; only this view, for people, shows U+FFFD in their place.
_JSON = r"""(CASE WHEN strpos(value, '\u') = 0 THEN value ELSE regexp_replace(value,
    '(?<!\\)((?:\\\\)*)\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\1\\ufffd', 'g') END)::json AS value"""

MIGRATIONS = (
    Migration(
        1,
        (
            """CREATE TABLE migrations (number integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())""",
            """CREATE TABLE commits (
                seq bigint PRIMARY KEY, id uuid NOT NULL, at bigint NOT NULL, actor text NOT NULL,
                cause text NOT NULL, level integer NOT NULL, body text NOT NULL)""",
            # (seq, position) is the order of the last writes.
            """CREATE TABLE records (
                kind text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, seq bigint NOT NULL,
                position integer NOT NULL, level integer NOT NULL, value text NOT NULL,
                PRIMARY KEY (kind, key))""",
            """CREATE INDEX records_order ON records (seq, position)""",
            f"""CREATE VIEW schemas AS SELECT
                v.value -> 'subject' ->> 0 AS context,
                v.value -> 'subject' ->> 1 AS subject,
                (v.value ->> 'version')::integer AS version,
                (v.value ->> 'schema_id')::integer AS id,
                s.value -> 'source' ->> 'type' AS type,
                (v.value ->> 'deleted')::boolean AS deleted,
                s.value -> 'source' ->> 'text' AS schema
            FROM (SELECT {_JSON} FROM records WHERE kind = 'version') v
            LEFT JOIN (SELECT key, {_JSON} FROM records WHERE kind = 'schema') s
                ON s.key = (v.value -> 'subject' ->> 0) || '/' || (v.value ->> 'schema_id')""",  # noqa: S608
        ),
    ),
)

_ABOUT = """SELECT current_setting('server_encoding') AS encoding, current_database() AS database,
    quote_ident(current_user) AS role, quote_ident(current_schema()) AS schema,
    to_regclass('migrations') IS NOT NULL AS made"""
# Of the catalogue itself: to_regclass would go on saying what it found before another made the tables.
_MADE = """SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = 'migrations' AND n.nspname = current_schema())"""
_DONE = "SELECT coalesce(max(number), 0) FROM migrations"
_MISSING = """SELECT
        format('GRANT %s ON %s TO %I', string_agg(wanted, ', ' ORDER BY wanted), name, current_user)
    FROM (VALUES ('commits', 'SELECT'), ('commits', 'INSERT'), ('commits', 'DELETE'),
        ('records', 'SELECT'), ('records', 'INSERT'), ('records', 'UPDATE'), ('records', 'DELETE'),
        ('migrations', 'SELECT')) AS needed (name, wanted)
    WHERE NOT has_table_privilege(name, wanted) GROUP BY name ORDER BY name"""


async def prepare(connection: Any) -> None:  # noqa: ANN401  (the driver has no types)
    """Make or migrate the tables, unless they are as they should be; several may do so at once.

    Raises `Unavailable` where the role may not, with the statements that would let it, and `TooNew`.
    """
    about = await connection.fetchrow(_ABOUT)
    if about["encoding"] != "UTF8":
        raise Unavailable(f"database {about['database']} is encoded in {about['encoding']}, it must be UTF8")
    if about["schema"] is None:
        raise Unavailable(
            f"role {about['role']} may use no schema on its search_path in database {about['database']}: "
            f"GRANT USAGE, CREATE ON SCHEMA public TO {about['role']}"
        )
    if not about["made"] or await _behind(connection, about):
        await _migrate(connection, about)
    missing = [row[0] for row in await connection.fetch(_MISSING)]
    if missing:
        raise Unavailable(f"role {about['role']} lacks rights in {about['database']}: {'; '.join(missing)}")


async def _behind(connection: Any, about: Any) -> bool:  # noqa: ANN401
    try:
        return bool(pending(MIGRATIONS, await connection.fetchval(_DONE)))
    except asyncpg.InsufficientPrivilegeError as error:
        raise Unavailable(
            f"role {about['role']} lacks rights in {about['database']}: "
            f"GRANT SELECT ON migrations TO {about['role']}; "
            f"GRANT SELECT, INSERT, DELETE ON commits TO {about['role']}; "
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON records TO {about['role']}"
        ) from error


async def _migrate(connection: Any, about: Any) -> None:  # noqa: ANN401
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{MIGRATE_WITHIN_S}s'")
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            made = about["made"] or await connection.fetchval(_MADE)
            done = await connection.fetchval(_DONE) if made else 0
            for migration in pending(MIGRATIONS, done):
                for statement in migration.statements:
                    await connection.execute(statement)
                await connection.execute("INSERT INTO migrations (number) VALUES ($1)", migration.number)
    except asyncpg.InsufficientPrivilegeError as error:
        role, schema, database = about["role"], about["schema"], about["database"]
        raise Unavailable(
            f"role {role} may not make the tables in schema {schema} of database {database} ({error}): "
            f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {role}; or start once as a role that may, and then "
            f"GRANT SELECT ON migrations TO {role}; GRANT SELECT, INSERT, DELETE ON commits TO {role}; "
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON records TO {role}"
        ) from error
