"""Offices that post and read: a region with a map, and what they read back."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from deploy.local.stack import Region, Running
from tests.ingest.offices import MAP, Office, area, birth, new_id

CASE = "2012/0980/77"


class Desk:
    """A desk where records are read: one role, one token."""

    def __init__(
        self, region: Region, role: str, areas: tuple[str, ...] = ("*",), purpose: str | None = None, sub: str = ""
    ) -> None:
        assert region.read is not None
        self.region = region
        self.sub = sub or f"{role}-{new_id()}"
        token = region.token(role, areas, purpose, sub=self.sub)
        self.http = httpx.Client(base_url=region.read, headers={"authorization": f"Bearer {token}"}, timeout=30)

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        return self.http.get(path, params={name: value for name, value in parameters.items() if value is not ...})

    def person(self, person_id: str, after: httpx.Response | None = None, **parameters: Any) -> httpx.Response:
        """One record; `after`: the answer to a post that must be in the tables."""
        parameters = {"case": CASE} | parameters | wait_for(after)
        return self.get(f"/v1/persons/{person_id}", **parameters)

    def find(self, after: httpx.Response | None = None, **question: Any) -> httpx.Response:
        return self.http.post("/v1/persons:find", json={"case": CASE} | question, params=wait_for(after))


def wait_for(answer: httpx.Response | None) -> dict[str, str]:
    if answer is None:
        return {}
    position = answer.json()["position"]
    return {"wait_for": f"{position['topic']}:{position['partition']}:{position['offset']}"}


@pytest.fixture(scope="session")
def reading_region(stack: Running) -> Region:
    """The region south, with a map."""
    region = stack.regions["south"]
    geographer = Office(region, "geographer")
    for code, parent in MAP.items():
        assert geographer.post(area(code, parent)).status_code == 201
    _wait_until_followed(region)
    return region


def _wait_until_followed(region: Region) -> None:
    """Until the workers have their partitions: a busy machine takes its time for that once."""
    child, desk = Born(Office(region, "registrar")), Desk(region, "registrar", purpose="exchange")
    give_up_at_s = time.monotonic() + 60
    while desk.person(child.person_id, child.answer).status_code != 200:
        assert time.monotonic() < give_up_at_s


@pytest.fixture(scope="session")
def office(reading_region: Region) -> Office:
    """A registrar who posts for the whole region."""
    return Office(reading_region, "registrar")


@pytest.fixture(scope="session")
def open_desk(reading_region: Region) -> Callable[..., Desk]:
    """`open_desk("registrar", ("0980",), purpose=…)`; for the usual purpose of the role unless told."""
    usual = {"service-worker": "voluntary-service", "auditor": "supervision"}

    def opened(role: str, areas: tuple[str, ...] = ("*",), purpose: str | None = ..., sub: str = "") -> Desk:  # type: ignore[assignment]
        return Desk(
            reading_region, role, areas, usual.get(role, "civil-registration") if purpose is ... else purpose, sub
        )

    return opened


@pytest.fixture(scope="session")
def clerk(open_desk: Callable[..., Desk]) -> Desk:
    """A registrar of the whole region."""
    return open_desk("registrar")


class Born:
    """Somebody whose birth was just posted."""

    def __init__(self, at: Office, **changed: Any) -> None:
        self.event = birth(**changed)
        self.answer = at.post(self.event)
        assert self.answer.status_code == 201, self.answer.text
        self.person_id, *others = [each["person_id"] for each in self.answer.json()["subjects"]]
        self.mother_id = others[0] if others else None
        self.civil = self.event["subjects"][0]["civil"]


@pytest.fixture
def born(office: Office) -> Callable[..., Born]:
    """Posts a birth; keyword arguments change it."""
    return lambda **changed: Born(office, **changed)


def about(person_id: str, event_type: str, **fields: Any) -> dict[str, Any]:
    """An event about one person, in the role `person` unless `role` is told."""
    subject = {"role": fields.pop("role", "person"), "person_id": person_id} | fields.pop("subject", {})
    return {
        "type": event_type,
        "event_id": new_id(),
        "occurred_on": "2012-03-14",
        "registered_at": "2012-03-15T09:30:00+01:00",
        "office": "0980-1",
        "subjects": [subject],
    } | fields
