"""A small run of the fuzzer; more on demand (see fuzz_protobuf.py)."""

import runpy
from pathlib import Path

FUZZ = runpy.run_path(str(Path(__file__).with_name("fuzz_protobuf.py")))


def test_protobuf_answers_or_refuses() -> None:
    """Nothing else happens, whatever the text; and more than a quarter of the texts are schemas."""
    count = 1500
    assert count // 4 < FUZZ["run"](count, seed=20) < count
