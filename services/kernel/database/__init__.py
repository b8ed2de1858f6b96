"""PostgreSQL: connection pools with bounded patience, and migrations that run once."""

from services.kernel.database.arrays import bytea_array, int_array, uuid_array
from services.kernel.database.migrations import Migration, migrate, read_migrations
from services.kernel.database.pool import TRANSIENT, Connection, Uuid, close_pool, find_role, open_pool

__all__ = [
    "TRANSIENT",
    "Connection",
    "Migration",
    "Uuid",
    "bytea_array",
    "close_pool",
    "find_role",
    "int_array",
    "migrate",
    "open_pool",
    "read_migrations",
    "uuid_array",
]
