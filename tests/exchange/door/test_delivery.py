"""Two exchanges over mutual TLS: what one says the other has, once, and both can prove it."""

from datetime import timedelta
from pathlib import Path

from tests.exchange.regions import open_regions


async def test_a_letter_is_said_brought_taken_and_receipted(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        said = await north.say("201", "south")
        assert await north.state(said) == ("SENT", "OPEN")
        assert await north.courier.bring_once("south") == 1
        assert await north.state(said) == ("RECEIPTED", "DELIVERED")
        assert await south.state(said) == (None, "DELIVERED")
        assert await north.courier.bring_once("south") == 0
        part = await south.pool.fetchrow("SELECT * FROM exchange.part WHERE NOT is_ours")
        assert part["role"] == "subject"
        north.clock.advance(timedelta(days=1))
