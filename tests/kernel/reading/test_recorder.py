"""A look at somebody's data stands on the log, or there is no answer."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.kernel.clock import FixedClock
from services.kernel.codec import Decoder
from services.kernel.contract.catalog import Catalog
from services.kernel.errors import Unavailable
from services.kernel.identity.caller import Caller
from services.kernel.log.producer import Position, Record
from services.kernel.privacy.region_key import RegionKey
from services.kernel.reading.recorder import Reading, ReadRecorder

NOW = datetime(2020, 5, 1, 10, 30, tzinfo=UTC)
CATALOG = Catalog.load()
READER = Caller("clerk-7", frozenset({"registrar"}), ("*",), None, "north")


class Taking:
    """A log that confirms all but the last `losing` records."""

    def __init__(self, losing: int = 0) -> None:
        self.records: list[Record] = []
        self._losing = losing

    async def append(self, records: Sequence[Record]) -> list[Position | None]:
        self.records += records
        kept = len(records) - self._losing
        return [Position(each.topic, 0, 0, 0) if number < kept else None for number, each in enumerate(records)]


class Refusing:
    async def append(self, records: Sequence[Record]) -> list[Position | None]:
        raise Unavailable("log-unavailable")


def recorder(log: Any) -> ReadRecorder:
    return ReadRecorder(log, CATALOG, RegionKey.derive(b"k" * 32), "north", "projections", FixedClock(NOW))


def look(count: int, **changed: Any) -> Reading:
    people = tuple(("north", uuid4()) for _ in range(count))
    fields = {"role": "registrar", "purpose": "civil-registration", "route": "GET /v1/persons/{id}"}
    return Reading(people, READER, **{**fields, **changed})


@pytest.mark.parametrize("log", [Taking(losing=1), Refusing()])
async def test_what_cannot_be_recorded_is_not_shown(log: Any) -> None:
    with pytest.raises(Unavailable, match="audit-unavailable"):
        await recorder(log).record([look(1), look(1)])


async def test_many_people_are_told_in_several_events() -> None:
    log, reading = Taking(), look(12, fields=("person.sex",), compartments=("civil",), case_reference="2012/77")
    assert len(await recorder(log).record([reading])) == 3
    told = [Decoder(CATALOG).decode(record.value).record for record in log.records]
    assert [len(each["subjects"]) for each in told] == [5, 5, 2]
    assert len({each["event_id"] for each in told}) == 3
    assert {s["person_id"] for each in told for s in each["subjects"]} == {one.bytes for _, one in reading.people}
    assert {(each["actor"], each["reader_role"], each["outcome"]) for each in told} == {
        ("clerk-7", "registrar", "shown")
    }
    assert all(each["case_reference"] == "2012/77" and each["fields"] == ["person.sex"] for each in told)
    assert [record.key for record in log.records] == [reading.people[n][1].hex.encode() for n in (0, 5, 10)]
    assert {record.topic for record in log.records} == {"north.audit"}


async def test_a_look_at_nobody_is_no_event() -> None:
    log = Taking()
    assert await recorder(log).record([look(0)]) == []
    assert log.records == []
