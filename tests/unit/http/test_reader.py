"""From bytes to requests: what is understood, what is rejected and how, whatever the pieces."""

from __future__ import annotations

import gzip
import json

import pytest

from registan.http.limits import Limits
from registan.http.reader import CUT_SHORT, Reader

LIMITS = Limits(target_bytes=100, header_bytes=1000, body_bytes=200, pipelined=3)


def read(*chunks: bytes, limits: Limits = LIMITS) -> Reader:
    reader = Reader(limits, peer="192.0.2.1")
    for chunk in chunks:
        reader.feed(chunk)
    return reader


def one(*chunks: bytes, limits: Limits = LIMITS):
    """The only request in the bytes."""
    reader = read(*chunks, limits=limits)
    (incoming,) = reader.ready
    return incoming


def rejected(*chunks: bytes, limits: Limits = LIMITS):
    """The rejection of the only request, and that nothing is read any more."""
    reader = read(*chunks, limits=limits)
    assert reader.stopped
    (incoming,) = reader.ready
    assert not incoming.keep_alive
    assert incoming.rejection is not None
    return incoming.rejection


GET = b"GET /a%2Fb?x=1 HTTP/1.1\r\nHost: a\r\nAccept:  b \t\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_request_is_read_whole():
    request = one(GET).request
    assert (request.method, request.path, request.query, request.body) == ("GET", b"/a%2Fb", b"x=1", b"")
    assert request.headers == [(b"host", b"a"), (b"accept", b"b")]
    assert request.peer == "192.0.2.1"


@pytest.mark.parametrize("whole", [GET, POST, CHUNKED + b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"])
def test_pieces_do_not_matter(whole):
    expected = one(whole).request
    for cut in range(1, len(whole)):
        assert one(whole[:cut], whole[cut:]).request == expected
    assert one(*(bytes([byte]) for byte in whole)).request == expected


def test_chunks_are_put_together_and_trailers_dropped():
    incoming = one(CHUNKED + b"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nX-Request-ID: late\r\n\r\n")
    assert incoming.request.body == b"hello"
    assert incoming.request_id is None
    assert b"x-request-id" not in dict(incoming.request.headers)


def test_pipelined_requests_come_in_order():
    reader = read(GET + POST, GET)
    assert [incoming.request.method for incoming in reader.ready] == ["GET", "POST", "GET"]
    assert not reader.partial
    assert not reader.stopped


def test_blank_lines_before_a_request_are_skipped():
    assert one(b"\r\n\r\n", b"\n" + GET).request.path == b"/a%2Fb"
    assert not read(b"\r\n").partial


@pytest.mark.parametrize("method", ["FOO", "get", "TRACE", "CONNECT", "PROPFIND", "M-SEARCH", "X" * 50])
def test_any_method_is_read(method):
    request = f"{method} /subjects HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    for chunks in ((request,), (request[:2], request[2:])):
        assert one(*chunks).request.method == method


def test_an_odd_method_says_nothing_about_the_next_request():
    reader = read(b"FOO / HTTP/1.1\r\nHost: a\r\n\r\n" + GET, GET)
    assert [incoming.request.method for incoming in reader.ready] == ["FOO", "GET", "GET"]


def test_an_offer_of_another_protocol_is_ignored_body_and_all():
    """Java's client offers HTTP/2 with its first request, be it a POST."""
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    post = POST.replace(b"\r\n\r\n", b"\r\n" + offer + b"\r\n")
    assert one(post).request.body == b"hello"
    for cut in range(1, len(post)):
        assert one(post[:cut], post[cut:]).request.body == b"hello"
    reader = read(post + GET)
    assert [incoming.request.method for incoming in reader.ready] == ["POST", "GET"]


@pytest.mark.parametrize(
    ("line", "header", "keeps"),
    [
        (b"GET / HTTP/1.1", b"", True),
        (b"GET / HTTP/1.1", b"Connection: close\r\n", False),
        (b"GET / HTTP/1.0", b"", False),
        (b"GET / HTTP/1.0", b"Connection: keep-alive\r\n", True),
    ],
)
def test_who_may_send_more(line, header, keeps):
    reader = read(line + b"\r\nHost: a\r\n" + header + b"\r\n")
    assert reader.ready[0].keep_alive is keeps
    assert reader.stopped is not keeps


def test_what_follows_a_last_request_is_not_read():
    last = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert len(read(last + GET, GET).ready) == 1


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (b"X-Request-ID: abc-1\r\n", b"abc-1"),
        (b"x-request-id:  two words \r\n", b"two words"),
        (b"X-Request-ID: " + b"9" * 500 + b"\r\n", b"9" * 500),
        (b"X-Request-ID:\r\n", None),
        (b"X-Request-ID:   \r\n", None),
        (b"X-Request-ID: a\r\nX-Request-ID: b\r\n", None),
        (b"", None),
    ],
)
def test_one_request_id_that_says_something_counts(lines, expected):
    assert one(b"GET / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n").request_id == expected


@pytest.mark.parametrize(
    ("raw", "status", "reason"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400, "Bad Request"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "Bad Request"),
        (b"GET /\r\n\r\n", 400, "Bad Request"),
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 400, "Bad Request"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "Bad Request"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(80), 400, "Bad Request"),
        (b"nonsense\r\n\r\n", 400, "Bad Request"),
        (b"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Bad Request"),
        (b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Bad Request"),
        (b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Illegal Path Character"),
        (b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Bad Request"),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "Bad Request"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400, "Bad Request"),
        (b"GET / HTTP/1.1\nHost: a\n\n", 400, "Bad Request"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX\x00: b\r\n\r\n", 400, "Bad Request"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400, "Bad Request"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, "Bad Request"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "Bad Request"),
        (CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n"), 400, "Bad Request"),
        (CHUNKED.replace(b"chunked", b"gzip, chunked"), 400, "Bad Request"),
        (CHUNKED.replace(b"chunked", b"identity"), 400, "Bad Request"),
        (POST.replace(b"Host", b"Expect: nonsense\r\nHost"), 417, "Expectation Failed"),
        (b"GET /" + b"z" * 100 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "URI Too Long"),
        (GET[:-2] + b"X: " + b"h" * 1000 + b"\r\n\r\n", 431, "Request Header Fields Too Large"),
        (GET[:-2] + b"X: 1\r\n" * 40 + b"\r\n", 431, "Request Header Fields Too Large"),
    ],
)
def test_what_is_no_http_gets_a_page(raw, status, reason):
    for chunks in ((raw,), (raw[:20], raw[20:])):
        response = rejected(*chunks)
        assert response.status == status
        assert f"<h2>HTTP ERROR {status} {reason}</h2>" in response.body.decode()
        assert response.content_type == b"text/html;charset=iso-8859-1"


def test_a_page_names_what_was_asked_for_as_the_recorded_server_does():
    expect = b"POST /subjects/a HTTP/1.1\r\nHost: h:1\r\nExpect: x\r\n\r\n"
    assert b"<td>http://h:1/subjects/a</td>" in rejected(expect).body
    big = b"GET /subjects?x=<b> HTTP/1.1\r\nHost: a\r\nX: " + b"h" * 1000 + b"\r\n\r\n"
    assert b"<td>/subjects</td>" in rejected(big).body


def test_a_rejection_knows_the_method_of_what_it_rejects():
    """So that nobody sends a body in answer to HEAD."""
    for start in (b"HEAD /" + b"z" * 200, b"HEAD / HTTP/1.1\r\nX: " + b"h" * 1200):
        assert one(start).request.method == "HEAD"


def test_a_bad_target_is_rejected_but_the_connection_goes_on():
    reader = read(b"GET //subjects HTTP/1.1\r\nHost: a\r\n\r\n" + GET)
    bad, good = reader.ready
    assert (bad.rejection.status, bad.keep_alive, good.rejection) == (400, True, None)
    assert b"Ambiguous URI empty segment" in bad.rejection.body


def test_other_methods_get_no_page_for_a_bad_target():
    response = one(b"PUT //config HTTP/1.1\r\nHost: a\r\n\r\n").rejection
    assert (response.status, response.body, response.content_type) == (400, b"", None)


def test_headers_that_never_end_are_not_collected_for_ever():
    reader = read(b"GET / HTTP/1.1\r\nHost: a\r\nX: ", *[b"h" * 100] * 30)
    assert reader.ready[0].rejection.status == 431


@pytest.mark.parametrize(
    "broken",
    [b"zz\r\nabc\r\n0\r\n\r\n", b"3\r\nabcdef\r\n0\r\n\r\n", b"-1\r\n", b"ffffffffffffffffff\r\n", b"3\nabc"],
)
def test_nonsense_in_chunks_is_told_as_a_body_that_breaks_off(broken):
    assert json.loads(rejected(CHUNKED + broken).body) == {"error_code": 400, "message": CUT_SHORT}


def test_a_body_too_large_is_refused_before_it_is_sent():
    response = rejected(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 201\r\n\r\n")
    assert (response.status, response.content_type) == (413, b"application/json")
    assert json.loads(response.body)["message"] == "Request body is too large: 201>200"


def test_a_chunked_body_too_large_is_refused_when_it_is():
    chunk = b"64\r\n" + b"x" * 100 + b"\r\n"
    reader = read(CHUNKED + chunk * 2)
    assert reader.partial
    assert not reader.ready
    reader.feed(chunk)
    assert reader.ready[0].rejection.status == 413


def test_a_body_as_large_as_the_limit_is_taken():
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n" + b"x" * 200
    assert one(post).request.body == b"x" * 200


def packed(body: bytes, encoding: bytes = b"gzip") -> bytes:
    return (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n"
        % (encoding, len(body))
        + body
    )


@pytest.mark.parametrize("encoding", [b"gzip", b"GZIP", b"x-gzip"])
def test_a_gzipped_body_is_unpacked(encoding):
    assert one(packed(gzip.compress(b"hello"), encoding)).request.body == b"hello"


def test_a_body_gzipped_in_parts_is_unpacked():
    assert one(packed(gzip.compress(b"he") + gzip.compress(b"llo"))).request.body == b"hello"


@pytest.mark.parametrize(
    "body",
    [b'{"a":1}', gzip.compress(b"hello")[:-9], gzip.compress(b"x")[:5], b"\x1f\x8b"],
    ids=["plain", "cut", "cut in the header", "two bytes"],
)
def test_a_body_that_is_no_gzip_is_taken_as_it_is(body):
    """The recorded server ignores the header; so do we where it lies."""
    assert one(packed(body)).request.body == body


def test_a_body_of_another_encoding_is_taken_as_it_is():
    assert one(packed(gzip.compress(b"hello"), b"br")).request.body == gzip.compress(b"hello")


def test_a_body_that_unpacks_to_too_much_is_refused():
    assert rejected(packed(gzip.compress(bytes(10_000)))).status == 413
    assert one(packed(gzip.compress(bytes(200)))).request.body == bytes(200)


def test_a_client_that_expects_leave_to_send_is_told_so_once():
    head = POST[:-5].replace(b"Host", b"Expect: 100-Continue\r\nHost")
    reader = read(head)
    assert reader.wants_continue
    reader.feed(b"he")
    assert not reader.wants_continue
    reader.feed(b"llo")
    assert reader.ready[0].request.body == b"hello"


def test_an_old_client_is_not_told_to_continue():
    head = POST[:-5].replace(b"HTTP/1.1", b"HTTP/1.0").replace(b"Host", b"Expect: 100-continue\r\nHost")
    assert not read(head).wants_continue


def test_too_many_requests_ahead_end_the_connection_behind_those_that_fit():
    reader = read(GET * 5)
    assert [incoming.keep_alive for incoming in reader.ready] == [True, True, False]
    assert reader.stopped


@pytest.mark.parametrize("start", [GET[:2], GET[:10], GET[:-2]])
def test_a_head_that_breaks_off_gets_a_page(start):
    reader = read(start)
    assert reader.partial
    reader.end()
    assert reader.ready[0].rejection.status == 400
    assert reader.ready[0].rejection.content_type == b"text/html;charset=iso-8859-1"


@pytest.mark.parametrize("start", [POST[:-2], CHUNKED, CHUNKED + b"5\r\nhe"])
def test_a_body_that_breaks_off_is_told(start):
    reader = read(start)
    reader.end()
    assert json.loads(reader.ready[0].rejection.body) == {"error_code": 400, "message": CUT_SHORT}


def test_the_end_between_requests_is_no_error():
    reader = read(GET)
    reader.end()
    assert [incoming.rejection for incoming in reader.ready] == [None]


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        (b"gzip", True),
        (b"deflate, GZIP;q=0.5", True),
        (b"gzip;q=0", False),
        (b"gzip; q=0.000", False),
        (b"*", False),
        (b"deflate, br", False),
        (b"identity;q=0", False),
        (b"x-gzip", False),
        (b"", False),
    ],
)
def test_gzip_must_be_named(value, taken):
    assert one(b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " + value + b"\r\n\r\n").gzip is taken
