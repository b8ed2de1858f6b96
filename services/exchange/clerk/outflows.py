"""How many outflows the house confirms by itself: a partner that claims many in a day is looked at by people."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import asyncpg

from services.kernel.telemetry.logs import Log

A_DAY = timedelta(days=1)
TOO_MANY = "many-outflows"
_TOLD_AGAIN = timedelta(hours=1)


class Outflows:
    """`most`: in any 24 hours, for each partner."""

    def __init__(self, pool: asyncpg.Pool, most: int) -> None:
        self._pool, self._most = pool, most
        self._told: dict[str, datetime] = {}
        self._log = Log("clerk")

    async def find_room(self, partners: Iterable[str], now: datetime) -> dict[str, int]:
        """How many more, by partner."""
        rows = await self._pool.fetch(
            "SELECT asked.partner, (SELECT count(*) FROM exchange.message AS m WHERE m.partner = asked.partner"
            "   AND m.is_ours AND m.message_type = '203' AND m.said_at > $2) AS confirmed"
            " FROM unnest($1::text[]) AS asked (partner)",
            sorted(set(partners)),
            now - A_DAY,
        )
        return {row["partner"]: self._most - row["confirmed"] for row in rows}

    def tell(self, partner: str, now: datetime) -> None:
        """The log, at most once an hour for each partner."""
        told = self._told.get(partner)
        if told is None or now - told >= _TOLD_AGAIN:
            self._told[partner] = now
            self._log.warning(TOO_MANY, partner=partner, most=self._most)
