"""Instances are killed, the database and the wire to it break: a short run on every store.

The long one is `make chaos`.
"""

from __future__ import annotations

import pytest

from registan.testing import chaos
from registan.testing.services.shared import each_service
from registan.testing.services.table import SERVICES
from registan.testing.simulate_history import Violation

SECONDS = 8.0


@pytest.mark.timeout(400)
@pytest.mark.parametrize("store", ["sqlite", *each_service()])
def test_the_log_explains_all_that_clients_were_told(store):
    seen = chaos.chaos(store, SECONDS, seed=1)
    assert min(seen["register"], seen["latest"]) >= chaos.LEAST, "or little is proven"
    assert seen["instances killed"] > 0
    if store in SERVICES:
        assert seen["database restarted"] > 0
    if store in SERVICES and SERVICES[store].one_address:
        assert sum(seen[f"connections {how}"] for how in ("cut", "held", "refused", "delayed")) > 1


def test_the_run_bites(monkeypatch):
    """What the log says is checked against what clients were told: without its newest commits it is a lie."""
    log_of = chaos.log_of

    async def shortened(environment):
        return (await log_of(environment))[:-3]

    monkeypatch.setattr(chaos, "log_of", shortened)
    with pytest.raises(Violation, match="nothing in the log"):
        chaos.chaos("sqlite", 0.5, seed=1)
