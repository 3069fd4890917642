"""What is recorded is what a scrape shows, in both texts, as their own parsers read it."""

import asyncio
import logging

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from registan.observe import metric_table as table
from registan.observe.metrics import OPENMETRICS_TYPE, TEXT_TYPE, Recorder

OPENMETRICS = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2"


def samples(recorder, accept=""):
    parse = parse_openmetrics if accept else parse_text
    text = recorder.render(accept).body.decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parse(text)
        for sample in family.samples
    }


def value(found, name, **labels):
    return found.get((name, tuple(sorted(labels.items()))))


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_requests(accept):
    recorder = Recorder()
    get, put = recorder.request("version.get", "GET"), recorder.request("config.put", "PUT")
    get(200, 0.0002)
    get(200, 0.003)
    get(404, 99.0)
    put(422, 0.1)
    found = samples(recorder, accept)
    name = "schema_registry_requests_total"
    assert value(found, name, route="version.get", method="GET", status="200") == 2
    assert value(found, name, route="version.get", method="GET", status="404") == 1
    assert value(found, name, route="config.put", method="PUT", status="422") == 1
    duration = "schema_registry_request_duration_seconds"
    labels = {"route": "version.get", "method": "GET"}
    assert value(found, f"{duration}_count", **labels) == 3
    assert value(found, f"{duration}_sum", **labels) == pytest.approx(99.0032)
    assert value(found, f"{duration}_bucket", **labels, le="0.00025") == 1
    assert value(found, f"{duration}_bucket", **labels, le="0.005") == 2
    assert value(found, f"{duration}_bucket", **labels, le="10.0") == 2
    assert value(found, f"{duration}_bucket", **labels, le="+Inf") == 3


def test_a_value_on_a_bound_is_within_it():
    recorder = Recorder()
    recorder.request("r", "GET")(200, 0.1)
    name = "schema_registry_request_duration_seconds_bucket"
    found = samples(recorder)
    assert value(found, name, route="r", method="GET", le="0.1") == 1
    assert value(found, name, route="r", method="GET", le="0.05") == 0


def test_binding_twice_adds_up():
    recorder = Recorder()
    recorder.request("r", "GET")(200, 0.1)
    recorder.request("r", "GET")(200, 0.1)
    found = samples(recorder)
    assert value(found, "schema_registry_requests_total", route="r", method="GET", status="200") == 2


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_storage_operations_under_both_names(accept):
    recorder = Recorder()
    append = recorder.storage("sqlite", "append")
    append("ok", 0.001)
    append("conflict", 0.002)
    found = samples(recorder, accept)
    name = "schema_registry_storage_operations_total"
    assert value(found, name, backend="sqlite", operation="append", status="ok") == 1
    assert value(found, name, backend="sqlite", operation="append", status="conflict") == 1
    for name in (
        "schema_registry_storage_operation_duration_seconds_count",
        "schema_registry_storage_latency_seconds_count",
    ):
        assert value(found, name, backend="sqlite", operation="append") == 2


def test_counters_and_histograms_without_labels():
    recorder = Recorder()
    conflict = recorder.counter(table.ENGINE_CONFLICTS)
    batch = recorder.histogram(table.ENGINE_BATCH)
    assert value(samples(recorder), "schema_registry_engine_commit_conflicts_total") == 0
    conflict()
    conflict(2)
    batch(7)
    found = samples(recorder)
    assert value(found, "schema_registry_engine_commit_conflicts_total") == 3
    assert value(found, "schema_registry_engine_batch_writes_bucket", le="4.0") == 0
    assert value(found, "schema_registry_engine_batch_writes_bucket", le="8.0") == 1


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_watched_figures_are_asked_at_each_scrape(accept):
    recorder = Recorder()
    count = {"schemas": 3}
    recorder.watch(table.SCHEMAS, lambda: count["schemas"])
    recorder.watch(table.ENGINE_ATTEMPTS, lambda: 5)
    recorder.watch(
        table.STORAGE_CONNECTIONS,
        lambda: {("postgresql", "idle"): 1, ("postgresql", "in_use"): 2},
    )
    assert value(samples(recorder, accept), "schema_registry_schemas_total") == 3
    count["schemas"] = 4
    found = samples(recorder, accept)
    assert value(found, "schema_registry_schemas_total") == 4
    assert value(found, "schema_registry_engine_append_attempts_total") == 5
    connections = "schema_registry_storage_connections"
    assert value(found, connections, backend="postgresql", state="in_use") == 2


def test_a_figure_that_cannot_be_read_is_left_out_and_logged(caplog):
    recorder = Recorder()
    recorder.watch(table.SCHEMAS, lambda: 1 / 0)
    recorder.watch(table.STORAGE_UP, lambda: 1)  # a label is missing
    recorder.watch(table.SUBJECTS, lambda: 2)
    with caplog.at_level(logging.ERROR):
        found = samples(recorder)
    assert value(found, "schema_registry_schemas_total") is None
    assert value(found, "schema_registry_subjects_total") == 2
    assert [r.getMessage() for r in caplog.records] == [
        "the metric schema_registry_schemas_total cannot be read",
        "the metric schema_registry_storage_up cannot be read",
    ]


def test_negotiation():
    recorder = Recorder()
    for accept in ("", "*/*", "text/plain", "application/json"):
        assert recorder.render(accept).content_type == TEXT_TYPE
    made = recorder.render(OPENMETRICS)
    assert made.content_type == OPENMETRICS_TYPE
    assert made.body.endswith(b"# EOF\n")


def test_process_and_build():
    found = samples(Recorder())
    names = {name for name, _ in found}
    assert {name for name, _ in table.PROCESS_METRICS} <= names
    assert [v for (name, _), v in found.items() if name == "schema_registry_build_info"] == [1.0]


def test_the_guides_names_are_declared_and_its_searches_find_something():
    names = [name for metric in table.METRICS for name in (metric.name, *metric.aliases)]
    assert len(names) == len(set(names))
    assert {
        "schema_registry_requests_total",
        "schema_registry_request_duration_seconds",
        "schema_registry_schemas_total",
        "schema_registry_subjects_total",
        "schema_registry_storage_operations_total",
        "schema_registry_storage_operation_duration_seconds",
    } <= set(names)
    assert any("connections" in name for name in names)


def test_every_metric_can_be_told():
    """Each declared metric, fed once, shows up under its name and aliases."""
    recorder = Recorder()
    for metric in table.METRICS:
        labels = tuple(f"{label}-1" for label in metric.labels)
        if metric.kind is table.Kind.HISTOGRAM:
            assert metric.buckets == tuple(sorted(metric.buckets))
            recorder.histogram(metric, *labels)(1.0)
        elif metric.kind is table.Kind.COUNTER:
            recorder.counter(metric, *labels)()
        else:
            recorder.watch(metric, lambda labels=labels: {labels: 1.0})
    for accept in ("", OPENMETRICS):
        names = {name for name, _ in samples(recorder, accept)}
        for metric in table.METRICS:
            for name in (metric.name, *metric.aliases):
                suffix = "_count" if metric.kind is table.Kind.HISTOGRAM else ""
                assert name + suffix in names


async def test_rendering_in_threads_while_recording():
    recorder = Recorder()
    done = asyncio.Event()

    async def record():
        calls = 0
        while not done.is_set():
            recorder.request(f"route{calls % 300}", "GET")(200 + calls % 50, 0.001)
            calls += 1
            await asyncio.sleep(0)
        return calls

    recording = asyncio.create_task(record())
    for _ in range(10):
        await asyncio.to_thread(recorder.render)
    done.set()
    calls = await recording
    found = samples(recorder)
    assert sum(v for (n, _), v in found.items() if n == "schema_registry_requests_total") == calls


def test_label_values_are_escaped():
    recorder = Recorder()
    recorder.request('a"b\\c\nd', "GET")(200, 0.1)
    assert value(
        samples(recorder), "schema_registry_requests_total", route='a"b\\c\nd', method="GET", status="200"
    )


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_every_figure_of_one_of_several_workers_tells_which(accept):
    recorder = Recorder(worker=3)
    recorder.request("r", "GET")(200, 0.1)
    found = samples(recorder, accept)
    assert (
        value(found, "schema_registry_requests_total", route="r", method="GET", status="200", worker="3") == 1
    )
    assert value(found, "process_open_fds", worker="3") > 0
    assert all(("worker", "3") in labels for _, labels in found)
