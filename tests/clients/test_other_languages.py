"""Clients in other languages, each with the test runner of its own language."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from registan.testing.tools import needed

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build"


def run(*command, cwd, **environment):
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.mark.timeout(600)
def test_go(registry):
    """confluent-kafka-go's schemaregistry package and franz-go's sr."""
    needed("go")
    said = run(
        "go", "test", "-count=1", "-v", "./...", cwd=HERE / "go", REGISTRY_URL=registry.url, CGO_ENABLED="0"
    )
    assert said.count("--- PASS") == 4


@pytest.mark.timeout(600)
def test_node(registry, tmp_path):
    """@confluentinc/schemaregistry and @kafkajs/confluent-schema-registry."""
    needed("npm")
    for name in ("package.json", "package-lock.json", "clients.test.mjs"):
        shutil.copy(HERE / "node" / name, tmp_path)
    run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=tmp_path)
    said = run("node", "--test", "--test-reporter=tap", cwd=tmp_path, REGISTRY_URL=registry.url)
    assert "# pass 4" in said


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_rust(registry):
    """schema_registry_converter, which takes minutes to build the first time."""
    needed("cargo", "pkg-config")
    build = str(BUILD / "rust")
    said = run(
        "cargo", "test", "--locked", cwd=HERE / "rust", REGISTRY_URL=registry.url, CARGO_TARGET_DIR=build
    )
    assert "test result: ok. 5 passed" in said
