"""What the register must log and ingest has not taken yet: rows of `exchange.register_outbox`."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.kernel.database import Connection

BATCH_MAX = 500
WAIT_MAX_S = 60


class Waiting(NamedTuple):
    """One post that waits. `post`: its JSON."""

    event_id: UUID
    conversation_id: UUID
    type: str
    post: bytes
    tries: int


class Refused(NamedTuple):
    """One post that ingest refuses: people must see why. `problem`: code, path and rule, nothing of the post."""

    event_id: UUID
    conversation_id: UUID
    type: str
    problem: str
    refused_at: datetime | None


async def list_waiting(connection: Connection) -> list[Waiting]:
    """Those whose time has come, in their order."""
    rows = await connection.fetch(
        "SELECT event_id, conversation_id, type, post, tries FROM exchange.register_outbox"
        " WHERE next_at <= now() AND NOT EXISTS"
        " (SELECT FROM exchange.given_up g WHERE g.event_id = register_outbox.event_id) ORDER BY ordinal LIMIT $1",
        BATCH_MAX,
    )
    return [Waiting(*row) for row in rows]


async def list_refused(connection: Connection) -> list[Refused]:
    """What people must look at."""
    rows = await connection.fetch(
        "SELECT event_id, conversation_id, type, problem, refused_at FROM exchange.register_outbox r"
        " WHERE next_at = 'infinity' AND NOT EXISTS (SELECT FROM exchange.given_up g WHERE g.event_id = r.event_id)"
        " ORDER BY ordinal LIMIT 1000"
    )
    return [Refused(*row) for row in rows]


async def keep_posts(connection: Connection, posts: Sequence[tuple[UUID, bytes]]) -> None:
    """Posts as they were completed: from now on they say the same, however often they are sent."""
    await connection.executemany("UPDATE exchange.register_outbox SET post = $2 WHERE event_id = $1", posts)


async def drop(connection: Connection, event_ids: Sequence[UUID]) -> None:
    """They are on the log."""
    await connection.execute("DELETE FROM exchange.register_outbox WHERE event_id = ANY($1)", event_ids)


async def put_off(connection: Connection, event_ids: Sequence[UUID], problem: str) -> None:
    """They are tried again, at first soon, in the end every minute."""
    await connection.execute(
        "UPDATE exchange.register_outbox SET tries = tries + 1, problem = $2,"
        " next_at = now() + least($3, power(2, least(tries, 10)) * 0.25) * interval '1 second'"
        " WHERE event_id = ANY($1)",
        event_ids,
        problem,
        WAIT_MAX_S,
    )


async def set_refused(connection: Connection, refused: Sequence[tuple[UUID, str]]) -> None:
    """They wait for people."""
    await connection.executemany(
        "UPDATE exchange.register_outbox SET tries = tries + 1, problem = $2, next_at = 'infinity',"
        " refused_at = coalesce(refused_at, now()) WHERE event_id = $1",
        refused,
    )


async def retry(connection: Connection, event_id: UUID) -> bool:
    """Somebody has seen to it: try again; whether there was one."""
    done = await connection.execute(
        "UPDATE exchange.register_outbox SET next_at = now(), problem = NULL, refused_at = NULL"
        " WHERE event_id = $1 AND next_at = 'infinity'"
        " AND NOT EXISTS (SELECT FROM exchange.given_up g WHERE g.event_id = $1)",
        event_id,
    )
    return bool(done != "UPDATE 0")


async def give_up(connection: Connection, event_id: UUID, actor: str, case_reference: str, now: datetime) -> bool:
    """It is never offered again, also not after a rebuild; whether it was one that ingest refused. The first decision
    stands."""
    done = await connection.execute(
        "INSERT INTO exchange.given_up (event_id, conversation_id, type, problem, given_up_at, given_up_by,"
        " case_reference)"
        " SELECT event_id, conversation_id, type, coalesce(problem, ''), $4, $2, $3 FROM exchange.register_outbox"
        " WHERE event_id = $1 AND next_at = 'infinity' ON CONFLICT DO NOTHING",
        event_id,
        actor,
        case_reference,
        now,
    )
    return bool(done != "INSERT 0 0")
