"""What waits for people is seen by those whom it concerns, in the order of due time, with what may be done."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.exchange.protocol.conversation import PauseReason
from services.exchange.protocol.envelope import Rejection
from services.exchange.protocol.states import Role
from services.exchange.protocol.stimuli import StopClock, TakeRejection, Tick
from services.exchange.register import outbox
from services.exchange.register.facts import Moved
from services.exchange.register.unheard import forget_unheard, keep_unheard
from services.exchange.worklist.actions import ACTIONS, routes_of
from services.exchange.worklist.lists import SAYS, SEEN_BY, TITLES, List
from services.exchange.worklist.queries import QUERIES
from services.exchange.worklist.reading import Asked, count, read_page, read_place, write_place
from services.kernel.identity.matrix import read_matrix
from tests.exchange.ledger.desk import Desk

ROUTES = {action.name: action.roles for action in read_matrix("exchange")}


@pytest.fixture
async def desk(admin_url: str) -> AsyncIterator[Desk]:
    opened = await Desk.open(admin_url)
    yield opened
    await opened.pool.close()


def asked(desk: Desk, *roles: str, **more: Any) -> Asked:
    """As the door asks for somebody in these roles."""
    lists = tuple(each for each in List if any(each in SEEN_BY[role] for role in roles))
    wanted = {
        "own": "north",
        "now": desk.now,
        "lists": lists,
        "knows_protected": "approver" in roles,
        "may": routes_of(roles, ROUTES),
        "corridors": ("south",),
        "members": ("south", "west"),
    }
    return Asked(**(wanted | more))


async def see(desk: Desk, *roles: str, **more: Any) -> list[tuple[str, str]]:
    items, _ = await read_page(desk.pool, asked(desk, *roles, **more), None, 100)
    return [(each["list"].value, each["why"]) for each in items]


async def refuse(desk: Desk, code: str = "B-G") -> str:
    """South refuses a notice of north's; the conversation."""
    conversation = str(uuid4())
    await desk.apply(desk.say_arrival(conversation))
    await desk.apply(await desk.receipt_of(conversation))
    letter = (await desk.conversation(conversation)).letters[0]
    await desk.apply(desk.hear("204", conversation, outcome=code, about=letter.envelope))
    return conversation


async def test_a_refused_notice_waits_for_the_office_with_its_due_time_and_what_may_be_said(desk: Desk) -> None:
    conversation = await refuse(desk)
    ((item,), place) = await read_page(desk.pool, asked(desk, "registrar"), None, 100)
    assert (item["list"], item["why"], item["conversation_id"]) == (List.ANSWER, "refused", conversation)
    assert item["due_at"] > desk.now
    assert place is None
    assert [each["what"] for each in item["allowed_actions"]] == ["211", "annul"]
    ((item,), _) = await read_page(desk.pool, asked(desk, "auditor"), None, 100)
    assert item["allowed_actions"] == []


async def test_what_is_late_is_overdue_then_contested_then_escalated(desk: Desk) -> None:
    conversation = await refuse(desk)
    assert await see(desk, "registrar") == [("ANSWER", "refused")]
    desk.now = (await desk.conversation(conversation)).open_obligations[0].due_at
    assert sorted(await see(desk, "registrar")) == [("ANSWER", "refused"), ("OVERDUE", "owed-by-us")]
    await desk.apply(desk.entry(Tick(), conversation))
    assert await see(desk, "registrar") == [("CONTESTED", "contested")]
    assert ("ESCALATED", "escalated") not in await see(desk, "supervisor")
    desk.now += timedelta(days=10)
    await desk.apply(desk.entry(Tick(), conversation))
    assert ("ESCALATED", "escalated") in await see(desk, "supervisor")
    assert ("ESCALATED", "escalated") not in await see(desk, "registrar", "approver", "operator")
    told = await count(desk.pool, asked(desk, "supervisor"))
    assert (told["ESCALATED"], told["CONTESTED"], told["ANSWER"]) == (1, 1, 0)


async def test_a_partner_that_owes_is_overdue_until_its_clock_is_stopped(desk: Desk) -> None:
    conversation = str(uuid4())
    await desk.apply(desk.say_arrival(conversation))
    await desk.apply(await desk.receipt_of(conversation))
    (owed,) = (await desk.conversation(conversation)).open_obligations
    desk.now = owed.due_at
    assert await see(desk, "registrar") == [("OVERDUE", "owed-to-us")]
    await desk.apply(desk.entry(StopClock(owed.id, PauseReason.DEBTOR_OUTAGE), conversation))
    ((item,), _) = await read_page(desk.pool, asked(desk, "supervisor"), None, 100)
    assert (item["list"], item["paused_because"], item["debtor"]) == (List.PAUSED, "DEBTOR_OUTAGE", "south")
    assert [each["what"] for each in item["allowed_actions"]] == ["resume"]


async def test_a_rejected_letter_is_shown_to_operators_until_somebody_has_seen_to_it(desk: Desk) -> None:
    conversation = str(uuid4())
    await desk.apply(desk.say_arrival(conversation))
    letter = (await desk.conversation(conversation)).letters[0]
    rejection = Rejection(letter.id, "E-TEC-02", "/payload/registration_id")
    await desk.apply(desk.entry(TakeRejection(rejection), conversation, evidence=b"{}"))
    ((item,), _) = await read_page(desk.pool, asked(desk, "operator"), None, 100)
    assert (item["list"], item["why"], item["about"]) == (List.DEAD_LETTER, "rejected-letter", "201 E-TEC-02")
    assert item["message_id"] == letter.id
    assert item["due_at"] > desk.now


async def test_a_move_from_a_region_that_is_no_member_is_seen_until_it_is_annulled(desk: Desk) -> None:
    moves = [
        Moved(uuid4(), Role.DESTINATION, region, uuid4(), desk.now.date(), desk.now, "0980-1")
        for region in ("jamtlnd", "west", "south")
    ]
    async with desk.pool.acquire() as connection:
        await keep_unheard(connection, moves)
        await keep_unheard(connection, moves)
        assert await see(desk, "registrar") == await see(desk, "operator")
        items, _ = await read_page(desk.pool, asked(desk, "registrar", office="0980"), None, 100)
        assert {(each["partner"], each["why"]) for each in items} == {
            ("jamtlnd", "unknown-region"),
            ("west", "no-corridor"),
        }
        assert all(each["office"] == "0980-1" for each in items)
        await forget_unheard(connection, [each.event_id for each in moves])
    assert await see(desk, "registrar", office="0980") == []


async def test_what_ingest_refused_waits_until_it_is_tried_again_or_given_up(desk: Desk) -> None:
    await refuse(desk)
    event_id = await desk.pool.fetchval("SELECT event_id FROM exchange.register_outbox LIMIT 1")
    await desk.pool.execute(
        "UPDATE exchange.register_outbox SET next_at = 'infinity', refused_at = $2,"
        " problem = 'future-date /occurred_on' WHERE event_id = $1",
        event_id,
        desk.now,
    )
    items, _ = await read_page(desk.pool, asked(desk, "operator"), None, 100)
    (item,) = (each for each in items if each["list"] is List.REFUSED_POST)
    assert item["event_id"] == str(event_id)
    assert item["about"].endswith("future-date /occurred_on")
    assert [each["what"] for each in item["allowed_actions"]] == ["retry"]
    async with desk.pool.acquire() as connection:
        assert await outbox.give_up(connection, event_id, "ada", "2026/1", desk.now)
        assert not await outbox.give_up(connection, event_id, "bea", "2026/2", desk.now)
        assert not await outbox.retry(connection, event_id)
        assert event_id.bytes not in [each.event_id.bytes for each in await outbox.list_refused(connection)]
        # A rebuild offers all events again.
        await connection.execute("UPDATE exchange.register_outbox SET next_at = now() WHERE event_id = $1", event_id)
        assert event_id.bytes not in [each.event_id.bytes for each in await outbox.list_waiting(connection)]
    items, _ = await read_page(desk.pool, asked(desk, "approver"), None, 100)
    (item,) = (each for each in items if each["why"] == "given-up")
    assert item["list"] is List.ONE_SIDED
    assert "settle" in [each["what"] for each in item["allowed_actions"]]
    assert tuple(await desk.pool.fetchrow("SELECT given_up_by, case_reference FROM exchange.given_up")) == (
        "ada", "2026/1",
    )  # fmt: skip


async def test_pages_go_on_where_the_last_one_ended_and_lose_and_double_nothing(desk: Desk) -> None:
    for _ in range(5):
        await refuse(desk)
    moves = [
        Moved(uuid4(), Role.DESTINATION, "jamtlnd", uuid4(), desk.now.date(), desk.now, "0980-1") for _ in range(4)
    ]
    async with desk.pool.acquire() as connection:
        await keep_unheard(connection, moves)
    whole, _ = await read_page(desk.pool, asked(desk, "registrar"), None, 100)
    seen, place = list[Any](), None
    while True:
        items, place = await read_page(desk.pool, asked(desk, "registrar"), place, 2)
        seen += items
        if place is None:
            break
        place = read_place(write_place(place) or "")
    assert [(each["event_id"], each["conversation_id"]) for each in seen] == [
        (each["event_id"], each["conversation_id"]) for each in whole
    ]
    assert len(whole) == 9
    due = [each["due_at"] for each in whole if each["due_at"]]
    assert due == sorted(due)
    for instant, many in ((due[0], 0), (due[-1] + timedelta(seconds=1), 5)):
        until = replace(asked(desk, "registrar"), due_before=instant)
        assert len((await read_page(desk.pool, until, None, 100))[0]) == many


async def test_who_may_know_of_nobody_protected_does_not_learn_that_one_is_meant(desk: Desk) -> None:
    conversation = await refuse(desk)
    await desk.pool.execute(
        "UPDATE exchange.conversation SET duty_why = 'protected' WHERE conversation_id = $1", UUID(conversation)
    )
    assert await see(desk, "registrar") == []
    assert (await count(desk.pool, asked(desk, "registrar")))["ANSWER"] == 0
    assert await see(desk, "approver") == [("ANSWER", "protected")]


async def test_a_second_past_of_a_partner_is_told_to_who_keeps_evidence(desk: Desk) -> None:
    await refuse(desk)
    place = "INSERT INTO exchange.turned_away VALUES ('south', $1, 1, $2, $3, 'E-TEC-04', now())"
    for number in (1, 2):
        await desk.pool.execute(place, bytes([number]) * 32, bytes(32), uuid4())
    items, _ = await read_page(desk.pool, asked(desk, "auditor"), None, 100)
    broken = [each for each in items if each["list"] is List.CHAIN]
    assert [(each["partner"], each["why"], each["about"]) for each in broken] == [("south", "fork", "letter 1")]
    assert (await count(desk.pool, asked(desk, "auditor")))["CHAIN"] == 1


@pytest.mark.parametrize("text", ["", "x", "e30", "W10", write_place.__name__, "WyIyMDI2IiwgIjIwMjYiLCAieCJd"])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no place"):
        read_place(text)


def test_every_list_has_a_title_and_every_act_a_route_of_the_matrix() -> None:
    assert set(TITLES) == set(List)
    assert set(QUERIES) | {List.CHAIN} == set(List)
    assert {route for route, _ in ACTIONS.values()} <= set(ROUTES)
    assert all(text.endswith((".", ":", "?")) for text in SAYS.values())
