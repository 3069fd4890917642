"""A registry on SQLite in a process of its own, for real clients."""

from uuid import uuid4

import pytest

from registan.testing.process import RegistryProcess


@pytest.fixture(scope="session")
def registry(tmp_path_factory):
    """One registry for all tests of the session; each uses subjects of its own."""
    with RegistryProcess(tmp_path_factory.mktemp("registry")) as process:
        yield process


@pytest.fixture
def fresh_registry(tmp_path):
    """A registry of the test's own, for tests that touch what is global."""
    with RegistryProcess(tmp_path) as process:
        yield process


@pytest.fixture
def topic():
    """A name no other test uses."""
    return f"t{uuid4().hex}"
