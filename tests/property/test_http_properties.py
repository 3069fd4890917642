"""Whatever bytes arrive in whatever pieces, a connection answers or closes, and nothing breaks."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registan.app import compose
from registan.http.connection import Connection
from registan.http.limits import Limits
from registan.http.service import Service
from registan.settings.tree import Settings
from registan.store.memory import MemoryStore
from registan.testing.socket_kit import head, until, whole

V1 = "Content-Type: application/vnd.schemaregistry.v1+json"
BODY = b'{"schema":"{\\"type\\":\\"record\\",\\"name\\":\\"R\\",\\"fields\\":[]}"}'
CHUNKED = head("POST", "/subjects/c/versions", V1, "Transfer-Encoding: chunked")

SEEDS = (
    head("GET", "/subjects"),
    head("GET", "/subjects/a/versions/latest?deleted=true", "Accept: application/json;q=0.5, */*"),
    head("HEAD", "/schemas/ids/1", "X-Request-ID: abc"),
    head("OPTIONS", "/config"),
    head("GET", "/contexts/.x/subjects/a%2Fb/versions", "Accept-Encoding: gzip"),
    head("GET", "/subjects", "Connection: Upgrade", "Upgrade: h2c"),
    head("GET", "/subjects", version="1.0"),
    whole("POST", "/subjects/a/versions", BODY, V1),
    whole("POST", "/subjects/a", BODY, V1, "Expect: 100-continue"),
    whole("PUT", "/config/a", b'{"compatibility":"FULL"}', V1),
    whole("POST", "/compatibility/subjects/a/versions/latest", BODY, "Content-Encoding: gzip"),
    CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY),
    head("DELETE", "/subjects/a"),
)

PIECES = (
    b"\r\n",
    b"\n",
    b"\r\n\r\n",
    b" ",
    b"\x00",
    b"%",
    b"%00",
    b"%2F",
    b"//",
    b":",
    b"HTTP/1.1",
    b"Content-Length: 5\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Host: b\r\n",
    b"Upgrade: websocket\r\n",
    b"Expect: 100-continue\r\n",
    b"GET ",
    b"0\r\n\r\n",
    b"\xc3\xa9",
    b"\xff",
    b"{",
    b'"',
)

cuts = st.integers(0, 400)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), cuts, st.sampled_from(PIECES) | st.binary(max_size=8)),
        st.tuples(st.just("delete"), cuts, st.integers(1, 20)),
        st.tuples(st.just("replace"), cuts, st.binary(min_size=1, max_size=3)),
    ),
    max_size=6,
)


def changed(data: bytes, change: tuple) -> bytes:
    kind, at, what = change
    at = min(at, len(data))
    if kind == "insert":
        return data[:at] + what + data[at:]
    if kind == "delete":
        return data[:at] + data[at + what :]
    return data[:at] + what + data[at + len(what) :]


@st.composite
def streams(draw) -> list[bytes]:
    """Some requests, most of them damaged, in pieces."""
    data = b"".join(draw(st.lists(st.sampled_from(SEEDS), min_size=1, max_size=4)))
    for change in draw(changes):
        data = changed(data, change)
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=4)))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True) if a < b]


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.out = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed, "written after the end"
        self.out += data

    def writelines(self, parts) -> None:
        self.write(b"".join(parts))

    def close(self) -> None:
        self.closed = True

    abort = write_eof = close

    def can_write_eof(self) -> bool:
        return True

    def get_extra_info(self, _name: str):
        return None

    def set_write_buffer_limits(self, **_) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    resume_reading = pause_reading


def statuses(out: bytes) -> list[int]:
    """The statuses of the replies; each must be whole."""
    found = []
    while out:
        start, blank, rest = out.partition(b"\r\n\r\n")
        assert blank, out
        line, *lines = start.split(b"\r\n")
        assert line.startswith(b"HTTP/1.1 "), line
        status = int(line.split(b" ")[1])
        headers = dict(header.split(b": ", 1) for header in lines)
        assert all(b"\r" not in value and b"\n" not in value for value in headers.values())
        if status >= 200:
            found.append(status)
        # Without knowing the methods: a HEAD reply has no body, so the next reply or the end follows.
        length = int(headers.get(b"Content-Length", 0))
        out = rest if not rest or rest.startswith(b"HTTP/1.1 ") else rest[length:]
    return found


@pytest.fixture(scope="module")
def runner():
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def service(runner):
    app = compose(Settings(), MemoryStore())
    runner.run(app.instance.start(follow=False))
    yield Service(app.answers, Limits(target_bytes=2000, header_bytes=4000, body_bytes=4000, pipelined=5))
    runner.run(app.instance.stop())


class Complaints(logging.Handler):
    """Collects what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))


@pytest.fixture(scope="module")
def complaints():
    handler = Complaints()
    logging.getLogger().addHandler(handler)
    yield handler.heard
    logging.getLogger().removeHandler(handler)


@settings(max_examples=500, deadline=None)
@given(chunks=streams(), ends=st.booleans())
def test_a_connection_answers_or_closes(runner, service, complaints, chunks, ends) -> None:
    async def talk() -> Wire:
        wire = Wire()
        connection = Connection(service)
        connection.connection_made(wire)
        for chunk in chunks:
            connection.data_received(chunk)
            await until(lambda: not service.tasks)
        if ends:
            keeps = connection.eof_received()
            await until(lambda: not service.tasks)
            assert not keeps or wire.closed
        connection.connection_lost(None)
        return wire

    wire = runner.run(talk())
    assert all(status < 500 for status in statuses(wire.out)), wire.out
    assert not complaints, complaints
    assert not service.connections


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(SEEDS[:6] + SEEDS[7:12]), min_size=1, max_size=4), st.data())
def test_pieces_do_not_change_the_answers(runner, service, requests, data) -> None:
    """The same requests whole and in pieces get as many answers with the same statuses."""
    whole_stream = b"".join(requests)
    places = sorted(data.draw(st.lists(st.integers(0, len(whole_stream)), max_size=6)))

    async def talk(chunks: list[bytes]) -> list[int]:
        wire = Wire()
        connection = Connection(service)
        connection.connection_made(wire)
        for chunk in chunks:
            connection.data_received(chunk)
            await until(lambda: not service.tasks)
        connection.connection_lost(None)
        return statuses(wire.out)

    pieces = [whole_stream[a:b] for a, b in zip([0, *places], [*places, len(whole_stream)], strict=True)]
    runner.run(talk([whole_stream]))  # from here on what it registers is there
    once = runner.run(talk([whole_stream]))
    assert len(once) == len(requests)
    assert runner.run(talk([piece for piece in pieces if piece])) == once
