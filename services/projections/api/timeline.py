"""Everything that was ever said of somebody, in order, with what became of it. Pure."""

from uuid import UUID

from services.projections.api.course import Course
from services.projections.api.presenting import Told, iso_date, iso_instant
from services.projections.register.life.timeline import Entry


def tell_timeline(course: Course, as_at: int | None) -> list[Told]:
    """All events, corrections and annulments; up to a day if one is asked about."""
    return [
        _tell(entry) for entry in course.entries if as_at is None or (entry.standing or entry.fact).occurred_on <= as_at
    ]


def _tell(entry: Entry) -> Told:
    fact = entry.fact
    told: Told = {
        "event_id": str(UUID(bytes=fact.event_id)),
        "type": fact.type,
        "state": entry.state,
        "roles": list(entry.roles),
        "occurred_on": iso_date(fact.occurred_on, fact.precision),
        "registered_at": iso_instant(fact.registered_at),
        "recorded_at": iso_instant(fact.recorded_at),
        "office": fact.office,
        "source": fact.source,
        "residence_area": fact.residence_area,
        "occurrence_area": fact.occurrence_area,
        "position": {"topic": fact.topic, "partition": fact.partition, "offset": fact.offset},
    }
    if entry.by is not None:
        told["decided_by"] = str(UUID(bytes=entry.by))
    if entry.standing is not None:
        told["instead"] = {
            "type": entry.standing.type,
            "occurred_on": iso_date(entry.standing.occurred_on, entry.standing.precision),
            "residence_area": entry.standing.residence_area,
            "occurrence_area": entry.standing.occurrence_area,
        }
    if fact.thread_id != fact.event_id:
        told["target_event_id"] = str(UUID(bytes=fact.thread_id))
        told["replacement_type"] = fact.replacement.type if fact.replacement else None
    if fact.contested:
        told["contested"] = True
    return told
