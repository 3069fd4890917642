"""The reference page of compatibility rules, computed from the tables of the formats."""

from __future__ import annotations

from registan.formats.table import rules_of
from registan.model.schema import SchemaType

_INTRODUCTION = """# Compatibility rules

<!-- Written by `registan docs write`; do not edit. -->

A check answers the rules that are broken, with a path. Which pairs of schemas are compared, and which is the
reader, is told by the level: BACKWARD asks whether the new schema reads what the old one wrote, FORWARD
whether the old one reads what the new one writes, FULL both; the TRANSITIVE levels ask this of all live
versions, the others of the latest one. `%s` stands for "new" or "old".
"""


def rules_page() -> str:
    """Every rule of every format."""
    lines = [_INTRODUCTION]
    for type_ in SchemaType:
        lines += [f"## {type_.value}", "", "| Rule | What it says |", "|---|---|"]
        for rule, text in rules_of(type_).items():
            said = text.replace("|", "\\|")
            lines.append(f"| `{rule}` | {said} |")
        lines.append("")
    return "\n".join(lines)
