"""Recording figures and showing them to Prometheus.

Recording is a few additions to bound lists, so that it costs next to nothing per request; all
that is slow (names, labels, texts, prometheus_client itself) happens at a scrape. What never
lives here: what is measured (`metric_table.py`) and who asks (the server).
"""

from __future__ import annotations

import logging
import platform
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from registan import __version__
from registan.observe.metric_table import (
    BUILD_INFO,
    METRICS,
    REQUEST_DURATION,
    REQUESTS,
    STORAGE_DURATION,
    STORAGE_OPERATIONS,
    Kind,
    Metric,
)

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric as Family

TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"

K = TypeVar("K")
V = TypeVar("V")

log = logging.getLogger(__name__)

Figure = float | Mapping[tuple[str, ...], float]
"""What a watched metric is at a moment: one number, or one by the values of its labels."""


class Exposition(NamedTuple):
    """A scrape's answer."""

    content_type: str
    body: bytes


class _Histogram(NamedTuple):
    """Counts by bucket, not cumulative; the last is of values above all bounds. `sum` has one item."""

    bounds: tuple[float, ...]
    counts: list[int]
    sum: list[float]


class Recorder:
    """All figures of one instance.

    Bind once (`request`, `storage`, `counter`, `histogram`), keep the function, call it often.
    A bound function is called from one thread at a time: additions are not locked. `render` may
    be called from any thread, also while others record. `worker` labels every figure, where several
    processes answer at one address.
    """

    def __init__(self, worker: int | None = None) -> None:
        self._worker = worker
        self._counts: dict[str, dict[tuple[str, ...], dict[Any, float]]] = {}
        self._histograms: dict[str, dict[tuple[str, ...], _Histogram]] = {}
        self._watched: dict[str, Callable[[], Figure]] = {}
        self._registry: CollectorRegistry | None = None
        self._lock = threading.Lock()
        info: Figure = {(__version__, platform.python_version()): 1.0}
        self.watch(BUILD_INFO, lambda: info)

    def request(self, route: str, method: str) -> Callable[[int, float], None]:
        """How requests of a route are recorded: status and seconds."""
        return self._timed(REQUESTS, REQUEST_DURATION, (route, method))

    def storage(self, backend: str, operation: str) -> Callable[[str, float], None]:
        """How operations on the store are recorded: `ok` or the kind of failure, and seconds."""
        return self._timed(STORAGE_OPERATIONS, STORAGE_DURATION, (backend, operation))

    def counter(self, metric: Metric, *labels: str) -> Callable[[float], None]:
        """How a counter grows."""
        assert metric.kind is Kind.COUNTER, metric
        assert len(labels) == len(metric.labels), metric
        counts = self._counts.setdefault(metric.name, {}).setdefault(labels[:-1], {})
        last = labels[-1] if labels else None
        counts.setdefault(last, 0)

        def add(amount: float = 1) -> None:
            counts[last] += amount

        return add

    def histogram(self, metric: Metric, *labels: str) -> Callable[[float], None]:
        """How a value enters a histogram."""
        bounds, counts, total = self._histogram(metric, labels)
        find = bisect_left

        def observe(value: float) -> None:
            counts[find(bounds, value)] += 1
            total[0] += value

        return observe

    def watch(self, metric: Metric, read: Callable[[], Figure]) -> None:
        """Ask `read` at each scrape, in the thread of the scrape; a later watch replaces it.

        It must be quick and must not wait. Where it raises, the metric is left out and logged.
        """
        assert metric.kind is not Kind.HISTOGRAM, metric
        self._watched[metric.name] = read

    def render(self, accept: str = "") -> Exposition:
        """All figures, as OpenMetrics where the Accept header names it, else as Prometheus' text.

        Takes milliseconds (and at first loads prometheus_client): call it off the loop.
        """
        with self._lock:
            registry = self._registry or self._open()
            if "application/openmetrics-text" in accept:
                from prometheus_client.openmetrics import exposition as openmetrics

                body = openmetrics.generate_latest(registry)  # type: ignore[no-untyped-call]
                return Exposition(OPENMETRICS_TYPE, body)
            from prometheus_client import exposition as text

            return Exposition(TEXT_TYPE, text.generate_latest(registry))

    def collect(self) -> Iterable[Family]:
        """The figures as prometheus_client's families (the protocol of its collectors)."""
        for metric in METRICS:
            for name in (metric.name, *metric.aliases):
                family = self._family(metric, name)
                if family is not None:
                    yield family

    def describe(self) -> Iterable[Family]:
        """Nothing, so that registering does not collect."""
        return ()

    def _timed(
        self, counter: Metric, histogram: Metric, labels: tuple[str, ...]
    ) -> Callable[[Any, float], None]:
        """One function for a counter, whose last label is given at each call, and a histogram."""
        statuses = self._counts.setdefault(counter.name, {}).setdefault(labels, {})
        bounds, counts, total = self._histogram(histogram, labels)
        find = bisect_left

        def record(status: Any, seconds: float) -> None:  # noqa: ANN401  (an int or a word)
            try:
                statuses[status] += 1
            except KeyError:
                statuses[status] = 1
            counts[find(bounds, seconds)] += 1
            total[0] += seconds

        return record

    def _histogram(self, metric: Metric, labels: tuple[str, ...]) -> _Histogram:
        assert metric.kind is Kind.HISTOGRAM, metric
        assert len(labels) == len(metric.labels), metric
        by_labels = self._histograms.setdefault(metric.name, {})
        return by_labels.setdefault(
            labels, _Histogram(metric.buckets, [0] * (len(metric.buckets) + 1), [0.0])
        )

    def _open(self) -> CollectorRegistry:
        from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector

        registry = CollectorRegistry(auto_describe=False)
        if self._worker is None:
            registry.register(self)
            ProcessCollector(registry=registry)
            GCCollector(registry=registry)
        else:
            inner = CollectorRegistry(auto_describe=False)
            sources = (self, ProcessCollector(registry=None), GCCollector(registry=inner))
            registry.register(_Labelled(sources, {"worker": str(self._worker)}))
        self._registry = registry
        return registry

    def _family(self, metric: Metric, name: str) -> Family | None:
        """One family, or None when there is nothing to tell."""
        from prometheus_client import core

        family: Family
        if metric.kind is Kind.HISTOGRAM:
            family = core.HistogramMetricFamily(name, metric.doc, labels=metric.labels)
            for labels, found in _copied(self._histograms.get(metric.name)):
                if any(found.counts):
                    family.add_metric(labels, _cumulative(found), found.sum[0])
            return family if family.samples else None
        made = core.CounterMetricFamily if metric.kind is Kind.COUNTER else core.GaugeMetricFamily
        family = made(name, metric.doc, labels=metric.labels)
        for labels, value in self._figures(metric):
            family.add_metric(labels, value)
        return family if family.samples else None

    def _figures(self, metric: Metric) -> Iterator[tuple[tuple[str, ...], float]]:
        read = self._watched.get(metric.name)
        if read is not None:
            yield from _asked(metric, read)
        for labels, counts in _copied(self._counts.get(metric.name)):
            for last, value in counts.copy().items():
                yield (labels if last is None else (*labels, str(last))), value


class _Labelled:
    """Collectors whose figures all get a label more."""

    def __init__(self, sources: Iterable[Any], labels: Mapping[str, str]) -> None:
        self._sources = tuple(sources)
        self._labels = labels

    def collect(self) -> Iterator[Family]:
        """Their families."""
        for source in self._sources:
            for family in source.collect():
                family.samples = [
                    sample._replace(labels={**sample.labels, **self._labels}) for sample in family.samples
                ]
                yield family

    def describe(self) -> Iterable[Family]:
        """Nothing, so that registering does not collect."""
        return ()


def _asked(metric: Metric, read: Callable[[], Figure]) -> list[tuple[tuple[str, ...], float]]:
    """What a watched metric is now; nothing when that cannot be told."""
    try:
        figure = read()
        if not isinstance(figure, Mapping):
            figure = {(): figure}
        made = [(labels, float(value)) for labels, value in figure.items()]
        if any(len(labels) != len(metric.labels) for labels, _ in made):
            raise ValueError(f"the labels must be {metric.labels}")
    except Exception:  # a scrape must not fail for one figure
        log.exception("the metric %s cannot be read", metric.name)
        return []
    return made


def _copied(found: dict[K, V] | None) -> list[tuple[K, V]]:
    """Items at one moment; others may add while we look."""
    return list((found or {}).copy().items())


def _cumulative(histogram: _Histogram) -> list[tuple[str, float]]:
    """Counts of values up to each bound, as Prometheus wants them."""
    total = 0
    made: list[tuple[str, float]] = []
    counts = histogram.counts[:]
    for bound, count in zip((*map(str, histogram.bounds), "+Inf"), counts, strict=True):
        total += count
        made.append((bound, total))
    return made
