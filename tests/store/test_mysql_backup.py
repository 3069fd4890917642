"""The operations guide's way to back up and restore: mysqldump, as the registry's own user."""

import os
import subprocess

import pytest

from registan.model.commit import Drop, Put
from registan.testing.services.backend import Database
from registan.testing.services.shared import shared
from registan.testing.store_case import append_all, commit, config, records_of, schema, version
from registan.testing.tools import needed


def client(program, database, *options, text=None):
    """Run a client program on the database, with its login."""
    given = database.environment
    command = [program, "--no-defaults", "--protocol=tcp", "-h", given["MYSQL_HOST"]]
    command += ["-P", given["MYSQL_PORT"], "-u", given["MYSQL_USER"], *options, given["MYSQL_DATABASE"]]
    answer = subprocess.run(
        command,
        env={**os.environ, "MYSQL_PWD": given["MYSQL_PASSWORD"]},
        input=text,
        capture_output=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.mark.parametrize("options", [(), ("--single-transaction",)], ids=["locked", "snapshot"])
@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
async def test_a_dump_restores_everything(kind, options):
    """Records in their order, history, and the view; and the log goes on."""
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
    client("mysql", after, text=client("mysqldump", before, *options))
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
