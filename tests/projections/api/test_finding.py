"""Finding a named person: two things that one knows of them, never a list."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.ingest.offices import Office, new_id, refusal
from tests.projections.api.conftest import Born, Desk, about

PostBirth = Callable[..., Born]
OpenDesk = Callable[..., Desk]


@pytest.fixture
def known(born: PostBirth) -> Born:
    """Somebody with a name, a number and an address of their own."""
    mark = uuid4().hex[:10]
    civil = {
        "given_names": f"Elise {mark}",
        "family_name": "Ample-Ex",
        "identifiers": [{"kind": "passport", "value": f"P{mark}"}],
        "address": {"lines": [f"Hill Road {mark}"], "postal_code": "621 00", "locality": "Visby"},
    }
    return born(subjects=[{"role": "child", "civil": civil}])


def ids(desk: Desk, after: Any = None, **question: Any) -> list[str]:
    answer = desk.find(after, **question)
    assert answer.status_code == 200, answer.text
    return [each["person_id"] for each in answer.json()["found"]]


def test_any_two_traits_find_a_person(known: Born, clerk: Desk) -> None:
    mark = known.civil["given_names"].split()[1]
    traits = {
        "person_id": known.person_id,
        "identifier": {"kind": "passport", "value": f"p {mark}"},
        "full_name": f"AMPLE EX, Élise {mark}",
        "birth_on": "2003-05-17",
        "address": f"hill road {mark}, Visby",
    }
    after: Any = known.answer
    for one in traits:
        for other in traits:
            if one != other:
                assert ids(clerk, after, **{one: traits[one], other: traits[other]}) == [known.person_id], (one, other)
                after = None


def test_a_trait_that_is_wrong_finds_nobody(known: Born, clerk: Desk) -> None:
    assert ids(clerk, known.answer, person_id=known.person_id, birth_on="2003-05-17") == [known.person_id]
    for wrong in (
        {"birth_on": "2003-05-18"},
        {"full_name": "Elise Other"},
        {"address": "Hill Road 9"},
        {"identifier": {"kind": "passport", "value": "X1234567"}},
    ):
        assert ids(clerk, person_id=known.person_id, **wrong) == []
    assert ids(clerk, person_id=new_id(), birth_on="2003-05-17") == []


def test_fewer_than_two_traits_are_a_list_and_refused(known: Born, clerk: Desk) -> None:
    for one in ({}, {"person_id": known.person_id}, {"full_name": "Ex Ample"}, {"birth_on": "2003-05-17"}):
        assert refusal(clerk.find(**one)) == (422, "too-few-traits", "")
    for more in ({"sex": "female"}, {"age": 20}, {"civil_status": "married"}, {"area": "0980"}):
        assert refusal(clerk.find(birth_on="2003-05-17", **more))[:2] == (422, "wrong-type")


def test_case_and_purpose_are_asked(known: Born, open_desk: OpenDesk) -> None:
    bare = open_desk("registrar", purpose=None)
    question = {"person_id": known.person_id, "birth_on": "2003-05-17"}
    assert refusal(bare.find(**question))[:2] == (400, "purpose-required")
    assert refusal(bare.find(**question, purpose="exchange", case="x"))[:2] == (400, "case-required")
    assert bare.find(known.answer, **question, purpose="exchange").json()["found"]


def test_no_more_than_five_are_ever_shown(born: PostBirth, clerk: Desk) -> None:
    civil = {"given_names": f"Same {uuid4().hex}", "family_name": "Name"}
    people = [born(subjects=[{"role": "child", "civil": civil}]) for _ in range(7)]
    for person in people:
        clerk.person(person.person_id, person.answer)
    told = clerk.find(people[-1].answer, full_name=f"{civil['given_names']} Name", birth_on="2003-05-17").json()
    assert (len(told["found"]), told["more"]) == (5, True)
    assert told["found"][0]["civil"]["family_name"] == "Name"


def test_who_is_outside_one_s_areas_is_not_found(known: Born, open_desk: OpenDesk, clerk: Desk) -> None:
    question = {"person_id": known.person_id, "birth_on": "2003-05-17"}
    assert ids(clerk, known.answer, **question) == [known.person_id]
    elsewhere = open_desk("registrar", ("2380",)).find(**question)
    assert elsewhere.json() == {"found": [], "more": False}


def test_an_annulled_or_given_up_name_is_told_from_one_that_stands(known: Born, office: Office, clerk: Desk) -> None:
    mark = known.civil["given_names"].split()[1]
    subject = {"civil": {"family_name": f"New{mark}"}}
    changed = office.post(about(known.person_id, "NameChanged", subject=subject, reason="marriage"))
    assert changed.status_code == 201, changed.text
    told = clerk.person(known.person_id, changed).json()["particulars"]["civil"]
    assert (told["given_names"], told["family_name"]) == (f"Elise {mark}", f"New{mark}")
    # People come with the name of an old paper; it stands in their record.
    assert ids(clerk, full_name=f"Elise {mark} Ample-Ex", birth_on="2003-05-17") == [known.person_id]


def test_a_service_worker_learns_the_id_and_nothing_else(known: Born, open_desk: OpenDesk) -> None:
    question = {"person_id": known.person_id, "birth_on": "2003-05-17"}
    told = open_desk("service-worker").find(known.answer, **question).json()["found"]
    assert told == [{"person_id": known.person_id}]


def test_what_cannot_be_read_is_refused_without_being_quoted(clerk: Desk) -> None:
    for body in (b"", b"{", b"[]", b'{"case": 5}', b'{"case": "2012/77", "secret-name": 1}', b"\xff"):
        answer = clerk.http.post("/v1/persons:find", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422)
        assert "secret-name" not in answer.text
    assert refusal(clerk.http.post("/v1/persons:find", content=b"{}", headers={"content-type": "text/plain"}))[0] == 415
    assert refusal(clerk.find(full_name="?!", birth_on="2003"))[1:] == ("too-short", "/full_name")
    assert refusal(clerk.find(full_name="Ex", birth_on="17.5.2003"))[1:] == ("bad-date", "/birth_on")
