"""An island with two parishes, its people and their moves, and who asks for figures of it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest

from deploy.local.stack import Region
from tests.ingest.offices import Office, area
from tests.projections.api.conftest import Born, Desk, about

OpenDesk = Callable[..., Desk]


@dataclass
class Island:
    """`code`, with the parishes `north` and `south` in it."""

    code: str
    north: str
    south: str


@pytest.fixture(scope="session")
def island(reading_region: Region, office: Office, clerk: Desk) -> Island:
    """Twelve girls were born in the north in 2003 and two boys in the south in 2004; three girls moved south in 2010.
    Nothing is known of their mothers but that they were born in 1975.
    """
    code = f"S{uuid4().hex[:8]}"
    geographer = Office(reading_region, "geographer")
    north, south = f"{code}-N", f"{code}-S"
    for each, parent in ((code, None), (north, code), (south, code)):
        answer = geographer.post(area(each, parent))
        assert answer.status_code == 201, answer.text
    child = [{"role": "child", "civil": {"given_names": "Ex", "family_name": "Ample"}}]

    def born(at: str, on: str, sex: str) -> Born:
        place = {"residence_area": at, "occurrence_area": at, "office": f"{code}-1"}
        return Born(office, **place, occurred_on=on, registered_at=f"{on}T12:00:00Z", sex=sex, subjects=child)

    girls = [born(north, f"2003-05-{day + 1:02}", "female") for day in range(12)]
    for boy in [born(south, "2004-07-01", "male") for _ in range(2)]:
        clerk.person(boy.person_id, boy.answer)
    for girl in girls:
        clerk.person(girl.person_id, girl.answer)
    posts = [
        about(
            girl.person_id,
            "AddressChanged",
            role="mover",
            sex="female",
            birth_on="2003-05-01",
            reason="housing",
            occurred_on="2010-06-01",
            registered_at="2010-06-02T12:00:00Z",
            from_area=north,
            to_area=south,
            residence_area=south,
            office=f"{code}-1",
        )
        for girl in girls[:3]
    ]
    answers = [office.post(post) for post in posts]
    assert {answer.status_code for answer in answers} == {201}, answers[0].text
    for person, answer in zip(girls, answers, strict=False):
        clerk.person(person.person_id, answer)
    return Island(code, north, south)


@pytest.fixture(scope="session")
def statistician(open_desk: OpenDesk) -> Desk:
    """The statistical office itself."""
    return open_desk("statistician", purpose=None)


@pytest.fixture(scope="session")
def analyst(open_desk: OpenDesk) -> Desk:
    """Somebody who reads under disclosure control."""
    return open_desk("analyst", purpose=None)
