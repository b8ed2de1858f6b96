"""Every night by the region's own clock: one run with each partner that this side is to begin with."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from services.exchange.members import Members, MembersFile
from services.exchange.reconciliation.beginning import Beginning
from services.exchange.reconciliation.records import find_last_night
from services.kernel.clock import Clock

AT = time(2)
_UTC = ZoneInfo("UTC")


class Nightly:
    """Looks now and then whether a night has begun that was not reconciled. A service that was only just started waits
    for its first night."""

    def __init__(self, pool: asyncpg.Pool, beginning: Beginning, members: MembersFile, clock: Clock) -> None:
        self._pool, self._beginning, self._members, self._clock = pool, beginning, members, clock
        self._started_at = clock.now()
        self._tried: dict[str, datetime] = {}

    async def run_once(self) -> bool:
        """Whether a run was led, so that there may be more."""
        members = self._members.current()
        night = begin_of_night(self._clock.now(), members)
        for partner in members.partners():
            if not begins_here(members, partner.region):
                continue
            last = await find_last_night(self._pool, partner.region) or self._started_at
            if last >= night or self._tried.get(partner.region, last) >= night:
                continue
            self._tried[partner.region] = self._clock.now()
            run_id = await self._beginning.begin(partner.region, "nightly")
            await self._beginning.lead(run_id, partner.region)
            return True
        return False


def begins_here(members: Members, partner: str) -> bool:
    """One of the two begins: whoever cannot be reached from outside, else the first by name."""
    own, other = members.get(members.own), members.get(partner)
    if own.pulls != other.pulls:
        return own.pulls
    return not other.pulls and members.own < partner


def begin_of_night(now: datetime, members: Members) -> datetime:
    """The last two o'clock in the morning here."""
    calendar = members.get(members.own).calendar
    local = now.astimezone(calendar.zone if calendar is not None else _UTC)
    night = datetime.combine(local.date(), AT, local.tzinfo)
    return night if night <= local else datetime.combine(local.date() - timedelta(days=1), AT, local.tzinfo)
