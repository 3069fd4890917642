"""Requests known by their bytes: how many, and that nothing is held for those that are not any more."""

from __future__ import annotations

import gc
import weakref

from registan.contract.message import Response
from registan.http.reply import Reply
from registan.http.service import ENTRY_BYTES, Known

ROOM = 10 * (ENTRY_BYTES + 4)
"""For ten requests of four bytes."""


def kept() -> Reply:
    reply = Reply(Response(200, b"{}"), "GET")
    reply.keep(100, ())
    return reply


def test_a_reply_is_recalled_by_the_bytes_of_its_request():
    known, reply = Known(ROOM), kept()
    known.remember(b"0000", reply, gzip=True)
    assert known.replies == {b"0000": (reply, True)}


def test_when_there_are_too_many_all_are_forgotten():
    known, reply = Known(ROOM), kept()
    for number in range(11):
        known.remember(b"%04d" % number, reply, gzip=False)
    assert list(known.replies) == [b"0010"]


def test_what_is_forgotten_gives_its_room_back():
    """Or replies that commits make untrue would soon drive out those that are true."""
    known, stays = Known(ROOM), kept()
    known.remember(b"stay", stays, gzip=False)
    for number in range(30):
        reply = kept()
        known.remember(b"%04d" % number, reply, gzip=False)
        reply.forget()
    assert list(known.replies) == [b"stay"]


def test_a_long_lived_reply_does_not_pile_up_requests():
    """A client that sends something new with each request, like the id of a trace, asks for one reply."""
    known, reply = Known(ROOM), kept()
    for number in range(1000):
        known.remember(b"%04d" % number, reply, gzip=False)
    assert len(reply._known) <= 10
    reply.forget()
    assert not known.replies


def test_a_reply_does_not_hold_who_knew_it():
    """A connection with a certificate knows requests for itself, and goes."""
    known, reply = Known(ROOM), kept()
    known.remember(b"0000", reply, gzip=False)
    known.clear()
    gone = weakref.ref(known)
    del known
    gc.collect()
    assert gone() is None
    assert reply.kept
