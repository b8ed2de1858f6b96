"""What readers ask of the register: through the views of the live build, never of a build by its number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import asyncpg

from services.kernel.database import Connection
from services.projections.register.evidence import Evidence, people_of
from services.projections.register.holding import fetch_group, fetch_history
from services.projections.register.life import fold_people
from services.projections.register.life.course import LifeCourse
from services.projections.register.reading import FactReader

Session: TypeAlias = "Connection | asyncpg.Pool"

SCHEMA = "register"
TRACKS = ("usual", "registered")


@dataclass(frozen=True, slots=True)
class History:
    """All that the log says of a person. `group`: the ids under which they are or were ever merged, their own too.
    `events`: by event id; the framed record of each is its `value`, with the particulars sealed in it.
    """

    person_id: bytes
    group: frozenset[bytes]
    events: dict[bytes, Evidence]

    def as_known_at(self, recorded_at: int | None) -> "History":
        """What the log said at an instant, in milliseconds since 1970; None: now."""
        if recorded_at is None:
            return self
        known = {key: each for key, each in self.events.items() if each.fact.recorded_at <= recorded_at}
        return History(self.person_id, self.group, known)

    def fold(self) -> dict[bytes, LifeCourse]:
        """The lives of the whole group. A merged id has one that says under which id the rest stands."""
        return fold_people((each.fact for each in self.events.values()), sorted(self.group))

    def names(self, person_id: bytes) -> bool:
        """Whether anything was ever said of a person."""
        return any(person_id in people_of(each.fact) for each in self.events.values())


async def find_history(session: Session, reader: FactReader, person_id: bytes) -> History | None:
    """Everything about a person; None where nothing was ever recorded of them."""
    async with _connection(session) as connection:
        group = await fetch_group(connection, SCHEMA, {person_id})
        events = await fetch_history(connection, SCHEMA, reader, group)
    return History(person_id, frozenset(group), events) if events else None


class Count(NamedTuple):
    """Residents of one sex and completed age; None: not known."""

    sex: str | None
    age: int | None
    residents: int


async def count_residents(
    session: Session, areas: Sequence[str], day: int, track: str = "usual", *, by_age: bool = False
) -> list[Count]:
    """Who lived in any of the areas at the end of a day; `track` registered: who was registered there.

    By sex, and by completed age if asked. ValueError for another track.
    """
    if track not in TRACKS:
        raise ValueError(f"no such track: {track}")
    query = _COUNT.replace("{age}", _AGE if by_age else "NULL::int").replace("{where}", _COUNTED[track])
    return [Count(*row) for row in await session.fetch(query, list(areas), day)]


class _Given:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def __aenter__(self) -> Connection:
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        pass


def _connection(session: Session) -> "_Given | asyncpg.pool.PoolAcquireContext[asyncpg.Record]":
    return session.acquire() if isinstance(session, asyncpg.Pool) else _Given(session)


_AGE = "extract(year FROM age(date '1970-01-01' + $2::int, date '1970-01-01' + p.born_day))::int"
_COUNT = """
SELECT p.sex, {age}, count(*)
FROM register.residence AS r JOIN register.person AS p USING (person_id)
WHERE {where} AND r.from_day <= $2 AND (r.to_day IS NULL OR r.to_day > $2)
GROUP BY 1, 2 ORDER BY 1, 2
"""
_COUNTED = {
    "usual": "r.usual_area = ANY ($1::text[])",
    # In two halves, because nearly everybody stands in the index of the first one only.
    "registered": "((r.usual_area = ANY ($1::text[]) AND r.registered_area = r.usual_area)"
    " OR (r.registered_area = ANY ($1::text[]) AND r.registered_area IS DISTINCT FROM r.usual_area))",
}
