"""Moves from and to regions with which there is no corridor: `exchange.unheard_move`, until annulled."""

from collections.abc import Sequence
from uuid import UUID

from services.exchange.register.facts import Moved
from services.kernel.database import Connection


async def keep_unheard(connection: Connection, moves: Sequence[Moved]) -> None:
    """One that is known stays as it is."""
    await connection.executemany(
        "INSERT INTO exchange.unheard_move VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        [(each.event_id, each.partner, each.moved_on, each.registered_at, each.office) for each in moves],
    )


async def forget_unheard(connection: Connection, event_ids: Sequence[UUID]) -> None:
    """They were annulled: there is nothing to hear of."""
    await connection.execute("DELETE FROM exchange.unheard_move WHERE event_id = ANY($1)", event_ids)
