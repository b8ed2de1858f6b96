"""A partner that answers as a test wants it to: a door with a good certificate and bad manners."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from tests.exchange.federation import Federation

Answer = Callable[[bytes], Awaitable[bytes]]


@asynccontextmanager
async def serve_partner(federation: Federation, region: str, answer: Answer) -> AsyncIterator[str]:
    """The address of a server that is the region by its certificate. Each body is answered by `answer`, status 200."""
    own = federation.own[region]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(own / "authority.pem"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(own / "certificate.pem", own / "certificate.key")
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(Exception):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
            )
            body = await reader.readexactly(length)
            told = await answer(body) if body else b"{}"
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(told) + told)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
