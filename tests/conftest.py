"""What holds for every test."""

import os
import sys
import time

import pytest
from hypothesis import HealthCheck, settings

from registan.testing.services.shared import RUN, end_all

RECURSION_LIMIT = sys.getrecursionlimit()

# On a machine that other tests keep busy how long an example takes tells nothing.
settings.register_profile(
    "busy", settings.default, deadline=None, suppress_health_check=(HealthCheck.too_slow,)
)
settings.load_profile("busy")


@pytest.fixture(autouse=True)
def recursion_limit():
    """The interpreter's own limit, as in a server: Hypothesis raises it, and may not lower it again."""
    sys.setrecursionlimit(RECURSION_LIMIT)


def pytest_configure(config):
    """Processes that run tests share the servers of the one that leads them: they get its environment."""
    if not hasattr(config, "workerinput"):
        # With the time: another run that was cut off may have had this number, and left its servers' folders.
        os.environ[RUN] = f"{os.getpid()}-{int(time.time())}"


def pytest_unconfigure(config):
    """Database servers that tests started end with the run (in the process that leads it)."""
    if not hasattr(config, "workerinput"):
        end_all()
