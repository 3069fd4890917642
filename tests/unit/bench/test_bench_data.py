"""The bench's data is realistic, and the same everywhere; its requests are what a client sends."""

import hashlib
import json
import re

import pytest
from fastavro import parse_schema

from bench import dataset, texts
from bench.dataset import COUNTER
from bench.measure import once
from bench.rows import BACKGROUNDS, LARGE, MANY, ROWS, SMALL, Site
from bench.wire import Address, Ask, address, wire_bytes, write_load
from registan.formats.table import format_of
from registan.model.schema import SchemaType, Source


def digest(parts):
    return hashlib.md5("\n".join(parts).encode(), usedforsecurity=False).hexdigest()[:12]


def test_the_data_is_the_same_in_every_run_and_on_every_machine():
    assert digest(dataset.avro(n) for n in range(100)) == "760b20ebdfb4"
    assert digest(dataset.subject(n) for n in range(100)) == "b12208e67cc1"
    assert digest(texts.protobuf(n) for n in range(20)) == "5e99dae1c61a"
    assert digest(texts.json_schema(n) for n in range(20)) == "d7bdd113957a"


def test_schemas_are_different_and_of_about_2_kb():
    made = [dataset.avro(n) for n in range(10_000)]
    assert len(set(made)) == len(made)
    assert {len(text) // 100 for text in made} <= {20, 21}


def test_subjects_are_different():
    assert len({MANY.subject(i) for i in range(MANY.subjects)}) == MANY.subjects
    assert len({LARGE.subject(i) for i in range(LARGE.subjects)}) == LARGE.subjects


def test_contexts_share_the_subjects_evenly():
    site = Site(1000, contexts=20)
    qualified = [name for name in map(site.subject, range(site.subjects)) if name.startswith(":.")]
    assert len(qualified) == 950
    assert len({name.split(":")[1] for name in qualified}) == 19


@pytest.mark.parametrize("number", range(0, 100, 7))
def test_another_library_reads_the_schema_and_the_one_that_evolved(number):
    before, after = json.loads(dataset.avro(number)), json.loads(dataset.evolved(number))
    assert len(parse_schema(after)["fields"]) == len(parse_schema(before)["fields"]) + 1


def test_large_texts_are_as_large_as_asked_for():
    for text in (texts.large_avro(1), texts.json_schema(1, 100_000), texts.protobuf(1, 100_000)):
        assert 100_000 <= len(text) < 105_000


def test_protobuf_texts_are_valid():
    format_ = format_of(SchemaType.PROTOBUF)
    for text in (texts.protobuf(3), texts.protobuf_message(50), texts.protobuf_message(50, changed=5)):
        parsed = format_.parse(Source(SchemaType.PROTOBUF, text), {})
        assert format_.canonical(parsed)


def test_changed_messages_differ_in_as_many_fields_as_asked_for():
    format_ = format_of(SchemaType.PROTOBUF)
    before, after = (
        format_.parse(Source(SchemaType.PROTOBUF, text), {})
        for text in (texts.protobuf_message(100), texts.protobuf_message(100, changed=10))
    )
    assert len(format_.incompatibilities(after, before)) == 10


def test_rows_have_names_and_targets_that_refer_to_measured_servers():
    assert len({row.name for row in ROWS}) == len(ROWS)
    for row in ROWS:
        labels = {"registan", *(label for label, _ in row.flat)}
        labels |= {f"registan, {name}" for name, _ in row.beside}
        labels |= {f"registan, {beside.name}" for beside in row.backgrounds}
        if row.nginx:
            labels.add("nginx")
        for target in row.targets:
            assert {target.of, target.to or target.of} <= labels, row.name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_requests_are_whole_and_counters_keep_their_length(row):
    for ask in row.asks(SMALL, range(1, 1001))[:20]:
        data = wire_bytes(ask, Address("127.0.0.1", 8081))
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        assert (int(length[1]) if length else 0) == len(body)
        if body:
            assert json.loads(body)["schema"]
        counted = wire_bytes(once(ask, 42), Address("127.0.0.1", 8081))
        assert len(counted) == len(data)
        assert COUNTER.encode() not in counted


def test_a_counter_stands_in_all_that_must_be_new():
    for row in ROWS:
        if row.name.startswith("new-"):
            for ask in row.asks(row.site, ()):
                assert COUNTER in ask.path
                assert COUNTER in json.loads(ask.body)["schema"]


def test_backgrounds_register_another_text_each_time():
    for background in BACKGROUNDS:
        assert background.ask(1) != background.ask(2)


def test_requests_go_below_the_base_of_a_peer():
    to = address("http://localhost:28280/apis/ccompat/v7/")
    assert to == Address("localhost", 28280, "/apis/ccompat/v7")
    assert wire_bytes(Ask("GET", "/subjects"), to).startswith(b"GET /apis/ccompat/v7/subjects HTTP/1.1\r\n")


@pytest.mark.parametrize("url", ["localhost:8081", "https://localhost", "http://"])
def test_other_addresses_are_refused(url):
    with pytest.raises(ValueError):
        address(url)


def test_a_load_file_gives_each_request_its_length(tmp_path):
    to, asks = Address("127.0.0.1", 1), [Ask("GET", "/a"), Ask("POST", "/b", '{"schema":"ä"}')]
    write_load(asks, to, tmp_path / "load")
    rest = (tmp_path / "load").read_bytes()
    for ask in asks:
        length, _, rest = rest.partition(b"\n")
        assert rest[: int(length)] == wire_bytes(ask, to)
        rest = rest[int(length) :]
    assert rest == b""
