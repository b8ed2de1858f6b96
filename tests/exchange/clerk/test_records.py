"""102: what is told of a record."""

from datetime import date
from uuid import UUID

import pytest

from services.exchange.clerk.words import record
from services.exchange.protocol import begin, decide
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Hear, Say
from services.exchange.register.held import Held
from tests.exchange.protocol.two_sides import MONDAY
from tests.exchange.protocol.world import DIRECTORY

HELD = Held(
    UUID(int=1),
    birth_on="1980-05-17",
    civil_status="married",
    lives_in="0980",
    civil={
        "family_name": "Ample",
        "given_names": "Ex",
        "citizenships": ["SE"],
        "address": {"lines": ["Harbour Lane 2"], "postal_code": "621 00", "locality": "Visby"},
    },
)
ALL = ["identification", "address", "civil-status", "citizenships"]


def _told(*blocks: str) -> dict[str, object]:
    """The snapshot that answers a request for some blocks."""
    asker = begin("c-1", Talk.MOVE, "north", "south", Role.DESTINATION, MONDAY)
    body = {"requested_blocks": list(blocks), "person_consent_or_basis": "CONSENT"}
    (letter,) = decide(Say("101", body, "m-1"), asker, MONDAY, DIRECTORY).messages
    holder = begin("c-1", Talk.MOVE, "south", "north", Role.ORIGIN, MONDAY)
    heard = decide(Hear(letter), holder, MONDAY, DIRECTORY).conversation
    document = record(HELD, heard, "m-1", date(2026, 3, 2)).document
    assert document is not None
    snapshot: dict[str, object] = document["snapshot"]
    return {name: value for name, value in snapshot.items() if name != "as_of" and value}


@pytest.mark.parametrize("block", ALL)
def test_of_a_record_that_block_is_told_that_was_asked_for_and_no_other(block: str) -> None:
    assert list(_told(block)) == [block.replace("-", "_")]


def test_a_request_for_a_single_field_or_for_nothing_known_is_told_nothing() -> None:
    assert _told("birth_on") == {}


def test_whoever_asks_for_all_is_told_all() -> None:
    assert len(_told(*ALL)) == len(ALL)


def test_why_it_may_be_asked_must_be_said() -> None:
    asker = begin("c-1", Talk.MOVE, "north", "south", Role.DESTINATION, MONDAY)
    denied = decide(Say("101", {"requested_blocks": ALL}, "m-1"), asker, MONDAY, DIRECTORY).denial
    assert denied is not None
    assert denied.path == "/payload/person_consent_or_basis"
