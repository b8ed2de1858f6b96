"""The projections of one region: python -m services.projections

Starts worker processes, serves over HTTP how far they are (and what they made), ends them on SIGTERM.
`python -m services.projections work` is one such worker; `python -m services.projections rebuild --help` builds anew;
`python -m services.projections publish` makes an edition of what analysts read.
"""

import asyncio
import sys
from collections.abc import Callable

from services.kernel.contract.catalog import Catalog
from services.kernel.http.serving import bind, run_service, serve_until_stopped, spare_collections, watch_signals
from services.kernel.privacy.region_key import RegionKey
from services.kernel.processes.parent import follow_parent
from services.kernel.telemetry.logs import Log
from services.projections.engine.follower import Pace
from services.projections.engine.projection import Projection
from services.projections.engine.worker import work
from services.projections.settings import ProjectionsSettings

ListProjections = Callable[[str, Catalog, RegionKey], tuple[Projection, ...]]


def main(module: str = "services.projections", listed: ListProjections | None = None) -> int:
    """The exit code: 0 stopped as told, 1 could not start, 2 wrong settings.

    `module`: what a worker is started as. `listed`: which projections there are; those of `registered.py` unless told.
    """

    async def serve(settings: ProjectionsSettings) -> int:
        return await _serve(settings, module, listed or _find_registered())

    async def follow(settings: ProjectionsSettings) -> int:
        return await _work(settings, listed or _find_registered())

    if sys.argv[1:2] == ["publish"]:
        from services.projections.analysis.publishing import main as publish

        return publish()
    if sys.argv[1:2] == ["rebuild"]:
        from services.projections.rebuilding import main as rebuild

        return rebuild(sys.argv[2:])
    return run_service("projections", __doc__ or "", ProjectionsSettings, follow if "work" in sys.argv[1:] else serve)


def _find_registered() -> ListProjections:
    # Imported when it is wanted: a worker of other projections does without what these stand on.
    from services.projections.registered import list_projections

    return list_projections


async def _serve(settings: ProjectionsSettings, module: str, listed: ListProjections) -> int:
    # A worker serves nothing.
    from services.projections.app import create_app, open_parts

    stop = watch_signals()
    catalog = Catalog.load()
    projections = listed(settings.region, catalog, RegionKey.read(settings.region_key_file))
    worker = [sys.executable, "-m", module, "work"]
    with bind(settings.host, settings.port) as listening:
        async with open_parts(settings, catalog, projections, worker) as parts:
            spare_collections()
            await serve_until_stopped(create_app(settings, parts), listening, stop, drain_s=settings.drain_s)
    Log("process").info("stopped")
    return 0


async def _work(settings: ProjectionsSettings, listed: ListProjections) -> int:
    stop = watch_signals()
    projections = listed(settings.region, Catalog.load(), RegionKey.read(settings.region_key_file))
    parent = asyncio.create_task(follow_parent(stop))
    spare_collections()
    pace = Pace(settings.batch_max, settings.linger_ms / 1000, settings.aside_max)
    try:
        await work(settings.region, settings.kafka, settings.database_url, projections, pace, stop)
    finally:
        parent.cancel()
    return 0


if __name__ == "__main__":
    sys.exit(main())
