"""What only the register knows of a mover is filled into a post before it is first sent."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from services.exchange.register.outbox import Waiting
from services.exchange.register.posts import COMPLETED
from services.kernel.database import Connection

_EPOCH = date(1970, 1, 1)
_NOT_HERE = "not-registered-here /from_area The register shows nobody of that id who lives or is registered here."


class Mover(NamedTuple):
    """As the register shows them now. `area`: where they live here, else where they are registered here."""

    sex: str
    birth_on: str | None
    area: str | None


class Completed(NamedTuple):
    """`filled`: new posts to keep; `impossible`: with the problem."""

    ready: list[Waiting]
    filled: list[tuple[UUID, bytes]]
    impossible: list[tuple[UUID, str]]


async def complete(connection: Connection, waiting: Sequence[Waiting]) -> Completed:
    """Reads no particulars: sex, birth date and area stand unsealed in the register."""
    drafts = {each.event_id: json.loads(each.post) for each in waiting if each.type in COMPLETED}
    open_ = {event_id: draft for event_id, draft in drafts.items() if "sex" not in draft}
    movers = await find_movers(connection, [_mover_of(draft) for draft in open_.values()]) if open_ else {}
    return fill(waiting, open_, movers)


def fill(waiting: Sequence[Waiting], open_: Mapping[UUID, dict[str, Any]], movers: Mapping[UUID, Mover]) -> Completed:
    """Pure: what is ready, with drafts filled in."""
    done = Completed([], [], [])
    for each in waiting:
        draft = open_.get(each.event_id)
        if draft is None:
            done.ready.append(each)
            continue
        mover = movers.get(_mover_of(draft))
        if mover is None or mover.area is None:
            done.impossible.append((each.event_id, _NOT_HERE))
            continue
        facts = {"sex": mover.sex, "birth_on": mover.birth_on, "from_area": mover.area, "residence_area": mover.area}
        filled = draft | {name: value for name, value in facts.items() if value is not None}
        post = json.dumps(filled, separators=(",", ":"), ensure_ascii=False).encode()
        done.filled.append((each.event_id, post))
        done.ready.append(each._replace(post=post))
    return done


async def find_movers(connection: Connection, person_ids: Sequence[UUID]) -> dict[UUID, Mover]:
    """By id; who is merged stands under the id that is left."""
    rows = await connection.fetch(_MOVERS, person_ids)
    return {
        row["asked"]: Mover(
            row["sex"] or "unknown", _date(row["born_day"], row["born_precision"]), row["usual"] or row["registered"]
        )
        for row in rows
    }


def _date(day: int | None, precision: str | None) -> str | None:
    if day is None:
        return None
    text = (_EPOCH + timedelta(days=day)).isoformat()
    return {"year": text[:4], "month": text[:7]}.get(precision or "day", text)


def _mover_of(draft: Mapping[str, Any]) -> UUID:
    return UUID(draft["subjects"][0]["person_id"])


_MOVERS = """
SELECT a.person_id AS asked, p.sex, p.born_day, p.born_precision, p.usual_area AS usual,
       p.registered_area AS registered
FROM register.person AS a JOIN register.person AS p ON p.person_id = coalesce(a.merged_into, a.person_id)
WHERE a.person_id = ANY($1)
"""
