"""Where no machine may say who is meant, the conversation waits for people, and goes on with what they decide."""

import asyncio
from typing import Any

import httpx

from tests.exchange.journeys.test_moving import _co_registered
from tests.exchange.journeys.towns import Mover, Town

Towns = dict[str, Town]
LOOK = {"purpose": "exchange", "case": "2012/0980/77"}


def _ask(town: Town, method: str, path: str = "", sub: str = "ada", **more: Any) -> Any:
    token = town.region.token("registrar", ("*",), "exchange", sub=sub)
    answer = httpx.request(
        method,
        f"{town.region.exchange}/exchange/v1/pairings{path}",
        headers={"authorization": f"Bearer {token}"},
        timeout=30,
        **more,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _find_question(town: Town, person_id: str) -> dict[str, Any]:
    """The question in which this person may be meant."""
    for _ in range(300):
        for line in (await asyncio.to_thread(_ask, town, "GET"))["items"]:
            told = await asyncio.to_thread(_ask, town, "GET", f"/{line['conversation_id']}", params=LOOK)
            if person_id in [each["person_id"] for each in told["found"]]:
                return dict(told)
        await asyncio.sleep(0.1)
    raise AssertionError(await town.explain())


async def _decide(town: Town, question: dict[str, Any], sub: str = "ada", **choice: Any) -> Any:
    path = f"/{question['conversation_id']}:decide"
    return await asyncio.to_thread(_ask, town, "POST", path, sub, params=LOOK, json=choice)


async def test_one_of_two_namesakes_is_chosen_and_the_move_goes_on(towns: Towns) -> None:
    north, south = towns["north"], towns["south"]
    one = Mover.invent(identifiers=[])
    other = Mover(one.civil)
    for namesake in (one, other):
        await south.settle(namesake)
    await north.arrive(other, "south")
    question = await _find_question(south, str(other.ids["south"]))
    assert (question["kind"], question["waits_for"]) == ("NOT_UNIQUE", "decision")
    assert question["asked"]["family_name"] == one.civil["family_name"]
    assert {each["person_id"] for each in question["found"]} == {str(each.ids["south"]) for each in (one, other)}
    chosen = str(other.ids["south"])
    decided = await _decide(south, question, revision=1, outcome="PERSON", person_id=chosen)
    assert decided["step"] == "decided"
    await _co_registered(towns, other, "north", "south")
    assert await south.lives(one) == south.office.area
    row = await south.database.fetchrow(
        "SELECT person_rule FROM exchange.conversation WHERE person_id = $1", other.ids["south"]
    )
    assert row["person_rule"] == "people"


async def test_two_people_say_that_an_identifier_is_somebody_elses_and_the_notice_is_refused(towns: Towns) -> None:
    north, south = towns["north"], towns["south"]
    holder = Mover.invent()
    await south.settle(holder)
    mover = Mover(Mover.invent().civil | {"identifiers": holder.civil["identifiers"]}, birth_on="1961-05-06")
    await north.arrive(mover, "south")
    question = await _find_question(south, str(holder.ids["south"]))
    assert question["kind"] == "CONFLICT"
    assert (await _decide(south, question, revision=1, outcome="CONFLICT"))["step"] == "proposed"
    assert (await _decide(south, question, "bea", revision=2, agrees=True))["step"] == "confirmed"
    await north.until(lambda: north.state(mover), "REFUSED")
    (answer,) = (each.envelope for each in (await north.conversations(mover))[-1].taken)
    assert (answer.message_type, answer.payload, answer.parts) == ("204", b'{"reason_code":"B-C"}', ())
    assert await south.lives(holder) == south.office.area
