"""The tables hold together: no word that is only half there, no name that nobody uses, nothing that must not be."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from services.exchange.protocol.bodies import Form
from services.exchange.protocol.catalogue import CATALOGUE, MESSAGES
from services.exchange.protocol.contents import EMPTY_WHERE_NOTHING_IS_TOLD, REFUSALS
from services.exchange.protocol.deadlines import TIMES, Kind, Profile, find_deadline
from services.exchange.protocol.effects import EFFECTS
from services.exchange.protocol.envelope import Envelope
from services.exchange.protocol.failures import BUSINESS, FAILURES, REFUSAL_CODES
from services.exchange.protocol.guards import PREDICATES
from services.exchange.protocol.states import FINAL, Role, State, Talk
from services.exchange.protocol.table import TABLES
from services.exchange.protocol.table.row import Effect, Guard, On, Row
from services.exchange.protocol.transitions import side_of
from services.kernel.contract.lints.forbidden import find_forbidden, read_phrases

ROOT = Path(__file__).resolve().parents[3]
ROWS = [(talk, row) for talk, table in TABLES.items() for row in table.rows]
_FIRST = "101 102 201 202 203 204 211 212 213 301 302 401 402 404 501 502 503 701 702"
FIRST = set(_FIRST.split())


def test_every_message_of_the_first_release_is_known_and_stands_in_a_table() -> None:
    assert set(CATALOGUE) >= FIRST
    for message in MESSAGES:
        for talk in message.talks:
            words = [row for row in TABLES[talk].rows if row.on is On.WORD and row.what == message.code]
            assert any(row.acts for row in words), message.code
            assert any(row.hears for row in words), message.code


@pytest.mark.parametrize(("talk", "row"), ROWS, ids=lambda each: getattr(each, "what", each))
def test_what_can_be_said_can_be_heard_and_leads_both_sides_to_one_state(talk: Talk, row: Row) -> None:
    """201 and 204 are the exceptions: they are not said until they are delivered."""
    if (
        row.on is not On.WORD
        or row.acts is None
        or row.hears is None
        or row.what in ("201", "202", "204", "301", "501")
    ):
        return
    assert row.acts.to == row.hears.to


@pytest.mark.parametrize(("talk", "row"), ROWS, ids=lambda each: getattr(each, "what", each))
def test_rows_speak_of_outcomes_that_the_body_can_have(talk: Talk, row: Row) -> None:
    if row.on in (On.WORD, On.RECEIPT) and row.outcomes:
        message = CATALOGUE[row.what]
        words = next(item.words for item in message.items if item.name == message.outcome)
        assert row.outcomes <= set(words)


def test_every_outcome_of_every_message_has_a_row_on_both_sides() -> None:
    for message in MESSAGES:
        outcomes = next((item.words for item in message.items if item.name == message.outcome), ("",))
        for talk in message.talks:
            rows = [row for row in TABLES[talk].rows if row.on is On.WORD and row.what == message.code]
            for outcome in outcomes:
                fits = [row for row in rows if not row.outcomes or outcome in row.outcomes]
                assert any(row.acts for row in fits), (message.code, outcome)
                assert any(row.hears for row in fits), (message.code, outcome)


def test_guards_and_effects_are_all_used_and_all_there() -> None:
    moves = [move for _, row in ROWS for move in (row.acts, row.hears) if move is not None]
    assert {guard for move in moves for guard in move.when} == set(Guard) == set(PREDICATES)
    assert {effect for move in moves for effect in move.does} == set(EFFECTS)
    assert set(EFFECTS) == set(Effect)


def test_no_state_is_a_trap() -> None:
    """From every state that a side can come to, it can come to an end."""
    for talk in TABLES:
        for role in (Role.DESTINATION, Role.ORIGIN) if talk is Talk.MOVE else (Role.ASKER, Role.ANSWERER):
            ways = {state: _ways(talk, role, state) for state in State}
            reached = _closure({State.NONE}, ways)
            for state in reached - {State.NONE}:
                assert _closure({state}, ways) & (FINAL | {State.SETTLED}), (talk, role, state)


def _ways(talk: Talk, role: Role, state: State) -> set[State]:
    moves = [side_of(row, role, ours) for row in TABLES[talk].rows for ours in (True, False)]
    return {move.to for move in moves if move is not None and move.to is not None and state in move.where}


def _closure(states: set[State], ways: dict[State, set[State]]) -> set[State]:
    while more := {to for state in states for to in ways[state]} - states:
        states = states | more
    return states


def test_every_kind_of_obligation_has_its_times_in_all_profiles() -> None:
    assert set(TIMES) == set(Kind)
    assert str(find_deadline(Kind.FEEDBACK, Profile.STD, urgent=True)) == "3 wd"
    assert str(find_deadline(Kind.FEEDBACK, Profile.PADIS, urgent=False)) == "30 d"
    assert str(find_deadline(Kind.FEEDBACK, Profile.PADIS, urgent=True)) == "15 d"
    assert str(find_deadline(Kind.NOTICE, Profile.PADIS_NEAR, urgent=False)) == "3 wd"


def test_every_business_code_has_a_word_that_the_register_knows() -> None:
    words = json.loads((ROOT / "schemas/vocabularies/exchange_refusal.json").read_text())["words"]
    assert {failure.word for failure in BUSINESS} <= set(words)
    assert REFUSALS == REFUSAL_CODES < set(FAILURES)


def test_neutral_answers_hold_no_field_that_could_tell_anything() -> None:
    for (code, _), told in EMPTY_WHERE_NOTHING_IS_TOLD.items():
        forms = {item.name: item.form for item in CATALOGUE[code].items}
        assert all(forms[name] in (Form.WORD, Form.CODE, Form.PATHS) for name in told)


def test_no_name_on_the_wire_is_one_that_must_not_exist() -> None:
    names = [field.name for field in fields(Envelope)]
    for message in MESSAGES:
        names += [message.name, *(item.name for item in message.items)]
        names += [word for item in message.items for word in (*item.words, *item.columns)]
    names += [*(str(state) for state in State), *(str(kind) for kind in Kind), *(effect.name for effect in Effect)]
    assert find_forbidden([("exchange", name) for name in names], read_phrases(ROOT / "schemas")) == []
