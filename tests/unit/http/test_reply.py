"""Replies as bytes, and what differs between two sendings."""

from __future__ import annotations

import gzip
import re

import pytest

from registan.contract.message import Response
from registan.http.reply import Reply
from registan.http.stamp import Stamp

JSON = b"application/json"
BODY = b'{"schema":"' + b"x" * 100 + b'"}'


def lines(head: bytes) -> list[bytes]:
    assert head.startswith(b"\r\n")
    assert head.endswith(b"\r\n\r\n")
    return head[2:-4].split(b"\r\n")


def test_a_reply_says_what_it_is_and_how_long():
    head, body = Reply(Response(200, BODY, JSON, ((b"Warning", b"110"),)), "GET").sendable(gzip=False)
    assert body == BODY
    assert lines(head) == [
        b"Content-Type: application/json",
        b"Vary: Accept-Encoding",
        b"Warning: 110",
        b"Content-Length: %d" % len(BODY),
    ]


def test_nothing_has_neither_length_nor_type():
    head, body = Reply(Response(204), "DELETE").sendable(gzip=True)
    assert (head, body) == (b"\r\n\r\n", b"")


def test_head_tells_the_length_of_what_it_does_not_send():
    head, body = Reply(Response(200, BODY, JSON), "HEAD").sendable(gzip=True)
    assert (lines(head)[-1], body) == (b"Content-Length: %d" % len(BODY), b"")


@pytest.mark.parametrize(
    ("method", "status", "size", "packs"),
    [
        ("GET", 200, 32, True),
        ("GET", 200, 31, False),
        ("POST", 207, 1000, True),
        ("PUT", 200, 1000, False),
        ("DELETE", 200, 1000, False),
        ("HEAD", 200, 1000, False),
        ("GET", 404, 1000, False),
        ("GET", 308, 1000, False),
    ],
)
def test_what_is_gzipped(method, status, size, packs):
    reply = Reply(Response(status, b"x" * size, JSON), method)
    head, body = reply.sendable(gzip=True)
    assert (b"Content-Encoding: gzip" in lines(head)) is packs
    if packs:
        assert gzip.decompress(body) == b"x" * size
        assert lines(head)[-1] == b"Content-Length: %d" % len(body)
    else:
        assert (head, body) == reply.plain


def test_a_body_is_gzipped_once():
    reply = Reply(Response(200, BODY, JSON), "GET")
    assert reply.sendable(gzip=True) is reply.sendable(gzip=True)


UUID4 = rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def test_a_stamp_has_status_date_and_an_id_of_its_own():
    stamp = Stamp()
    made = [stamp.fresh(200, 1.0) for _ in range(3)]
    pattern = (
        rb"HTTP/1\.1 200 OK\r\nDate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r\nX-Request-ID: (" + UUID4 + b")"
    )
    ids = {re.fullmatch(pattern, start)[1] for start in made} | {stamp.new_id()}
    assert len(ids) == 4
    assert len({stamp.new_id()[:-12] for _ in range(3)}) == 1


def test_two_processes_do_not_give_the_same_ids():
    assert Stamp().new_id()[:-12] != Stamp().new_id()[:-12]


def test_the_date_is_made_again_when_its_second_is_over(monkeypatch):
    wall = iter((1000.25, 1001.0))
    monkeypatch.setattr("registan.http.stamp.time.time", lambda: next(wall))
    stamp = Stamp()
    early, same, late = stamp.bare(404, 50.0), stamp.bare(404, 50.7), stamp.bare(404, 50.75)
    assert early == same
    assert (b"00:16:40" in early, b"00:16:41" in late) == (True, True)


def test_a_status_without_a_phrase_is_told_by_its_number():
    assert Stamp().naming(299, 1.0, b"abc").startswith(b"HTTP/1.1 299 \r\nDate: ")
