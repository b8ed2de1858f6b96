"""Read your own writes: wait until a place on the log is applied."""

import asyncio
import re
from collections.abc import Sequence

import asyncpg

from services.kernel.errors import Rejected, Unavailable
from services.projections.engine.projection import Place

_FIRST_LOOK_S, _LONGEST_LOOK_S = 0.005, 0.05
_PARTITION = re.compile(r"[0-9]{1,9}")
_OFFSET = re.compile(r"[0-9]{1,18}")
_BEHIND = """
SELECT min(coalesce(p.next_offset, 0))
FROM projection.version AS v
LEFT JOIN projection.position AS p
    ON p.projection = v.projection AND p.number = v.number AND p.topic = $2 AND p.partition = $3
WHERE v.state = 'live' AND v.projection = ANY($1) AND $2 = ANY(v.topics) AND coalesce(p.next_offset, 0) <= $4
"""


def parse_place(text: str) -> Place:
    """`topic:partition:offset`, as an answer of ingest gives them. Rejected("wrong-parameter")."""
    parts = text.rsplit(":", 2)
    if len(parts) == 3 and parts[0] and _PARTITION.fullmatch(parts[1]) and _OFFSET.fullmatch(parts[2]):
        return Place(parts[0], int(parts[1]), int(parts[2]))
    raise Rejected("wrong-parameter", "?wait_for", rule="It is topic:partition:offset, from the answer to a post.")


async def wait_until_applied(
    pool: asyncpg.Pool, projections: Sequence[str], place: Place, timeout_s: float = 5.0
) -> None:
    """Return once the record at `place` is applied, or set aside, in the live build of each of the projections.

    Those that do not read its topic are not waited for. Unavailable("not-applied-yet") with the present position
    after `timeout_s`.
    """
    loop = asyncio.get_running_loop()
    give_up_at_s, pause_s = loop.time() + timeout_s, _FIRST_LOOK_S
    while True:
        reached = await pool.fetchval(_BEHIND, list(projections), place.topic, place.partition, place.offset)
        if reached is None:
            return
        if loop.time() + pause_s > give_up_at_s:
            here = f"{place.topic}:{place.partition}:{reached}"
            raise Unavailable(
                "not-applied-yet", "?wait_for", rule=f"The next record to be applied is {here}.", retry_after_s=1.0
            )
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 1.5, _LONGEST_LOOK_S)
