"""A quarter of a year between two regions: letters over mutual TLS, clocks that a test moves, two calendars, and a new
edition of one of them in the middle. The figures are compared with what can be counted on the fingers."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.exchange.door.scorecards import ScorecardRoutes
from services.exchange.journal.entry import Beginning
from services.exchange.ledger import rebuild
from services.exchange.ledger.applying import Ledger
from services.exchange.ledger.aside import Placed
from services.exchange.ledger.positions import Step, get_positions
from services.exchange.members.document import write_calendar
from services.exchange.particulars.commitments import commit
from services.exchange.protocol.calendars import Calendar, CalendarVersion
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Find, Finding, Say, Tick
from services.kernel.event_id import new_event_id
from services.kernel.log.reader import Partition
from tests.exchange.protocol.words import body_of
from tests.exchange.regions import PERSON, Region, open_regions
from tests.exchange.scorecards.test_door import CALLER, read, request_for

FIRST, LAST = date(2026, 4, 1), date(2026, 6, 30)
HOUR = time(7, tzinfo=UTC)
"""When letters leave and are answered: offices are open in Stockholm (9 o'clock) and in Chengdu (15 o'clock)."""
DECREED = date(2026, 5, 11)
"""South publishes a new edition of its calendar: three days more are free."""
_SWEDEN = {date(2026, *each) for each in ((4, 3), (4, 6), (5, 1), (5, 14), (6, 19))}
_CHINA = {date(2026, 4, 4) + timedelta(each) for each in range(3)} | {date(2026, 5, each) for each in range(1, 6)}
_CHINA |= {date(2026, 6, each) for each in (19, 20, 21)}
_MADE_UP = {date(2026, 5, 9)}
_DECREED = {date(2026, 5, each) for each in (20, 21, 22)}


def edition(number: int, published: date, free: set[date], made_up: set[date], closes: time) -> CalendarVersion:
    at = datetime.combine(published, time(), UTC)
    return CalendarVersion(number, at, frozenset(free), frozenset(made_up), closes=closes)


NORTH = Calendar("north", ZoneInfo("Europe/Stockholm"), (edition(1, date(2025, 1, 1), _SWEDEN, set(), time(17)),))
SOUTH_1 = edition(1, date(2025, 1, 1), _CHINA, _MADE_UP, time(17, 30))
SOUTH_2 = edition(2, DECREED, _CHINA | _DECREED, _MADE_UP, time(17, 30))
SOUTH = Calendar("south", ZoneInfo("Asia/Shanghai"), (SOUTH_1,))


@dataclass
class Plan:
    """What is asked when, and what its debtor does how many days later. `what`: answer, empty, refuse, interim,
    not-mine, or nothing."""

    asker: str
    debtor: str
    code: str
    asked_on: date
    what: str
    after: int
    conversation: str = ""
    message: str = ""


@dataclass
class Quarter:
    """Both regions, day by day."""

    regions: dict[str, Region]
    plans: list[Plan]
    day: date = FIRST
    done: set[int] = field(default_factory=set)

    async def live(self) -> None:
        while self.day <= LAST:
            if self.day == DECREED:
                self.decree()
            await self._begin_day()
            for number, plan in enumerate(self.plans):
                if plan.asked_on == self.day:
                    await self._ask(plan, number)
            await self._carry()
            for plan in self.plans:
                await self._act(plan)
            await self._carry()
            self.day += timedelta(days=1)

    def decree(self) -> None:
        """The keeper of the directory signs it anew."""
        self.regions["north"].federation.change(_with_calendars(NORTH, SOUTH._replace(versions=(SOUTH_1, SOUTH_2))))

    async def _begin_day(self) -> None:
        """Only what has to wake is woken, as by the timers of a region."""
        for region in self.regions.values():
            region.clock.advance(datetime.combine(self.day, HOUR) - region.clock.now())
            rows = await region.pool.fetch(
                "SELECT conversation_id, partner FROM exchange.conversation WHERE wake_at <= $1", region.clock.now()
            )
            if rows:
                await region.journal.append(
                    [region.entry(row["partner"], str(row["conversation_id"]), Tick()) for row in rows]
                )

    async def _ask(self, plan: Plan, number: int) -> None:
        asker = self.regions[plan.asker]
        plan.conversation = derive_id(asker.clock.now(), "quarter", number)
        if plan.code == "201":
            plan.message = await asker.say("201", plan.debtor, conversation=plan.conversation)
            return
        plan.message = str(new_event_id(asker.clock.now()))
        subject = commit("subject", PERSON)
        items = [{"item_id": "1", "path": "family_name", "question": "IS_IT_SO"}]
        say = Say("301", body_of("301", items=items), plan.message, parts=(subject.part,))
        begins = Beginning(Talk.VERIFY, Role.ASKER)
        sealed = await asker._seal(plan.message, subject, UUID(plan.conversation))
        await asker.journal.append([asker.entry(plan.debtor, plan.conversation, say, begins, (sealed,))])

    async def _act(self, plan: Plan) -> None:
        age = (self.day - plan.asked_on).days
        if plan.what == "interim" and age == 0:
            await self._answer(plan, "203", "UNDER_VERIFICATION")
        elif age != plan.after or plan.what == "nothing":
            return
        elif plan.code == "301":
            items = [{"item_id": "1", "result": "CONFIRMED" if plan.what == "answer" else "NOT_KNOWN"}]
            await self._answer(plan, "302", "VERIFIED", items=items)
        elif plan.what in ("refuse", "not-mine"):
            await self._answer(plan, "204", "B-D" if plan.what == "refuse" else "B-X")
        else:
            empty = {"origin_effect": None, "departed_on": None} if plan.what == "empty" else {}
            await self._answer(plan, "203", "CONFIRMED", **empty)

    async def _answer(self, plan: Plan, code: str, outcome: str, **facts: Any) -> None:
        debtor = self.regions[plan.debtor]
        await debtor.journal.append([debtor.entry(plan.asker, plan.conversation, Find(Finding.PAIRED))])
        await debtor.say(
            code, plan.asker, outcome, conversation=plan.conversation, in_reply_to=plan.message, parts=[], **facts
        )

    async def _carry(self) -> None:
        north, south = self.regions["north"], self.regions["south"]
        while await north.courier.bring_once("south") + await south.courier.bring_once("north"):
            pass


def _with_calendars(*calendars: Calendar) -> Any:
    written = {each.region: write_calendar(each) for each in calendars}

    def alter(document: dict[str, Any]) -> None:
        for member in document["members"]:
            member["calendar"] = written[member["region"]]

    return alter


def make_plans() -> list[Plan]:
    """Seventy questions, most of them answered soon."""
    random = Random(20260401)
    plans = []
    for number in range(70):
        asker, debtor = ("north", "south") if number % 5 < 3 else ("south", "north")
        code = "301" if number % 7 == 0 else "201"
        others = ("empty", "nothing") if code == "301" else ("refuse", "interim", "not-mine", "empty", "nothing")
        asked_on = FIRST + timedelta(days=random.randrange(84))
        what = random.choice(("answer",) * 8 + others)
        after = random.choice({"interim": (9, 14), "not-mine": (0, 1)}.get(what, (0, 1, 1, 2, 3, 4, 6, 8, 12, 20)))
        plans.append(Plan(asker, debtor, code, asked_on, what, after))
    return plans


# What can be counted on the fingers: no line of the product is used from here on.


def is_working(region: str, day: date, known: date) -> bool:
    """By the edition that was in force on the day `known`."""
    if region == "north":
        return day.weekday() < 5 and day not in _SWEDEN
    free = _CHINA | (_DECREED if known >= DECREED else set())
    return day in _MADE_UP or (day.weekday() < 5 and day not in free)


def count_due(debtor: str, asked_on: date, days: int) -> date:
    """The day on which it is due: what comes on a free day has come on the next working day, which does not count."""
    day = asked_on
    while not is_working(debtor, day, asked_on):
        day += timedelta(days=1)
    while days:
        day += timedelta(days=1)
        days -= is_working(debtor, day, asked_on)
    return day


@dataclass
class Fingers:
    """Counted for one debtor."""

    due: int = 0
    voided: int = 0
    answered: int = 0
    in_time: int = 0
    effective: int = 0
    days: list[int] = field(default_factory=list)


def count_fingers(plans: list[Plan], debtor: str, as_of: date) -> Fingers:
    found = Fingers()
    for plan in plans:
        if plan.debtor != debtor:
            continue
        due = count_due(debtor, plan.asked_on, 5 if plan.code == "301" else 3)
        if plan.what == "interim":
            due = plan.asked_on + timedelta(days=15)
        answered = plan.asked_on + timedelta(days=plan.after)
        if due > as_of:
            continue
        if plan.what == "not-mine" and answered <= due:
            found.voided += 1
            continue
        found.due += 1
        if plan.what == "nothing" or answered > as_of:
            continue
        found.answered += 1
        found.in_time += answered <= due
        found.effective += plan.what != "empty"
        found.days.append(plan.after)
    return found


async def test_a_quarter_between_two_calendars(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        regions["north"].federation.change(_with_calendars(NORTH, SOUTH))
        quarter = Quarter(regions, make_plans())
        await quarter.live()
        for region in regions.values():
            await _compare_figures(region, quarter.plans, date(2026, 6, 30))
            await _compare_figures(region, quarter.plans, date(2026, 5, 20))
            await _recompute(region)
        await _compare_due_times(regions["north"], quarter.plans)


async def _compare_figures(region: Region, plans: list[Plan], as_of: date) -> None:
    own = region.name
    other = "south" if own == "north" else "north"
    routes = ScorecardRoutes(region.pool, region.federation.file(own), region.clock, own)
    asked = {"corridor": other, "from": FIRST.isoformat(), "to": as_of.isoformat(), "as_of": as_of.isoformat()}
    told = read(await routes.show(request_for(**asked), CALLER))
    for card in told["directions"]:
        counted = count_fingers(plans, card["debtor"], as_of)
        figures = {each["indicator"]: each for each in card["figures"]}
        parts = [(figures[each]["numerator"], figures[each]["denominator"]) for each in ("X3", "X4", "X5")]
        expected = [(n, counted.due) for n in (counted.answered, counted.in_time, counted.effective)]
        assert parts == expected, (own, card["debtor"], as_of)
        assert figures["X4"]["voided"] == (counted.voided if counted.voided == 0 or counted.voided >= 5 else None)
        days = sorted(counted.days)
        assert figures["X3"]["days"]["median"] == days[(len(days) + 1) // 2 - 1]


async def _compare_due_times(north: Region, plans: list[Plan]) -> None:
    """Both editions were used; each obligation says by which, and its due day is that of the fingers."""
    rows = await north.pool.fetch("SELECT * FROM exchange.obligation WHERE kind IN ('FEEDBACK', 'VERIFICATION')")
    asked = {plan.conversation: plan for plan in plans}
    assert len(rows) == len(plans)
    for row in rows:
        plan = asked[str(row["conversation_id"])]
        days = 5 if row["kind"] == "VERIFICATION" else 3
        assert row["due_at"].date() == count_due(plan.debtor, plan.asked_on, days), plan
    assert {row["calendar_version"] for row in rows if row["debtor"] == "south"} == {1, 2}
    moved = [each for each in plans if each.debtor == "south" and _moved_by_decree(each)]
    assert moved


def _moved_by_decree(plan: Plan) -> bool:
    days = 5 if plan.code == "301" else 3
    end = count_due("south", plan.asked_on, days)
    return plan.asked_on >= DECREED and end > min(_DECREED) and plan.asked_on < min(_DECREED)


async def _recompute(region: Region) -> None:
    """The journal folded again, with the directory as it is now: the same rows, due times and sums."""
    journal = region.journal
    ledger = Ledger(journal._ledger._house, journal._coder, schema=rebuild.REBUILT, announces=False)
    async with region.pool.acquire() as connection:
        await rebuild.make_schema(connection, "postgres")
    partition = Partition(journal.partition.topic, 0)
    values = [journal._coder.encode(each).value for each in journal.entries]
    for first in range(0, len(values), 200):
        batch = values[first : first + 200]
        if not first:
            await get_positions(region.pool, [partition], rebuild.REBUILT)
        placed = [Placed(partition, first + place, value) for place, value in enumerate(batch)]
        assert not await ledger.apply(region.pool, placed, [Step(partition, first, first + len(batch))])
    async with region.pool.acquire() as connection:
        assert await rebuild.compare(connection, region.clock.now()) == []
        seen = await connection.fetchval("SELECT count(*) FROM exchange_rebuilt.obligation")
    assert seen >= 70
