"""The floors hold, and whoever breaks one is told: imports planted where they must not be."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLANTS = {
    "the house has floors": ("dispatch.py", "import registan.http.answer"),
    "the core is pure": ("core/state.py", "import time"),
    "formats do not know each other": ("formats/protobuf/lexer.py", "import registan.formats.avro"),
    "only the composition root knows concrete stores": (
        "runtime/engine.py",
        "import registan.store.sqlite",
    ),
    "back-ends do not know each other": ("store/sqlite.py", "import registan.store.memory"),
    "a back-end holds no rule": ("store/codec.py", "import registan.core.state"),
    "values stand on the standard library alone": ("model/subject.py", "import msgspec"),
}
"""Contract → the module and the import that breaks it."""


def verdicts(directory: Path) -> dict[str, str]:
    """What import-linter says about each contract."""
    script = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", script, "--no-cache", "--config", str(directory / "pyproject.toml")],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(directory / "src"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE))


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept():
    assert verdicts(ROOT) == dict.fromkeys(PLANTS, "KEPT")


def test_every_contract_bites(copy):
    for module, line in PLANTS.values():
        path = copy / "src" / "registan" / module
        path.write_text(path.read_text() + f"\n{line}  # planted\n")
    assert verdicts(copy) == dict.fromkeys(PLANTS, "BROKEN")
