"""Nobody holds a connection by never ending the head of a request; whoever sends slowly but ends it is answered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from services.kernel.http import protocol
from services.kernel.http.serving import bind, serve_until_stopped

Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


async def answer_late(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(3 * protocol.HEAD_TIMEOUT_S)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def connect(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT_S", 0.2)
    stop = asyncio.Event()
    with bind("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        serving = asyncio.create_task(serve_until_stopped(answer_late, listening, stop, drain_s=1))
        listening.listen()  # so that who comes before the server does is not turned away
        yield lambda: asyncio.open_connection("127.0.0.1", port)
        stop.set()
        await serving


@pytest.mark.parametrize("sent", [b"", b"P", b"POST /v1/events HTTP/1.1\r\nhost: x\r\nx-half: "])
async def test_a_head_that_never_ends_costs_its_sender_the_connection(connect: Open, sent: bytes) -> None:
    reader, writer = await connect()
    writer.write(sent)
    assert await reader.read() == b""
    writer.close()


async def test_an_answer_may_take_longer_than_a_head(connect: Open) -> None:
    reader, writer = await connect()
    for _ in range(2):  # also on a connection that was kept
        writer.write(b"GET /livez HTTP/1.1\r\n")
        await writer.drain()
        writer.write(b"host: x\r\n\r\n")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_the_second_head_on_a_kept_connection_is_waited_for_no_longer(connect: Open) -> None:
    reader, writer = await connect()
    writer.write(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
    writer.write(b"GET /livez HT")
    assert await reader.read() == b""
    writer.close()
