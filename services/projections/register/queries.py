"""What readers ask of the register: through the views of the live build, never of a build by its number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias
from uuid import UUID

import asyncpg

from services.kernel.database import Connection
from services.projections.register.evidence import Evidence, people_of
from services.projections.register.holding import as_array, evidence_of, fetch_group, fetch_history
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


async def fetch_values(session: Session, reader: FactReader, event_ids: Iterable[bytes]) -> dict[bytes, Evidence]:
    """Single events with their framed records, to unseal particulars. Those that are not there are left out."""
    rows = await session.fetch(_VALUES, as_array(event_ids))
    return evidence_of(reader, rows)


class Person(NamedTuple):
    """A row of `person`; see its columns."""

    person_id: UUID
    merged_into: UUID | None
    sex: str | None
    born_day: int | None
    born_precision: str | None
    died_day: int | None
    usual_area: str | None
    registered_area: str | None
    civil_status: str | None
    household_id: UUID | None
    marks: int


async def fetch_people(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """People by id, merged ones too; those of whom nothing stands are left out."""
    rows = await session.fetch(_PEOPLE, as_array(person_id.bytes for person_id in person_ids))
    return {row["person_id"]: Person(*row) for row in rows}


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


class Finding(NamedTuple):
    """A row of `finding`. `cursor` of the last one of a page asks for the next page."""

    area: str | None
    kind: str
    day: int
    person_id: UUID
    event_id: UUID
    other_event_id: UUID | None
    office: str | None

    @property
    def cursor(self) -> tuple[str, ...]:
        other = self.other_event_id or UUID(int=0)
        return (self.area or "", self.kind, str(self.day), str(self.person_id), str(self.event_id), str(other))


async def fetch_findings(
    session: Session,
    areas: Sequence[str] | None,
    kind: str | None = None,
    after: Sequence[str] | None = None,
    limit: int = 100,
) -> list[Finding]:
    """A page of the findings of areas (None: all, also those of no area), ordered by area, kind and day.

    `after`: the cursor of the last one seen. ValueError for what is no cursor.
    """
    cursor = _check_cursor(after, 6, 2)
    rows = await session.fetch(_FINDINGS, areas and list(areas), kind, *cursor, limit)
    return [Finding(*row) for row in rows]


class Departure(NamedTuple):
    """A departure that the destination has not confirmed."""

    from_area: str | None
    left_day: int
    person_id: UUID
    event_id: UUID
    to_region: str | None
    to_region_area: str | None

    @property
    def cursor(self) -> tuple[str, ...]:
        return (self.from_area or "", str(self.left_day), str(self.person_id), str(self.event_id))


async def fetch_awaiting(
    session: Session, areas: Sequence[str] | None, after: Sequence[str] | None = None, limit: int = 100
) -> list[Departure]:
    """A page of the departures from areas (None: all) that await confirmation, by area, the longest gone first."""
    rows = await session.fetch(_AWAITING, areas and list(areas), *_check_cursor(after, 4, 1), limit)
    return [Departure(*row) for row in rows]


def _check_cursor(after: Sequence[str] | None, length: int, day: int) -> list[str | int | UUID | None]:
    """The values of a cursor: text, one day, then ids; all None for the first page."""
    if after is None:
        return [None] * length
    if len(after) != length:
        raise ValueError("not a cursor")
    return [*after[:day], int(after[day]), *map(UUID, after[day + 1 :])]


class _Given:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def __aenter__(self) -> Connection:
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        pass


def _connection(session: Session) -> "_Given | asyncpg.pool.PoolAcquireContext[asyncpg.Record]":
    return session.acquire() if isinstance(session, asyncpg.Pool) else _Given(session)


_VALUES = """
SELECT recorded_at, topic, partition, "offset", contested, value FROM register.event
WHERE event_id = ANY ($1::text::uuid[])
"""
_PEOPLE = """
SELECT person_id, merged_into, sex, born_day, born_precision, died_day, usual_area, registered_area, civil_status,
       household_id, marks
FROM register.person WHERE person_id = ANY ($1::text::uuid[])
"""
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
_NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
_FINDINGS = f"""
SELECT area, kind, day, person_id, event_id, other_event_id, office
FROM register.finding
WHERE ($1::text[] IS NULL OR coalesce(area, '') = ANY ($1)) AND ($2::text IS NULL OR kind = $2)
  AND ($3::text IS NULL
       OR (coalesce(area, ''), kind, day, person_id, event_id, coalesce(other_event_id, {_NOBODY}))
        > ($3, $4::text, $5::int, $6::uuid, $7::uuid, $8::uuid))
ORDER BY coalesce(area, ''), kind, day, person_id, event_id,
         coalesce(other_event_id, {_NOBODY})
LIMIT $9
"""  # noqa: S608 - a constant
_AWAITING = """
SELECT from_area, left_day, person_id, event_id, to_region, to_region_area
FROM register.departure
WHERE state = 'awaiting' AND ($1::text[] IS NULL OR coalesce(from_area, '') = ANY ($1))
  AND ($2::text IS NULL OR (coalesce(from_area, ''), left_day, person_id, event_id) > ($2, $3::int, $4::uuid, $5::uuid))
ORDER BY coalesce(from_area, ''), left_day, person_id, event_id
LIMIT $6
"""
