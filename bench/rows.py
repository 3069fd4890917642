"""The rows: what is asked of whom, and what was promised. Data; to add a row, add it here.

A row is measured on a site: a Registan (and a peer, and the last release) that holds `subjects`
subjects with 1,000 different schemas, in `contexts` contexts. Further sites show what stays flat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from bench import dataset, texts
from bench.dataset import COUNTER
from bench.figures import Target
from bench.wire import Ask

SCHEMAS = 1000
"""Different schemas on a site."""

PAGE = 100
"""Schemas on a page of a list."""


class Site(NamedTuple):
    """What a server holds before it is measured."""

    subjects: int
    contexts: int = 1
    store: str = ""
    """`memory`, `sqlite`, the name of a database service, or empty for the run's."""
    own: str = ""
    """The row that has the site for itself, because it changes it."""
    each: bool = False
    """Whether all subjects are asked for, not 1,000 spread over them."""

    def asked(self) -> range:
        """The numbers of the subjects that are asked for."""
        return range(0, self.subjects, 1 if self.each else max(1, self.subjects // SCHEMAS))

    def subject(self, i: int) -> str:
        """The name of a subject, qualified where there are contexts."""
        context = i % self.contexts
        return (f":.c{context:02d}:" if context else "") + dataset.subject(i)

    def path(self, i: int) -> str:
        """The subject as a segment of a path."""
        return quote(self.subject(i), safe="")


Asks = Callable[[Site, Sequence[int]], Sequence[Ask]]
"""Requests for a site whose 1,000 first subjects' schemas have these ids."""


class Background(NamedTuple):
    """What is registered while a row is measured, by one client, one after the other."""

    name: str
    ask: Callable[[int], Ask]
    per_s: float = 0.0
    """At most so many a second; 0: as fast as they are answered."""


class Row(NamedTuple):
    """One row of the table."""

    name: str
    title: str
    asks: Asks
    targets: Sequence[Target] = ()
    site: Site = Site(1000)
    flat: Sequence[tuple[str, Site]] = ()
    """Further sites that must be as quick."""
    beside: Sequence[tuple[str, Asks]] = ()
    """Other requests to the same server."""
    backgrounds: Sequence[Background] = ()
    order: str = "random"
    connections: int = 64
    nginx: bool = True
    others: bool = True
    """Whether a peer and the last release are measured, too."""


SMALL = Site(1000)
LARGE = Site(40_000)
MANY = Site(1000, contexts=20)
FORTY, TWENTY = "registan, 40,000 subjects", "registan, 20 contexts"
SINGLE = "latest alone"
EACH = f"{FORTY}, all in use"
FLAT = (FORTY, LARGE), (TWENTY, MANY), (EACH, LARGE._replace(each=True))


def _nginx(rate: float, p99: float = 0.0) -> list[Target]:
    made = [Target("rate", rate, to="nginx")]
    return [*made, Target("p99_ms", p99, to="nginx")] if p99 else made


FLAT_TARGETS = [Target("rate", 0.9, of=FORTY, to="registan"), Target("rate", 0.9, of=TWENTY, to="registan")]


def _registration(text: str, type_: str = "AVRO") -> str:
    body = {"schema": text} if type_ == "AVRO" else {"schemaType": type_, "schema": text}
    return dataset.compact(body)


def by_id(site: Site, ids: Sequence[int]) -> list[Ask]:
    """Each schema by its id."""
    return [Ask("GET", f"/schemas/ids/{id_}") for id_ in ids]


def latest(site: Site, ids: Sequence[int]) -> list[Ask]:
    """The latest version of each subject."""
    return [Ask("GET", f"/subjects/{site.path(i)}/versions/latest") for i in site.asked()]


def subjects(site: Site, ids: Sequence[int]) -> list[Ask]:
    """All names."""
    return [Ask("GET", "/subjects")]


def lookup(site: Site, ids: Sequence[int]) -> list[Ask]:
    """Each subject's schema, by its text."""
    bodies = [_registration(dataset.avro(n)) for n in range(SCHEMAS)]
    return [Ask("POST", f"/subjects/{site.path(i)}", bodies[i % SCHEMAS]) for i in site.asked()]


def again(site: Site, ids: Sequence[int]) -> list[Ask]:
    """Each subject's schema, registered once more."""
    bodies = [_registration(dataset.avro(n)) for n in range(SCHEMAS)]
    return [Ask("POST", f"/subjects/{site.path(i)}/versions", bodies[i % SCHEMAS]) for i in site.asked()]


def check(site: Site, ids: Sequence[int]) -> list[Ask]:
    """A schema with one more field, against each subject's latest version."""
    bodies = [_registration(dataset.evolved(n)) for n in range(SCHEMAS)]
    return [
        Ask("POST", f"/compatibility/subjects/{site.path(i)}/versions/latest", bodies[i % SCHEMAS])
        for i in site.asked()
    ]


def check_first(site: Site, ids: Sequence[int]) -> list[Ask]:
    """The same with a field that no text before had."""
    return [
        Ask(
            "POST",
            f"/compatibility/subjects/{site.path(i)}/versions/latest",
            _registration(dataset.evolved(i % SCHEMAS, f"added_{COUNTER}")),
        )
        for i in range(SCHEMAS)
    ]


def config(site: Site, ids: Sequence[int]) -> list[Ask]:
    """What holds for a subject that has no config of its own."""
    return [Ask("GET", f"/config/{site.path(i)}?defaultToGlobal=true") for i in site.asked()]


def pages(site: Site, ids: Sequence[int]) -> list[Ask]:
    """Pages of the list of all latest versions."""
    return [
        Ask("GET", f"/schemas?latestOnly=true&offset={offset}&limit={PAGE}")
        for offset in range(0, site.subjects, max(PAGE, site.subjects // (SCHEMAS // PAGE)))
    ]


def new(site: Site, ids: Sequence[int]) -> list[Ask]:
    """A subject and a schema that nobody had before."""
    return [
        Ask(
            "POST",
            f"/subjects/new.events.{n}-{COUNTER}-value/versions",
            _registration(dataset.avro(n, f"New{n}x{COUNTER}")),
        )
        for n in range(100)
    ]


def new_protobuf(site: Site, ids: Sequence[int]) -> list[Ask]:
    """The same in Protobuf."""
    return [
        Ask(
            "POST",
            f"/subjects/new.protobuf.{n}-{COUNTER}-value/versions",
            _registration(texts.protobuf(n, package=f"example.new{n}.v{COUNTER}"), "PROTOBUF"),
        )
        for n in range(100)
    ]


def new_json(site: Site, ids: Sequence[int]) -> list[Ask]:
    """The same in JSON Schema."""
    return [
        Ask(
            "POST",
            f"/subjects/new.json.{n}-{COUNTER}-value/versions",
            _registration(texts.json_schema(n).replace('"title":"', f'"title":"{COUNTER}'), "JSON"),
        )
        for n in range(100)
    ]


def storm(site: Site, ids: Sequence[int]) -> list[Ask]:
    """What a user interface asks when it lists 2,000 subjects."""
    plain = latest(site, ids)[:2000], config(site, ids)[:2000]
    return [ask for pair in zip(*plain, strict=True) for ask in pair]


def latest_of_2000(site: Site, ids: Sequence[int]) -> list[Ask]:
    """Half of that storm."""
    return latest(site, ids)[:2000]


def _large(type_: str, text: str) -> Callable[[int], Ask]:
    # Made once: the load generator has the processor that this runs on for itself.
    body = _registration(text, type_)
    assert COUNTER in body, type_
    return lambda n: Ask(
        "POST", f"/subjects/large-{type_}-{n}/versions", body.replace(COUNTER, f"{n % 10**9:09d}")
    )


BACKGROUNDS = (
    Background(
        "200 small registrations/s",
        lambda n: Ask("POST", f"/subjects/small-{n}/versions", _registration(dataset.avro(n, f"Small{n}"))),
        200,
    ),
    Background("100 kB Avro registering", _large("AVRO", texts.large_avro(COUNTER))),
    Background(
        "100 kB JSON Schema registering",
        _large("JSON", texts.json_schema(0, 100_000).replace('"title":"', f'"title":"{COUNTER}')),
    ),
    Background(
        "100 kB Protobuf registering", _large("PROTOBUF", texts.protobuf(0, 100_000, f"example.v{COUNTER}"))
    ),
)

ROWS = (
    Row("id", "GET /schemas/ids/{id}", by_id, [*_nginx(0.7, 2), FLAT_TARGETS[0]], flat=FLAT[:1]),
    Row(
        "latest",
        "GET /subjects/{subject}/versions/latest",
        latest,
        [*_nginx(0.7, 2), *FLAT_TARGETS],
        flat=FLAT,
    ),
    Row("subjects", "GET /subjects, 1,000 of them", subjects, _nginx(0.5)),
    Row("subjects-40k", "GET /subjects, 40,000 of them", subjects, _nginx(0.5), site=LARGE, others=False),
    Row("lookup", "Look-up of a known text", lookup, [*_nginx(0.3), *FLAT_TARGETS], flat=FLAT),
    Row("again", "Re-registration of a known text", again, [*_nginx(0.3), *FLAT_TARGETS], flat=FLAT),
    Row("check", "Compatibility check, one more field", check, [*_nginx(0.2), *FLAT_TARGETS], flat=FLAT),
    Row("check-first", "Compatibility check, first of a text", check_first, [Target("rate", 3000)]),
    Row("config", "GET /config/{subject}?defaultToGlobal=true", config, FLAT_TARGETS, flat=FLAT),
    Row("page", f"GET /schemas?latestOnly=true, pages of {PAGE}", pages, FLAT_TARGETS, flat=FLAT),
    Row(
        "new-memory",
        "New subject and schema, memory",
        new,
        [Target("rate", 5000), FLAT_TARGETS[0]],
        site=Site(0, store="memory", own="new-memory"),
        flat=((FORTY, Site(40_000, store="memory", own="new-memory")),),
        order="turn",
    ),
    Row(
        "new-sqlite",
        "New subject and schema, durable on SQLite",
        new,
        [Target("rate", 3000), FLAT_TARGETS[0]],
        site=Site(0, store="sqlite", own="new-sqlite"),
        flat=((FORTY, Site(40_000, store="sqlite", own="new-sqlite")),),
        order="turn",
        others=False,
    ),
    Row(
        "new-protobuf",
        "New subject and Protobuf file of 2 kB, memory",
        new_protobuf,
        [Target("rate", 1000)],
        site=Site(0, store="memory", own="new-protobuf"),
        order="turn",
    ),
    Row(
        "new-json",
        "New subject and JSON Schema of 2 kB, memory",
        new_json,
        site=Site(0, store="memory", own="new-json"),
        order="turn",
    ),
    Row(
        "storm",
        "Storm: latest and config of 2,000 subjects, 16 connections",
        storm,
        [Target("rate", 0.9, to=f"registan, {SINGLE}")],
        site=LARGE._replace(each=True),
        beside=((SINGLE, latest_of_2000),),
        order="turn",
        connections=16,
        nginx=False,
        others=False,
    ),
    Row(
        "beside-writes",
        "GET /schemas/ids/{id} beside registrations",
        by_id,
        [Target("p99_ms", 3, of=f"registan, {b.name}", to="registan") for b in BACKGROUNDS],
        site=Site(1000, own="beside-writes"),
        backgrounds=BACKGROUNDS,
        nginx=False,
        others=False,
    ),
)

DATABASE_RATES = {"postgresql": 1500, "mariadb": 1000, "mysql": 1000, "cassandra": 200}
"""New registrations a second that were promised, by the beginning of a service's name."""


def over_database(store: str) -> Row:
    """Registrations on a database that the run starts."""
    rates = [rate for name, rate in DATABASE_RATES.items() if store.startswith(name)]
    return Row(
        "new-database",
        f"New subject and schema, durable on {store}",
        new,
        [*(Target("rate", rate) for rate in rates), FLAT_TARGETS[0]],
        site=Site(0, store=store, own="new-database"),
        flat=((FORTY, Site(40_000, store=store, own="new-database")),),
        order="turn",
        others=False,
    )
