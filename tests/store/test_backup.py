"""Backups by the recipes of the guide, with the real tools: a registry on what was restored is the same.

The same bytes for every schema, version, config and mode, and it goes on counting where it was.
"""

import json
import os
import shutil
import subprocess

import pytest
from click.testing import CliRunner

from registan.cli.main import main
from registan.model.commit import Drop, Put
from registan.settings.fields import fields
from registan.testing.process import RegistryProcess
from registan.testing.services.backend import Database
from registan.testing.services.shared import shared
from registan.testing.store_case import append_all, commit, config, records_of, schema, version
from registan.testing.tools import needed

RECORD = {
    "type": "record",
    "name": "R",
    "namespace": "n",
    "doc": "é",
    "fields": [{"name": "f", "type": "int"}],
}
USER = {"type": "record", "name": "U", "fields": [{"name": "r", "type": "n.R"}]}
PROTO = 'syntax = "proto3";\nmessage M {\n  string a = 1;\n}\n'

WRITES = (
    ("POST", "/subjects/r/versions", {"schema": json.dumps(RECORD)}),
    (
        "POST",
        "/subjects/u/versions",
        {"schema": json.dumps(USER), "references": [{"name": "n.R", "subject": "r", "version": 1}]},
    ),
    ("POST", "/subjects/p/versions", {"schema": PROTO, "schemaType": "PROTOBUF"}),
    (
        "POST",
        "/subjects/j%2Fk/versions",
        {"schema": '{"type":"string","title":"\\ud83d \\u0000 \' \\\\ 日本 😀"}', "schemaType": "JSON"},
    ),
    ("POST", "/subjects/J%2Fk/versions", {"schema": '"int"', "metadata": {"properties": {"a": "b"}}}),
    ("PUT", "/config/gone", {"compatibility": "NONE"}),
    ("POST", "/subjects/gone/versions", {"schema": '"long"'}),
    ("POST", "/subjects/gone/versions", {"schema": '"float"'}),
    ("DELETE", "/subjects/gone/versions/2", None),
    ("DELETE", "/subjects/gone/versions/2?permanent=true", None),
    ("DELETE", "/subjects/gone/versions/1", None),
    ("POST", "/subjects/:.c:r/versions", {"schema": json.dumps(RECORD)}),
    ("POST", "/subjects/big/versions", {"schema": json.dumps({**RECORD, "doc": "é" * 100_000})}),
    ("PUT", "/config", {"compatibility": "FULL"}),
    ("PUT", "/mode/p", {"mode": "READONLY"}),
)

READS = (
    "/subjects?deleted=true&subjectPrefix=:*:",
    "/schemas?deleted=true&subjectPrefix=:*:",
    "/contexts",
    "/schemas/types",
    *(f"/schemas/ids/{number}" for number in range(1, 9)),
    *(f"/schemas/ids/{number}/versions?deleted=true" for number in range(1, 9)),
    "/schemas/ids/1?subject=:.c:r",
    *(f"/subjects/{name}/versions/latest" for name in ("r", "u", "p", "j%2Fk", "J%2Fk", ":.c:r")),
    "/subjects/gone/versions/1?deleted=true",
    "/subjects/gone/versions/2?deleted=true",
    "/subjects/r/versions/1/referencedby",
    "/config",
    "/config/gone",
    "/mode/p",
)


def fill(registry):
    for method, path, body in WRITES:
        answer = registry.ask(method, path, body)
        assert answer.status == 200, (path, answer)


def told(registry):
    """The status and bytes of every read; GUIDs are among them, and are asked for besides."""
    paths = [*READS]
    for listed in registry.ask("GET", "/schemas?deleted=true&subjectPrefix=:*:").body:
        guid = listed.get("guid")
        assert guid
        paths.append(f"/schemas/guids/{guid}")
    found = {}
    for path in paths:
        connection = registry.connect()
        connection.request("GET", path)
        reply = connection.getresponse()
        found[path] = (reply.status, reply.read())
        connection.close()
    return found


def check(monkeypatch, settings):
    """What `registan store check` says of it."""
    for name in [field.env for field in fields().values()] + ["CONFIG_FILE"]:
        monkeypatch.delenv(name, raising=False)
    return CliRunner().invoke(main, ["store", "check"], env=dict(settings))


def run(command, *, env=None, text=None):
    """Output of a tool that must succeed and complain of nothing."""
    done = subprocess.run(
        command, input=text, env={**os.environ, **(env or {})}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"ERROR" not in done.stderr, done.stderr
    return done.stdout


def start(tmp_path, name, settings):
    folder = tmp_path / name
    folder.mkdir()
    return RegistryProcess(folder, settings)


def through(tmp_path, monkeypatch, before, after, back_up_and_restore):
    """Fill a registry, restore its backup elsewhere, and compare what a registry there tells."""
    with start(tmp_path, "before", before) as registry:
        fill(registry)
        expected = told(registry)
        answered = {status for status, _ in expected.values()}
        assert answered == {200, 404}
        back_up_and_restore()
        last = registry.ask("POST", "/subjects/new/versions", {"schema": '"bytes"'}).body["id"]
    with start(tmp_path, "after", after) as registry:
        assert told(registry) == expected
        assert registry.ask("POST", "/subjects/new/versions", {"schema": '"bytes"'}).body["id"] == last
    result = check(monkeypatch, after)
    assert result.exit_code == 0, result.output


def postgresql_tool(program, given, *options, text=None):
    """Run a client program on the database, with its login."""
    command = [program, *options, "-h", given["POSTGRES_HOST"], "-p", given["POSTGRES_PORT"]]
    command += ["-U", given["POSTGRES_USER"], "-d", given["POSTGRES_DATABASE"]]
    return run(command, env={"PGPASSWORD": given["POSTGRES_PASSWORD"]}, text=text)


STRICT = ("-v", "ON_ERROR_STOP=1", "--single-transaction")


@pytest.mark.parametrize(
    ("dump", "restore"),
    [
        (("pg_dump",), ("psql",)),
        (("pg_dump",), ("psql", *STRICT)),
        (("pg_dump", "-Fc"), ("pg_restore", "--exit-on-error")),
    ],
    ids=["plain", "strict", "custom"],
)
def test_postgresql_by_its_tools(tmp_path, monkeypatch, dump, restore):
    needed("pg_dump", "psql", "pg_restore")
    service = shared("postgresql")
    before, after = service.database(), service.database()

    def move():
        (program, *options), (back, *more) = dump, restore
        postgresql_tool(back, after, *more, text=postgresql_tool(program, before, *options))

    through(tmp_path, monkeypatch, before, after, move)


def test_postgresql_is_not_restored_into_what_is_not_empty(tmp_path):
    """Two dumps in one database would be no registry; the recipe of the guide ends with a failure."""
    needed("pg_dump", "psql")
    service = shared("postgresql")
    before, after = service.database(), service.database()
    for name, given in (("before", before), ("after", after)):
        with start(tmp_path, name, given) as registry:
            fill(registry)
    saved = postgresql_tool("pg_dump", before)
    with pytest.raises(AssertionError, match="already exists"):
        postgresql_tool("psql", after, *STRICT, text=saved)


def mysql_tool(program, given, *options, text=None):
    """Run a client program on the database, with its login."""
    command = [
        program,
        "--no-defaults",
        "--protocol=tcp",
        "-h",
        given["MYSQL_HOST"],
        "-P",
        given["MYSQL_PORT"],
    ]
    command += ["-u", given["MYSQL_USER"], *options, given["MYSQL_DATABASE"]]
    return run(command, env={"MYSQL_PWD": given["MYSQL_PASSWORD"]}, text=text)


@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
def test_mysql_by_mysqldump_and_mysql(tmp_path, monkeypatch, kind):
    needed("mysqldump", "mysql")
    service = shared(kind)
    before, after = service.database(), service.database()

    def move():
        mysql_tool("mysql", after, text=mysql_tool("mysqldump", before, "--single-transaction"))

    through(tmp_path, monkeypatch, before, after, move)


@pytest.mark.parametrize("options", [(), ("--single-transaction",)], ids=["locked", "snapshot"])
@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
async def test_a_mysqldump_restores_everything(kind, options):
    """Whatever is written: records in their order, history, and the view; and the log goes on."""
    needed("mysqldump", "mysql")
    service = shared(kind)
    before, after = Database(service.database()), Database(service.database())
    store = before.store()
    await store.open()
    texts = ["'", "\\", '"\\n\n', "\0", "\ud800", "日本 😀", "a ", "", "--", "\x1a"]
    await append_all(
        store,
        commit(1, *(Put(schema(n, text)) for n, text in enumerate(texts, 1))),
        commit(2, *(Put(config(text)) for text in texts), Put(version("a", 1, 1))),
        commit(3, Put(schema(1, "again")), Drop(config("a ")), actor="né \\' \0"),
    )
    mysql_tool("mysql", after.environment, text=mysql_tool("mysqldump", before.environment, *options))
    restored = after.store()
    await restored.open()
    assert (await restored.load()).seq == 3
    assert await records_of(restored) == await records_of(store)
    assert list(await restored.read(0, 10)) == list(await store.read(0, 10))
    name = after.environment["MYSQL_DATABASE"]
    assert service.run(f"SELECT subject FROM {name}.`schemas`").split() == ["subject", "a"]
    await restored.append(commit(4, Put(config("new"))))
    await store.close()
    await restored.close()


def test_cassandra_by_nodetool(tmp_path, monkeypatch):
    """A snapshot's files, kept elsewhere, are imported into tables that were made for it."""
    node = shared("cassandra")
    before, after = node.database(), node.database()
    saved = tmp_path / "saved"

    def move():
        source, target = before["CASSANDRA_KEYSPACE"], after["CASSANDRA_KEYSPACE"]
        node.nodetool("snapshot", "-t", "schema_registry_backup", source)
        for folder in (node.tables / source).glob("*/snapshots/schema_registry_backup"):
            shutil.copytree(folder, saved / folder.parents[1].name.partition("-")[0])
        node.nodetool("clearsnapshot", "-t", "schema_registry_backup", "--", source)
        assert check(monkeypatch, after).exit_code == 0  # which makes the tables
        for table in saved.iterdir():
            node.nodetool("import", "--copy-data", target, table.name, str(table))

    through(tmp_path, monkeypatch, before, after, move)
    assert {table.name for table in saved.iterdir()} == {"commits", "commit_bodies", "records", "schemas"}


def of_file(path):
    return {"STORAGE_TYPE": "sqlite", "SQLITE_PATH": str(path)}


def test_sqlite_by_its_shell_while_the_registry_runs(tmp_path, monkeypatch):
    needed("sqlite3")
    live, saved = tmp_path / "live.db", tmp_path / "saved.db"
    through(
        tmp_path,
        monkeypatch,
        of_file(live),
        of_file(saved),
        lambda: run(["sqlite3", str(live), f"VACUUM INTO '{saved}'"]),
    )


def test_sqlite_by_copying_the_files_of_a_stopped_registry(tmp_path, monkeypatch):
    live, saved = tmp_path / "live.db", tmp_path / "saved.db"
    with start(tmp_path, "before", of_file(live)) as registry:
        fill(registry)
        expected = told(registry)
        registry.kill()
    for end in ("", "-wal"):
        if (tmp_path / f"live.db{end}").exists():
            shutil.copy(f"{live}{end}", f"{saved}{end}")
    with start(tmp_path, "after", of_file(saved)) as registry:
        assert told(registry) == expected
    assert check(monkeypatch, of_file(saved)).exit_code == 0


def test_a_copied_store_tells_the_same(tmp_path, monkeypatch):
    """`registan store copy`, from a file into PostgreSQL."""
    service = shared("postgresql")
    live, given = tmp_path / "live.db", service.database()
    source, target = tmp_path / "from.yaml", tmp_path / "to.yaml"
    source.write_text(f"storage: {{type: sqlite, sqlite: {{path: {live}}}}}\n")
    target.write_text(
        f"storage: {{type: postgresql, postgresql: {{host: {given['POSTGRES_HOST']}, "
        f"port: {given['POSTGRES_PORT']}, user: {given['POSTGRES_USER']}, "
        f"password: {given['POSTGRES_PASSWORD']}, database: {given['POSTGRES_DATABASE']}}}}}\n"
    )

    def copy():
        result = CliRunner().invoke(main, ["store", "copy", "--from", str(source), "--to", str(target)])
        assert result.exit_code == 0, result.output

    through(tmp_path, monkeypatch, of_file(live), given, copy)
