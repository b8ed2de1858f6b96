"""Arrays as PostgreSQL reads them from text: `unnest($1::text::uuid[])`.

asyncpg asks every element of an array whether it is itself an array, which costs more than the element; a burst passes
tens of thousands of them. Joining text costs a tenth, and the server reads it as fast.
"""

from collections.abc import Iterable
from uuid import UUID


def uuid_array(values: Iterable[UUID]) -> str:
    """For `$1::text::uuid[]`."""
    return "{" + ",".join(map(str, values)) + "}"


def int_array(values: Iterable[int]) -> str:
    """For `$1::text::bigint[]`."""
    return "{" + ",".join(map(str, values)) + "}"


def bytea_array(values: Iterable[bytes | None]) -> str:
    """For `$1::text::bytea[]`."""
    return "{" + ",".join(["NULL" if value is None else f'"\\\\x{value.hex()}"' for value in values]) + "}"
