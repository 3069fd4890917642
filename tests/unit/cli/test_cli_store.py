"""`registan store copy` and `registan store check`, over files: each kind of damage is planted and found."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys

import pytest
from click.testing import CliRunner

from registan.cli.main import main
from registan.model.commit import Drop, Put
from registan.model.keys import Dek, DekFormat
from registan.model.record import ContextEntry, Schema
from registan.model.schema import Reference, SchemaType, Source
from registan.model.subject import Subject
from registan.settings.fields import fields
from registan.store.sqlite import SqliteStore
from registan.testing.store_case import append_all, commit, config, records_of, schema, version


@pytest.fixture
def run(monkeypatch):
    for name in [field.env for field in fields().values()] + ["CONFIG_FILE"]:
        monkeypatch.delenv(name, raising=False)
    return lambda *args: CliRunner().invoke(main, ["store", *map(str, args)], prog_name="registan")


def configured(tmp_path, name):
    """A configuration file for a database of this name beside it."""
    file = tmp_path / f"{name}.yaml"
    file.write_text(f"storage: {{type: sqlite, sqlite: {{path: {tmp_path / name}.db}}}}\n")
    return file


async def _fill(path, commits, prune):
    store = SqliteStore(path)
    await store.open()
    await append_all(store, *commits)
    await store.prune(prune)
    await store.close()


async def _all_of(path):
    store = SqliteStore(path)
    await store.open()
    made = (await records_of(store), await store.head())
    await store.close()
    return made


def healthy():
    """A log in which everything is in order."""
    source = Source(SchemaType.AVRO, '"a.B"', (Reference("a.B", "b", 1),))
    named = Source(SchemaType.AVRO, '{"type":"record","name":"B","namespace":"a","fields":[]}')
    return [
        commit(1, Put(Schema(".", 1, named, named.guid)), Put(version("b", 1, 1))),
        commit(2, Put(Schema(".", 2, source, source.guid)), Put(version("r", 1, 2))),
        commit(3, Put(config("a")), Put(config("b"))),
        commit(4, Put(schema(3, '"int"')), Put(version("gone", 1, 3))),
        commit(5, Drop(version("gone", 1, 3)), Drop(schema(3, '"int"')), Put(ContextEntry(".", 3))),
        commit(6, Put(config("a")), Put(ContextEntry(".c", 0)), Put(schema(1, '"int"', ".c"))),
        commit(7, Put(config("c"))),
    ]


@pytest.fixture
def made(tmp_path):
    """Writes a healthy file, pruned through a seq; gives its configuration and a way to damage it."""

    def make(prune=0, commits=None):
        asyncio.run(_fill(tmp_path / "one.db", commits or healthy(), prune))

        def damage(*statements):
            with sqlite3.connect(tmp_path / "one.db") as connection:
                for statement in statements:
                    assert connection.execute(statement).rowcount, statement
            connection.close()

        return configured(tmp_path, "one"), damage

    return make


@pytest.mark.parametrize("prune", [0, 4, 99])
def test_a_healthy_store_has_no_findings(run, made, prune):
    file, _ = made(prune)
    result = run("check", "--config", file)
    assert result.exit_code == 0, result.output
    first = min(prune + 1, 7)
    pruned = f" (what came before {first} was pruned)" if first > 1 else ""
    assert result.output == f"10 records and commits {first} to 7{pruned}: nothing wrong.\n"


B = '{"type":"record","name":"B","namespace":"a","fields":[]}'

DAMAGES = {
    "schema-missing": (
        "DELETE FROM records WHERE kind = 'schema' AND key = './2'",
        "schema-missing version :.:r/1: there is no schema with the id 2",
        "record-lost schema ./2: the log put it, and it is not there",
    ),
    "reference-dangling": (
        "DELETE FROM records WHERE kind = 'version' AND key = ':.:b/1'",
        "reference-dangling schema ./2: refers to b version 1, which is not there",
        "record-lost version :.:b/1: the log put it, and it is not there",
    ),
    "guid-mismatch": (
        "UPDATE records SET value = json_set(value, '$.guid', 'x') WHERE key = './1'",
        f"guid-mismatch schema ./1: kept as x, the content's is {Source(SchemaType.AVRO, B).guid}",
        "record-differs schema ./1: it is not what the log put last",
    ),
    "schema-unparsable": (
        "UPDATE records SET value = json_set(value, '$.source.text', '\"nonsense\"') WHERE key = '.c/1'",
        "schema-unparsable schema .c/1: ",
        "guid-mismatch schema .c/1: ",
        "record-differs schema .c/1: ",
    ),
    "record-stray": (
        (
            "INSERT INTO records (kind, key, seq, level, value) SELECT kind, ':.:z', 1, 1, "
            "json_set(value, '$.scope[1]', 'z') FROM records WHERE key = ':.:a'"
        ),
        "record-stray config :.:z: the log never put it",
    ),
    "record-order": (
        "UPDATE records SET position = 1000 WHERE key = ':.:b'",
        "record-order ",
    ),
    "counter-behind": (
        "UPDATE records SET value = json_set(value, '$.last_id', 0) WHERE kind = 'context' AND key = '.'",
        "record-differs context .: ",
        "counter-behind context .: the next id would follow 2, and 3 was given already",
    ),
    "context-missing": (
        "DELETE FROM records WHERE kind = 'context' AND key = '.c'",
        "context-missing context .c: schemas are in it, but it has no record",
        "record-lost context .c: the log put it, and it is not there",
    ),
    "record-unreadable": (
        "UPDATE records SET value = '{' WHERE key = ':.:b'",
        "record-unreadable behind 4 others: a record of kind config, `{` cannot be read: ",
        "1 findings in 4 records and commits 1 to 7. Records were not compared with the log",
    ),
    "log-unreadable": (
        "UPDATE commits SET body = '[[' WHERE seq = 3",
        "log-unreadable 3: commit 3 cannot be read: ",
    ),
    "record-doubled": (
        (
            "INSERT INTO records (kind, key, seq, level, value) SELECT kind, './77', 1, 1, value "
            "FROM records WHERE kind = 'schema' AND key = './1'"
        ),
        "record-doubled schema ./1: it is there a second time, under another key",
    ),
    "log-hole": ("DELETE FROM commits WHERE seq = 3", "log-hole 3: no commit stands there"),
    "log-hole of several": ("DELETE FROM commits WHERE seq IN (3, 4, 5)", "log-hole 3-5: no commit"),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_each_kind_of_damage_is_found(run, made, what):
    file, damage = made()
    statement, *lines = DAMAGES[what]
    damage(statement)
    result = run("check", "--config", file)
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    for line in lines:
        assert f"\n{line}" in f"\n{result.output}"


def test_a_key_without_what_wraps_it_is_found(run, made):
    dek = Dek(
        kek_name="k",
        subject=Subject(".", "s"),
        algorithm=DekFormat.AES256_GCM,
        version=1,
        encrypted_key_material=None,
        deleted=False,
        at=1,
    )
    file, _ = made(commits=[commit(1, Put(dek))])
    result = run("check", "--config", file)
    assert result.exit_code == 1
    assert result.output.startswith("kek-missing dek k/AES256_GCM/1/:.:s: there is no key 'k' to unwrap it\n")


def test_a_hole_in_pruned_history_is_found(run, made, tmp_path):
    commits = [commit(seq, Put(config(f"s{seq}"))) for seq in range(1, 100)]
    file, damage = made(10, commits)
    damage("DELETE FROM commits WHERE seq BETWEEN 20 AND 90")
    result = run("check", "--config", file)
    assert result.exit_code == 1
    assert "log-hole 20-90: no commit stands there\n" in result.output


def test_what_was_dropped_and_is_there_is_found(run, made):
    file, damage = made()
    damage(
        "INSERT INTO records (kind, key, seq, level, value) SELECT kind, ':.:gone/1', 1, 1, "
        "json_set(value, '$.subject[1]', 'gone') FROM records WHERE key = ':.:b/1'"
    )
    result = run("check", "--config", file)
    assert "record-stray version :.:gone/1: the log dropped it, and it is there\n" in result.output


def test_a_missing_file_is_not_made(run, tmp_path):
    file = configured(tmp_path, "nowhere")
    for args in (["check", "--config", file], ["copy", "--from", file, "--to", configured(tmp_path, "b")]):
        result = run(*args)
        assert result.exit_code == 1
        assert f"there is no file {tmp_path / 'nowhere.db'}" in result.output
    assert not (tmp_path / "nowhere.db").exists()


@pytest.mark.parametrize("prune", [0, 4])
def test_copy_makes_an_equal_store(run, made, tmp_path, prune):
    file, _ = made(prune)
    result = run("copy", "--from", file, "--to", configured(tmp_path, "two"))
    assert result.exit_code == 0, result.output
    assert f"Copied {7 - prune} commits, up to 7" in result.output
    assert f"Commits {prune + 1} to 7 and 10 records are equal in both stores." in result.output
    assert asyncio.run(_all_of(tmp_path / "one.db")) == asyncio.run(_all_of(tmp_path / "two.db"))
    assert run("check", "--config", tmp_path / "two.yaml").exit_code == 0


def test_copy_ignores_variables_that_speak_for_both(run, made, tmp_path, monkeypatch):
    file, _ = made()
    monkeypatch.setenv("SQLITE_PATH", str(tmp_path / "elsewhere.db"))
    assert run("copy", "--from", file, "--to", configured(tmp_path, "two")).exit_code == 0
    assert not (tmp_path / "elsewhere.db").exists()


def test_copy_refuses_what_holds_something_else(run, made, tmp_path):
    file, _ = made()
    asyncio.run(_fill(tmp_path / "two.db", [commit(1, Put(config("mine")))], 0))
    result = run("copy", "--from", file, "--to", configured(tmp_path, "two"))
    assert result.exit_code == 1
    assert "the target holds something else: its commit 1" in result.output


def test_copy_refuses_one_store_at_both_ends(run, made):
    file, _ = made()
    result = run("copy", "--from", file, "--to", file)
    assert (result.exit_code, result.output) == (1, "--from and --to are one store\n")


def test_copy_knows_a_file_by_another_name(run, made, tmp_path):
    file, _ = made()
    (tmp_path / "link").symlink_to(tmp_path)
    other = tmp_path / "other.yaml"
    other.write_text(f"storage: {{type: sqlite, sqlite: {{path: {tmp_path}/link/one.db}}}}\n")
    for ends in ((file, other), (other, file)):
        result = run("copy", "--from", ends[0], "--to", ends[1])
        assert (result.exit_code, result.output) == (1, "--from and --to are one store\n")


def test_memory_is_no_store_to_copy_or_check(run, made, tmp_path):
    file, _ = made()
    memory = tmp_path / "memory.yaml"
    memory.write_text("storage: {type: memory}\n")
    for args in (["copy", "--from", file, "--to", memory], ["copy", "--from", memory, "--to", file]):
        result = run(*args)
        assert result.exit_code == 1
        assert "storage.type is memory" in result.output
    assert "storage.type is memory" in run("check", "--config", memory).output


def test_a_wrong_configuration_is_told(run, tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text("storage: {typ: sqlite}\n")
    result = run("copy", "--from", file, "--to", file)
    assert result.exit_code == 1
    assert "storage.typ is not a setting" in result.output


def test_a_killed_copy_goes_on(run, made, tmp_path):
    commits = [commit(seq, Put(config(f"s{seq % 50}"))) for seq in range(1, 3001)]
    file, _ = made(commits=commits)
    target = configured(tmp_path, "two")
    args = [sys.executable, "-m", "registan", "store", "copy", "--from", str(file), "--to", str(target)]
    process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    held = 0
    while not held and process.poll() is None:
        if (tmp_path / "two.db").exists():
            try:
                with sqlite3.connect(tmp_path / "two.db") as connection:
                    held = connection.execute("SELECT max(seq) FROM commits").fetchone()[0] or 0
            except sqlite3.OperationalError:
                continue
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert held
    result = run("copy", "--from", file, "--to", target)
    assert result.exit_code == 0, result.output
    assert "Commits 1 to 3000 and 50 records are equal in both stores." in result.output
    written = int(result.output.split("Copied ")[1].split()[0])
    assert written < 3000
