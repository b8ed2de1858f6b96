"""Bad weather, or a bad record? Weather passes: the same work is tried again for ever. A bad record does not."""

import asyncpg

from services.kernel.database.pool import TRANSIENT
from services.kernel.errors import Unavailable

_WEATHER: tuple[type[BaseException], ...] = (
    *TRANSIENT,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.SerializationError,
    MemoryError,
    Unavailable,
)
_TOO_MUCH: tuple[type[BaseException], ...] = (
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.OutOfMemoryError,
    asyncpg.ConfigurationLimitExceededError,
    MemoryError,
    TimeoutError,
)


def is_weather(error: BaseException) -> bool:
    """Whether the error says nothing about the records."""
    # A value that the client cannot encode is an InterfaceError as well: that one is about a record.
    return isinstance(error, _WEATHER) and not isinstance(error, ValueError)


def is_all_weather(error: BaseException) -> bool:
    """The same of what several tasks raised together."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_all_weather(each) for each in error.exceptions)
    return is_weather(error)


def is_too_much(error: BaseException) -> bool:
    """Whether less at once might succeed."""
    return isinstance(error, _TOO_MUCH)
