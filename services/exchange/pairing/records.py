"""The records that may be meant, read in a few statements for a whole batch: who they are, their state, what is sealed.

Nothing here finds people by one trait: each digest holds two of them, or the statement joins a second one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from services.exchange.pairing.candidate import Place, State
from services.kernel.codec import Decoder, Event
from services.kernel.codec.posts.dates import EPOCH
from services.kernel.database import Connection, uuid_array
from services.kernel.reading.particulars import Particulars, ParticularsReader
from services.kernel.reading.standing import list_standing

_PEOPLE = """
SELECT person_id, coalesce(merged_into, person_id) AS kept_id FROM register.person
WHERE person_id = ANY ($1::text::uuid[])
"""
_MEMBERS = """
SELECT person_id, merged_into AS kept_id FROM register.person WHERE merged_into = ANY ($1::text::uuid[])
"""
_STATE = """
SELECT p.person_id, p.sex, p.born_day, p.born_precision, p.died_day, r.from_day, r.from_precision, r.usual_area,
    r.usual_region, r.usual_country, p.marks,
    EXISTS (SELECT FROM register.marker AS m WHERE m.person_id = p.person_id AND m.kind = 'protection'
        AND (m.to_day IS NULL OR m.to_day > $2)) AS is_protected
FROM register.person AS p
LEFT JOIN register.residence AS r ON r.person_id = p.person_id AND r.to_day IS NULL
WHERE p.person_id = ANY ($1::text::uuid[]) AND p.merged_into IS NULL
"""
_LINKS = """
SELECT person_id, link_id, partner_region FROM register.link
WHERE person_id = ANY ($1::text::uuid[]) AND to_day IS NULL
"""
_EVENTS = """
SELECT t.person_id, e.event_id, e.value FROM register.timeline AS t
JOIN register.event AS e ON e.event_id = t.thread_id WHERE t.person_id = ANY ($1::text::uuid[])
UNION ALL
SELECT t.person_id, e.event_id, e.value FROM register.timeline AS t
JOIN register.event AS e ON e.target_id = t.thread_id AND e.event_id <> t.thread_id
WHERE t.person_id = ANY ($1::text::uuid[])
"""
_STILLBORN = 16
_LENGTHS = {"day": 10, "month": 7, "year": 4}


@dataclass(slots=True)
class PersonRecord:
    """One person of the register. `people`: all ids that the record stands under, `person_id` among them.

    `events`: those that stand, oldest first. `civil`: sealed particulars as opened; None before that, or where
    nothing can be read any more.
    """

    person_id: UUID
    people: frozenset[UUID]
    state: State
    sex: str | None
    birth_on: str | None
    events: list[Event] = field(default_factory=list)
    particulars: Particulars | None = None

    @property
    def civil(self) -> dict[str, Any] | None:
        """The latest word on each thing."""
        return self.particulars.current("civil") if self.particulars else None

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """Everything that was ever said and stands: earlier names and addresses too."""
        return self.particulars.blocks.get("civil", []) if self.particulars else []


class RecordReader:
    """Reads records by id. `connection` is one of the login that may only look."""

    def __init__(self, decoder: Decoder, particulars: ParticularsReader) -> None:
        self._decoder = decoder
        self._particulars = particulars

    async def find(self, connection: Connection, ids: Collection[UUID], today: int) -> dict[UUID, PersonRecord]:
        """The record of each id that is known, still sealed; of merged ones the same record for each. `today`: days
        since 1970."""
        kept_of = await _follow_merges(connection, ids)
        kept = set(kept_of.values())
        if not kept:
            return {}
        members: dict[UUID, set[UUID]] = {each: {each} for each in kept}
        for row in await connection.fetch(_MEMBERS, uuid_array(kept)):
            members[row["kept_id"]].add(row["person_id"])
        links: dict[UUID, set[tuple[str, UUID]]] = {}
        for row in await connection.fetch(_LINKS, uuid_array(kept)):
            links.setdefault(row["person_id"], set()).add((row["partner_region"], row["link_id"]))
        records = {}
        for row in await connection.fetch(_STATE, uuid_array(kept), today):
            if not row["marks"] & _STILLBORN:
                person_id = row["person_id"]
                records[person_id] = _make_record(row, members[person_id], frozenset(links.get(person_id, ())))
        return {asked: records[person_id] for asked, person_id in kept_of.items() if person_id in records}

    async def open(self, connection: Connection, records: Iterable[PersonRecord]) -> None:
        """Opens what is sealed of the civil register, as far as keys exist. Record the reading before."""
        listed = list({record.person_id: record for record in records if record.particulars is None}.values())
        if not listed:
            return
        by_id = {person_id: record for record in listed for person_id in record.people}
        framed: dict[UUID, dict[bytes, bytes]] = {}
        for row in await connection.fetch(_EVENTS, uuid_array(by_id)):
            framed.setdefault(by_id[row["person_id"]].person_id, {})[row["event_id"].bytes] = row["value"]
        for record in listed:
            record.events = list_standing(self._decoder, framed.get(record.person_id, {}).values())
        asked = [(record.events, {person_id.bytes for person_id in record.people}) for record in listed]
        opened = await self._particulars.read_many(connection, asked, ("civil",))
        for record, particulars in zip(listed, opened, strict=True):
            record.particulars = particulars


async def _follow_merges(connection: Connection, ids: Collection[UUID]) -> dict[UUID, UUID]:
    if not ids:
        return {}
    return {row["person_id"]: row["kept_id"] for row in await connection.fetch(_PEOPLE, uuid_array(ids))}


def _make_record(row: Any, people: Collection[UUID], links: frozenset[tuple[str, UUID]]) -> PersonRecord:
    lives = None
    if any(row[f"usual_{name}"] is not None for name in ("area", "region", "country")):
        lives = Place(to_date(row["from_day"]), row["usual_area"], row["usual_region"], row["usual_country"])
    state = State(
        died_on=to_date(row["died_day"]),
        is_dead=row["died_day"] is not None,
        is_protected=row["is_protected"],
        lives=lives,
        linked_with=links,
    )
    return PersonRecord(row["person_id"], frozenset(people), state, row["sex"], _tell_birth(row))


def _tell_birth(row: Any) -> str | None:
    born = to_date(row["born_day"])
    return born.isoformat()[: _LENGTHS[row["born_precision"]]] if born is not None else None


def to_date(day: int | None) -> date | None:
    """A day of the tables, counted from 1970."""
    return date.fromordinal(EPOCH + day) if day is not None else None
