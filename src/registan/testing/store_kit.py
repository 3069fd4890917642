"""The suite that every store passes, for those of this project and any other.

Each case gets a `Backend` whose log is empty and asserts; run all of `CASES`, for example

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
    async def test_store(case, backend): await case(backend)

A wound of any store becomes a case here, so that no other store is hurt the same way.
"""

from __future__ import annotations

from registan.testing import store_history, store_log, store_values
from registan.testing.store_case import CASES, Backend, Case

__all__ = ["CASES", "Backend", "Case", "store_history", "store_log", "store_values"]
