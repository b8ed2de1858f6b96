"""A door closes when it is told to, whoever still holds a connection to it."""

import asyncio
from pathlib import Path
from typing import Any

from services.kernel.http.serving import MutualTls, bind, serve_until_stopped
from tests.exchange.door.clients import open_client
from tests.exchange.federation import Federation

LONG_S = 600


async def say_ok(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def test_a_partner_that_keeps_an_idle_connection_is_not_waited_for(tmp_path: Path) -> None:
    stop = asyncio.Event()
    with bind("127.0.0.1", 0) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        federation = Federation(tmp_path, {"north": url, "south": url})
        own = federation.own["north"]
        tls = MutualTls(own / "certificate.pem", own / "certificate.key", own / "authority.pem")
        serving = asyncio.create_task(
            serve_until_stopped(say_ok, listening, stop, drain_s=LONG_S, to_partners=True, tls=tls)
        )
        listening.listen()
        async with open_client(federation.own["south"]) as partner:
            assert (await partner.get(url)).text == "ok"
            stop.set()
            async with asyncio.timeout(LONG_S / 20):
                await serving
