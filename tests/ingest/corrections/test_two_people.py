"""Corrections and annulments need two people, and only then stand on the log."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest

from deploy.local.stack import Region, Running
from tests.ingest.corrections.drafts import PATH, annulment, correction, drafted, recorded
from tests.ingest.offices import SCHEMAS, Office, birth, new_id, refusal
from tests.on_the_log import read_log

OpenOffice = Callable[..., Office]


@pytest.fixture
def approver(open_office: OpenOffice) -> Office:
    return open_office("approver", purpose="quality-assurance")


def test_a_correction_is_appended_only_after_another_person_approved(registrar: Office, approver: Office) -> None:
    event, people = recorded(registrar)
    draft = correction(event, people, occurred_on="2003-05-18")
    place = drafted(registrar, draft)
    assert approver.get(place).json()["post"] == draft
    approved = approver.post(b"", f"{place}:approve")
    assert (approved.status_code, approved.json()["outcome"]) == (201, "recorded")
    assert approved.json()["event_id"] == draft["event_id"]
    assert approver.get(place).json()["status"] == "approved"


def test_approving_again_gives_the_same_answer(registrar: Office, approver: Office) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    first, second = approver.post(b"", f"{place}:approve"), approver.post(b"", f"{place}:approve")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_two_approvers_at_once_append_one_event(registrar: Office, open_office: OpenOffice) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    approvers = [open_office("approver", sub=f"approver-{number}") for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: one.post(b"", f"{place}:approve"), approvers))
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    positions = {str(answer.json()["position"]) for answer in answers if answer.status_code != 409}
    assert len(positions) == 1
    assert sum(answer.status_code == 201 for answer in answers) == 1


def test_nobody_approves_what_they_drafted(registrar: Office, open_office: OpenOffice) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    same = open_office("approver", sub="office-registrar")
    assert refusal(same.post(b"", f"{place}:approve")) == (403, "same-person-approves", "")
    assert refusal(registrar.post(b"", f"{place}:approve")) == (403, "role-may-not", "")


def test_a_draft_is_nobody_s_outside_its_area(registrar: Office, open_office: OpenOffice) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    for areas in (["2380"], ["0980-N"]):
        elsewhere = open_office("approver", areas, sub="approver-elsewhere")
        for answer in (elsewhere.get(place), elsewhere.post(b"", f"{place}:approve")):
            assert refusal(answer)[:2] == (404, "unknown-draft")
        assert place.rpartition("/")[2] not in elsewhere.get(PATH).text
    here = open_office("approver", ["0980"])
    assert place.rpartition("/")[2] in here.get(PATH).text
    assert here.post(b"", f"{place}:approve").status_code == 201


def test_naming_an_area_of_one_s_own_does_not_make_somebody_else_s_event_one_s_own(
    registrar: Office, open_office: OpenOffice
) -> None:
    event, _ = recorded(registrar, residence_area="2380", occurrence_area="2380")
    draft = annulment(event, residence_area="0980")
    here = open_office("registrar", ["0980"], sub="registrar-here")
    assert refusal(here.post(draft, PATH))[:2] == (403, "area-not-yours")
    place = drafted(registrar, draft)
    assert refusal(open_office("approver", ["0980"]).post(b"", f"{place}:approve"))[:2] == (404, "unknown-draft")
    assert open_office("approver", ["2380"]).post(b"", f"{place}:approve").status_code == 201


def test_what_would_be_refused_is_refused_when_it_is_drafted(registrar: Office) -> None:
    event, people = recorded(registrar)
    assert refusal(registrar.post(annulment({"event_id": new_id()}), PATH))[:2] == (422, "unknown-target")
    assert refusal(registrar.post(annulment(event, reasn="x"), PATH))[:2] == (422, "unknown-field")
    wrong = correction(event, people, sexx="female")
    assert refusal(registrar.post(wrong, PATH)) == (422, "unknown-field", "/replacement/sexx")
    assert refusal(registrar.post(birth(), PATH))[:2] == (422, "not-a-correction")
    assert refusal(registrar.post(b"{", PATH))[:2] == (400, "malformed-json")


def test_a_correction_is_not_an_event_that_one_person_posts(registrar: Office) -> None:
    draft = annulment(recorded(registrar)[0])
    assert refusal(registrar.post(draft)) == (403, "needs-two-people", "/type")
    assert registrar.post_lines([draft]).json()["outcomes"][0]["code"] == "needs-two-people"


def test_the_same_draft_again_is_the_same_draft_and_another_is_a_conflict(registrar: Office) -> None:
    event, _ = recorded(registrar)
    draft = annulment(event)
    drafted(registrar, draft)
    assert registrar.post(draft, PATH).status_code == 200
    assert registrar.post(dict(reversed(draft.items())), PATH).status_code == 200
    assert refusal(registrar.post(draft | {"reason": "wrong-person"}, PATH))[:2] in (
        (409, "event-id-taken"),
        (422, "unknown-word"),
    )


def test_a_withdrawn_draft_is_not_approved(registrar: Office, approver: Office) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    withdrawn = registrar.post(b"", f"{place}:withdraw")
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "withdrawn")
    assert refusal(approver.post(b"", f"{place}:approve"))[:2] == (409, "draft-settled")
    assert approver.get(place).json()["post"] is None


def test_an_approved_draft_is_not_withdrawn(registrar: Office, approver: Office) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    approver.post(b"", f"{place}:approve")
    assert refusal(registrar.post(b"", f"{place}:withdraw"))[:2] == (409, "draft-settled")


def test_only_its_author_or_an_approver_withdraws_a_draft(registrar: Office, open_office: OpenOffice) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    colleague = open_office("registrar", sub="colleague")
    assert refusal(colleague.post(b"", f"{place}:withdraw"))[:2] == (403, "role-may-not")
    assert open_office("approver").post(b"", f"{place}:withdraw").status_code == 200


def test_an_address_that_is_no_draft_is_not_found(approver: Office) -> None:
    for draft_id in (new_id(), "x", "01a2020e-ca07"):
        assert refusal(approver.get(f"{PATH}/{draft_id}"))[:2] == (404, "unknown-draft")
        assert refusal(approver.post(b"", f"{PATH}/{draft_id}:approve"))[:2] == (404, "unknown-draft")


async def test_what_is_drafted_lies_sealed_and_goes_when_it_is_settled(
    north: Region, registrar: Office, approver: Office
) -> None:
    canary = "Canary-8f2a"
    event, people = recorded(registrar)
    draft = correction(event, people)
    draft["replacement"]["subjects"][0] |= {"civil": {"given_names": canary, "family_name": "Ample"}}
    place = drafted(registrar, draft)
    connection = await asyncpg.connect(north.database)
    try:
        row = await connection.fetchrow(
            "SELECT d::text AS shown, sealed, key_id FROM ingest.correction_draft d WHERE draft_id = $1",
            draft["event_id"],
        )
        assert row is not None
        assert canary not in row["shown"]
        assert canary.encode() not in row["sealed"]
        assert approver.post(b"", f"{place}:approve").status_code == 201
        wrapped = await connection.fetchval("SELECT wrapped FROM privacy.data_key WHERE key_id = $1", row["key_id"])
        assert wrapped is None
        query = "SELECT sealed FROM ingest.correction_draft WHERE draft_id = $1"
        assert await connection.fetchval(query, draft["event_id"]) is None
    finally:
        await connection.close()


def test_nobody_undoes_who_read_whom(
    stack: Running, registrar: Office, approver: Office, open_office: OpenOffice
) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    somebody = f"approver-{new_id()}"
    open_office("approver", sub=somebody, purpose="supervision").get(place)
    (reading,) = read_log(stack.kafka, "north", ["audit"], holding=somebody.encode())
    assert reading.record["actor"] == somebody
    undone = registrar.post(annulment({"event_id": reading.event_id}), PATH)
    assert refusal(undone) == (422, "unknown-target", "/target_event_id")


def test_nobody_undoes_what_only_the_system_says(registrar: Office, open_office: OpenOffice) -> None:
    example = json.loads((SCHEMAS / "registration" / "SubjectErased" / "examples" / "contact-data.json").read_text())
    person = recorded(registrar)[1][0]
    erased = example | {"event_id": new_id(), "subjects": [{"role": "person", "person_id": person}]}
    assert open_office("system").post(erased).status_code == 201
    undone = registrar.post(annulment(erased), PATH)
    assert refusal(undone) == (403, "not-yours-to-post", "/target_event_id")


def test_a_role_corrects_only_what_it_may_post(registrar: Office, open_office: OpenOffice) -> None:
    event, _ = recorded(registrar)
    for role in ("geographer", "service-worker"):
        drafting = open_office(role).post(annulment(event), PATH)
        assert refusal(drafting) == (403, "not-yours-to-post", "/target_event_id")
    place = drafted(registrar, annulment(event))
    for role in ("geographer", "service-worker"):
        assert refusal(open_office(role).get(place))[:2] == (404, "unknown-draft")
        assert place.rpartition("/")[2] not in open_office(role).get(PATH).text


def test_a_parameter_that_is_not_known_drafts_approves_and_withdraws_nothing(
    registrar: Office, approver: Office
) -> None:
    draft = annulment(recorded(registrar)[0])
    assert refusal(registrar.post(draft, f"{PATH}?dry_run=true"))[:2] == (400, "wrong-parameter")
    place = drafted(registrar, draft)
    for action in ("approve", "withdraw"):
        assert refusal(approver.post(b"", f"{place}:{action}?dry_run=true"))[:2] == (400, "wrong-parameter")
    assert refusal(registrar.get(f"{PATH}?status=pending"))[:2] == (400, "wrong-parameter")
    assert approver.get(place).json()["status"] == "pending"
