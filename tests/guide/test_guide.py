"""What our guide says to type works as it is written; only the address of the registry differs."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path

import pytest

from registan.settings import load, unsupported
from registan.settings.tree import Settings
from registan.store.sqlite import SqliteStore
from registan.testing.socket_kit import Served, served, whole
from registan.testing.tools import needed

HERE = Path(__file__).parent
GUIDE = HERE.parents[1] / "docs" / "guide"
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
CONFIGURATION = re.compile(r"^```yaml\n((?:server|storage):.*?)^```", re.MULTILINE | re.DOTALL)
TIMEOUT_S = 60


@pytest.fixture(autouse=True, scope="module")
def tools() -> None:
    needed("bash", "curl", "jq")


def commands(document: str) -> list[tuple[str, str]]:
    """The commands of a page of the guide, each with the answer written below it, if there is one."""
    found: list[tuple[str, str]] = []
    for block in BLOCK.findall((GUIDE / document).read_text()):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("# {"):
                found[-1] = (found[-1][0], line[2:])
            elif line.strip() and not line.startswith("#"):
                found.append((line, ""))
    return found


async def shell(script: str, *arguments: str, cwd: Path, **environment: str) -> str:
    """Run a script in bash; what it writes, if it succeeds."""
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        script,
        "bash",
        *arguments,
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(TIMEOUT_S):
        out, err = await process.communicate()
    assert process.returncode == 0, f"{script}\n{out.decode()}\n{err.decode()}"
    return out.decode()


def url(registry: Served) -> str:
    return f"http://127.0.0.1:{registry.port}"


async def send(registry: Served, method: str, path: str, body: object = None) -> object:
    raw = b"" if body is None else json.dumps(body).encode()
    answered = await registry.ask(
        whole(method, path, raw, "Content-Type: application/json", "Connection: close")
    )
    assert answered.status == 200, answered.body
    return json.loads(answered.body)


def avro(name: str, *fields: str) -> dict[str, object]:
    """A registration of a record whose fields all have defaults."""
    made = [{"name": field, "type": "int", "default": 0} for field in fields]
    return {"schema": json.dumps({"type": "record", "name": name, "fields": made})}


async def copied(old: Served, new: Served, cwd: Path) -> str:
    """Copy one registry into another by the guide's script; what it writes."""
    return await shell(f"sh {GUIDE / 'copy-registry.sh'} {url(old)} {url(new)}", cwd=cwd)


async def everything(registry: Served) -> object:
    """All versions of all contexts, without the times at which they were registered."""
    rows = await send(registry, "GET", "/schemas?subjectPrefix=:*:&deleted=true")
    assert isinstance(rows, list)
    return [{name: value for name, value in row.items() if name != "ts"} for row in rows]


@pytest.mark.parametrize("document", ["operate.md"])
async def test_commands_answer_as_written(document: str, tmp_path: Path) -> None:
    """Every command of the page succeeds, and answers what stands below it."""
    typed = commands(document)
    assert len(typed) > 10
    async with served() as registry:
        for command, expected in typed:
            line = command.replace("http://localhost:8081", url(registry)).replace("curl ", "curl -fsS ")
            got = await shell(line, cwd=tmp_path)
            assert not expected or json.loads(got) == json.loads(expected), command


@pytest.mark.parametrize("document", ["run.md", "stores.md"])
def test_configurations_are_good(document: str, tmp_path: Path) -> None:
    """Every configuration that a page shows is accepted as it stands."""
    blocks = CONFIGURATION.findall((GUIDE / document).read_text())
    assert blocks
    for block in blocks:
        file = tmp_path / "registan.yaml"
        file.write_text(block)
        names = re.findall(r"\$\{(\w+)\}", block)
        made = load(file, dict.fromkeys(names, "x"))
        assert unsupported(made.settings, made.origins) == []


async def test_first_steps_of_the_readme(tmp_path: Path) -> None:
    """What the README says to type after `make run` succeeds."""
    async with served() as registry:
        readme = (GUIDE.parents[1] / "README.md").read_text()
        [block] = [block for block in BLOCK.findall(readme) if "curl" in block]
        script = block.replace("http://localhost:8081", url(registry)).replace("curl ", "curl -fsS ")
        got = await shell(f"set -e\n{script}", cwd=tmp_path)
        assert '"id":1' in got
        assert '"subject":"users-value","version":1' in got


async def test_a_registry_is_copied_whole(tmp_path: Path) -> None:
    """The copying script keeps ids, numbers, contexts, references, deleted versions and configs."""
    async with served() as old, served() as new:
        await send(old, "POST", "/subjects/gone/versions", avro("Gone"))
        await send(old, "DELETE", "/subjects/gone")
        await send(old, "DELETE", "/subjects/gone?permanent=true")
        for fields in (["a"], ["a", "b"]):
            await send(old, "POST", "/subjects/a%2Fb%20c/versions", avro("User", *fields))
        await send(old, "DELETE", "/subjects/a%2Fb%20c/versions/1")
        referrer = {
            "schema": '{"type":"record","name":"R","fields":[{"name":"u","type":"User"}]}',
            "references": [{"name": "User", "subject": "a/b c", "version": 2}],
            "metadata": {"properties": {"owner": "us"}},
        }
        await send(old, "POST", "/subjects/referrer/versions", referrer)
        await send(old, "POST", "/subjects/:.ctx:s/versions", avro("Other"))
        await send(old, "PUT", "/config/referrer", {"compatibility": "NONE", "normalize": True})
        await send(old, "PUT", "/config/:.ctx:", {"compatibility": "FORWARD"})
        got = await copied(old, new, tmp_path)
        assert got == "copied 4 versions\n"
        assert await everything(new) == await everything(old)
        for path in ("/config", "/config/referrer", "/config/:.ctx:", "/contexts"):
            assert await send(new, "GET", path) == await send(old, "GET", path)
        assert await send(new, "GET", "/mode") == {"mode": "READWRITE"}
        added = await send(new, "POST", "/subjects/next/versions", avro("Next"))
        assert isinstance(added, dict)
        assert added["id"] == 5


async def test_a_full_registry_is_not_copied_into(tmp_path: Path) -> None:
    """The script stops, with the reason, where the new registry is not empty."""
    async with served() as old, served() as new:
        await send(new, "POST", "/subjects/s/versions", avro("S"))
        with pytest.raises(AssertionError, match="Cannot import since found existing subjects"):
            await copied(old, new, tmp_path)


@pytest.mark.parametrize("tool", ["sqlite3", "python3"])
async def test_the_file_is_backed_up_while_in_use(tool: str, tmp_path: Path) -> None:
    """The copy that the guide makes holds everything, and a registry starts from it."""
    needed(tool)
    [command] = [
        line for line, _ in commands("backup.md") if line.startswith(f"{tool} ") and "backup" in line
    ]
    async with served(store=SqliteStore(tmp_path / "data" / "registan.db")) as registry:
        await send(registry, "POST", "/subjects/s/versions", avro("S", "a"))
        before = await everything(registry)
        await shell(command, cwd=tmp_path)
    async with served(Settings(), SqliteStore(tmp_path / "registan-backup.db")) as restored:
        assert await everything(restored) == before


async def test_people_can_read_the_file(tmp_path: Path) -> None:
    """The query of the guide shows a row per version."""
    needed("sqlite3")
    [query] = [line for line, _ in commands("backup.md") if "SELECT" in line]
    async with served(store=SqliteStore(tmp_path / "data" / "registan.db")) as registry:
        await send(registry, "POST", "/subjects/s/versions", avro("S", "a"))
        assert await shell(query, cwd=tmp_path) == ".|s|1|1|AVRO|0\n"
