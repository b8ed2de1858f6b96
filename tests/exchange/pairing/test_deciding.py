"""What people may decide, and that a contradiction takes two of them."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.exchange.pairing.deciding import Case, Choice, Chosen, Proposal, Step, make_entry, take_step
from services.exchange.pairing.pairing import Found, Kind
from services.exchange.protocol.conversation import begin
from services.exchange.protocol.states import Role, State, Talk
from services.exchange.protocol.stimuli import Find, Finding, Say
from services.kernel.errors import Conflict, Forbidden, Rejected

NOW = datetime(2012, 3, 14, 9, tzinfo=UTC)
ID = UUID("0190a000-0000-7000-8000-00000000c001")
ANNA, EVA = Found(UUID(int=1), 95, ()), Found(UUID(int=2), 40, ())
CASE = Case(ID, "south", Kind.CANDIDATES, NOW, 1, (ANNA, EVA))
CONFLICT = CASE._replace(kind=Kind.CONFLICT)
MOVE = replace(
    begin(str(ID), Talk.MOVE, "north", "south", Role.ORIGIN, NOW), state=State.MANUAL_PAIRING, arrival=str(UUID(int=7))
)


def test_one_person_decides_among_candidates() -> None:
    taken = take_step(CASE, Choice(Chosen.PERSON, ANNA.person_id), "ada")
    assert (taken.step, taken.decided_by, taken.is_override) == (Step.DECIDED, ("ada",), False)
    assert take_step(CASE, Choice(Chosen.PERSON, EVA.person_id), "ada").is_override
    assert take_step(CASE, Choice(Chosen.NOBODY), "ada").is_override
    assert not take_step(CASE, Choice(Chosen.NOT_UNIQUE), "ada").is_override


def test_a_contradiction_takes_two_different_people() -> None:
    proposed = take_step(CONFLICT, Choice(Chosen.PERSON, ANNA.person_id), "ada")
    assert (proposed.step, proposed.decided_by) == (Step.PROPOSED, ())
    waiting = CONFLICT._replace(revision=2, proposal=Proposal("ada", Chosen.PERSON, ANNA.person_id))
    with pytest.raises(Forbidden, match="same-person-decides"):
        take_step(waiting, Choice(agrees=True), "ada")
    with pytest.raises(Conflict, match="pairing-proposed"):
        take_step(waiting, Choice(Chosen.PERSON, EVA.person_id), "bea")
    confirmed = take_step(waiting, Choice(agrees=True), "bea")
    assert (confirmed.step, confirmed.decided_by) == (Step.CONFIRMED, ("ada", "bea"))
    refused = take_step(waiting, Choice(agrees=False), "bea")
    assert (refused.step, refused.decided_by) == (Step.REFUSED, ())


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice(agrees=True),
        Choice(Chosen.PERSON),
        Choice(Chosen.PERSON, UUID(int=3)),
        Choice(Chosen.NOBODY, ANNA.person_id),
        Choice(Chosen.CONFLICT),
    ],
)
def test_what_is_no_choice_is_refused(choice: Choice) -> None:
    with pytest.raises(Rejected):
        take_step(CASE, choice, "ada")


def test_what_is_settled_stays_so() -> None:
    with pytest.raises(Conflict, match="pairing-settled"):
        take_step(CASE._replace(decided_at=NOW), Choice(Chosen.NOBODY), "ada")


def test_a_decision_is_one_entry_of_the_journal_however_often_it_is_made() -> None:
    taken = take_step(CASE, Choice(Chosen.PERSON, ANNA.person_id), "ada")
    entry, again = (make_entry(MOVE, CASE, taken, NOW, "2012/1", "0980-1") for _ in range(2))
    assert entry == again
    assert entry.stimulus == Find(Finding.PAIRED)
    assert entry.person is not None
    assert (entry.person.person_id, entry.person.rule, entry.person.score) == (ANNA.person_id, "people", 95)
    assert (entry.person.decided_by, entry.actor, entry.case_reference) == (("ada",), "ada", "2012/1")
    later = make_entry(MOVE, CASE._replace(revision=3), taken, NOW, "2012/1", "0980-1")
    assert later.event_id != entry.event_id


@pytest.mark.parametrize(
    ("chosen", "code"), [(Chosen.NOBODY, "B-G"), (Chosen.NOT_UNIQUE, "B-U"), (Chosen.CONFLICT, "B-C")]
)
def test_whoever_is_not_found_is_refused_with_nothing_but_the_code(chosen: Chosen, code: str) -> None:
    waiting = CONFLICT._replace(proposal=Proposal("ada", chosen, None))
    entry = make_entry(MOVE, CONFLICT, take_step(waiting, Choice(agrees=True), "bea"), NOW, "2012/1", "0980-1")
    assert isinstance(entry.stimulus, Say)
    assert (entry.stimulus.code, entry.stimulus.body) == ("204", {"reason_code": code})
    assert (entry.stimulus.in_reply_to, entry.stimulus.parts, entry.person) == (MOVE.arrival, (), None)


def test_a_conversation_that_went_on_waits_for_nobody() -> None:
    taken = take_step(CASE, Choice(Chosen.NOBODY), "ada")
    with pytest.raises(Conflict, match="pairing-settled"):
        make_entry(replace(MOVE, state=State.WITHDRAWN), CASE, taken, NOW, "2012/1", "0980-1")
