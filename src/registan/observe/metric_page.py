"""The reference page of metrics, computed from the table."""

from __future__ import annotations

from registan.observe.metric_table import METRICS, PROCESS_METRICS

_INTRODUCTION = """# Metrics

<!-- Written by `registan docs write`; do not edit. -->

Served at `metrics.path` on the port of the registry or on `metrics.port`, as Prometheus' text or, where
the client asks for it, as OpenMetrics. A metric appears once there is something to tell.
"""


def page() -> str:
    """The page as Markdown."""
    lines = [_INTRODUCTION, "| Name | Kind | Labels | Meaning |", "|---|---|---|---|"]
    for metric in METRICS:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        names = "<br>".join(f"`{name}`" for name in (metric.name, *metric.aliases))
        lines.append(f"| {names} | {metric.kind} | {labels} | {metric.doc} |")
    lines += ["", "## The process", "", "| Name | Meaning |", "|---|---|"]
    lines += [f"| `{name}` | {doc} |" for name, doc in PROCESS_METRICS]
    return "\n".join(lines) + "\n"
