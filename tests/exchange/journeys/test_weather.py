"""Moves through bad weather: a partner that is away for a day, letters that come again, processes that are killed."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from deploy.local.stack import Running
from tests.exchange.journeys.towns import Mover, Town

Towns = dict[str, Town]


@contextmanager
def _away(stack: Running, name: str) -> Iterator[None]:
    """All processes of a region's exchange stand still."""
    parent = stack.get_process(f"{name}-exchange")
    processes = [parent, *parent.children(recursive=True)]
    for one in processes:
        one.suspend()
    try:
        yield
    finally:
        for one in processes:
            with suppress(psutil.NoSuchProcess):
                one.resume()


async def _both_show(towns: Towns, mover: Mover) -> None:
    north, south = towns["north"], towns["south"]
    await north.until(lambda: north.state(mover), "SETTLED", 90)
    link = (await north.conversations(mover))[-1].arrival
    await north.until(lambda: north.link(mover), (link, "destination", "south"), 60)
    await south.until(lambda: south.link(mover), (link, "origin", "north"), 60)
    await south.until(lambda: south.lives(mover), "north")
    assert len(await south.links(mover)) == len(await north.links(mover)) == 1


async def test_a_partner_that_was_away_for_a_day_catches_up(towns: Towns, three_regions: Running) -> None:
    movers = [Mover.invent() for _ in range(5)]
    north, south = towns["north"], towns["south"]
    for mover in movers:
        await south.settle(mover)
    with _away(three_regions, "south"):
        for mover in movers:
            await north.arrive(mover, "south")
        for mover in movers:
            await north.until(lambda mover=mover: north.state(mover), "OPEN")
        north.shift_clock(hours=23)
        await asyncio.sleep(3)
    south.shift_clock(hours=23)
    for mover in movers:
        await _both_show(towns, mover)


async def test_letters_that_come_again_and_out_of_order_change_nothing(towns: Towns) -> None:
    movers = [Mover.invent() for _ in range(3)]
    north, south = towns["north"], towns["south"]
    for mover in movers:
        await south.settle(mover)
        await north.arrive(mover, "south")
    for mover in movers:
        await _both_show(towns, mover)
    before = [await south.said_between(mover) for mover in movers]
    for town in (north, south):
        people = [mover.ids[town.name] for mover in movers]
        await town.database.execute(
            "UPDATE exchange.message SET send_at = said_at WHERE is_ours AND conversation_id IN"
            " (SELECT conversation_id FROM exchange.conversation WHERE person_id = ANY($1))",
            people,
        )
    await asyncio.sleep(3)
    for mover, said in zip(movers, before, strict=True):
        assert await south.said_between(mover) == said
        await _both_show(towns, mover)


async def test_processes_that_are_killed_lose_and_double_nobody(towns: Towns, three_regions: Running) -> None:
    movers = [Mover.invent() for _ in range(20)]
    north, south = towns["north"], towns["south"]
    await asyncio.gather(*(south.settle(mover) for mover in movers))
    draw = random.Random(6)
    for number, mover in enumerate(movers):
        await north.arrive(mover, "south")
        if number % 7 == 3:
            with suppress(KeyError, psutil.NoSuchProcess):
                parent = three_regions.get_process(draw.choice(("north-exchange", "south-exchange")))
                draw.choice([parent, *parent.children(recursive=True)]).kill()
        await asyncio.sleep(0.2)
    for mover in movers:
        await _both_show(towns, mover)
