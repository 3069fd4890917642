"""The composition root: the only module that knows every concrete class. It wires, and decides nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from time import monotonic
from typing import TypeVar

from registan.contract.route import Route
from registan.contract.routes.associations import ASSOCIATION_ROUTES
from registan.contract.routes.deks import DEK_ROUTES
from registan.contract.routes.keks import KEK_ROUTES
from registan.contract.routes.subjects import VERSION_REFERENCED_BY
from registan.core import bound
from registan.dispatch import Dispatch
from registan.formats import memo
from registan.formats.budget import BUDGET
from registan.http.answer import Answers
from registan.http.pages import Page, docs_pages
from registan.http.router import Router
from registan.observe import metric_table as table
from registan.observe.metrics import Recorder
from registan.runtime.engine import Limits
from registan.runtime.instance import Instance, Reading
from registan.runtime.warm import Warmth
from registan.settings import defaults_of
from registan.settings.kinds import Secret, Section
from registan.settings.tree import Settings
from registan.store.observed import ObservedStore, Watch
from registan.store.protocol import Pooled, Store

log = logging.getLogger("registan")

T = TypeVar("T")

REFERENCED_BY = replace(
    VERSION_REFERENCED_BY, path=VERSION_REFERENCED_BY.path.replace("referencedby", "referencedBy")
)
"""How some tools spell the path (`wire.probes`)."""


@dataclass(frozen=True, slots=True)
class App:
    """One instance of the registry, wired."""

    settings: Settings
    instance: Instance
    recorder: Recorder
    dispatch: Dispatch
    answers: Answers
    pages: dict[bytes, Page]
    """What `answers` has beside the routes."""


class _Gauges:
    """The runtime's words as metrics."""

    def __init__(self, recorder: Recorder) -> None:
        self._batch = recorder.histogram(table.ENGINE_BATCH)
        self._conflicts = recorder.counter(table.ENGINE_CONFLICTS)
        self._attempts = recorder.counter(table.ENGINE_ATTEMPTS)
        self._went_back = recorder.counter(table.LOG_WENT_BACK)
        self._failure = ""

    def landed(self, commands: int, changes: int, attempts: int) -> None:  # noqa: ARG002
        self._batch(commands)
        self._attempts(attempts)
        self._failure = ""

    def conflict(self) -> None:
        self._conflicts(1)

    def doubt(self) -> None:
        log.warning("the answer to an append was lost; the log will tell")

    def failed(self, why: str) -> None:
        if why != self._failure:  # or an outage would fill the log with one line
            self._failure = why
            log.error("the store failed: %s", why)

    def queued(self, length: int) -> None:
        """Asked for at a scrape instead."""

    def learnt(self, seq: int) -> None:
        """Asked for at a scrape instead."""

    def reloaded(self, why: str) -> None:
        log.warning("the whole state was loaded again: %s", why)

    def went_back(self, why: str) -> None:
        self._went_back(1)
        log.error("writes that clients were told of may be gone: %s", why)

    def stale(self, stale: bool) -> None:
        if stale:
            log.error("the store does not answer; reads go on from what is known")
        else:
            log.info("the store answers again")


def compose(settings: Settings, store: Store | None = None, worker: int | None = None) -> App:
    """Wire an instance; `store` replaces the configured one (tests share one between instances).

    `worker` is its number where it is one of several behind one port.
    """
    recorder = Recorder(worker)
    defaults = defaults_of(settings)
    cache = settings.limits.cache
    limit_formats(settings)
    backing = store or make_store(settings)
    instance = Instance(
        ObservedStore(backing, _watch(recorder, backing.name)),
        defaults,
        limits=Limits(
            batch_max=settings.engine.batch_max,
            queue_max=settings.engine.queue_max,
            attempts_max=settings.engine.attempts_max,
            append_timeout_s=settings.engine.append_timeout_s,
            doubt_timeout_s=settings.engine.doubt_timeout_s,
        ),
        reading=Reading(
            serve=settings.reads.when_store_down == "serve",
            local=settings.reads.freshness == "local",
            timeout_s=settings.reads.timeout_s,
            poll_interval_s=settings.reads.poll_interval_s,
        ),
        gauges=_Gauges(recorder),
    )
    warmth = Warmth(priority=settings.engine.warm_up_priority)
    dispatch = Dispatch(instance.state, instance.engine, instance.freshness, recorder, warmth)
    routes = served(settings)
    pages = dict(docs_pages(routes)) if settings.server.docs_enabled else {}
    also = (REFERENCED_BY,) if settings.wire.probes else ()
    router = Router((*routes, *also))
    # The rest is for requests that are known byte by byte (serving.py).
    answers = Answers(router, dispatch, cache.reply_bytes * 3 // 4, pages, settings.wire.level)
    instance.follower.changed = answers.touch
    _watch_state(recorder, instance)
    _watch_pool(recorder, backing)
    return App(settings, instance, recorder, dispatch, answers, pages)


def limit_formats(settings: Settings) -> None:
    """Give the formats of this process the configured limits."""
    cache = settings.limits.cache
    memo.TEXTS.bytes_max = cache.text_bytes
    memo.FORMS.bytes_max = cache.parsed_bytes
    memo.VERDICTS.bytes_max = cache.verdict_bytes
    BUDGET.nesting_depth = settings.limits.nesting_depth
    for name in settings.limits.budget.__struct_fields__:
        setattr(BUDGET, name, getattr(settings.limits.budget, name))


def served(settings: Settings) -> tuple[Route, ...]:
    """The routes that are not switched off."""
    off = {
        *(() if settings.associations.enabled else ASSOCIATION_ROUTES),
        *(() if settings.dek_registry.enabled else (*KEK_ROUTES, *DEK_ROUTES)),
    }
    return tuple(route for route in bound.ROUTES if route not in off)


def make_store(settings: Settings) -> Store:
    """The configured store; its driver is read only now."""
    make = _STORES.get(settings.storage.type)
    if make is None:
        raise ValueError(f"storage.type {settings.storage.type} is not supported yet")
    return make(settings)


def _memory(settings: Settings) -> Store:  # noqa: ARG001
    from registan.store.memory import MemoryStore

    return MemoryStore()


def _sqlite(settings: Settings) -> Store:
    from registan.store.sqlite import SqliteStore

    return SqliteStore(settings.storage.sqlite.path)


def _postgres(settings: Settings) -> Store:
    from registan.store.pool import Size
    from registan.store.postgres import PostgresStore, Server

    given = settings.storage.postgresql
    size = Size(given.min_connections, given.max_connections, given.max_connection_lifetime_s)
    return PostgresStore(_filled(Server, given), size)


def _mysql(settings: Settings) -> Store:
    from registan.store.mysql import MysqlStore
    from registan.store.mysql_connections import Server

    return MysqlStore(_filled(Server, settings.storage.mysql))


def _cassandra(settings: Settings) -> Store:
    from registan.store.cassandra import CassandraStore
    from registan.store.cassandra_session import Options

    return CassandraStore(_filled(Options, settings.storage.cassandra))


def _filled(kind: Callable[..., T], section: Section) -> T:
    """A value of a data class whose fields are named like the settings of a section; secrets are revealed."""
    given = {each.name: getattr(section, each.name) for each in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: v.reveal() if isinstance(v, Secret) else v for name, v in given.items()})


_STORES: dict[str, Callable[[Settings], Store]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    "postgresql": _postgres,
    "mysql": _mysql,
    "cassandra": _cassandra,
}


def _watch(recorder: Recorder, backend: str) -> Watch:
    records: dict[str, Callable[[str, float], None]] = {}

    def watch(operation: str, seconds: float, outcome: str) -> None:
        record = records.get(operation)
        if record is None:
            record = records[operation] = recorder.storage(backend, operation)
        record(outcome, seconds)

    return watch


def _watch_state(recorder: Recorder, instance: Instance) -> None:
    state, name = instance.state, instance.store.name
    recorder.watch(table.SCHEMAS, lambda: state.counts["schemas"])
    recorder.watch(table.SUBJECTS, lambda: state.counts["subjects"])
    recorder.watch(table.LOG_SEQ, lambda: state.seq)
    recorder.watch(table.ENGINE_QUEUE, lambda: instance.engine.queue_length)
    recorder.watch(table.STORAGE_UP, lambda: {(name,): float(instance.trouble is None)})
    recorder.watch(table.FOLLOWER_LAG, lambda: monotonic() - instance.follower.level_at)


def _watch_pool(recorder: Recorder, store: Store) -> None:
    """The connections of a store that has several."""
    if not isinstance(store, Pooled):
        return
    name = store.name

    def connections() -> dict[tuple[str, ...], float]:
        pool = store.pool()
        return {} if pool is None else {(name, "idle"): pool.idle, (name, "in_use"): pool.in_use}

    def most() -> dict[tuple[str, ...], float]:
        pool = store.pool()
        return {} if pool is None else {(name,): pool.most}

    recorder.watch(table.STORAGE_CONNECTIONS, connections)
    recorder.watch(table.STORAGE_CONNECTIONS_MAX, most)


def serve(settings: Settings) -> None:
    """Serve until the process is told to stop. Exits with 1 where it cannot start."""
    from registan.serving import run  # late: who only composes needs no server

    server = settings.server
    if server.workers == 1:
        run(compose(settings))
        return

    from registan.workers import Share, Workers, reserve

    def work(share: Share) -> None:
        run(compose(settings, worker=share.number), share)

    try:
        addresses = reserve(server.host, server.port)
    except OSError as error:
        log.error("cannot start: %s:%d: %s", server.host, server.port, error)
        raise SystemExit(1) from None
    patience = server.shutdown_delay_s + 2 * server.shutdown_timeout_s
    raise SystemExit(Workers(server.workers, addresses, work, patience).run())
