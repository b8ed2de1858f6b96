"""No audit entry, no answer: who reads data of a person stands on the log before it is shown.

Every look is an event of its own, under a new id, so nothing has to be claimed: when it is not certain whether the
log has it, the reader gets no answer, and the next attempt is another look.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any, Protocol
from uuid import UUID

import msgspec

from services.kernel.clock import Clock
from services.kernel.codec import encode
from services.kernel.codec.posts.dates import EPOCH, to_milliseconds
from services.kernel.contract.catalog import Catalog
from services.kernel.errors import Unavailable
from services.kernel.event_id import new_event_id
from services.kernel.identity.caller import Caller
from services.kernel.log.headers import headers_of_version
from services.kernel.log.producer import Headers, Position, Record
from services.kernel.log.topics import get_topic
from services.kernel.privacy.region_key import RegionKey
from services.kernel.telemetry.logs import Log
from services.kernel.telemetry.trace import trace_headers

PAUSE_MAX_S = 0.1
PEOPLE_MAX = 5  # in one PersonRead
FIELDS_MAX = 200
SHOWN, WITHHELD = "shown", "withheld"
COMPARTMENTS = ("civil", "contact", "service")


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at data of `people` (region, id; in the service context their pseudonyms).

    `role`: in which the reader reads; `route`: the template of the address; `fields`: dotted paths of what is shown;
    `compartments`: which sealed particulars are opened; `outcome`: shown, or withheld as if nobody were there.
    `partner_region`, `conversation_id`: to which other region it is told, or who asked, and in which conversation.
    """

    people: tuple[tuple[str, UUID], ...]
    reader: Caller
    role: str
    purpose: str
    route: str
    fields: tuple[str, ...] = ()
    compartments: tuple[str, ...] = ()
    case_reference: str | None = None
    outcome: str = SHOWN
    partner_region: str | None = None
    conversation_id: UUID | None = None


class Appender(Protocol):
    """The log, as far as it is written to here."""

    async def append(self, records: Sequence[Record]) -> Sequence[Position | None]: ...


class ReadRecorder:
    """Appends `PersonRead` on behalf of a service. `office`: the service's own name."""

    def __init__(
        self, log: Appender, catalog: Catalog, region_key: RegionKey, region: str, office: str, clock: Clock
    ) -> None:
        self._log = log
        self._event = catalog.get_event("PersonRead")
        self._region_key = region_key
        self._region = region
        self._office = office
        self._clock = clock
        self._complaints = Log("audit")
        self._took_s = 0.0

    async def record(self, readings: Sequence[Reading]) -> list[Position]:
        """Return when the log has all of them. Unavailable("audit-unavailable") if that is not certain."""
        records = [record for reading in readings for record in self.describe(reading, self._clock.now())]
        began_s = perf_counter()
        try:
            positions = await self._log.append(records)
        except Unavailable as error:
            self._complaints.error("read-not-recorded", error)
            raise Unavailable("audit-unavailable", retry_after_s=2.0) from error
        certain = [position for position in positions if position is not None]
        if len(certain) < len(records):
            self._complaints.error("read-not-recorded", count=len(records) - len(certain))
            raise Unavailable("audit-unavailable", retry_after_s=2.0)
        self._took_s = min(perf_counter() - began_s, PAUSE_MAX_S)
        return certain

    async def pause(self) -> None:
        """Takes as long as recording did the last time: who is told that there is nobody must not learn from the time
        that it took whether somebody was withheld."""
        await asyncio.sleep(self._took_s)

    def describe(self, reading: Reading, now: datetime) -> Iterator[Record]:
        """The records of one look: as many as its people need, none if there is nobody."""
        for start in range(0, len(reading.people), PEOPLE_MAX):
            people = reading.people[start : start + PEOPLE_MAX]
            event_id = new_event_id(now)
            content = self._content(reading, people, now)
            tag = self._region_key.content_tag(msgspec.json.encode(content))
            value = encode(self._event, content | {"event_id": event_id.bytes, "content_tag": tag})
            yield Record(
                get_topic(self._region, self._event.context),
                people[0][1].hex.encode(),
                value,
                self._headers(event_id),
            )

    def _content(self, reading: Reading, people: Sequence[tuple[str, UUID]], now: datetime) -> dict[str, Any]:
        return {
            "region": self._region,
            "subjects": [_subject(region, person) for region, person in people],
            "occurred_on": now.toordinal() - EPOCH,
            "occurred_on_precision": "day",
            "registered_at": to_milliseconds(now),
            "office": self._office,
            "actor": reading.reader.sub,
            "purpose": reading.purpose,
            "legal_basis": self._event.legal_basis,
            "source": "system",
            "reader_role": reading.role,
            "route": reading.route,
            "fields": list(reading.fields[:FIELDS_MAX]),
            "compartments": list(reading.compartments),
            "outcome": reading.outcome,
            "case_reference": reading.case_reference,
            "partner_region": reading.partner_region,
            "conversation_id": None if reading.conversation_id is None else reading.conversation_id.bytes,
        }

    def _headers(self, event_id: UUID) -> Headers:
        return [
            *headers_of_version(self._event, self._region),
            ("ce_id", str(event_id).encode()),
            ("ce_office", self._office.encode()),
            *trace_headers(),
        ]


def _subject(region: str, person: UUID) -> dict[str, Any]:
    return {"role": "person", "region": region, "person_id": person.bytes, "identified_by": "person_id", "blocks": []}
