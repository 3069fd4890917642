"""A small run of the fuzzer; more on demand (see fuzz_avro.py)."""

import runpy
from pathlib import Path

FUZZ = runpy.run_path(str(Path(__file__).with_name("fuzz_avro.py")))


def test_avro_answers_or_refuses() -> None:
    """Nothing else happens, whatever the text; and about half of the texts are schemas."""
    count = 1500
    assert count // 4 < FUZZ["run"](count, seed=20) < count
