"""Every metric once: name, kind, labels, meaning. The recorder and the reference page are computed.

Names and labels that dashboards rest on are the operations guide's. Labels have few values by
construction: routes and operations are names from tables, never paths or subjects.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

UNMATCHED = "unmatched"
"""The label `route` of requests that no route answers."""

LATENCY_BUCKETS = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
)
"""Upper bounds in seconds; from a reply out of memory to a time-out."""

BATCH_BUCKETS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0)


class Kind(StrEnum):
    """What a metric's value means."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(NamedTuple):
    """One metric. `aliases` are further names that show the same figures."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    doc: str
    buckets: tuple[float, ...] = ()
    aliases: tuple[str, ...] = ()


REQUESTS = Metric(
    "schema_registry_requests_total",
    Kind.COUNTER,
    ("route", "method", "status"),
    "Requests answered, by route and status.",
)
REQUEST_DURATION = Metric(
    "schema_registry_request_duration_seconds",
    Kind.HISTOGRAM,
    ("route", "method"),
    "Time from the whole request to the reply.",
    LATENCY_BUCKETS,
)
REQUESTS_IN_FLIGHT = Metric(
    "schema_registry_requests_in_flight", Kind.GAUGE, (), "Requests that wait for their reply."
)
SCHEMAS = Metric("schema_registry_schemas_total", Kind.GAUGE, (), "Schemas with an id.")
SUBJECTS = Metric("schema_registry_subjects_total", Kind.GAUGE, (), "Subjects with a live version.")
STORAGE_OPERATIONS = Metric(
    "schema_registry_storage_operations_total",
    Kind.COUNTER,
    ("backend", "operation", "status"),
    "Operations on the storage back-end; the status is ok or the kind of failure.",
)
STORAGE_DURATION = Metric(
    "schema_registry_storage_operation_duration_seconds",
    Kind.HISTOGRAM,
    ("backend", "operation"),
    "Time of operations on the storage back-end.",
    LATENCY_BUCKETS,
    ("schema_registry_storage_latency_seconds",),
)
STORAGE_UP = Metric(
    "schema_registry_storage_up", Kind.GAUGE, ("backend",), "1 while the storage back-end answers, else 0."
)
STORAGE_CONNECTIONS = Metric(
    "schema_registry_storage_connections",
    Kind.GAUGE,
    ("backend", "state"),
    "Connections of the pool to the storage back-end: idle and in_use.",
)
STORAGE_CONNECTIONS_MAX = Metric(
    "schema_registry_storage_connections_max",
    Kind.GAUGE,
    ("backend",),
    "Most connections the pool may open.",
)
HTTP_CONNECTIONS = Metric("schema_registry_http_connections", Kind.GAUGE, (), "Open connections of clients.")
ENGINE_BATCH = Metric(
    "schema_registry_engine_batch_writes",
    Kind.HISTOGRAM,
    (),
    "Writes that left in one commit.",
    BATCH_BUCKETS,
)
ENGINE_QUEUE = Metric(
    "schema_registry_engine_queue_length", Kind.GAUGE, (), "Writes that wait to be decided or stored."
)
ENGINE_CONFLICTS = Metric(
    "schema_registry_engine_commit_conflicts_total",
    Kind.COUNTER,
    (),
    "Commits that another instance was faster than; each is decided again.",
)
ENGINE_ATTEMPTS = Metric(
    "schema_registry_engine_append_attempts_total", Kind.COUNTER, (), "Commits offered to the log."
)
LOG_SEQ = Metric(
    "schema_registry_log_seq", Kind.GAUGE, (), "Sequence number of the newest commit this instance knows."
)
FOLLOWER_LAG = Metric(
    "schema_registry_follower_lag_seconds",
    Kind.GAUGE,
    (),
    "Time since this instance last read the log to its end; it looks for commits of others at least every "
    "`reads.poll_interval`, so more than that means trouble.",
)
LOG_WENT_BACK = Metric(
    "schema_registry_log_went_back_total",
    Kind.COUNTER,
    (),
    "Times that the database's log was found to be an earlier or another one than this instance had read "
    "(a restored backup, a server that took over without the newest writes); everything was loaded again, "
    "and writes that clients were told of may be gone.",
)
ACCESS_LOG_DROPPED = Metric(
    "schema_registry_access_log_dropped_total",
    Kind.COUNTER,
    (),
    "Lines of the access log dropped because nobody reads it fast enough.",
)
BUILD_INFO = Metric(
    "schema_registry_build_info", Kind.GAUGE, ("version", "python"), "Always 1; the labels tell the release."
)

METRICS: tuple[Metric, ...] = (
    REQUESTS,
    REQUEST_DURATION,
    REQUESTS_IN_FLIGHT,
    SCHEMAS,
    SUBJECTS,
    STORAGE_OPERATIONS,
    STORAGE_DURATION,
    STORAGE_UP,
    STORAGE_CONNECTIONS,
    STORAGE_CONNECTIONS_MAX,
    HTTP_CONNECTIONS,
    ENGINE_BATCH,
    ENGINE_QUEUE,
    ENGINE_CONFLICTS,
    ENGINE_ATTEMPTS,
    LOG_SEQ,
    FOLLOWER_LAG,
    LOG_WENT_BACK,
    ACCESS_LOG_DROPPED,
    BUILD_INFO,
)

PROCESS_METRICS: tuple[tuple[str, str], ...] = (
    ("process_cpu_seconds_total", "CPU time spent by the process."),
    ("process_resident_memory_bytes", "Memory of the process in RAM."),
    ("process_virtual_memory_bytes", "Address space of the process."),
    ("process_open_fds", "Open file descriptors."),
    ("process_max_fds", "Most file descriptors the process may open."),
    ("process_start_time_seconds", "When the process began, in seconds since 1970."),
    ("python_gc_collections_total", "Runs of the garbage collector, by generation."),
)
"""Metrics of the process itself, shown on Linux; computed by prometheus_client."""
