"""Reads what the register holds of own people, for what is said of them to partners. Every look stands on the audit
topic, for the conversation that it was taken for, before anything sealed is opened.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from services.exchange.pairing.records import PersonRecord, RecordReader
from services.exchange.register.held import Held
from services.kernel.clock import Clock
from services.kernel.codec.posts.dates import EPOCH
from services.kernel.database import Connection
from services.kernel.identity.caller import WHOLE_REGION, Caller
from services.kernel.reading.recorder import Reading, ReadRecorder

_ROLE, _PURPOSE = "system", "exchange"
_TOLD = (
    "civil.address", "civil.birth_place", "civil.citizenships", "civil.family_name", "civil.full_name",
    "civil.given_names", "civil.identifiers", "civil.name_variants", "civil.previous_address", "current.born_on",
    "current.civil_status", "current.sex",
)  # fmt: skip


class Look(NamedTuple):
    """A look at one person, for one conversation with `partner`, who may be told of what is seen. `event_id`: the
    arrival that it is about, if it is about one."""

    conversation_id: str
    person_id: UUID
    partner: str
    event_id: UUID | None = None


class Snapshots:
    """`audit`: by which every look is recorded."""

    def __init__(self, records: RecordReader, audit: ReadRecorder, region: str, clock: Clock) -> None:
        self._records, self._audit, self._region, self._clock = records, audit, region, clock
        self._reader = Caller("exchange", frozenset({_ROLE}), (WHOLE_REGION,), _PURPOSE, region)

    async def read(self, connection: Connection, looks: Sequence[Look], what_for: str) -> dict[str, Held]:
        """By conversation; who is not in the register is left out, who is protected comes without particulars.

        `connection`: of the login that may only look. Unavailable("audit-unavailable") where the log does not take
        that they were read: then nothing was opened.
        """
        today = self._clock.now().toordinal() - EPOCH
        found = await self._records.find(connection, {each.person_id for each in looks}, today)
        open_ = [each for each in looks if each.person_id in found and not found[each.person_id].state.is_protected]
        if open_:
            await self._audit.record([self._describe(each, found[each.person_id], what_for) for each in open_])
            await self._records.open(connection, [found[each.person_id] for each in open_])
        statuses = await _find_statuses(connection, found)
        return {
            each.conversation_id: _hold(found[each.person_id], statuses, each.event_id)
            for each in looks
            if each.person_id in found
        }

    def _describe(self, look: Look, record: PersonRecord, what_for: str) -> Reading:
        return Reading(
            people=tuple((self._region, person_id) for person_id in sorted(record.people)),
            reader=self._reader,
            role=_ROLE,
            purpose=_PURPOSE,
            route=f"exchange {what_for}",
            fields=_TOLD,
            compartments=("civil",),
            case_reference=look.conversation_id,
            partner_region=look.partner,
            conversation_id=UUID(look.conversation_id),
        )


async def _find_statuses(connection: Connection, found: Mapping[UUID, PersonRecord]) -> dict[UUID, str | None]:
    rows = await connection.fetch(
        "SELECT person_id, civil_status FROM register.person WHERE person_id = ANY($1)",
        [record.person_id for record in found.values()],
    )
    return {row["person_id"]: row["civil_status"] for row in rows}


def _hold(record: PersonRecord, statuses: Mapping[UUID, str | None], event_id: UUID | None) -> Held:
    lives = record.state.lives
    return Held(
        person_id=record.person_id,
        sex=record.sex,
        birth_on=record.birth_on,
        civil_status=statuses.get(record.person_id),
        lives_in=lives.area if lives else None,
        elsewhere=lives.region if lives else None,
        since=lives.since if lives else None,
        died_on=record.state.died_on,
        is_protected=record.state.is_protected,
        state=record.state,
        civil=_civil(record),
        event=_find_event(record, event_id),
    )


def _civil(record: PersonRecord) -> dict[str, Any] | None:
    """With the latest address that was declared as the one before: it says where the origin may look."""
    civil = record.civil
    before = [block["previous_address"] for block in record.blocks if block.get("previous_address")]
    return civil | {"previous_address": before[-1]} if civil is not None and before else civil


def _find_event(record: PersonRecord, event_id: UUID | None) -> Mapping[str, Any] | None:
    if event_id is None:
        return None
    return next((each.record for each in record.events if each.record["event_id"] == event_id.bytes), None)
