"""People ask, are asked, are reminded and answer late: all of it over HTTP, while the clocks of both regions go on."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from deploy.local.regions import find_clock_offset_file
from services.kernel.clock import open_clock
from tests.exchange.journeys.test_moving import _co_registered
from tests.exchange.journeys.towns import Mover, Town

Towns = dict[str, Town]
LOOK = {"purpose": "exchange", "case": "2026/0980/12"}
ITEMS = [{"path": "birth_on", "value": "1988-03-20"}, {"path": "family_name"}]


class Desk:
    """Somebody at a desk of a town's exchange, whose tokens are of the town's own time."""

    def __init__(self, town: Town, role: str = "registrar") -> None:
        self.town, self.role = town, role
        self._clock = open_clock(find_clock_offset_file(town.region.home, town.name))

    async def ask(self, method: str, path: str, expected: int = 200, **more: Any) -> Any:
        token = self.town.region.token(self.role, ("*",), "exchange", clock=self._clock)
        url = f"{self.town.region.exchange}/exchange/v1/{path}"
        headers = {"authorization": f"Bearer {token}"}
        told = await asyncio.to_thread(httpx.request, method, url, headers=headers, timeout=30, **more)
        assert told.status_code == expected, told.text
        return told.json()

    async def show(self, id_: str) -> Any:
        return await self.ask("GET", f"conversations/{id_}")

    async def items(self, id_: str, **asked: str) -> list[dict[str, Any]]:
        """What waits in one conversation."""
        page = await self.ask("GET", "worklist", params={"limit": "500", **asked})
        return [each for each in page["items"] if each["conversation_id"] == id_]

    async def until(self, id_: str, list_: str) -> dict[str, Any]:
        """The item, once it is in that list."""
        for _ in range(600):
            found = [each for each in await self.items(id_) if each["list"] == list_]
            if found:
                return found[0]
            await asyncio.sleep(0.05)
        raise AssertionError((list_, await self.items(id_), await self.show(id_)))


async def _go_to(towns: Towns, at: datetime) -> None:
    """It is that instant in all regions, and their exchanges know it."""
    for town in towns.values():
        town.shift_clock(seconds=(at - datetime.now(UTC)).total_seconds())
    for town in towns.values():
        desk = Desk(town)
        for _ in range(600):
            if datetime.fromisoformat((await desk.ask("GET", "worklist:count"))["as_of"]) >= at:
                break
            await asyncio.sleep(0.05)


async def _ask_about(towns: Towns) -> str:
    """North asks south to verify two items of the record of somebody who moved; the conversation."""
    mover = Mover.invent()
    north, south = towns["north"], towns["south"]
    await south.settle(mover)
    await north.arrive(mover, "south")
    await _co_registered(towns, mover, "north", "south")
    move = (await north.conversations(mover))[-1].id
    wish = {"about": move, "items": ITEMS}
    told = await Desk(north).ask("POST", "conversations:verify", 201, params=LOOK, json=wish)
    return str(told["conversation"]["conversation_id"])


async def test_a_question_is_reminded_of_escalated_paused_and_at_last_answered_item_by_item(towns: Towns) -> None:
    asker, answerer = Desk(towns["north"]), Desk(towns["south"])
    supervisor = Desk(towns["north"], "supervisor")
    id_ = await _ask_about(towns)
    item = await answerer.until(id_, "ANSWER")
    assert (item["why"], item["reminders"]) == ("verify", 0)
    assert "302" in [each["what"] for each in item["allowed_actions"]]
    due = datetime.fromisoformat(item["due_at"])

    await _go_to(towns, due + timedelta(minutes=5))
    assert (await answerer.until(id_, "OVERDUE"))["why"] == "owed-by-us"
    late = await asker.until(id_, "OVERDUE")
    assert (late["why"], late["debtor"]) == ("owed-to-us", "south")
    for _ in range(600):  # the reminder goes by itself
        (reminded, *_) = [each for each in await answerer.items(id_) if each["list"] == "ANSWER"]
        if reminded["reply_due_at"]:
            break
        await asyncio.sleep(0.05)
    assert reminded["reply_due_at"] is not None
    said = {"word": "PERSON_UNREACHABLE", "fields": {"new_expected_at": (due + timedelta(days=20)).date().isoformat()}}
    await answerer.ask("POST", f"conversations/{id_}:answer", 201, params=LOOK, json=said)
    await _until_ended(asker, id_, "REMINDER_REPLY", "FULFILLED")

    await _go_to(towns, due + timedelta(days=9))
    for desk in (supervisor, Desk(towns["south"], "supervisor")):
        told = await desk.until(id_, "ESCALATED")
        assert not {"person_id", "parts", "body"} & set(told)
    assert id_ in str(await Desk(towns["north"], "auditor").ask("GET", "escalations"))

    wish = {"partner": "south", "reason": "DEBTOR_OUTAGE"}
    owed = late["obligation_id"]
    stopped = await supervisor.ask("POST", "pauses", params={"case": "outage/7"}, json=wish | {"obligation_id": owed})
    assert stopped == {"stopped": 1}
    assert (await asker.until(id_, "PAUSED"))["paused_because"] == "DEBTOR_OUTAGE"
    assert "OVERDUE" not in [each["list"] for each in await asker.items(id_)]
    await _go_to(towns, due + timedelta(days=12))
    ended = await supervisor.ask("POST", "pauses:end", json={"partner": "south", "obligation_id": owed})
    assert ended == {"started": 1}
    (obligation,) = (each for each in (await asker.show(id_))["obligations"] if each["obligation_id"] == owed)
    assert datetime.fromisoformat(obligation["due_at"]) > due

    half = {"word": "302", "items": [{"item": "1", "result": "CONFIRMED"}]}
    refused = await answerer.ask("POST", f"conversations/{id_}:answer", 422, params=LOOK, json=half)
    assert refused["code"] == "incomplete-message"
    assert "family_name (item 2)" in refused["rule"]
    whole = [{"item": "birth_on", "result": "CORRECTED", "value": "1988-03-21"}, {"item": "2", "result": "CONFIRMED"}]
    answer = {"word": "302", "items": whole, "method": "DOCUMENT"}
    await answerer.ask("POST", f"conversations/{id_}:answer", 201, params=LOOK, json=answer)
    await _until_ended(asker, id_, "VERIFICATION", "FULFILLED")
    assert await answerer.items(id_) == []
    assert (await asker.until(id_, "ANSWER"))["why"] == "read-answer"
    assert [each["list"] for each in await supervisor.items(id_)] == ["ANSWER"]
    assert "1988-03-21" in str(await asker.ask("GET", f"conversations/{id_}", params=LOOK))
    assert "1988-03-21" not in str(await asker.show(id_))


async def test_who_never_answers_lets_it_lapse_and_that_is_seen(towns: Towns) -> None:
    asker, answerer = Desk(towns["north"]), Desk(towns["south"])
    id_ = await _ask_about(towns)
    due = datetime.fromisoformat((await answerer.until(id_, "ANSWER"))["due_at"])
    await _go_to(towns, due + timedelta(days=31))
    await _until_ended(asker, id_, "VERIFICATION", "LAPSED")
    assert (await asker.show(id_))["state"] == "LAPSED"
    late = await answerer.until(id_, "ANSWER")
    assert (late["why"], "302" in [each["what"] for each in late["allowed_actions"]]) == ("lapsed", True)
    assert (await Desk(towns["north"], "supervisor").until(id_, "ESCALATED"))["debtor"] == "south"


async def test_somebody_from_a_region_that_is_no_member_is_seen_by_the_office_until_it_is_annulled(
    towns: Towns,
) -> None:
    north, mover = towns["north"], Mover.invent()
    arrival = await north.arrive(mover, "suoth")
    desk = Desk(north)
    for _ in range(600):
        found = await _from_nowhere(desk)
        if found:
            break
        await asyncio.sleep(0.1)
    (item,) = found
    assert (item["why"], item["event_id"], item["office"]) == ("unknown-region", arrival["event_id"], north.office.code)
    await north.annul(arrival, "recorded-twice")
    for _ in range(600):
        if not await _from_nowhere(desk):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("an annulled arrival still waits for people")


async def _from_nowhere(desk: Desk) -> list[dict[str, Any]]:
    told = await desk.ask("GET", "worklist", params={"list": "UNKNOWN_PARTNER"})
    return [each for each in told["items"] if each["partner"] == "suoth"]


async def _until_ended(desk: Desk, id_: str, kind: str, end: str) -> None:
    for _ in range(600):
        owed = [each for each in (await desk.show(id_))["obligations"] if each["kind"] == kind]
        if any(each["end"] == end for each in owed):
            return
        await asyncio.sleep(0.05)
    raise AssertionError((kind, end, owed))
