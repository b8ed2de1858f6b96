"""A process that serves: started with its settings, stopped by SIGTERM or Ctrl-C, what was taken in is finished."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg
import uvicorn
import uvloop
from starlette.types import ASGIApp

from services.kernel.errors import DomicileError
from services.kernel.http.protocol import BoundedProtocol, CertifiedProtocol
from services.kernel.service_settings import ServiceSettings
from services.kernel.settings import SettingsError, describe_settings, read_settings
from services.kernel.telemetry.logs import Log, configure_logs

STARTUP_FAILED, MISCONFIGURED = 1, 2


S = TypeVar("S", bound=ServiceSettings)


def run_service(name: str, doc: str, declarations: type[S], serve: Callable[[S], Awaitable[int]]) -> int:
    """The exit code: what `serve` returns, 1 if it could not start, 2 for wrong settings."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(f"{doc}\n\nSettings, read from the environment:\n{describe_settings(declarations)}")
        return 0
    try:
        settings = read_settings(declarations, os.environ)
        configure_logs(name, settings.region, settings.log_level)
    except (SettingsError, ValueError) as wrong:
        print(f"{name} does not start: {wrong}", file=sys.stderr)
        return MISCONFIGURED
    try:
        return uvloop.run(_awaited(serve(settings)))
    except SettingsError as wrong:
        print(f"{name} does not start: {wrong}", file=sys.stderr)
        return MISCONFIGURED
    except (DomicileError, asyncpg.PostgresError, OSError, TimeoutError) as wrong:
        print(f"{name} does not start: {_readable(wrong)}", file=sys.stderr)
        return STARTUP_FAILED


async def _awaited(outcome: Awaitable[int]) -> int:
    return await outcome


def watch_signals() -> asyncio.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def spare_collections() -> None:
    """Makes full garbage collections rare.

    A burst makes a hundred thousand objects that all live until it is answered; looking through them again and again
    was measured to be a third of the cost of an event. What was made at the start is never looked through again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


def bind(host: str, port: int) -> socket.socket:
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


@dataclass(frozen=True)
class MutualTls:
    """PEM files: our own certificate with its key, and the authority of all clients, without whose word nobody is let
    in."""

    certificate: Path
    key: Path
    authority: Path


async def serve_until_stopped(
    app: ASGIApp,
    listening: socket.socket,
    stop: asyncio.Event,
    *,
    drain_s: int,
    to_partners: bool = False,
    tls: MutualTls | None = None,
) -> None:
    """Serves `app`; returns when `stop` was set, or the server ended by itself, and what was under way is answered.

    `to_partners`: the application is told who the client is (`CertifiedProtocol`).
    """
    server = _Server(_config(app, drain_s, to_partners, tls))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    Log("process").info("stopping" if stop.is_set() else "server-ended")
    stopping.cancel()
    server.should_exit = True
    await serving


class _Server(uvicorn.Server):
    """Signals are ours: uvicorn would raise them again once it has drained, and the exit code would not be 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: ASGIApp, drain_s: int, to_partners: bool, tls: MutualTls | None) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http=CertifiedProtocol if to_partners else BoundedProtocol,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
        ssl_ca_certs=str(tls.authority) if tls else None,
        ssl_cert_reqs=ssl.CERT_REQUIRED if tls else ssl.CERT_NONE,
        loop="none",
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=drain_s,
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
    return config


def _readable(error: BaseException) -> str:
    if isinstance(error, DomicileError):
        # The path of such an error names a file of ours.
        return f"{error.title}{f' ({Path(error.path)})' if error.path else ''}. {error.remedy}"
    if type(error) is OSError and str(error):
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
