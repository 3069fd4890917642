"""What tests of databases share."""

import gc
import threading

import pytest


@pytest.fixture(autouse=True)
def no_driver_goes_on():
    """Every store of a test is closed by it: Cassandra's driver would connect, and log, in later tests."""
    yield
    assert not [thread.name for thread in threading.enumerate() if thread.name == "Task Scheduler"]


@pytest.fixture
def abandoned_sockets():
    """Collected at once: asyncpg leaves a connection that failed to end itself, and the loop ends first.

    To be used with a filter for the warning, which would otherwise hit whatever test comes later.
    """
    yield
    gc.collect()
