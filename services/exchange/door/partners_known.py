"""A partner that is named in an address: a member, or a region with which something was said once."""

from collections.abc import Collection

import asyncpg

from services.kernel.errors import Rejected
from services.kernel.http.parameters import suggest


async def require_partner(
    pool: asyncpg.Pool, members: Collection[str], named: str | None, path: str = "?partner"
) -> str | None:
    """As it was named. Rejected("wrong-parameter") for a region of which nobody ever heard: an empty list would say
    that nothing waits."""
    if named is None or named in members:
        return named
    is_known = await pool.fetchval(
        "SELECT EXISTS (SELECT FROM exchange.conversation WHERE partner = $1)"
        " OR EXISTS (SELECT FROM exchange.unheard_move WHERE region = $1)",
        named,
    )
    if not is_known:
        listed = ", ".join(sorted(members)) or "none, for no federation is configured"
        raise Rejected("wrong-parameter", path, rule=f"Partners are {listed}.{suggest(named, members)}", remedy="")
    return named
