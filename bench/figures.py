"""From samples to figures, from figures to verdicts. Pure."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from bench.load import Sample

GENERATOR_FULL = 0.95
"""A generator that uses more of its core may be what limits the rate."""


class Figures(NamedTuple):
    """What a server did in a row: medians over the rounds."""

    rate: float
    rate_min: float
    rate_max: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    generator: float
    noise: float
    errors: int
    rounds: int


class Target(NamedTuple):
    """What a row promises: a figure of one server, or its ratio to another's, and a bound."""

    what: str
    """`rate` or `p99_ms`."""
    bound: float
    of: str = "registan"
    to: str | None = None
    """The server it is a ratio to; None for the figure itself."""

    @property
    def at_most(self) -> bool:
        """Whether less is better."""
        return self.what != "rate"

    def __str__(self) -> str:
        sign = "≤" if self.at_most else "≥"
        name = {"rate": "rate", "p99_ms": "p99"}[self.what]
        of = "" if self.of == "registan" else f"{self.of}: "
        if self.to is None:
            return f"{of}{name} {sign} {self.bound:,g}" + ("/s" if self.what == "rate" else " ms")
        return f"{of}{name} {sign} {self.bound:g} × {self.to}"


class Verdict(NamedTuple):
    """A target and what was measured; `met` is None where there is nothing to compare."""

    target: Target
    value: float | None
    by_cpu: float | None
    """The same ratio of processor time per request, which others on the machine disturb less."""
    met: bool | None

    @property
    def met_by_cpu(self) -> bool:
        """Whether processor time says met (of rates only)."""
        return self.by_cpu is not None and self.by_cpu >= self.target.bound


def figures(samples: Sequence[Sample]) -> Figures:
    """Medians of the rounds."""
    rates = [sample.rate for sample in samples]
    return Figures(
        rate=median(rates),
        rate_min=min(rates),
        rate_max=max(rates),
        p50_ms=median(sample.p50_us for sample in samples) / 1000,
        p99_ms=median(sample.p99_us for sample in samples) / 1000,
        cpu_us=median(sample.cpu_us for sample in samples),
        generator=median(sample.generator for sample in samples),
        noise=median(sample.noise for sample in samples),
        errors=sum(sample.errors for sample in samples),
        rounds=len(samples),
    )


def judge(target: Target, measured: Mapping[str, Figures]) -> Verdict:
    """Compare; a server that answered errors meets nothing."""
    ours = measured.get(target.of)
    theirs = measured.get(target.to) if target.to else None
    if ours is None or (target.to and theirs is None):
        return Verdict(target, None, None, None)
    value = getattr(ours, target.what)
    by_cpu = None
    if theirs is not None:
        other = getattr(theirs, target.what)
        if not other:
            return Verdict(target, None, None, None)
        value /= other
        if target.what == "rate" and ours.cpu_us and theirs.cpu_us:
            by_cpu = theirs.cpu_us / ours.cpu_us
    elif target.what == "rate" and ours.cpu_us:
        by_cpu = 1e6 / ours.cpu_us
    compare = operator.le if target.at_most else operator.ge
    return Verdict(target, value, by_cpu, compare(value, target.bound) and not ours.errors)


class Fact(NamedTuple):
    """A single figure with a bound: memory, time to start, time to parse."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    at_least: bool = False
    """Whether the bound is the least that will do; else the most."""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bound holds; None without one."""
        if self.bound is None:
            return None
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def as_json(value: Any) -> Any:
    """Named tuples as objects, rounded: figures have no more than four digits that mean something."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        made = {name: as_json(part) for name, part in value._asdict().items()}
        if isinstance(value, Target):
            made["says"] = str(value)
        if isinstance(value, Fact):
            made["met"] = value.met
        return made
    if isinstance(value, Mapping):
        return {str(name): as_json(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(part) for part in value]
    return value
