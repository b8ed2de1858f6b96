"""The system takes back what it said itself, in the same conversation, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.ingest.corrections.drafts import annulment, recorded
from tests.ingest.offices import Office, new_id, refusal

OpenOffice = Callable[..., Office]


@pytest.fixture
def exchange(open_office: OpenOffice) -> Office:
    return open_office("system", sub="exchange")


def _departure(conversation_id: str, **changed: Any) -> dict[str, Any]:
    return {
        "type": "DepartureRegistered",
        "event_id": new_id(),
        "occurred_on": "2026-03-02",
        "registered_at": "2026-03-03T09:30:00+01:00",
        "office": "exchange",
        "source": "system",
        "conversation_id": conversation_id,
        "caused_by": new_id(),
        "residence_area": "0980",
        "subjects": [{"role": "mover", "person_id": new_id()}],
        "sex": "female",
        "from_area": "0980",
        "to_kind": "region",
        "to_region": "south",
        "registration_kept": False,
        "confirmation_expected": False,
    } | changed


def _taken_back(target: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return (
        annulment(
            target,
            office="exchange",
            source="system",
            reason="notice-withdrawn",
            conversation_id=target.get("conversation_id"),
            caused_by=new_id(),
        )
        | changed
    )


def test_the_system_takes_back_what_it_said_in_a_conversation(exchange: Office) -> None:
    departure = _departure(new_id())
    assert exchange.post(departure).status_code == 201
    act = _taken_back(departure)
    assert exchange.post(act).status_code == 201
    again = exchange.post_lines([act, _departure(new_id())]).json()["outcomes"]
    assert [each["outcome"] for each in again] == ["repeated", "recorded"]


@pytest.mark.parametrize("changed", [{"conversation_id": new_id()}, {"conversation_id": None}, {"source": "office"}])
def test_it_takes_nothing_back_outside_the_conversation_in_which_it_said_it(
    exchange: Office, changed: dict[str, Any]
) -> None:
    departure = _departure(new_id())
    assert exchange.post(departure).status_code == 201
    assert refusal(exchange.post(_taken_back(departure, **changed)))[:2] == (403, "needs-two-people")


def test_it_takes_back_nobody_else_s_word(exchange: Office, registrar: Office, open_office: OpenOffice) -> None:
    birth, _ = recorded(registrar)
    assert refusal(exchange.post(_taken_back(birth, conversation_id=new_id())))[:2] == (403, "needs-two-people")
    departure = _departure(new_id())
    assert open_office("system", sub="another-program").post(departure).status_code == 201
    assert refusal(exchange.post(_taken_back(departure)))[:2] == (403, "needs-two-people")
    assert exchange.post_lines([_taken_back(departure)]).json()["outcomes"][0]["code"] == "needs-two-people"


def test_it_takes_back_no_annulment_and_replaces_nothing(exchange: Office) -> None:
    departure = _departure(new_id())
    assert exchange.post(departure).status_code == 201
    act = _taken_back(departure)
    assert exchange.post(act).status_code == 201
    back = _taken_back(act)
    assert refusal(exchange.post(back))[:2] == (422, "unknown-target")
    replaced = _taken_back(departure) | {"type": "EventCorrected", "reason": "other", "replacement": departure}
    assert refusal(exchange.post(replaced))[:2] == (403, "needs-two-people")


def test_nobody_but_the_system_annuls_without_a_second_person(registrar: Office, exchange: Office) -> None:
    departure = _departure(new_id())
    assert exchange.post(departure).status_code == 201
    assert refusal(registrar.post(_taken_back(departure)))[0] == 403
