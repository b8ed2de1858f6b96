"""The journal of these tests keeps the promises of the real one (tests/exchange/worker/test_faults.py)."""

from pathlib import Path
from uuid import UUID

from tests.exchange.journal.contract import check_contract
from tests.exchange.regions import open_regions


async def test_the_short_journal_keeps_every_promise_of_a_journal(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south", tls=False) as regions:
        north = regions["north"]

        async def revision(conversation: str) -> int | None:
            found: int | None = await north.pool.fetchval(
                "SELECT revision FROM exchange.conversation WHERE conversation_id = $1", UUID(conversation)
            )
            return found

        await check_contract(north.journal, revision)
