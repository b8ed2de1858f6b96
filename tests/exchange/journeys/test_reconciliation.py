"""One register loses a link: both exchanges find it without a list of people, one asks, and mended it ends."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import typer
from typer.testing import CliRunner

from services.exchange.client.commands import register
from tests.exchange.journeys.test_moving import _co_registered
from tests.exchange.journeys.test_people_at_work import LOOK, Desk, _go_to
from tests.exchange.journeys.towns import Mover, Town

Towns = dict[str, Town]


async def _reconcile(town: Town, partner: str) -> str:
    """What an operator types, and what they see."""
    app = typer.Typer()
    register(app)
    token = town.region.token("operator", ("*",))
    command = ["exchange", "reconcile", town.name, "--partner", partner, "--url", town.region.exchange]
    told = await asyncio.to_thread(CliRunner().invoke, app, [*command, "--token", token])
    assert told.exit_code == 0, (told.output, told.exception)
    return str(told.output)


async def _findings(town: Town, link: str) -> list[tuple[Any, ...]]:
    rows = await town.database.fetch(
        "SELECT kind, ended FROM exchange.finding WHERE link_id = $1::text::uuid ORDER BY found_at", link
    )
    return [tuple(row) for row in rows]


async def _verification(town: Town, link: str) -> str | None:
    """The state of the conversation in which the link is asked about."""
    state: str | None = await town.database.fetchval(
        "SELECT c.state FROM exchange.finding f JOIN exchange.conversation c USING (conversation_id)"
        " WHERE f.link_id = $1::text::uuid AND c.talk = 'VERIFY'",
        link,
    )
    return state


async def test_a_link_that_one_register_lost_is_found_on_both_sides_asked_about_once_and_ends_when_it_is_mended(
    towns: Towns,
) -> None:
    north, south, mover = towns["north"], towns["south"], Mover.invent()
    await south.settle(mover)
    await north.arrive(mover, "south")
    await _co_registered(towns, mover, "north", "south")
    link = (await north.link(mover) or ("",))[0]
    lost = await south.database.fetchrow("DELETE FROM register.link WHERE link_id = $1::text::uuid RETURNING *", link)
    assert lost is not None
    # A moment ago there were letters about it: that explains whatever differs.
    await _reconcile(south, "north")
    assert await _findings(north, link) == await _findings(south, link) == []

    await _go_to(towns, datetime.now(UTC) + timedelta(minutes=30))
    shown = await _reconcile(south, "north")
    assert "ONE_SIDED_AT_D" in shown
    assert str(mover.ids["north"]) not in shown
    for town in (north, south):
        await town.until(lambda town=town: _findings(town, link), [("ONE_SIDED_AT_D", None)])
    await north.until(lambda: _verification(north, link), "DELIVERED")
    await south.until(lambda: _verification(south, link), "PAIRED")
    roles = [
        await town.database.fetchval(
            "SELECT c.role FROM exchange.finding f JOIN exchange.conversation c USING (conversation_id)"
            " WHERE f.link_id = $1::text::uuid",
            link,
        )
        for town in (north, south)
    ]
    assert roles == ["ASKER", "ANSWERER"]

    await south.database.execute(
        f"INSERT INTO register.link VALUES ({', '.join(f'${place}' for place in range(1, len(lost) + 1))})",
        *lost.values(),
    )
    await _reconcile(north, "south")
    for town in (north, south):
        await town.until(lambda town=town: _findings(town, link), [("ONE_SIDED_AT_D", "MENDED")])


async def test_days_that_differ_are_answered_for_by_the_office_that_is_asked_and_not_asked_again(towns: Towns) -> None:
    north, south, mover = towns["north"], towns["south"], Mover.invent()
    await south.settle(mover)
    await north.arrive(mover, "south")
    await _co_registered(towns, mover, "north", "south")
    link = (await north.link(mover) or ("",))[0]
    await south.database.execute(
        "UPDATE register.link SET from_day = from_day - 3 WHERE link_id = $1::text::uuid", link
    )
    await _go_to(towns, datetime.now(UTC) + timedelta(minutes=30))
    await _reconcile(north, "south")
    await south.until(lambda: _verification(south, link), "PAIRED")
    asked = await south.database.fetchval(
        "SELECT conversation_id::text FROM exchange.finding WHERE link_id = $1::text::uuid", link
    )
    answer = {"word": "302", "items": [{"item": "departed_on", "result": "CONFIRMED"}], "method": "DOCUMENT"}
    await Desk(south).ask("POST", f"conversations/{asked}:answer", 201, params=LOOK, json=answer)
    for town in (north, south):
        await town.until(lambda town=town: _findings(town, link), [("DATES_DIFFER", "ANSWERED")])

    await _go_to(towns, datetime.now(UTC) + timedelta(minutes=60))
    await _reconcile(north, "south")
    found = [("DATES_DIFFER", "ANSWERED"), ("DATES_DIFFER", None)]
    again = "SELECT count(*) FROM exchange.finding WHERE link_id = $1::text::uuid AND conversation_id IS NULL"
    for town in (north, south):
        await town.until(lambda town=town: _findings(town, link), found)
        assert await town.database.fetchval(again, link) == 1
    await south.database.execute(
        "UPDATE register.link SET from_day = from_day + 3 WHERE link_id = $1::text::uuid", link
    )
    await _reconcile(south, "north")
    await north.until(lambda: _findings(north, link), [("DATES_DIFFER", "ANSWERED"), ("DATES_DIFFER", "MENDED")])
