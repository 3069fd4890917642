"""The driver's connection in the loop of the registry, over a pair of sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from cassandra.connection import ConnectionShutdown

from registan.store.cassandra_connection import UNSENT_MAX, LoopConnection
from registan.testing.store_case import until


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def over(ours):
    """A connection of this loop that has sent what each begins with."""

    class Paired(LoopConnection):
        def _connect_socket(self):
            self._socket = ours

    return Paired.of(asyncio.get_running_loop())(protocol_version=4)


async def in_thread(work, *arguments):
    """The driver's own threads are not the loop's either."""
    await asyncio.to_thread(work, *arguments)


async def test_what_is_sent_arrives_whole_and_in_order(pair):
    ours, theirs = pair
    connection = over(ours)
    sent = [bytes([number]) * size for number, size in enumerate((1, 3_000_000, 2, 3_000_000, 3), start=1)]
    began = await asyncio.get_running_loop().sock_recv(theirs, 1000)
    connection.push(sent[0])
    connection.push(sent[1])
    await in_thread(connection.push, sent[2])
    connection.push(sent[3])
    await in_thread(connection.push, sent[4])
    expected, received = b"".join(sent), bytearray()
    assert not connection._socket_writable
    while len(received) < len(expected):
        received += await asyncio.get_running_loop().sock_recv(theirs, 1 << 20)
    assert began[0] == 4
    assert received == expected
    await until(lambda: connection._socket_writable)
    connection.push(b"more")
    assert await asyncio.get_running_loop().sock_recv(theirs, 100) == b"more"
    connection.close()


async def test_who_reads_too_slowly_is_sent_no_more(pair):
    connection = over(pair[0])
    connection.push(b"x" * UNSENT_MAX * 2)
    assert not connection._socket_writable
    connection.close()
    connection.push(b"late")
    assert len(connection._unsent) < UNSENT_MAX * 2


@pytest.mark.parametrize("closes", ["node", "loop", "thread"])
async def test_whoever_waits_hears_that_it_is_closed(pair, closes):
    ours, theirs = pair
    connection = over(ours)
    heard = []
    connection._requests[7] = (heard.append, None, None)
    if closes == "node":
        theirs.close()
    elif closes == "loop":
        connection.close()
    else:
        await in_thread(connection.close)
    await asyncio.to_thread(connection.connected_event.wait, 10)
    await until(lambda: ours.fileno() == -1)
    assert connection.is_closed
    assert [type(each) for each in heard] == [ConnectionShutdown]
    assert isinstance(connection.last_error, (ConnectionShutdown, OSError))


async def test_a_timer_calls_back_in_the_loop_unless_it_is_cancelled(pair):
    connection = over(pair[0])
    called = []

    def arm():
        connection.create_timer(0.01, lambda: called.append(threading.get_ident()))
        connection.create_timer(0, lambda: called.append("cancelled")).cancel()

    arm()
    await in_thread(arm)
    await until(lambda: len(called) >= 2)
    assert called == [threading.get_ident()] * 2
    connection.close()


@pytest.mark.parametrize("where", ["its thread", "another"])
def test_nothing_is_done_where_the_loop_has_ended(pair, where):
    """The driver closes what is open when the process ends."""

    async def leave():
        return over(pair[0])

    connection = asyncio.run(leave())

    def go_on():
        connection.create_timer(0, go_on).cancel()
        connection.push(b"late")
        connection.close()

    if where == "another":
        with ThreadPoolExecutor(1) as threads:
            threads.submit(go_on).result()
    else:
        go_on()
    assert connection.is_closed
    assert pair[0].fileno() == -1
