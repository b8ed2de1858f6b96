"""Corrections and annulments as an office drafts them."""

from typing import Any

from tests.ingest.offices import Office, birth, new_id

PATH = "/v1/corrections"


def annulment(target: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "type": "EventAnnulled",
        "event_id": new_id(),
        "occurred_on": "2012-03-20",
        "registered_at": "2012-03-20T10:05:00+01:00",
        "office": "0980-1",
        "residence_area": "0980",
        "target_event_id": target["event_id"],
        "reason": "recorded-twice",
    } | changed


def correction(target: dict[str, Any], people: list[str], **changed: Any) -> dict[str, Any]:
    subjects = [{**subject, "person_id": person} for subject, person in zip(target["subjects"], people, strict=True)]
    return annulment(target) | {
        "type": "EventCorrected",
        "reason": "wrong-date",
        "replacement": target | {"subjects": subjects} | changed,
    }


def recorded(registrar: Office, **changed: Any) -> tuple[dict[str, Any], list[str]]:
    event = birth(**changed)
    answer = registrar.post(event)
    assert answer.status_code == 201
    return event, [subject["person_id"] for subject in answer.json()["subjects"]]


def drafted(registrar: Office, draft: dict[str, Any]) -> str:
    answer = registrar.post(draft, PATH)
    assert (answer.status_code, answer.json()["status"]) == (201, "pending"), answer.text
    return f"{PATH}/{answer.json()['draft_id']}"
