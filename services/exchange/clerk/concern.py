"""Whether a partner has any business with somebody. Who has none is told what they would be told of nobody.

A region is concerned where this register itself shows that the person came from there, lives or lived there, left for
there, or is linked with it. A partner's word alone makes no concern: else whoever holds a name and a number could ask
where anybody lives, and learn from the silence that follows that somebody is there.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

import asyncpg

from services.exchange.pairing.pairing import Kind, Pairing
from services.exchange.protocol.failures import NOT_FOUND

NOBODY = Pairing(Kind.NOT_FOUND, refusal=NOT_FOUND)


async def keep_concerned(pool: asyncpg.Pool, read: asyncpg.Pool, asked: Sequence[tuple[str, Pairing]]) -> list[Pairing]:
    """For (partner, who is meant): the pairing, or that of nobody where no one in it is the partner's business."""
    wanted = {(partner, person) for partner, pairing in asked for person in _people_of(pairing)}
    concerned = await _find_concerned(pool, read, wanted)
    return [
        _keep(pairing, {person for partner_, person in concerned if partner_ == partner}) for partner, pairing in asked
    ]


def _keep(pairing: Pairing, concerned: set[UUID]) -> Pairing:
    if pairing.kind is Kind.PAIRED:
        return pairing if pairing.person_id in concerned else NOBODY
    found = tuple(each for each in pairing.found if each.person_id in concerned)
    if not pairing.found or len(found) == len(pairing.found):
        return pairing
    return pairing._replace(found=found) if found else NOBODY


def _people_of(pairing: Pairing) -> set[UUID]:
    alone = set() if pairing.person_id is None else {pairing.person_id}
    return alone | {each.person_id for each in pairing.found}


async def _find_concerned(
    pool: asyncpg.Pool, read: asyncpg.Pool, wanted: Collection[tuple[str, UUID]]
) -> set[tuple[str, UUID]]:
    if not wanted:
        return set()
    partners, people = zip(*sorted(wanted), strict=True)
    shown = await read.fetch(_SHOWN, partners, people)
    linked = await pool.fetch(_LINKED, partners, people)
    return {(row["partner"], UUID(bytes=row["person_id"].bytes)) for row in (*shown, *linked)}


_SHOWN = """
SELECT asked.partner, asked.person_id FROM unnest($1::text[], $2::uuid[]) AS asked (partner, person_id)
WHERE EXISTS (SELECT FROM register.residence r WHERE r.person_id = asked.person_id
              AND asked.partner IN (r.usual_region, r.registered_region))
   OR EXISTS (SELECT FROM register.departure d WHERE d.person_id = asked.person_id AND d.to_region = asked.partner)
   OR EXISTS (SELECT FROM register.link l WHERE l.person_id = asked.person_id AND l.partner_region = asked.partner)
"""
# A link that was agreed on stands here even where the register lost its side: that is what is asked about then.
_LINKED = """
SELECT asked.partner, asked.person_id FROM unnest($1::text[], $2::uuid[]) AS asked (partner, person_id)
WHERE EXISTS (SELECT FROM exchange.conversation c WHERE c.person_id = asked.person_id AND c.partner = asked.partner
              AND c.talk = 'MOVE' AND c.link <> 'NONE')
"""
