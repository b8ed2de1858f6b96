"""What the region's own log says that a partner must hear of. Pure: one decoded event in, what follows out.

Nothing follows from what the exchange itself recorded, but for one thing: whoever left by one conversation has ended
the stays of which others were told.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from services.exchange.protocol.states import Role
from services.kernel.codec.decode import Event

_EPOCH = date(1970, 1, 1)


class Moved(NamedTuple):
    """A move between two regions that opens a conversation: of an arrival here as destination, of a departure that
    waits for confirmation as origin.
    """

    event_id: UUID
    role: Role
    partner: str
    person_id: UUID
    moved_on: date
    registered_at: datetime
    office: str = ""


class News(StrEnum):
    """What must be told in conversations that exist."""

    DEATH = "DEATH"
    LEFT = "LEFT"
    """Somebody who had come from a partner region lives here no more."""
    ARRIVED = "ARRIVED"
    """Somebody who had left for a partner region lives here again, having come from elsewhere."""
    CORRECTED = "CORRECTED"
    ANNULLED = "ANNULLED"


class Told(NamedTuple):
    """`person_id` or `target_id` (the event of the arrival or departure): whose conversations it concerns.

    `how`: a word of the event, where one matters. `region`: where to, or where from. `said_in`: the conversation that
    caused it, where one did.
    """

    event_id: UUID
    news: News
    on: date
    person_id: UUID | None = None
    target_id: UUID | None = None
    how: str = ""
    region: str | None = None
    said_in: UUID | None = None


Facts = list[Moved | Told]


def read_facts(event: Event, own: str) -> Facts:
    """What follows from one event of this region's log."""
    record, read = event.record, _READ.get(event.type)
    return read(record, own) if read is not None and record["region"] == own else []


def day_of(days: int) -> date:
    """A day as it stands on the log."""
    return _EPOCH + timedelta(days=days)


def _arrived(record: Mapping[str, Any], own: str) -> Facts:
    person = _person(record, own, "mover")
    if person is None or record["conversation_id"] is not None:
        return []
    event_id, on, origin = UUID(bytes=record["event_id"]), day_of(record["occurred_on"]), record["from_region"]
    facts: Facts = [Told(event_id, News.ARRIVED, on, person, region=origin)]
    if origin not in (None, own):
        facts.append(Moved(event_id, Role.DESTINATION, origin, person, on, _instant(record), record["office"]))
    return facts


def _departed(record: Mapping[str, Any], own: str) -> Facts:
    person = _person(record, own, "mover")
    if person is None:
        return []
    event_id, on, to, said_in = _ids(record)
    if record["confirmation_expected"]:
        is_ours = said_in is None and to not in (None, own)
        return (
            [Moved(event_id, Role.ORIGIN, to, person, on, _instant(record), record["office"])] if is_ours and to else []
        )
    return [Told(event_id, News.LEFT, on, person, region=to, said_in=said_in)]


def _confirmed(record: Mapping[str, Any], own: str) -> Facts:
    person = _person(record, own, "mover")
    if person is None:
        return []
    event_id, on, to, said_in = _ids(record)
    return [Told(event_id, News.LEFT, on, person, region=to, said_in=said_in)]


def _stay_ended(record: Mapping[str, Any], own: str) -> Facts:
    person = _person(record, own, "mover")
    if person is None or record["conversation_id"] is not None:
        return []
    event_id, on, to, _ = _ids(record)
    return [Told(event_id, News.LEFT, on, person, how=record["ending"], region=to)]


def _died(record: Mapping[str, Any], own: str) -> Facts:
    person = _person(record, own, "deceased")
    if person is None:
        return []
    return [Told(UUID(bytes=record["event_id"]), News.DEATH, day_of(record["occurred_on"]), person)]


def _acted(news: News) -> Callable[[Mapping[str, Any], str], Facts]:
    """What people correct or annul. What the exchange takes back, it takes back because the partner did."""

    def read(record: Mapping[str, Any], own: str) -> Facts:
        if record["target_type"] not in _MOVES or record["source"] == "system":
            return []
        event_id, target = UUID(bytes=record["event_id"]), UUID(bytes=record["target_event_id"])
        return [Told(event_id, news, day_of(record["occurred_on"]), target_id=target, how=record["reason"])]

    return read


def _ids(record: Mapping[str, Any]) -> tuple[UUID, date, str | None, UUID | None]:
    said_in = record["conversation_id"]
    return (
        UUID(bytes=record["event_id"]),
        day_of(record["occurred_on"]),
        record["to_region"],
        None if said_in is None else UUID(bytes=said_in),
    )


def _person(record: Mapping[str, Any], own: str, role: str) -> UUID | None:
    found = (each for each in record["subjects"] if each["role"] == role and each["region"] == own)
    subject = next(found, None)
    return None if subject is None else UUID(bytes=subject["person_id"])


def _instant(record: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(record["registered_at"] / 1000, UTC)


_MOVES = frozenset({"ArrivalRegistered", "ReturnRegistered", "DepartureRegistered"})
_READ: Mapping[str, Callable[[Mapping[str, Any], str], Facts]] = {
    "ArrivalRegistered": _arrived,
    "ReturnRegistered": _arrived,
    "DepartureRegistered": _departed,
    "DepartureConfirmed": _confirmed,
    "StayEnded": _stay_ended,
    "DeathRegistered": _died,
    "EventCorrected": _acted(News.CORRECTED),
    "EventAnnulled": _acted(News.ANNULLED),
}
TYPES = frozenset(_READ)
"""Types of which anything can follow."""
