"""What tests of databases share."""

import gc

import pytest


@pytest.fixture
def abandoned_sockets():
    """Collected at once: asyncpg leaves a connection that failed to end itself, and the loop ends first.

    To be used with a filter for the warning, which would otherwise hit whatever test comes later.
    """
    yield
    gc.collect()
