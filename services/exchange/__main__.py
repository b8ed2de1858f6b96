"""The exchange of one region: python -m services.exchange

Serves offices and operators on one port and partners on another, and starts worker processes that apply the journal,
follow the register, keep the deadlines and bring the letters; ends them on SIGTERM.
`python -m services.exchange work` is one such worker; `python -m services.exchange rebuild` folds the journal anew.
"""

import asyncio
import sys

from services.exchange.settings import ExchangeSettings
from services.kernel.contract.catalog import Catalog
from services.kernel.http.serving import run_service, spare_collections, watch_signals
from services.kernel.processes.parent import follow_parent
from services.kernel.telemetry.logs import Log


def main(module: str = "services.exchange") -> int:
    """The exit code: 0 stopped as told, 1 could not start, 2 wrong settings, 70 (a worker) was no use any more."""
    if sys.argv[1:2] == ["rebuild"]:
        from services.exchange.rebuilding import main as rebuild

        return rebuild(sys.argv[2:])

    async def serve(settings: ExchangeSettings) -> int:
        return await _serve(settings, module)

    return run_service("exchange", __doc__ or "", ExchangeSettings, _work if "work" in sys.argv[1:] else serve)


async def _serve(settings: ExchangeSettings, module: str) -> int:
    from services.exchange.app import create_app, create_partner_app, open_serving
    from services.kernel.http.serving import MutualTls, bind, serve_until_stopped

    stop = watch_signals()
    with bind(settings.host, settings.port) as listening:
        async with open_serving(settings, Catalog.load(), [sys.executable, "-m", module, "work"]) as serving:
            spare_collections()
            doors = [serve_until_stopped(create_app(settings, serving), listening, stop, drain_s=settings.drain_s)]
            partners = create_partner_app(serving)
            if partners is not None and settings.partners_port and serving.parts.members is not None:
                files = serving.parts.members.tls
                tls = MutualTls(files.certificate, files.key, files.authority) if files is not None else None
                port = bind(settings.partners_host, settings.partners_port)
                doors.append(
                    serve_until_stopped(partners, port, stop, drain_s=settings.drain_s, to_partners=True, tls=tls)
                )
            await asyncio.gather(*doors)
    Log("process").info("stopped")
    return 0


async def _work(settings: ExchangeSettings) -> int:
    from services.exchange.worker.worker import work

    stop = watch_signals()
    parent = asyncio.create_task(follow_parent(stop))
    spare_collections()
    try:
        return await work(settings, Catalog.load(), stop)
    finally:
        parent.cancel()


if __name__ == "__main__":
    sys.exit(main())
