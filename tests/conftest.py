"""What holds for every test."""

import sys

import pytest

RECURSION_LIMIT = sys.getrecursionlimit()


@pytest.fixture(autouse=True)
def recursion_limit():
    """The interpreter's own limit, as in a server: Hypothesis raises it, and may not lower it again."""
    sys.setrecursionlimit(RECURSION_LIMIT)
