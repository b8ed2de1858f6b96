"""`python -m services.ingest`: serve until told to stop. SIGTERM and Ctrl-C drain: what was taken in is finished."""

import sys

from services.ingest.app import create_app, open_parts
from services.ingest.settings import IngestSettings
from services.kernel.http.serving import bind, run_service, serve_until_stopped, spare_collections, watch_signals
from services.kernel.telemetry.logs import Log


def main() -> int:
    """The exit code: 0 stopped as told, 1 could not start, 2 wrong settings."""
    return run_service("ingest", __doc__ or "", IngestSettings, _serve)


async def _serve(settings: IngestSettings) -> int:
    stop = watch_signals()
    with bind(settings.host, settings.port) as listening:
        async with open_parts(settings) as parts:
            spare_collections()
            await serve_until_stopped(create_app(settings, parts), listening, stop, drain_s=settings.drain_s)
    Log("process").info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
