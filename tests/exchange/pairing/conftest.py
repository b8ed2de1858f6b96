"""A region whose people are looked for."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import choices
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from deploy.local.stack import Region, Running
from services.exchange.pairing.pairer import Pairer
from services.exchange.pairing.pairing import Pairing, Question
from services.exchange.particulars.identification import Identification
from services.kernel.clock import SystemClock
from services.kernel.contract.catalog import Catalog
from services.kernel.database import open_pool
from services.kernel.log.producer import LogProducer, Position, Record
from services.kernel.privacy.region_key import RegionKey
from services.kernel.reading.recorder import ReadRecorder
from tests.ingest.corrections.drafts import PATH, correction
from tests.ingest.offices import MAP, Office, area, new_id

CATALOG = Catalog.load()


class Registry:
    """Posts people, waits for the tables, and asks who is meant. `looks`: people and cases of what was recorded."""

    def __init__(self, region: Region, office: Office, pairer: Pairer, pool: asyncpg.Pool) -> None:
        self.region = region
        self.office = office
        self.pairer = pairer
        self.pool = pool

    def enumerate(self, civil: dict[str, Any], **changed: Any) -> UUID:
        """A resident of the region; returns the id."""
        event = {
            "type": "PersonEnumerated",
            "event_id": new_id(),
            "occurred_on": "1994-12-31",
            "registered_at": "2012-03-15T09:30:00+01:00",
            "office": "0980-1",
            "subjects": [{"role": "person", "civil": civil}],
            "residence_area": "0980",
            "sex": "female",
            "birth_on": "1975-03-02",
        } | changed
        return self.post(event)

    def post(self, event: dict[str, Any]) -> UUID:
        """Posts and waits until it stands in the tables; returns the id of the first subject."""
        answer = self.office.post(event)
        assert answer.status_code == 201, answer.text
        self._wait(answer.json()["position"])
        return UUID(answer.json()["subjects"][0]["person_id"])

    def say(self, person_id: UUID, event_type: str, role: str = "mover", **fields: Any) -> UUID:
        return self.post(
            {
                "type": event_type,
                "event_id": new_id(),
                "occurred_on": "2012-03-14",
                "registered_at": "2012-03-15T09:30:00+01:00",
                "office": "0980-1",
                "subjects": [{"role": role, "person_id": str(person_id)}, *fields.pop("more", [])],
            }
            | fields
        )

    def correct(self, event: dict[str, Any], person_id: UUID, **changed: Any) -> None:
        """Another person approves that the event says something else."""
        draft = self.office.post(correction(event, [str(person_id)], **changed), PATH)
        assert draft.status_code == 201, draft.text
        approver = Office(self.region, "approver", purpose="quality-assurance")
        approved = approver.post(b"", f"{PATH}/{draft.json()['draft_id']}:approve")
        assert approved.status_code == 201, approved.text
        self._wait(approved.json()["position"])

    async def ask(self, said: dict[str, Any], **more: Any) -> Pairing:
        """What comes of one question."""
        (pairing,) = await self.ask_many([said], **more)
        return pairing

    async def ask_many(self, said: list[dict[str, Any]], case: str = "", **more: Any) -> list[Pairing]:
        questions = [Question(case or new_id(), Identification.from_document(each), "east", **more) for each in said]
        async with self.pool.acquire() as connection:
            return await self.pairer.pair(connection, questions)

    def _wait(self, position: dict[str, Any]) -> None:
        token = self.region.token("registrar", purpose="exchange")
        place = f"{position['topic']}:{position['partition']}:{position['offset']}"
        for _ in range(60):
            answer = httpx.post(
                f"{self.region.read}/v1/persons:find",
                params={"wait_for": place},
                json={"case": "waiting", "person_id": new_id(), "birth_on": "1975"},
                headers={"authorization": f"Bearer {token}"},
                timeout=30,
            )
            if answer.status_code == 200:
                return
            time.sleep(0.5)
        raise AssertionError(answer.text)


class Audit:
    """The log, and a list of what was appended to it. `fails`: it does not answer."""

    def __init__(self, producer: LogProducer) -> None:
        self._producer = producer
        self.records: list[Record] = []
        self.is_silent = False

    async def append(self, records: list[Record]) -> list[Position | None]:
        if self.is_silent:
            return [None for _ in records]
        self.records += records
        return list(await self._producer.append(records))

    @contextmanager
    def silent(self) -> Iterator[None]:
        self.is_silent = True
        yield
        self.is_silent = False


@pytest.fixture(scope="session")
def mapped(stack: Running) -> Region:
    region = stack.regions["north"]
    geographer = Office(region, "geographer")
    for code, parent in MAP.items():
        assert geographer.post(area(code, parent)).status_code == 201
    return region


@pytest.fixture
async def audit(stack: Running) -> AsyncIterator[Audit]:
    producer = LogProducer(stack.kafka, client_id="pairing-test")
    yield Audit(producer)
    await producer.close()


@pytest.fixture
async def registry(mapped: Region, audit: Audit) -> AsyncIterator[Registry]:
    settings = mapped.get_settings("projections")
    pool = await open_pool(settings["DOMICILE_READ_DATABASE_URL"], name="pairing test", size_max=2)
    region_key = RegionKey.read(Path(settings["DOMICILE_REGION_KEY_FILE"]))
    clock = SystemClock()
    recorder = ReadRecorder(audit, CATALOG, region_key, mapped.name, "exchange", clock)
    pairer = Pairer(CATALOG, region_key, recorder, mapped.name, clock)
    yield Registry(mapped, Office(mapped, "registrar"), pairer, pool)
    await pool.close()


@pytest.fixture
def civil() -> Callable[..., dict[str, Any]]:
    """Particulars of somebody with a name, a number and an address of their own."""

    def made(**changed: Any) -> dict[str, Any]:
        family, given, mark = (_draw_word() for _ in range(3))
        return {
            "family_name": family,
            "given_names": given,
            "identifiers": [{"kind": "passport", "value": f"P{mark}"}],
            "address": {"lines": [f"Hill Road {mark}"], "postal_code": "621 00", "locality": "Visby"},
        } | changed

    return made


def _draw_word() -> str:
    """Eight letters that no other word is like."""
    return "".join(choices("bdfgklmnprstv", k=8)).capitalize()
