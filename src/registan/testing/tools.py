"""Programs that some tests need and a machine may lack.

What lives here: whether they are there, and what that means. What never does: installing them.
"""

from __future__ import annotations

import os
import shutil

import pytest


def needed(*programs: str) -> None:
    """Skip the test where a program is missing, with the reason; in CI (`CI` is set) that is a failure."""
    missing = [name for name in programs if shutil.which(name) is None]
    if not missing:
        return
    if os.environ.get("CI"):
        pytest.fail(f"must be there in CI: {', '.join(missing)}", pytrace=False)
    pytest.skip(f"not installed: {', '.join(missing)}")
