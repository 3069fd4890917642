"""Budgets: how much work one text may cause, named in one place. The composition root may set them.

Whoever exceeds one raises `Invalid` with `exceeded`; only lists of findings are cut off instead, which
changes no verdict. Each is the setting `limits.budget.<name>`, where it is said what it counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from registan.formats.protocol import Invalid


@dataclass(slots=True)
class Budget:
    """The budgets of all formats; attributes may be set before the first request."""

    nesting_depth: int = 1000
    """The setting `limits.nesting_depth`."""
    avro_comparison_steps: int = 500_000
    avro_comparison_depth: int = 20_000
    avro_differences: int = 2_000
    avro_path_chars: int = 1_000_000
    avro_trials: int = 10_000
    avro_default_steps: int = 200_000
    json_schemas: int = 300_000
    json_uri_chars: int = 20_000_000
    json_dynamic_depth: int = 32
    json_comparison_steps: int = 700_000
    json_differences: int = 20_000
    json_path_chars: int = 8_000_000
    json_pattern_size: int = 20_000
    json_pattern_depth: int = 100
    json_pattern_steps: int = 1_000_000
    protobuf_nesting_depth: int = 256
    protobuf_value_depth: int = 100
    protobuf_name_chars: int = 16 * 1024 * 1024
    protobuf_comparison_fields: int = 100_000
    protobuf_differences: int = 2_000


BUDGET = Budget()


def exceeded(what: str, name: str) -> Invalid:
    """The refusal of a text that would need more than the budget of this name."""
    limit = getattr(BUDGET, name)
    return Invalid(f"The schema is too complex: {what} (limits.budget.{name} is {limit:,})", syntax=False)
