"""The clerk does what the house owes by itself: it looks up who is owed something, reads, compares, and appends what
follows. It decides nothing that the table of duties leaves to people, and writes no state.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from services.exchange.clerk.answering import Answering
from services.exchange.clerk.desk import Case, Desk
from services.exchange.clerk.duties import Does
from services.exchange.clerk.meeting import Meeting
from services.exchange.clerk.noticing import Noticing
from services.exchange.clerk.plans import Drafting
from services.exchange.clerk.settling import Settling
from services.exchange.clerk.work import Work
from services.exchange.journal.journal import Waiting
from services.kernel.clock import Clock
from services.kernel.database.weather import is_weather
from services.kernel.telemetry.logs import Log

AT_ONCE = 200
_MEET_AGAIN = timedelta(seconds=10)

Handler = Callable[[Sequence[Case]], Awaitable[Work]]


class Clerk:
    """`read`: the pool of the login that may only look at the register."""

    def __init__(
        self,
        desk: Desk,
        drafting: Drafting,
        journal: Waiting,
        clock: Clock,
        noticing: Noticing,
        answering: Answering,
        meeting: Meeting,
        settling: Settling,
    ) -> None:
        self._desk, self._drafting, self._journal, self._clock = desk, drafting, journal, clock
        self._handlers: Mapping[Does, Handler] = {
            Does.NOTIFY: noticing.notify,
            Does.ANNOUNCE: noticing.announce,
            Does.REPORT: noticing.report,
            Does.PAIR: answering.pair,
            Does.ANSWER: answering.answer,
            Does.RESPOND: answering.respond,
            Does.MEET: meeting.meet,
            Does.ACCEPT: settling.accept,
            Does.ADOPT: settling.adopt,
            Does.CLOSE: settling.close,
            Does.COMPENSATE: settling.compensate,
            Does.EXCUSE: settling.excuse,
        }
        self._log = Log("clerk")

    async def work_once(self) -> bool:
        """Does the duties whose time has come; whether there may be more at once."""
        cases = await self._desk.take_up(self._clock.now(), AT_ONCE)
        done = Work()
        for does, handler in self._handlers.items():
            concerned = [case for case in cases if case.duty.does is does]
            if concerned:
                done.add(await self._try(handler, concerned))
        await self._settle(done)
        return bool(done.plans) or len(cases) == AT_ONCE

    async def _try(self, handler: Handler, cases: Sequence[Case]) -> Work:
        """Together; where that fails for a reason that lies in the cases, each by itself, so that one does not keep
        the others waiting."""
        try:
            return await handler(cases)
        except Exception as error:
            if is_weather(error):
                raise
            if len(cases) == 1:
                self._log.error("duty-failed", error, conversation=cases[0].id, duty=cases[0].duty.does)
                return Work(later=list(cases))
        done = Work()
        for case in cases:
            done.add(await self._try(handler, [case]))
        return done

    async def _settle(self, done: Work) -> None:
        entries = await self._drafting.draft(done.plans, self._clock.now())
        if entries:
            await self._journal.append(entries)
        if done.later:
            await self._desk.put_off(done.later, self._clock.now())
        if done.until:
            await self._desk.put_off_until(done.until)
        if done.people:
            await self._desk.leave_to_people(done.people)
        for partner in done.arrived_from:
            await self._desk.wake(partner, self._clock.now(), _MEET_AGAIN)
