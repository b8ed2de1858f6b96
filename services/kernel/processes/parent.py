"""What a worker process knows of its parent: standard input ends with it, standard output tells it how things go."""

import asyncio
import os
import sys
from collections.abc import Callable

from services.kernel.telemetry.logs import Log

TELL_EVERY_S = 0.5


async def follow_parent(stop: asyncio.Event) -> None:
    """Sets `stop` when standard input ends: our parent is gone, however it went."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        continue
    Log("worker").info("stopping")
    stop.set()


async def tell_parent(line: Callable[[], bytes], stop: asyncio.Event) -> None:
    """Writes a line twice a second; sets `stop` when nobody reads it any more."""
    while True:
        try:
            os.write(1, line() + b"\n")
        except OSError:
            stop.set()
            return
        await asyncio.sleep(TELL_EVERY_S)
