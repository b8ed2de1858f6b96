"""Moves between regions, each told by real exchanges over HTTP; in the end both registers show the same move."""

import asyncio

from tests.exchange.journeys.towns import Mover, Town, days_ago
from tests.office import uuid7

Towns = dict[str, Town]


async def _co_registered(towns: Towns, mover: Mover, here: str, there: str) -> None:
    """Inflow `here`, outflow `there`, one link."""
    origin, destination = towns[there], towns[here]
    await destination.until(lambda: destination.state(mover), "SETTLED")
    await origin.until(lambda: origin.state(mover), "SETTLED")
    await origin.until(lambda: origin.lives(mover), here)
    await destination.until(lambda: destination.lives(mover), destination.office.area)
    link = (await destination.conversations(mover))[-1].arrival
    await destination.until(lambda: destination.link(mover), (link, "destination", there))
    await origin.until(lambda: origin.link(mover), (link, "origin", here))


async def test_a_plain_move_is_inflow_here_and_outflow_there_under_one_link(towns: Towns) -> None:
    mover = Mover.invent()
    await towns["south"].settle(mover)
    await towns["north"].arrive(mover, "south")
    await _co_registered(towns, mover, "north", "south")
    assert await towns["north"].said_between(mover) == ["201", "213", "203"]
    assert await towns["south"].registered(mover) == "north"

    async def told() -> set[tuple[str, str]]:
        rows = await towns["south"].database.fetch(
            "SELECT route, partner_region FROM readers.reading WHERE person_id = $1", mover.ids["south"]
        )
        return {(row[0], row[1]) for row in rows if row[0].startswith("exchange ")}

    # The person sees who asked, and to whom it was told.
    await towns["south"].until(told, {("exchange pairing", "north"), ("exchange comparison", "north")})


async def test_somebody_who_returns_is_inflow_where_they_came_from_and_the_first_link_ends(towns: Towns) -> None:
    mover = Mover.invent()
    north, south = towns["north"], towns["south"]
    await south.settle(mover)
    await north.arrive(mover, "south", days_ago(60))
    await _co_registered(towns, mover, "north", "south")
    await south.arrive(mover, "north", days_ago(3), type="ReturnRegistered")
    await _co_registered(towns, mover, "south", "north")
    for town in (north, south):
        await town.until(lambda town=town: town.links(mover), _two_links("north" if town is south else "south"))
        assert await town.states(mover) == [
            (p, s)
            for p, s in [
                ("north" if town is south else "south", "CLOSED"),
                ("north" if town is south else "south", "SETTLED"),
            ]
        ]


def _two_links(partner: str) -> list[tuple[str, str | None]]:
    return [(partner, "returned"), (partner, None)]


async def test_who_moved_on_is_asked_for_where_they_live_now_and_everybody_hears_of_it(towns: Towns) -> None:
    """West is told that they come from south, who knows that they live in north."""
    mover = Mover.invent()
    await towns["south"].settle(mover)
    await towns["north"].arrive(mover, "south", days_ago(60))
    await _co_registered(towns, mover, "north", "south")
    await towns["west"].arrive(mover, "south", days_ago(3))
    await _co_registered(towns, mover, "west", "north")
    assert await towns["west"].states(mover) == [("north", "SETTLED"), ("south", "FORWARDED")]
    await towns["south"].until(lambda: towns["south"].lives(mover), "west")
    await towns["south"].until(lambda: towns["south"].links(mover), [("north", "moved-on")])
    assert await towns["north"].states(mover) == [("south", "CLOSED"), ("west", "SETTLED")]


async def test_a_death_is_told_to_the_origin(towns: Towns) -> None:
    mover = Mover.invent()
    north, south = towns["north"], towns["south"]
    await south.settle(mover)
    await north.arrive(mover, "south")
    await _co_registered(towns, mover, "north", "south")
    await north.post(north.event("DeathRegistered", mover, days_ago(1), "deceased"))
    for town in (north, south):
        await town.until(lambda town=town: town.state(mover), "CLOSED")
        await town.until(lambda town=town: _died(town, mover), True)
        await town.until(lambda town=town: town.link(mover), None)
    assert (await south.links(mover), await north.links(mover)) == ([("north", "deceased")], [("south", "deceased")])


async def _died(town: Town, mover: Mover) -> bool | None:
    return await town.database.fetchval(
        "SELECT died_day IS NOT NULL FROM register.person WHERE person_id = $1", mover.ids[town.name]
    )


async def test_a_difference_is_corrected_and_then_agreed_on(towns: Towns) -> None:
    mover = Mover.invent()
    north, south = towns["north"], towns["south"]
    await south.settle(mover, civil_status="never-married")
    arrival = await north.arrive(mover, "south", civil_status="married")
    await north.until(lambda: north.state(mover), "ANSWERED")
    (duty,) = await north.database.fetch(
        "SELECT duty, duty_why FROM exchange.conversation WHERE person_id = $1", mover.ids["north"]
    )
    assert tuple(duty) == ("PEOPLE", "differences")
    await north.correct(arrival, mover, civil_status="never-married")
    await _co_registered(towns, mover, "north", "south")
    assert await north.said_between(mover) == ["201", "211", "213", "203", "203"]


async def test_what_a_withdrawn_notice_did_is_undone(towns: Towns) -> None:
    mover = Mover.invent()
    north, south = towns["north"], towns["south"]
    await south.settle(mover)
    arrival = await north.arrive(mover, "south")
    await _co_registered(towns, mover, "north", "south")
    await north.annul(arrival, "did-not-happen")
    for town in (north, south):
        await town.until(lambda town=town: town.state(mover), "WITHDRAWN")
        await town.until(lambda town=town: town.link(mover), None)
    await south.until(lambda: south.lives(mover), south.office.area)
    await south.until(lambda: south.registered(mover), south.office.area)
    await south.until(lambda: _nothing_owed(south, mover), True)
    assert await south.links(mover) == [("north", "withdrawn")]


async def _nothing_owed(town: Town, mover: Mover) -> bool:
    return not any(each.open_obligations for each in await town.conversations(mover))


async def test_a_departure_that_was_announced_is_confirmed_by_the_arrival(towns: Towns) -> None:
    mover = Mover.invent()
    north, south = towns["north"], towns["south"]
    await south.settle(mover)
    await south.depart(mover, "north")
    await south.until(lambda: south.state(mover), "DELIVERED")
    await north.arrive(mover, "south", days_ago(9))
    await _co_registered(towns, mover, "north", "south")
    await south.until(lambda: south.departure(mover), "confirmed")
    assert len(await south.conversations(mover)) == 1


async def test_a_departure_that_nobody_confirms_lapses_and_residence_is_restored(towns: Towns) -> None:
    mover = Mover.invent()
    north, south = towns["north"], towns["south"]
    await south.settle(mover)
    await south.depart(mover, "north", days_ago(2))
    await south.until(lambda: south.lives(mover), "north")
    await south.until(lambda: south.state(mover), "DELIVERED")
    for town in (north, south):
        town.shift_clock(days=100)
    await south.until(lambda: south.state(mover), "LAPSED")
    await south.until(lambda: south.lives(mover), south.office.area)
    assert await south.departure(mover) == "lapsed"


async def test_somebody_nobody_knows_is_refused_and_somebody_protected_is_refused_in_the_same_words(
    towns: Towns,
) -> None:
    unknown, protected = Mover.invent(), Mover.invent()
    north, south = towns["north"], towns["south"]
    await south.settle(protected)
    marker = south.event("ProtectionMarkerSet", protected, days_ago(30), "person", marker_id=uuid7(),
                         withheld=["existence"])  # fmt: skip
    await south.post({name: each for name, each in marker.items() if name not in ("sex", "birth_on")})
    await south.until(lambda: _marks(south, protected), 1)
    for mover in (unknown, protected):
        await north.arrive(mover, "south")
    answers = []
    for mover in (unknown, protected):
        await north.until(lambda mover=mover: north.state(mover), "REFUSED")
        (answer,) = (each.envelope for each in (await north.conversations(mover))[-1].taken)
        answers.append((answer.message_type, answer.payload, answer.parts, answer.sender_office, answer.occurred_on))
    assert answers[0] == answers[1]
    assert answers[0][1] == b'{"reason_code":"B-G"}'
    assert await south.lives(protected) == south.office.area


async def _marks(town: Town, mover: Mover) -> int | None:
    return await town.database.fetchval("SELECT marks FROM register.person WHERE person_id = $1", mover.ids[town.name])


async def test_many_move_at_once_and_nobody_is_one_sided(towns: Towns) -> None:
    movers = [Mover.invent() for _ in range(30)]
    north, south = towns["north"], towns["south"]
    await asyncio.gather(*(south.settle(mover) for mover in movers))
    await asyncio.gather(*(north.arrive(mover, "south") for mover in movers))
    for mover in movers:
        await _co_registered(towns, mover, "north", "south")
