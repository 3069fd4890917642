"""The registry answers as the recorded one did (tests/golden/wire), over every store."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest

from registan.app import compose
from registan.settings.tree import Engine, Reads, Settings
from registan.store.memory import MemoryStore
from registan.store.protocol import Store
from registan.testing.services.backend import Database
from registan.testing.services.shared import each_service, shared
from registan.testing.wire_kit import Difference, in_process, load, play

HERE = Path(__file__).parent
RECORDINGS = sorted((HERE.parent / "golden" / "wire").glob("*.json"))
TABLES = tomllib.loads((HERE / "exceptions.toml").read_text("utf-8"))
NOT_YET: dict[str, str] = TABLES["not_yet"]
EXCEPTIONS: dict[str, dict[str, str]] = TABLES["steps"]
APART: dict[str, dict[str, str]] = TABLES["apart"]
SETTINGS = msgspec.structs.replace(
    Settings(), engine=Engine(append_timeout_s=60, doubt_timeout_s=60), reads=Reads(timeout_s=60)
)
"""What is compared is what is answered, however busy the machine is."""


def listed(table: dict[str, dict[str, str]], name: str) -> set[int]:
    """The steps that a table lists for a recording."""
    return {int(step) for step in table.get(name, {})}


async def differences(recording: Path, store: Store) -> list[Difference]:
    app = compose(SETTINGS, store)
    await app.instance.start(follow=False)
    try:
        return await play(load(recording), in_process(app.answers), listed(APART, recording.stem))
    finally:
        await app.instance.stop()


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
async def test_recording(recording: Path) -> None:
    """Every step is answered as recorded, except those listed, which are not."""
    await check(recording, MemoryStore())


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
@pytest.mark.parametrize("service", each_service())
async def test_recording_on_store(service: str, recording: Path) -> None:
    """The same over each database: what is kept there comes back as it was."""
    await check(recording, Database(shared(service).database()).store())


async def check(recording: Path, store: Store) -> None:
    name = recording.stem
    known = listed(EXCEPTIONS, name) | listed(APART, name)
    found = await differences(recording, store)
    unexpected = [difference for difference in found if difference.step.index not in known]
    if name in NOT_YET:
        assert unexpected, f"{name} agrees now: take it off the list"
        pytest.skip(f"{len(unexpected)} steps differ: {NOT_YET[name]}")
    agreeing = known - {difference.step.index for difference in found}
    assert not agreeing, f"steps {sorted(agreeing)} agree now: take them off the list"
    assert not unexpected, f"{len(unexpected)} steps differ\n" + "\n".join(map(str, unexpected))


def test_exceptions_exist() -> None:
    """What is listed names a recording and a step of it."""
    steps = {path.stem: {str(step.index) for step in load(path)} for path in RECORDINGS}
    assert set(NOT_YET) <= set(steps)
    for table in (EXCEPTIONS, APART):
        assert all(set(listed) <= steps[name] for name, listed in table.items())
