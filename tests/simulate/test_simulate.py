"""Ten thousand runs of several instances on one adversarial store; more on demand, see the module."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from registan.testing.simulate import run, run_all
from registan.testing.simulate_history import Violation

SEEDS = 10_000
PART = 500


@pytest.mark.parametrize("first", range(0, SEEDS, PART))
def test_one_serial_order_explains_every_reply(first):
    """No gap, no duplicate, nothing acknowledged lost, all instances equal at rest, whatever goes wrong."""
    seen = run_all(range(first, first + PART))
    for mishap in (
        "conflicts",
        "doubts",
        "kill",
        "stop",
        "prune",
        "reloads",
        "behind",
        "stale",
        "shared commits",
    ):
        assert seen[mishap] > 10, mishap
    assert seen["unavailable"] < seen["calls"] / 3, "most calls must be answered, or little is proven"


def test_a_seed_does_the_same_again():
    """Whatever hashing and memory addresses are in another process."""
    script = "from registan.testing.simulate import run; print([sorted(run(s).items()) for s in range(40)])"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert outputs == {f"{[sorted(run(seed).items()) for seed in range(40)]}\n".encode()}


def test_a_failure_tells_its_seed_and_what_happened(monkeypatch):
    monkeypatch.setattr("registan.core.state.State.next_id", lambda self, context: 7)
    with pytest.raises(Violation) as caught:
        run_all(range(10))
    text = str(caught.value)
    assert text.startswith("seed ")
    assert re.search(r"id 7 of context \S+ follows 0", text)
    assert "append 1" in text
    assert "schema.register" in text


def test_the_command_line_runs_seeds():
    command = [sys.executable, "-m", "registan.testing.simulate", "--seeds", "5", "--from", "100"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("5 seeds hold: {")
