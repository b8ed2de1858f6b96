"""Whoever works is killed at each step, one after the other: nothing is lost, nothing counts twice."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from services.exchange.delivery.courier import Courier
from services.exchange.delivery.outgoing import Outgoing
from services.exchange.delivery.posting import NotBroughtError
from services.exchange.door.refusals import Refusals
from services.exchange.door.shelf import Shelf
from services.exchange.door.taking import Taking
from services.exchange.journal.journal import Journal
from services.exchange.journal.records import EntryCoder
from services.exchange.protocol.stimuli import Prove, Requeue, Tick
from services.exchange.worker.follow_ups import FollowUps
from services.exchange.worker.timers import Timers
from services.kernel.contract.catalog import DEFAULT_FOLDER
from services.kernel.contract.lints.forbidden import read_phrases
from services.kernel.errors import Unavailable
from services.kernel.log.producer import Position, Record
from services.kernel.privacy.region_key import RegionKey
from services.kernel.telemetry.metrics import Metrics
from tests.exchange.door.mortal import Killed, Life, Mortal, lives
from tests.exchange.regions import CATALOG, Region, ShortJournal, open_regions

CODER = EntryCoder("north", CATALOG, RegionKey.derive(bytes(32)))


async def is_settled(north: Region, south: Region, said: str) -> bool:
    """Both books say the same of a notice, once."""
    taken = await south.pool.fetchval(
        "SELECT count(*) FROM exchange.message WHERE NOT is_ours AND message_id = $1 AND taken_at IS NOT NULL",
        UUID(said),
    )
    here, there = await north.state(said), await south.state(said)
    return bool(taken == 1 and here == ("RECEIPTED", "DELIVERED") and there is not None and there[1] == "DELIVERED")


async def revision(region: Region, message_id: str) -> int:
    """How many entries the conversation of a message has seen."""
    return int(
        await region.pool.fetchval(
            "SELECT c.revision FROM exchange.conversation c JOIN exchange.message m USING (conversation_id)"
            " WHERE m.message_id = $1",
            UUID(message_id),
        )
    )


async def conversation_of(region: Region, message_id: str) -> str:
    return str(
        await region.pool.fetchval(
            "SELECT conversation_id FROM exchange.message WHERE message_id = $1", UUID(message_id)
        )
    )


async def test_a_courier_that_is_killed_at_any_step_has_brought_each_letter_once(
    admin_url: str, tmp_path: Path
) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        members = north.federation.file("north")
        for life in lives():
            said = await north.say("201", "south")
            pool: Any = Mortal(north.pool, life)
            outgoing = Outgoing(pool, north.data_keys, north.sealer)
            posting, journal = Mortal(north.posting, life), Mortal(north.journal, life)
            with suppress(Killed):
                await Courier(pool, outgoing, posting, journal, members, north.clock).bring_once("south")
            # Its successor knows nothing. What was set down unsettled is brought again by the protocol's clock.
            await north.courier.bring_once("south")
            if not await is_settled(north, south, said):
                await north.tick(timedelta(minutes=6))
                await north.courier.bring_once("south")
            assert await is_settled(north, south, said), life
        assert life.ends_at > 10


async def test_a_door_that_is_killed_at_any_step_has_taken_each_letter_once(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        phrases = read_phrases(DEFAULT_FOLDER)
        for life in lives():
            said = await north.say("201", "south")
            (letter,) = await north.outgoing.list_due(north.federation.members("north"), "south", north.clock.now())
            pool: Any = Mortal(south.pool, life)
            shelf, journal = Shelf(pool, south.data_keys, south.sealer), Mortal(south.journal, life)
            taking = Taking(journal, shelf, south.clock, phrases, Refusals(Metrics()))
            with suppress(Killed):
                await taking.take([letter.item], south.federation.members("south"), "north")
            await north.courier.bring_once("south")
            assert await is_settled(north, south, said), life
            assert await revision(south, said) in (1, 2)  # what is heard twice is counted and changes nothing
        assert life.ends_at > 8


async def test_a_fold_that_is_killed_at_any_step_has_written_nothing(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north = regions["north"]
        said = await north.say("201", "south")
        conversation = await conversation_of(north, said)
        for life in lives():
            entry = north.entry("south", conversation, Tick())
            before, pool = await revision(north, said), north.journal._pool
            north.journal._pool = Mortal(pool, life)  # type: ignore[assignment]
            try:
                await north.journal.append([entry])
            except Killed:
                assert await revision(north, said) == before
                north.journal._pool = pool
                await north.journal.append([entry])
            north.journal._pool = pool
            assert await revision(north, said) == before + 1
        assert life.ends_at > 10


class _Log:
    """Records as a log would take them: applied at once."""

    def __init__(self, journal: ShortJournal) -> None:
        self._journal = journal

    async def append(self, records: Sequence[Record]) -> list[Position]:
        return await self._journal.append([CODER.decode(record.value) for record in records])


async def test_what_follows_and_what_time_brings_is_written_once_wherever_its_writer_is_killed(
    admin_url: str, tmp_path: Path
) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north = regions["north"]
        said = await north.say("201", "south")
        conversation = await conversation_of(north, said)

        def writers(life: Life) -> list[Any]:
            pool: Any = Mortal(north.pool, life)
            log: Any = Mortal(_Log(north.journal), life)
            return [FollowUps(pool, log, CODER), Timers(pool, Journal(log, CODER), "north", north.clock)]

        for life in lives():
            entry = north.entry("south", conversation, Tick())
            await north.pool.execute(
                "INSERT INTO exchange.journal_outbox (event_id, record) VALUES ($1, $2)",
                entry.event_id,
                CODER.encode(entry).value,
            )
            before = await revision(north, said)
            for work in range(2):
                await north.pool.execute("UPDATE exchange.conversation SET wake_at = $1", north.clock.now())
                with suppress(Killed):
                    await writers(life)[work].run_once()
                await writers(Life(0))[work].run_once()
            assert await revision(north, said) == before + 2, life
            assert not await north.pool.fetchval("SELECT count(*) FROM exchange.journal_outbox")
        assert life.ends_at > 8


async def test_a_proxy_that_drops_answers_loses_and_doubles_nothing(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        said = [await north.say("201", "south") for _ in range(4)]
        real, dropped = north.posting.post, 0

        async def drops(partner: Any, letters: Any) -> list[object]:
            nonlocal dropped
            await real(partner, letters)
            dropped += 1
            raise NotBroughtError("ReadError")

        north.posting.post = drops  # type: ignore[method-assign]
        for minutes in (0, 5, 10):
            await north.tick(timedelta(minutes=minutes))
            north.courier._breakers.clear()
            assert await north.courier.bring_once("south") == 0
        assert dropped == 3
        assert [await north.state(each) for each in said] == [("SENT", "OPEN")] * 4
        north.posting.post = real  # type: ignore[method-assign]
        await north.tick(timedelta(minutes=45))
        north.courier._breakers.clear()
        assert await north.courier.bring_once("south") == 4
        assert all([await is_settled(north, south, each) for each in said])
        assert await south.count() == 4


async def test_a_courier_whose_journal_is_away_rests_and_does_not_bring_the_same_again_and_again(
    admin_url: str, tmp_path: Path
) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        said = await north.say("201", "south")
        real = north.journal.append

        async def away(entries: Any) -> Any:
            raise Unavailable("log-unavailable")

        north.journal.append = away  # type: ignore[method-assign]
        assert await north.courier._endure("south", north.courier.bring_once("south")) is None
        north.journal.append = real  # type: ignore[method-assign]
        assert await north.courier.bring_once("south") == 0
        north.courier._rests.clear()
        assert await north.courier.bring_once("south") == 1
        assert await is_settled(north, south, said)


async def test_after_a_day_letters_are_dead_and_people_send_them_again_or_prove_that_they_were_brought(
    admin_url: str, tmp_path: Path
) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        again, proved = [await north.say("201", "south") for _ in range(2)]
        for _ in range(7):
            await north.pool.execute("UPDATE exchange.message SET send_at = NULL")  # brought to nobody
            await north.tick(timedelta(hours=8))
        assert [await north.state(each) for each in (again, proved)] == [("DEAD_LETTERED", "UNDELIVERABLE")] * 2
        assert await north.courier.bring_once("south") == 0
        await north.journal.append(
            [
                north.entry("south", await conversation_of(north, again), Requeue(again)),
                north.entry("south", await conversation_of(north, proved), Prove(proved, north.clock.now())),
            ]
        )
        assert await north.courier.bring_once("south") == 1
        assert await is_settled(north, south, again)
        assert await north.state(proved) == ("HANDLED_MANUALLY", "DELIVERED")
