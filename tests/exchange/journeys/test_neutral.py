"""Whoever asks for somebody protected is told what they would be told of nobody, to the byte, whatever they ask."""

import asyncio
from typing import Any

import httpx
import pytest

from services.exchange.ledger.documents import read_conversation
from services.exchange.protocol.envelope import Envelope
from tests.exchange.journeys.towns import Mover, Town, days_ago
from tests.office import uuid7

Towns = dict[str, Town]
QUESTIONS = {
    "101": {"requested_blocks": ["identification", "address"], "person_consent_or_basis": "CONSENT"},
    "301": {"items": [{"item_id": "1", "path": "family_name", "question": "IS_IT_SO"}], "why_needed": "exchange"},
    "501": {"path": "family_name", "ground_of_doubt": "document-differs"},
}


async def _protect(town: Town, mover: Mover) -> None:
    marker = town.event("ProtectionMarkerSet", mover, days_ago(30), "person", marker_id=uuid7(), withheld=["existence"])
    await town.post({name: each for name, each in marker.items() if name not in ("sex", "birth_on")})
    query = "SELECT marks & 1 FROM register.person WHERE person_id = $1"
    await town.until(lambda: town.database.fetchval(query, mover.ids[town.name]), 1)


async def _ask(town: Town, partner: str, code: str, mover: Mover) -> Envelope:
    """The partner's answer to one question about somebody."""
    identification = {name: each for name, each in mover.civil.items() if name != "address"}
    identification["identifiers"] = [{**each, "id_quality": "FORMAT_OK"} for each in mover.civil["identifiers"]]
    wish: dict[str, Any] = {
        "partner": partner,
        "code": code,
        "body": QUESTIONS[code],
        "parts": {"subject": {"subject": identification | {"birth_on": mover.birth_on}}},
    }
    headers = {"authorization": f"Bearer {town.region.token('registrar')}"}
    async with httpx.AsyncClient(base_url=town.region.exchange or "", headers=headers, timeout=60) as http:
        told = await http.post("/exchange/v1/conversations", json=wish, params={"purpose": "exchange", "case": "T-1"})
    assert told.status_code == 201, told.text
    id_ = told.json()["conversation"]["conversation_id"]
    for _ in range(600):
        document = await town.database.fetchval(
            "SELECT document FROM exchange.conversation WHERE conversation_id = $1::text::uuid", id_
        )
        taken = read_conversation(document).taken if document else ()
        if taken:
            return taken[0].envelope
        await asyncio.sleep(0.05)
    raise AssertionError(f"{code} was not answered")


def _told(answer: Envelope) -> tuple[object, ...]:
    """All of it but ids and instants."""
    return (
        answer.message_type, answer.payload, answer.parts, answer.sender_office, answer.occurred_on,
        answer.effective_on, answer.urgency, answer.protection, answer.response_required, answer.seq,
    )  # fmt: skip


@pytest.mark.parametrize("code", QUESTIONS)
async def test_of_somebody_protected_the_answer_is_that_of_nobody(towns: Towns, code: str) -> None:
    north, south = towns["north"], towns["south"]
    unknown, protected = Mover.invent(), Mover.invent()
    await south.settle(protected)
    await south.depart(protected, "north")
    await _protect(south, protected)
    answers = [await _ask(north, "south", code, mover) for mover in (unknown, protected)]
    assert _told(answers[0]) == _told(answers[1])


@pytest.mark.parametrize("code", QUESTIONS)
async def test_of_somebody_who_never_had_to_do_with_the_partner_the_answer_is_that_of_nobody(
    towns: Towns, code: str
) -> None:
    north, south = towns["north"], towns["south"]
    unknown, known = Mover.invent(), Mover.invent()
    await south.settle(known)
    answers = [await _ask(north, "south", code, mover) for mover in (unknown, known)]
    assert _told(answers[0]) == _told(answers[1])


async def test_of_somebody_who_leaves_for_the_partner_is_told(towns: Towns) -> None:
    north, south = towns["north"], towns["south"]
    known = Mover.invent()
    await south.settle(known)
    await south.depart(known, "north")
    await south.until(lambda: south.departure(known), "awaiting")
    answer = await _ask(north, "south", "101", known)
    assert (answer.message_type, answer.payload) == ("102", b'{"outcome":"FOUND"}')
    assert [part.role for part in answer.parts] == ["subject"]
