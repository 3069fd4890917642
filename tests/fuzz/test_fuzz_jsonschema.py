"""A small run of the fuzzer; more on demand (see fuzz_jsonschema.py)."""

import runpy
from pathlib import Path

FUZZ = runpy.run_path(str(Path(__file__).with_name("fuzz_jsonschema.py")))


def test_json_schema_answers_or_refuses() -> None:
    """Nothing else happens, whatever the text; and more than a third of the texts are schemas."""
    count = 1500
    assert count // 3 < FUZZ["run"](count, seed=20) < count
