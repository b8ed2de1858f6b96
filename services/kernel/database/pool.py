"""Pools of connections that give up in bounded time, so that a frozen process cannot block its successor."""

import asyncio
from typing import TypeAlias

import asyncpg
from asyncpg.pgproto.pgproto import UUID as Uuid

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
"""A session, taken from a pool or not."""

__all__ = ["TRANSIENT", "Connection", "Uuid", "close_pool", "find_role", "open_pool"]

CLOSE_S = 2.0
"""Nobody works any more when a pool is closed; a statement that was cancelled halfway can leave its session waiting."""

TRANSIENT: tuple[type[BaseException], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the session was cut in the middle of an exchange
    asyncpg.exceptions.AdminShutdownError,
    asyncpg.exceptions.CrashShutdownError,
    asyncpg.exceptions.CannotConnectNowError,
    asyncpg.exceptions.QueryCanceledError,
    asyncpg.exceptions.LockNotAvailableError,
    asyncpg.exceptions.DeadlockDetectedError,
    asyncpg.exceptions.IdleInTransactionSessionTimeoutError,
    asyncpg.exceptions.TooManyConnectionsError,
    asyncpg.exceptions.DiskFullError,
    OSError,
    TimeoutError,
)
"""Errors that say nothing about the work itself: the same work may succeed when it is tried again."""


async def open_pool(
    url: str,
    *,
    name: str,
    size_max: int = 8,
    statement_timeout_s: float = 20.0,
    lock_timeout_s: float = 10.0,
    idle_in_transaction_timeout_s: float | None = None,
    synchronous_commit: bool = True,
) -> asyncpg.Pool:
    """Opens a pool whose sessions are named `name` and end a statement or a wait for a lock after a while.

    `idle_in_transaction_timeout_s`: as `statement_timeout_s` unless given. `synchronous_commit`: False for rows that
    can be made again; a crash of the server may then take the last transactions back, whole and in order.
    Raises one of `TRANSIENT` when the server cannot be reached.
    """
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size_max,
        reset=_keep,  # no session setting is ever changed, so nothing has to be put back: a round trip less
        command_timeout=statement_timeout_s + 5.0,
        server_settings={
            "application_name": name,
            "statement_timeout": _milliseconds(statement_timeout_s),
            "lock_timeout": _milliseconds(lock_timeout_s),
            "idle_in_transaction_session_timeout": _milliseconds(
                statement_timeout_s if idle_in_transaction_timeout_s is None else idle_in_transaction_timeout_s
            ),
            # Ours run for milliseconds; compiling took half of the three seconds of a search for duplicates.
            "jit": "off",
            "synchronous_commit": "on" if synchronous_commit else "off",
        },
    )


async def close_pool(pool: asyncpg.Pool) -> None:
    """Waits for what is under way, not for ever."""
    try:
        async with asyncio.timeout(CLOSE_S):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def find_role(url: str) -> str:
    """The role that a login has."""
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SELECT current_user"))
    finally:
        await connection.close()


async def _keep(connection: Connection) -> None:
    pass


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))
