"""The curl commands and the two scripts of the operations guide, as they are printed there.

Only the address differs: the guide's `http://schema-registry:8081` is where the test's registry listens.
"""

import json
import subprocess
from pathlib import Path

import pytest

from registan.testing.process import RegistryProcess
from registan.testing.tools import needed

HERE = Path(__file__).parent / "guide"
GUIDE_URL = "http://schema-registry:8081"


@pytest.fixture(autouse=True, scope="module")
def tools():
    needed("bash", "curl", "jq")


def bash(script, *arguments, url, cwd):
    """Run a script of the guide against a registry."""
    text = script.replace(GUIDE_URL, url)
    done = subprocess.run(
        ["bash", "-c", text, "script", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


COMMANDS = [block.split("\n---\n") for block in (HERE / "commands.txt").read_text().split("\n===\n")]


def test_the_commands_in_order(fresh_registry, tmp_path):
    """Each command of the guide gives what is written below it."""
    assert len(COMMANDS) > 15
    for command, expected in COMMANDS:
        answer = json.loads(bash(command, url=fresh_registry.url, cwd=tmp_path))
        wanted = json.loads(expected)
        if isinstance(wanted, dict):
            answer = {key: answer.get(key) for key in wanted}
        assert answer == wanted, command


def post(url, subject, schema, kind="AVRO"):
    """Register with curl; gives the id."""
    body = json.dumps({"schema": schema, "schemaType": kind})
    media = "Content-Type: application/vnd.schemaregistry.v1+json"
    return curl("-X", "POST", "-H", media, "-d", body, f"{url}/subjects/{subject}/versions")["id"]


def fetch(url, path):
    """GET with curl."""
    return curl(f"{url}/{path}")


def curl(*arguments):
    """The answer of a request that must succeed."""
    done = subprocess.run(["curl", "-sf", *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_backup_and_restore_scripts(tmp_path):
    """What the backup script saves, the restore script puts into an empty registry."""
    source, target = tmp_path / "a", tmp_path / "b"
    source.mkdir()
    target.mkdir()
    backup, restore = (HERE / "backup-schemas.sh").read_text(), (HERE / "restore-schemas.sh").read_text()
    with RegistryProcess(source) as old, RegistryProcess(target) as new:
        record = {"type": "record", "name": "User", "fields": [{"name": "id", "type": "int"}]}
        post(old.url, "users-value", json.dumps(record))
        record["fields"].append({"name": "name", "type": "string", "default": 'é " \\ x'})
        post(old.url, "users-value", json.dumps(record))
        post(old.url, "orders-value", '{"type": "object"}', "JSON")
        post(old.url, "events-value", 'syntax = "proto3"; message E { string a = 1; }', "PROTOBUF")
        said = bash(backup, url=old.url, cwd=tmp_path)
        assert "Backup complete" in said
        (saved,) = tmp_path.glob("schema-backup-*")
        bash(restore, str(saved), url=new.url, cwd=tmp_path)
        for path in ("subjects", "config", "subjects/users-value/versions"):
            assert fetch(new.url, path) == fetch(old.url, path)
        for place in ("users-value/versions/1", "users-value/versions/2", "orders-value/versions/1"):
            was, now = fetch(old.url, f"subjects/{place}"), fetch(new.url, f"subjects/{place}")
            assert (now["schema"], now["guid"], now["schemaType"]) == (
                was["schema"],
                was["guid"],
                was["schemaType"],
            )
