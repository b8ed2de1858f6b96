"""Whether the tables of keys and people are there: ingest makes them, the other services refer to them."""

import asyncio

import asyncpg

WAIT_S = 60.0


async def wait_for_tables(url: str) -> None:
    """Return when ingest has made them. TimeoutError when it does not come."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(WAIT_S):
            while await connection.fetchval("SELECT to_regclass('privacy.pseudonym') IS NULL"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise TimeoutError("ingest has not made the tables of keys yet; start it first") from None
    finally:
        await connection.close()
