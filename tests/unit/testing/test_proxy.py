"""The proxy passes bytes on, and does what it is told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from registan.testing.services.proxy import Proxy, through


@asynccontextmanager
async def echoed():
    """A proxy in front of a server that sends back what it gets, and a way to connect to it."""

    tasks = []

    async def echo(reader, writer):
        tasks.append(asyncio.current_task())
        try:
            while chunk := await reader.read(1000):
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    with Proxy(server.sockets[0].getsockname()[1]) as proxy:
        opened = []

        async def connect():
            pair = await asyncio.open_connection("127.0.0.1", proxy.port)
            opened.append(pair[1])
            return pair

        try:
            yield proxy, connect
        finally:
            for writer in opened:
                writer.close()
            server.close()
            await asyncio.gather(*tasks)


async def said(pair, data: bytes) -> bytes:
    reader, writer = pair
    writer.write(data)
    return await asyncio.wait_for(reader.readexactly(len(data)), 60)


async def broken(pair) -> bool:
    try:
        return await asyncio.wait_for(pair[0].read(1), 60) == b""
    except ConnectionError:
        return True


async def test_bytes_pass_both_ways():
    async with echoed() as (proxy, connect):
        assert await said(await connect(), b"a" * 100_000) == b"a" * 100_000
        assert proxy.accepted == 1


async def test_a_cut_breaks_what_is_connected_and_nothing_else():
    async with echoed() as (proxy, connect):
        pair = await connect()
        assert await said(pair, b"x") == b"x"
        proxy.cut()
        assert await broken(pair)
        assert await said(await connect(), b"y") == b"y"


async def test_refused_until_mended():
    async with echoed() as (proxy, connect):
        proxy.refuse()
        assert await broken(await connect())
        proxy.mend()
        assert await said(await connect(), b"y") == b"y"


async def test_held_until_mended():
    async with echoed() as (proxy, connect):
        pair = await connect()
        proxy.hold()
        waiting = asyncio.create_task(said(pair, b"x"))
        done, _ = await asyncio.wait([waiting], timeout=0.2)
        assert not done
        proxy.mend()
        assert await waiting == b"x"


async def test_delayed():
    async with echoed() as (proxy, connect):
        pair = await connect()
        proxy.delay(0.05)
        loop = asyncio.get_running_loop()
        before = loop.time()
        assert await said(pair, b"x") == b"x"
        assert loop.time() - before >= 0.1


async def test_an_environment_is_led_through():
    async with echoed() as (proxy, _):
        led = through({"POSTGRES_PORT": "5432", "HOSTS": "127.0.0.1:5432", "NAME": "x"}, 5432, proxy)
        assert led == {"POSTGRES_PORT": str(proxy.port), "HOSTS": f"127.0.0.1:{proxy.port}", "NAME": "x"}
        with pytest.raises(AssertionError, match="no variable leads"):
            through({"NAME": "x"}, 5432, proxy)
