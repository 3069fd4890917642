"""The tables of MySQL and MariaDB, and the view for people, in SQL that MySQL 8.0.15 knew already."""

from __future__ import annotations

from registan.store.migrations import Migration


def _field(value: str, path: str) -> str:
    """A text or number inside JSON; NULL where MySQL does not take the text for JSON (a lone surrogate)."""
    return f"IF(JSON_VALID({value}), JSON_UNQUOTE(JSON_EXTRACT({value}, '{path}')), NULL)"


_CONTEXT = _field("v.value", "$.subject[0]")
_ID = _field("v.value", "$.schema_id")

_SCHEMAS = f"""CREATE OR REPLACE SQL SECURITY INVOKER VIEW `schemas` AS SELECT
    {_CONTEXT} AS context,
    {_field("v.value", "$.subject[1]")} AS subject,
    CAST({_field("v.value", "$.version")} AS SIGNED) AS version,
    CAST({_ID} AS SIGNED) AS id,
    {_field("s.value", "$.source.type")} AS `type`,
    COALESCE({_field("v.value", "$.deleted")} = 'true', 0) AS deleted,
    {_field("s.value", "$.source.text")} AS `schema`
FROM records v LEFT JOIN records s ON s.place =
    UNHEX(SHA2(CONCAT('schema/', {_CONTEXT}, '/', {_ID}), 256))
WHERE v.kind = 'version'"""  # noqa: S608  (of constants)

_ENDING = "ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"

MIGRATIONS = (
    Migration(
        1,
        (
            f"CREATE TABLE IF NOT EXISTS forms (number INT NOT NULL PRIMARY KEY) {_ENDING}",
            f"""CREATE TABLE IF NOT EXISTS commits (
                seq BIGINT NOT NULL PRIMARY KEY, id CHAR(36) CHARACTER SET ascii NOT NULL, at BIGINT NOT NULL,
                actor MEDIUMTEXT NOT NULL, cause MEDIUMTEXT NOT NULL, level INT NOT NULL,
                body LONGTEXT NOT NULL) {_ENDING}""",
            # The primary key is the order of the last writes, in which rows lie and are loaded.
            # `place` is the SHA-256 of `kind/key`: an index has no room for every key.
            f"""CREATE TABLE IF NOT EXISTS records (
                seq BIGINT NOT NULL, number INT NOT NULL, place BINARY(32) NOT NULL,
                kind VARCHAR(64) CHARACTER SET ascii NOT NULL, `key` MEDIUMTEXT NOT NULL, level INT NOT NULL,
                value LONGTEXT NOT NULL, PRIMARY KEY (seq, number), UNIQUE KEY place (place)) {_ENDING}""",
            _SCHEMAS,
        ),
    ),
)
"""What is made is not undone by a rollback, so each statement may be run a second time."""
