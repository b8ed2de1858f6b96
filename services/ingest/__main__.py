"""`python -m services.ingest`: serve until told to stop. SIGTERM and Ctrl-C drain: what was taken in is finished."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import uvicorn
import uvloop

from services.ingest.app import create_app, open_parts
from services.ingest.settings import IngestSettings
from services.kernel.errors import DomicileError
from services.kernel.settings import SettingsError, describe_settings, read_settings
from services.kernel.telemetry.logs import Log, configure_logs

STARTUP_FAILED, MISCONFIGURED = 1, 2


class _Server(uvicorn.Server):
    """Signals are ours: uvicorn would raise them again once it has drained, and the exit code would not be 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main() -> int:
    """The exit code: 0 stopped as told, 1 could not start, 2 wrong settings."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(f"{__doc__}\n\nSettings, read from the environment:\n{describe_settings(IngestSettings)}")
        return 0
    try:
        settings = read_settings(IngestSettings, os.environ)
        configure_logs("ingest", settings.region, settings.log_level)
    except (SettingsError, ValueError) as wrong:
        print(f"ingest does not start: {wrong}", file=sys.stderr)
        return MISCONFIGURED
    try:
        return uvloop.run(_serve(settings))
    except (DomicileError, asyncpg.PostgresError, OSError, TimeoutError) as wrong:
        print(f"ingest does not start: {_readable(wrong)}", file=sys.stderr)
        return STARTUP_FAILED


def _spare_collections() -> None:
    """Makes full garbage collections rare.

    A burst makes a hundred thousand objects that all live until it is answered; looking through them again and again
    was measured to be a third of the cost of an event. What was made at the start is never looked through again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


async def _serve(settings: IngestSettings) -> int:
    log = Log("process")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with _bind(settings.host, settings.port) as listening:
        async with open_parts(settings) as parts:
            _spare_collections()
            server = _Server(_config(settings, create_app(settings, parts)))
            await _until_stopped(server, listening, stop, log)
    log.info("stopped")
    return 0


def _bind(host: str, port: int) -> socket.socket:
    """The address, taken before anything else is opened; nobody is let in before the server listens."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise OSError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listening


async def _until_stopped(server: _Server, listening: socket.socket, stop: asyncio.Event, log: Log) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping" if stop.is_set() else "server-ended")
    stopping.cancel()
    server.should_exit = True
    await serving


def _config(settings: IngestSettings, app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=settings.host,
        port=settings.port,
        http="httptools",
        loop="none",
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=settings.drain_s,
    )


def _readable(error: BaseException) -> str:
    if isinstance(error, DomicileError):
        # The path of such an error names a file of ours.
        return f"{error.title}{f' ({Path(error.path)})' if error.path else ''}. {error.remedy}"
    if type(error) is OSError and str(error):
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
