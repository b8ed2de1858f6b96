"""Drafts that nobody settles do not stay for ever."""

import asyncio

from services.ingest.corrections.store import DraftStore
from services.kernel.clock import Clock
from services.kernel.database import TRANSIENT
from services.kernel.telemetry.logs import Log

LOOK_EVERY_S = 600.0
_log = Log("corrections")


async def expire_drafts(store: DraftStore, clock: Clock) -> None:
    """For as long as the process lives. Any process may do it, and several at once do no harm."""
    while True:
        expired = 0
        try:
            expired = await store.expire_old(clock.now())
        except TRANSIENT as error:
            _log.warning("drafts-not-expired", error)
        if expired:
            _log.info("drafts-expired", count=expired)
        await asyncio.sleep(0.1 if expired else LOOK_EVERY_S)
