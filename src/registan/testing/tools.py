"""Programs that some tests need and a machine may lack.

What lives here: whether they are there, and what that means. What never does: installing them.
"""

from __future__ import annotations

import glob
import os
import shutil

import pytest


def needed(*programs: str) -> None:
    """Skip the test where a program is missing, with the reason; in CI (`CI` is set) that is a failure.

    A program is named, or its path is given, which may be a pattern.
    """
    missing = lacking(*programs)
    if not missing:
        return
    if os.environ.get("CI"):
        pytest.fail(f"must be there in CI: {', '.join(missing)}", pytrace=False)
    pytest.skip(f"not installed: {', '.join(missing)}")


def lacking(*programs: str) -> list[str]:
    """Which of the programs are missing."""
    return [name for name in programs if not _there(name)]


def _there(program: str) -> bool:
    return bool(glob.glob(program)) if "/" in program else shutil.which(program) is not None  # noqa: PTH207
