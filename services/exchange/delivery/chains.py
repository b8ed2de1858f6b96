"""How whole the chains are: letters of ours and of each partner, gaps and forks (services/exchange/wire/chain.py)."""

from collections.abc import Mapping
from typing import Any

import asyncpg

BREAKS_MAX = 1000
_BREAKS = """
WITH link AS (
    SELECT chain_position AS position, previous_hash, signed_hash FROM exchange.message
    WHERE partner = $1 AND NOT is_ours AND chain_position IS NOT NULL
    UNION
    SELECT position, previous_hash, signed_hash FROM exchange.turned_away WHERE partner = $1
), beside AS (
    SELECT *, coalesce(lag(position) OVER follow, 0) AS before,
        coalesce(lag(signed_hash) OVER follow, decode(repeat('00', 32), 'hex')) AS hash_before
    FROM link WINDOW follow AS (ORDER BY position, signed_hash)
)
SELECT DISTINCT CASE WHEN position > before + 1 THEN 'GAP' ELSE 'FORK' END AS what,
    CASE WHEN position > before + 1 THEN before + 1 ELSE position END AS "from",
    CASE WHEN position > before + 1 THEN position - 1 ELSE position END AS "to"
FROM beside
WHERE position <> before + 1 OR (previous_hash <> hash_before AND NOT EXISTS (
    SELECT FROM link l WHERE l.position = beside.position - 1 AND l.signed_hash = beside.previous_hash))
ORDER BY "from" LIMIT $2
"""
_WAITING = """
SELECT partner, count(*) FILTER (WHERE delivery NOT IN ('DEAD_LETTERED', 'REJECTED_TECH')) AS under_way,
    count(*) FILTER (WHERE delivery IN ('DEAD_LETTERED', 'REJECTED_TECH')) AS dead,
    min(said_at) FILTER (WHERE delivery NOT IN ('DEAD_LETTERED', 'REJECTED_TECH')) AS oldest_said_at
FROM exchange.message WHERE is_ours AND delivery NOT IN ('RECEIPTED', 'HANDLED_MANUALLY') GROUP BY partner
"""
_ROOT_FORKS = (
    "SELECT root_no FROM exchange.peer_root WHERE partner = $1 GROUP BY root_no HAVING count(*) > 1 ORDER BY 1 LIMIT $2"
)
_NOTHING_WAITS: Mapping[str, Any] = {"under_way": 0, "dead": 0, "oldest_said_at": None}


async def list_chains(pool: asyncpg.Pool) -> list[Mapping[str, Any]]:
    """For each partner: how far both chains reach, what of ours is under way or dead, and what is wrong with the
    partner's: the first 1,000 gaps and forks, and numbers of its roots of which there are two.

    A gap closes when the letter comes after all. A fork stays for ever: no repeat and no loss makes one.
    """
    heads = await pool.fetch(
        "SELECT partner, coalesce(max(position) FILTER (WHERE is_ours), 0) AS ours,"
        " coalesce(max(position) FILTER (WHERE NOT is_ours), 0) AS theirs"
        " FROM exchange.chain GROUP BY partner ORDER BY 1"
    )
    waiting = {row["partner"]: row for row in await pool.fetch(_WAITING)}
    return [
        {
            **dict(row),
            **dict(waiting.get(row["partner"], _NOTHING_WAITS)),
            "root_forks": [each["root_no"] for each in await pool.fetch(_ROOT_FORKS, row["partner"], BREAKS_MAX)],
            "breaks": [dict(each) for each in await pool.fetch(_BREAKS, row["partner"], BREAKS_MAX)],
        }
        for row in heads
    ]
