"""Connections that are lent: how many, how old, and what happens after a failure."""

from __future__ import annotations

import asyncio

import pytest

from registan.store.pool import Pool, Size
from registan.store.protocol import Unavailable


class Server:
    """Counts what is made and ended."""

    def __init__(self, smallest=1, largest=3, lifetime_s=3600.0):
        self.made = []
        self.ended = []
        self.broken = set()
        self.pool = Pool(
            self.connect,
            lambda c: c not in self.broken,
            self.ended.append,
            Size(smallest, largest, lifetime_s),
        )

    async def connect(self):
        self.made.append(len(self.made))
        return self.made[-1]


async def test_it_opens_with_the_smallest_number():
    server = Server(smallest=2)
    await server.pool.open()
    await server.pool.open()
    assert server.made == [0, 1]
    assert server.pool.counts[:2] == (2, 0)


async def test_one_that_was_returned_is_lent_again():
    server = Server()
    await server.pool.open()
    for _ in range(3):
        async with server.pool.lent() as connection:
            assert connection == 0
            assert server.pool.counts[:2] == (0, 1)


async def test_never_more_than_the_largest_number():
    server = Server(largest=2)
    await server.pool.open()
    seen = []

    async def use():
        async with server.pool.lent():
            seen.append(server.pool.counts.in_use)
            await asyncio.sleep(0)

    await asyncio.gather(*(use() for _ in range(10)))
    assert max(seen) == 2
    assert len(server.made) == 2


async def test_a_failure_ends_the_connection_and_those_that_wait():
    server = Server(smallest=2)
    await server.pool.open()
    with pytest.raises(ValueError, match="x"):
        async with server.pool.lent():
            raise ValueError("x")
    assert sorted(server.ended) == [0, 1]
    async with server.pool.lent() as connection:
        assert connection == 2


async def test_the_smallest_number_is_held():
    """Those that broke or grew too old are made up for when one that works comes back."""
    server = Server(smallest=3)
    await server.pool.open()
    server.broken = {0, 1, 2}
    async with server.pool.lent() as connection:
        assert connection == 3
    await server.pool._filling
    assert server.pool.counts.idle == 3
    assert (sorted(server.ended), server.made) == ([0, 1, 2], [0, 1, 2, 3, 4, 5])
    await server.pool.close()


async def test_one_that_broke_while_idle_is_not_lent():
    server = Server()
    await server.pool.open()
    server.broken.add(0)
    async with server.pool.lent() as connection:
        assert connection == 1
    assert server.ended == [0]


async def test_an_old_one_is_replaced():
    server = Server(lifetime_s=0.0)
    await server.pool.open()
    async with server.pool.lent() as connection:
        assert connection == 1
    assert server.ended == [0, 1]


async def test_a_connection_that_cannot_be_made_takes_no_room():
    server = Server(largest=1)
    server.pool._connect = refuse
    with pytest.raises(Unavailable):
        await server.pool.open()
    for _ in range(3):
        with pytest.raises(Unavailable):
            async with server.pool.lent():
                raise AssertionError("nothing was lent")
    assert server.pool.counts[:2] == (0, 0)


async def refuse():
    raise Unavailable("no")


async def test_closing_waits_for_what_is_in_use():
    server = Server()
    await server.pool.open()
    async with server.pool.lent():
        closing = asyncio.create_task(server.pool.close())
        await asyncio.sleep(0)
        assert not closing.done()
    await closing
    await server.pool.close()
    assert server.ended == [0]
    with pytest.raises(Unavailable):
        async with server.pool.lent():
            raise AssertionError("nothing was lent")
