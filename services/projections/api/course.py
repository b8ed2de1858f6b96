"""One person's life course, folded afresh from the events of the register's timeline: as known now, or at any time."""

from dataclasses import dataclass
from typing import NamedTuple

from services.kernel.contract.catalog import Catalog
from services.kernel.database import Connection
from services.projections.api.sight import Tables
from services.projections.register.life import TABLES, LifeCourse, rows, timeline
from services.projections.register.life.handling import ACTS
from services.projections.register.life.threads import ANNULLED, IN_FORCE
from services.projections.register.life.timeline import Entry
from services.projections.register.projection import make_reader
from services.projections.register.queries import History, find_history


class Said(NamedTuple):
    """Something of somebody that stands: the day on which it happened, and the event in whose bytes it is written (for
    what was corrected, the correction)."""

    day: int
    carrier_id: bytes


@dataclass(frozen=True, slots=True)
class Course:
    """What is known of one person.

    `life`: under the id that everything stands under; `people`: it and the ids that were merged into it; `tables`:
    rows of the life; `entries`: all that was ever said, with what became of it.
    """

    life: LifeCourse
    people: frozenset[bytes]
    tables: Tables
    entries: tuple[Entry, ...]
    history: History

    @property
    def person_id(self) -> bytes:
        """The id that everything stands under."""
        return self.life.person_id

    def as_known_at(self, known_at: int) -> "Course | None":
        """The life by what the log had taken at a time, milliseconds since 1970; None if that is nothing."""
        return fold_course(self.history.as_known_at(known_at))

    def get_record(self, event_id: bytes) -> bytes:
        """The framed bytes of an event."""
        return self.history.events[event_id].value

    def list_areas(self) -> frozenset[str]:
        """Every area of this region where the person lived or was registered; of somebody of whom that is not known,
        the areas that the events name."""
        rows = self.tables.get("residence", ())
        lived = {row[f"{track}_area"] for row in rows for track in ("usual", "registered")} - {None}
        named = {area for each in self.entries for area in (each.fact.residence_area, each.fact.occurrence_area)}
        return frozenset(lived or named - {None})

    def list_standing(self) -> list[Said]:
        """All that stands, in the order in which it happened."""
        return [said for entry in self.entries if (said := _find_standing(entry, self.life)) is not None]


class CourseReader:
    """Reads lives from the views of the register."""

    def __init__(self, catalog: Catalog) -> None:
        self._reader = make_reader(catalog)

    async def find(self, connection: Connection, person_id: bytes) -> Course | None:
        """The life of whoever has this id, merged records together; None if the register knows nobody of that id."""
        history = await find_history(connection, self._reader, person_id)
        return fold_course(history) if history is not None else None

    async def find_services(self, connection: Connection, pseudonym: bytes) -> Course | None:
        """What stands under a pseudonym, which is nobody of the register; None if nothing does."""
        history = await find_history(connection, self._reader, pseudonym)
        return _make_course(history.fold()[pseudonym], history) if history is not None else None


def fold_course(history: History) -> Course | None:
    """The life of the person of a history. Pure."""
    lives = history.fold()
    life = lives.get(history.person_id)
    if life is None or not life.is_there:
        return None
    course = _make_course(lives[life.merged_into] if life.merged_into is not None else life, history)
    return course if course.tables.get("person") else None


def _make_course(kept: LifeCourse, history: History) -> Course:
    tables = {name: [dict(zip(TABLES[name], row, strict=True)) for row in found] for name, found in rows(kept).items()}
    return Course(kept, frozenset([kept.person_id, *kept.members]), tables, tuple(timeline(kept)), history)


def _find_standing(entry: Entry, life: LifeCourse) -> Said | None:
    fact = entry.fact
    if fact.type in ACTS:
        # Its target is not there: what it says instead stands on its own.
        alone = entry.state == IN_FORCE and fact.thread_id not in life.facts
        return Said(fact.replacement.occurred_on, fact.event_id) if alone and fact.replacement is not None else None
    if entry.standing is not None:
        return Said(entry.standing.occurred_on, entry.by or fact.event_id)
    return None if entry.state == ANNULLED else Said(fact.occurred_on, fact.event_id)
