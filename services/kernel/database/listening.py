"""NOTIFYs of a channel, through all weather."""

import asyncio
from collections.abc import Callable

import asyncpg

from services.kernel.database.weather import is_weather

AGAIN_S = 0.5


async def listen(
    pool: asyncpg.Pool, channel: str, hear: Callable[[str], None], complain: Callable[[Exception], None]
) -> None:
    """Calls `hear` with each payload until it is cancelled. What is told while no session listens is not heard: whoever
    relies on it looks by itself now and then. `complain`: of what is no weather.
    """
    while True:
        try:
            async with pool.acquire() as connection:
                lost = asyncio.Event()

                def told(_session: object, _pid: int, _channel: str, payload: object) -> None:
                    hear(str(payload))

                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(channel, told)
                try:
                    await lost.wait()
                finally:
                    await connection.remove_listener(channel, told)
        except Exception as error:
            if not is_weather(error):
                complain(error)
        await asyncio.sleep(AGAIN_S)
