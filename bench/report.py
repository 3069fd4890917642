"""The table that people read and the JSON that programs read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.figures import GENERATOR_FULL, Fact, Figures, Verdict, as_json
from bench.measure import Measured

COLUMNS = ("", "rate/s", "min-max", "p50 ms", "p99 ms", "CPU µs")
LAST = ("gen %", "noise %")
WIDTHS = {"": 44, "min-max": 15, "rate/s": 9}
"""Columns that are not 8 wide."""


def heading(yardsticks: Sequence[str]) -> str:
    """The names of the columns, two of them for each server that the others are compared with."""
    return f"{_cells(_columns(yardsticks), yardsticks)}\n{rule(yardsticks)}"


def rule(yardsticks: Sequence[str]) -> str:
    """A line as long as the table is wide."""
    return "-" * len(_cells(_columns(yardsticks), yardsticks))


def block(measured: Measured, yardsticks: Sequence[str]) -> str:
    """A row: one line for each server, each that could not be compared, and each target."""
    row = measured.row
    size = f", {measured.answer_bytes:,} bytes" if measured.answer_bytes else ""
    lines = [f"{row.title} [{row.name}{size}]"]
    if measured.problem:
        lines.append(f"  NOT MEASURED: {measured.problem}")
    beside = [measured.servers.get(label) for label in yardsticks]
    lines += [_cells(_line(label, of, beside), yardsticks) for label, of in measured.servers.items()]
    lines += [f"  {label}: {remark}" for label, remark in measured.remarks.items()]
    lines += [f"  {_verdict(verdict)}" for verdict in measured.verdicts]
    return "\n".join(lines)


def fact(of: Fact) -> str:
    """A single figure."""
    value = f"{of.value:,.0f}" if of.value >= 1000 else f"{of.value:.3g}"
    if of.bound is None:
        verdict = ""
    else:
        verdict = f"  target {'≥' if of.at_least else '≤'} {of.bound:g}: {_met(of.met)}"
    note = f"  ({of.note})" if of.note else ""
    return f"{of.name:<64}{value:>10} {of.unit}{verdict}{note}"


def summary(rows: Sequence[Measured], facts: Sequence[Fact]) -> str:
    """How many targets are met, and which are not."""
    verdicts = [(row.row.name, verdict) for row in rows for verdict in row.verdicts]
    bound = [one for one in facts if one.met is not None]
    met = sum(v.met is True for _, v in verdicts) + sum(one.met is True for one in bound)
    lines = [f"{met} of {len(verdicts) + len(bound)} targets met"]
    lines += [f"  {name}: {_verdict(verdict)}" for name, verdict in verdicts if verdict.met is not True]
    lines += [f"  {fact(one)}" for one in bound if not one.met]
    return "\n".join(lines)


def document(about: Mapping[str, object], rows: Sequence[Measured], facts: Sequence[Fact]) -> dict[str, Any]:
    """Everything, for a program."""
    return {
        **as_json(about),
        "rows": [
            {
                "name": one.row.name,
                "title": one.row.title,
                "answer_bytes": one.answer_bytes,
                "problem": one.problem,
                "remarks": dict(one.remarks),
                "servers": as_json(one.servers),
                "verdicts": as_json(one.verdicts),
            }
            for one in rows
        ],
        "facts": as_json(facts),
    }


def _columns(yardsticks: Sequence[str]) -> tuple[str, ...]:
    return (*COLUMNS, *(name for label in yardsticks for name in (f"x {label}", "by CPU")), *LAST)


def _line(label: str, of: Figures, beside: Sequence[Figures | None]) -> tuple[str, ...]:
    full = "!" if of.generator >= GENERATOR_FULL else ""
    return (
        f"  {label}" + (f"  {of.errors} ERRORS" if of.errors else ""),
        f"{of.rate:,.0f}",
        f"{of.rate_min:,.0f}-{of.rate_max:,.0f}",
        f"{of.p50_ms:.2f}",
        f"{of.p99_ms:.2f}",
        f"{of.cpu_us:.1f}" if of.cpu_us else "?",
        *(cell for other in beside for cell in _ratios(of, other)),
        f"{of.generator * 100:.0f}{full}",
        f"{of.noise * 100:.0f}",
    )


def _ratios(of: Figures, other: Figures | None) -> tuple[str, str]:
    """How many times as fast, by rate and by processor time; nothing beside itself or nobody."""
    if other is None or of is other:
        return "", ""
    by_cpu = f"{other.cpu_us / of.cpu_us:.2f}" if of.cpu_us and other.cpu_us else ""
    return f"{of.rate / other.rate:.2f}" if other.rate else "", by_cpu


def _verdict(verdict: Verdict) -> str:
    if verdict.value is None:
        return f"target {verdict.target}: not measured"
    value = f"{verdict.value:,.0f}" if verdict.value >= 100 else f"{verdict.value:.2f}"
    by_cpu = ""
    if verdict.by_cpu is not None:
        by_cpu = f", by CPU {verdict.by_cpu:,.{0 if verdict.by_cpu > 100 else 2}f}"
    met = _met(verdict.met)
    if verdict.met is False and verdict.met_by_cpu:
        met += " (by CPU it is)"
    return f"target {verdict.target}: {value}{by_cpu}: {met}"


def _met(met: bool | None) -> str:
    return {True: "met", False: "NOT MET", None: "not measured"}[met]


def _cells(cells: Sequence[str], yardsticks: Sequence[str]) -> str:
    widths = [WIDTHS.get(name, max(8, len(name))) for name in _columns(yardsticks)]
    first, *rest = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)])
