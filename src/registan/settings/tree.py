"""The tree of settings: every setting once, with its type, bounds, default and meaning.

Names in the file, in the environment and on the command line are computed (`fields.py`), as are
reading, checking, showing and the reference page. To add a setting, add it here, or where its section is,
and nowhere else. Keys and defaults of the operations guide are kept as they are.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from registan.model.policy import CompatibilityLevel
from registan.settings.budget import Budget
from registan.settings.kinds import Bytes, Duration, Port, Section, Unit
from registan.settings.security import Audit, Auth, RateLimit, Rbac, Tls
from registan.settings.storage import Storage

MIB = 1024 * 1024


class Server(Section, frozen=True, kw_only=True):
    """Where and how the service listens."""

    host: Annotated[str, Meta(min_length=1, description="Address to listen on.")] = "0.0.0.0"  # noqa: S104
    port: Annotated[Port, Meta(description="TCP port to listen on.")] = 8081
    read_timeout_s: Annotated[
        Duration, Meta(description="Time to receive a whole request in; after it 408.")
    ] = 30.0
    write_timeout_s: Annotated[
        Duration, Meta(description="Time to answer a request in, and for the client to take the answer.")
    ] = 30.0
    idle_timeout_s: Annotated[Duration, Meta(description="Time a connection may stay open unused.")] = 120.0
    max_target_bytes: Annotated[
        Bytes, Meta(ge=1024, description="Size of a request's path and query; above it 414.")
    ] = 8 * 1024
    max_header_bytes: Annotated[
        Bytes, Meta(ge=1024, description="Size of a request's headers; above it 431.")
    ] = MIB
    max_body_bytes: Annotated[
        Bytes, Meta(ge=1024, description="Size of a request's body, also once unpacked; above it 413.")
    ] = 16 * MIB
    backlog: Annotated[int, Meta(ge=1, description="Connections that wait to be accepted.")] = 2048
    max_pipelined: Annotated[
        int, Meta(ge=1, description="Requests sent ahead on one connection; then it is closed.")
    ] = 1000
    max_connections: Annotated[int, Meta(ge=1, description="Open connections; further ones get 503.")] = (
        10_000
    )
    workers: Annotated[
        int,
        Meta(
            ge=1,
            le=256,
            description="Processes that share the port, each a whole instance with limits, memory and "
            "connections to the store of its own; not with `memory`.",
        ),
    ] = 1
    shutdown_timeout_s: Annotated[
        Duration, Meta(description="Time to finish requests in when told to stop.")
    ] = 30.0
    shutdown_delay_s: Annotated[
        float,
        Meta(
            ge=0,
            description="Time to go on serving, though no longer ready, before connections are closed.",
            extra={"unit": Unit.DURATION},
        ),
    ] = 0.0
    cluster_id: Annotated[
        str, Meta(description="Name of the cluster that this registry serves, as clients are told it.")
    ] = "registan"
    group_id: Annotated[str, Meta(description="Name of the group of registries, as clients are told it.")] = (
        "schema-registry"
    )
    docs_enabled: Annotated[
        bool, Meta(description="Serve the description of the API: /docs, /openapi.json, /openapi.yaml.")
    ] = True
    tls: Tls = Tls()


class Compatibility(Section, frozen=True, kw_only=True):
    """The compatibility rule where a registry, context or subject sets none."""

    level: Annotated[CompatibilityLevel, Meta(description="Compatibility level of a new registry.")] = (
        CompatibilityLevel.BACKWARD
    )


class Schema(Section, frozen=True, kw_only=True):
    """What is asked of schemas, subjects and modes."""

    validate_fields: Annotated[
        bool, Meta(description="Refuse fields with reserved names, unless a config says otherwise.")
    ] = False
    validate_new_schemas: Annotated[
        bool,
        Meta(description="Check defaults and names of new schemas strictly, unless a config says otherwise."),
    ] = True
    reject_empty_subject: Annotated[bool, Meta(description="Refuse subjects with an empty name.")] = False
    mode_mutability: Annotated[bool, Meta(description="Whether modes can be changed.")] = True
    strict_reference_versions: Annotated[
        bool, Meta(description="Refuse a schema that reaches two versions of one reference.")
    ] = False


class Associations(Section, frozen=True, kw_only=True):
    """Associations of subjects with topics."""

    enabled: Annotated[bool, Meta(description="Serve /associations.")] = True


class DekRegistry(Section, frozen=True, kw_only=True):
    """The registry of keys for encrypting fields."""

    enabled: Annotated[bool, Meta(description="Serve /dek-registry.")] = True


class Wire(Section, frozen=True, kw_only=True):
    """Which release's answers clients get where releases differ."""

    level: Annotated[
        int,
        Meta(
            ge=7,
            le=8,
            description="Major release. 7 is for tools that choke on newer fields: a registration answers "
            "only the id; the type AVRO, GUIDs, times and deletions are not told; incompatible schemas have "
            "the error code 409, not 40901.",
        ),
    ] = 8
    probes: Annotated[
        bool,
        Meta(
            description="Answer what tools ask other registries for: /master_available, /_health, "
            "/status/ready, and `referencedBy` for `referencedby`. They are 404 otherwise."
        ),
    ] = False


class Reads(Section, frozen=True, kw_only=True):
    """What reads may miss."""

    freshness: Annotated[
        Literal["fresh", "local"],
        Meta(
            description="`fresh` misses nothing that any instance acknowledged; `local` answers from "
            "what this instance knows."
        ),
    ] = "fresh"
    when_store_down: Annotated[
        Literal["serve", "refuse"],
        Meta(description="Whether reads go on, with a Warning header, while the store cannot be reached."),
    ] = "serve"
    ready_when_store_down: Annotated[
        bool,
        Meta(
            description="Whether the instance stays ready while the store cannot be reached. Where all "
            "instances share one database, otherwise none is left to serve reads."
        ),
    ] = False
    timeout_s: Annotated[
        Duration, Meta(description="Time for the store to tell its newest commit in; then it counts as down.")
    ] = 5.0
    poll_interval_s: Annotated[
        Duration, Meta(description="Longest time between two looks for commits of other instances.")
    ] = 1.0


class Cache(Section, frozen=True, kw_only=True):
    """Memory for what can be computed again."""

    text_bytes: Annotated[Bytes, Meta(description="Texts that are known to be valid.")] = 8 * MIB
    parsed_bytes: Annotated[Bytes, Meta(description="Parsed forms of schemas.")] = 16 * MIB
    verdict_bytes: Annotated[Bytes, Meta(description="Verdicts on compatibility.")] = 4 * MIB
    reply_bytes: Annotated[Bytes, Meta(description="Encoded replies.")] = 14 * MIB


class Limits(Section, frozen=True, kw_only=True):
    """How big one thing may be."""

    schema_bytes: Annotated[Bytes, Meta(ge=1024, description="Size of a schema's text.")] = 16 * MIB
    nesting_depth: Annotated[int, Meta(ge=1, le=1000, description="Depth of nesting in a schema.")] = 1000
    references: Annotated[
        int, Meta(ge=1, description="References of a schema, transitive ones included.")
    ] = 1000
    reference_depth: Annotated[int, Meta(ge=1, le=500, description="Length of a chain of references.")] = 64
    search_default: Annotated[int, Meta(ge=1, description="Schemas listed when no limit is asked for.")] = (
        1000
    )
    search_max: Annotated[int, Meta(ge=1, description="Schemas listed at most.")] = 1000
    keys: Annotated[int, Meta(ge=1, description="Keys of the key registry, of both kinds.")] = 20_000
    cache: Cache = Cache()
    budget: Budget = Budget()


class Engine(Section, frozen=True, kw_only=True):
    """How writes are put together and how often they are tried."""

    batch_max: Annotated[int, Meta(ge=1, description="Writes in one commit.")] = 256
    queue_max: Annotated[int, Meta(ge=1, description="Writes that wait; more are answered with 503.")] = (
        10_000
    )
    attempts_max: Annotated[int, Meta(ge=1, description="Appends tried for one write.")] = 1000
    append_timeout_s: Annotated[
        Duration, Meta(description="Time for the store to take a commit in; then its answer counts as lost.")
    ] = 5.0
    doubt_timeout_s: Annotated[
        Duration,
        Meta(
            description="Time to find out what became of a commit whose answer was lost; then its clients "
            "are told, by 503, that nobody knows."
        ),
    ] = 5.0
    warm_up_priority: Annotated[
        Literal["idle", "low", "normal"],
        Meta(
            description="What the operating system is told of the thread that reads large schemas: `idle` "
            "keeps it from ever delaying other requests, `low` suits a machine that other programs keep busy."
        ),
    ] = "idle"


class Metrics(Section, frozen=True, kw_only=True):
    """Figures for Prometheus."""

    enabled: Annotated[bool, Meta(description="Serve metrics.")] = True
    path: Annotated[str, Meta(pattern=r"^/[^?#\s]+$", description="Path of the metrics.")] = "/metrics"
    port: Annotated[
        Port | None,
        Meta(
            description="A port of their own; unset is the port of the registry. With several workers "
            "each has one, from this on."
        ),
    ] = None


class Logging(Section, frozen=True, kw_only=True):
    """Diagnostics go to standard error, the access log to standard output."""

    level: Annotated[
        Literal["debug", "info", "warn", "warning", "error"],
        Meta(description="The least weight that is logged."),
    ] = "info"
    format: Annotated[Literal["text", "json"], Meta(description="Lines for people or for machines.")] = "text"
    access: Annotated[bool, Meta(description="Write one line for each request.")] = False


class Settings(Section, frozen=True, kw_only=True):
    """All settings of one instance."""

    server: Server = Server()
    storage: Storage = Storage()
    compatibility: Compatibility = Compatibility()
    schema: Schema = Schema()
    associations: Associations = Associations()
    dek_registry: DekRegistry = DekRegistry()
    wire: Wire = Wire()
    reads: Reads = Reads()
    limits: Limits = Limits()
    engine: Engine = Engine()
    auth: Auth = Auth()
    rbac: Rbac = Rbac()
    audit: Audit = Audit()
    rate_limit: RateLimit = RateLimit()
    metrics: Metrics = Metrics()
    logging: Logging = Logging()
