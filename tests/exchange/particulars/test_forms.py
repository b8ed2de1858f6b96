"""What parts may say: what is declared, of whom it is declared, and nothing that no register may keep."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.exchange.particulars.commitments import OpenPart, commit, read_part, write_part
from services.exchange.particulars.documents import CivilStatus
from services.exchange.particulars.forms import FORMS, check_body, check_days, check_parts, may_have_parts
from services.exchange.particulars.identification import WrongParticulars
from services.exchange.protocol.bodies import Form
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.contents import LINES_MAX
from services.exchange.protocol.envelope import Part
from services.kernel.contract.lints.forbidden import read_phrases

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
PHRASES = read_phrases(SCHEMAS)
PERSON = {"family_name": "Ample", "given_names": "Ex", "birth_on": "1975-03-02"}
VALUES = [{"path": "family_name", "value": "Ample"}]
ACCEPTED: dict[str, dict[str, Any]] = {
    "101": {"subject": PERSON},
    "102": {"snapshot": {"identification": PERSON, "civil_status": "married", "as_of": "2026-03-02"}},
    "201": {
        "subject": PERSON | {"last_address_at_recipient": {"lines": ["Church Street 1"], "locality": "Visby"}},
        "address": {"lines": ["Storgatan 1"], "area": "2380"},
        "previous_address_declared": {"lines": ["Church Street 1"]},
        "asserted_fields": [*VALUES, {"path": "identifiers.se.personnummer", "value": "1"}],
    },
    "202": {"subject": PERSON},
    "203": {"values": [{"path": "birth_on", "asserted": "1975-03-02", "held": "1975-03-03"}]},
    "211": {"values": VALUES},
    "301": {"subject": PERSON, "current_values": [{"item_id": "1", "value": "Ample"}]},
    "302": {"values": [{"item_id": "1", "value": "Ampel"}]},
    "304": {"values": [{"item_id": "1"}], "statement": "The name before the marriage."},
    "401": {"before": VALUES, "after": VALUES, "spouse": PERSON},
    "501": {"subject": PERSON, "seen": "1975", "other": "1976", "document_number": "B 12"},
}


def _outcome(code: str) -> str:
    form = FORMS[code]
    return min(form.outcomes, default="CONFIRMED")


def _refusal(code: str, *parts: OpenPart, outcome: str | None = None) -> str:
    with pytest.raises(WrongParticulars) as refused:
        check_parts(code, _outcome(code) if outcome is None else outcome, parts, PHRASES)
    return refused.value.path


def test_every_message_that_has_parts_has_a_form_and_an_example() -> None:
    speaking = {code for code, each in CATALOGUE.items() if any(item.form is Form.PART for item in each.items)}
    assert speaking == set(FORMS) == set(ACCEPTED)
    assert {code for code, each in CATALOGUE.items() if each.has_parts} == speaking


def test_words_are_those_of_the_vocabularies() -> None:
    listed = json.loads((SCHEMAS / "vocabularies" / "civil_status.json").read_text())
    assert {each.value for each in CivilStatus} == set(listed["words"])


@pytest.mark.parametrize("code", sorted(FORMS))
def test_what_is_declared_may_be_said(code: str) -> None:
    check_parts(code, _outcome(code), [commit("subject", ACCEPTED[code])], PHRASES)


@pytest.mark.parametrize("code", sorted(FORMS))
def test_a_field_that_is_not_declared_is_refused_wherever_it_stands(code: str) -> None:
    for place in _objects(ACCEPTED[code]):
        changed = json.loads(json.dumps(ACCEPTED[code]))
        _find(changed, place)["remark"] = "x"
        assert _refusal(code, commit("subject", changed)).startswith("/subject")


def test_who_moves_along_is_told_of_in_notices_only() -> None:
    member = commit("member-1", {"subject": PERSON, "relation": "child"})
    check_parts("201", "", [commit("subject", ACCEPTED["201"]), member], PHRASES)
    assert _refusal("201", member) == "/subject"
    assert _refusal("203", commit("subject", ACCEPTED["203"]), member) == "/unknown-role"
    for role in ("member-0", "member-21", "neighbour", "member-1 "):
        assert _refusal("201", commit("subject", ACCEPTED["201"]), commit(role, {"subject": PERSON})) == "/unknown-role"


def test_neutral_answers_and_short_messages_have_no_parts() -> None:
    for code, outcome in (
        ("102", "NOT_FOUND"),
        ("102", "REFUSED"),
        ("204", "B-G"),
        ("302", "NOT_PERMITTED"),
        ("701", ""),
    ):
        assert not may_have_parts(code, outcome)
        check_parts(code, outcome, [], PHRASES)
        assert _refusal(code, commit("subject", {}), outcome=outcome) == ""


@pytest.mark.parametrize(
    "words", ["she is pregnant", "Pregnancy test of May", "a birth permit", "fined for a second child", "hiv"]
)
def test_free_text_does_not_speak_of_what_no_register_may_keep(words: str) -> None:
    for code in ("304", "501"):
        document = ACCEPTED[code] | {"statement": words}
        assert _refusal(code, commit("subject", document)) == "/subject/statement"


def test_names_and_streets_are_not_searched_for_words() -> None:
    check_parts("201", "", [commit("subject", ACCEPTED["201"])], PHRASES)


@pytest.mark.parametrize(
    ("code", "changes", "path"),
    [
        ("201", {"subject": PERSON | {"birth_on": "soon"}}, "/subject/subject/birth_on"),
        ("201", {"asserted_fields": [{"path": "religion", "value": "x"}]}, "/subject/asserted_fields/0/path"),
        ("201", {"asserted_fields": VALUES * 41}, "/subject/asserted_fields"),
        ("201", {"address": {"lines": ["a\u202e\x00"]}}, "/subject/address/lines/0"),
        ("203", {"values": [{"path": "sex", "held": "x" * 201}]}, "/subject/values/0/held"),
        ("401", {"child": {"birth_on": "1"}}, "/subject/child/birth_on"),
    ],
)
def test_a_value_that_is_not_of_its_form_is_named_and_not_quoted(code: str, changes: dict[str, Any], path: str) -> None:
    assert _refusal(code, commit("subject", ACCEPTED[code] | changes)) == path


ASKED = {"item_id": "1", "path": "family_name", "question": "IS_IT_SO"}
ANSWERED = {"item_id": "1", "result": "CONFIRMED", "method": "REGISTER", "verifier_role": "registrar"}


@pytest.mark.parametrize(
    ("code", "name", "lines", "path"),
    [
        ("301", "items", [ASKED | {"question": "Is she Catholic?"}], "/payload/items/0/question"),
        ("301", "items", [ASKED | {"path": "religion"}], "/payload/items/0/path"),
        ("301", "items", [], "/payload/items"),
        ("301", "items", [ASKED, ASKED | {"path": "birth_on"}], "/payload/items"),
        ("301", "items", [ASKED | {"item_id": str(number)} for number in range(LINES_MAX + 1)], "/payload/items"),
        ("302", "items", [ANSWERED, ANSWERED | {"result": "NOT_KNOWN"}], "/payload/items"),
        ("302", "items", [ANSWERED | {"result": "PERHAPS"}], "/payload/items/0/result"),
        ("302", "items", [ANSWERED | {"method": "TELEPHONE"}], "/payload/items/0/method"),
        ("302", "items", [ANSWERED | {"verifier_role": "Anna Svensson"}], "/payload/items/0/verifier_role"),
        ("203", "field_results", [{"path": "sex", "verdict": "SAME"}, {"path": "sex", "verdict": "DIFFERENT"}],
         "/payload/field_results"),
    ],
)  # fmt: skip
def test_lines_that_anybody_may_read_are_words_each_about_something_of_its_own(
    code: str, name: str, lines: list[dict[str, str]], path: str
) -> None:
    check_body(code, {name: [ASKED if code == "301" else ANSWERED] if name == "items" else []})
    with pytest.raises(WrongParticulars) as refused:
        check_body(code, {name: lines})
    assert refused.value.path == path


@pytest.mark.parametrize("day", ["2026-03-04", "9999-01-01", "soon", ""])
def test_nothing_was_verified_on_a_day_to_come(day: str) -> None:
    check_days("302", {"items": [ANSWERED | {"verified_on": "2026-03-02"}]}, date(2026, 3, 2))
    with pytest.raises(WrongParticulars) as refused:
        check_days("302", {"items": [ANSWERED | {"verified_on": day}]}, date(2026, 3, 2))
    assert refused.value.path == "/payload/items/0/verified_on"


@pytest.mark.parametrize(
    ("code", "body", "path"),
    [
        ("201", {"moved_in_on": "2026-03-04", "registered_on": "2026-03-04"}, "/payload/moved_in_on"),
        ("201", {"moved_in_on": "2026-03-01", "registered_on": "2030-01-01"}, "/payload/registered_on"),
        ("201", {"moved_in_on": "2026-03-02", "registered_on": "2026-03-01"}, "/payload/moved_in_on"),
        ("404", {"ended_on": "2026-04-01"}, "/payload/ended_on"),
    ],
)
def test_what_lies_ahead_cannot_have_happened(code: str, body: dict[str, Any], path: str) -> None:
    with pytest.raises(WrongParticulars) as refused:
        check_days(code, body, date(2026, 3, 2))
    assert refused.value.path == path


def test_a_day_ahead_is_another_time_zone_and_a_departure_may_be_announced() -> None:
    check_days("201", {"moved_in_on": "2026-03-03", "registered_on": "2026-03-03"}, date(2026, 3, 2))
    check_days("202", {"departed_on": "2026-06-01"}, date(2026, 3, 2))


def test_a_part_is_read_back_and_held_against_its_commitment() -> None:
    part = commit("subject", ACCEPTED["201"])
    assert read_part(write_part(part), part.part) == part
    assert commit("subject", ACCEPTED["201"]).commitment != part.commitment
    other = write_part(commit("subject", ACCEPTED["202"]))
    for wrong in (
        other,
        b"",
        b"{}",
        b"[]",
        b'{"salt":"00","document":{}}',
        write_part(part).replace(b"Ample", b"Ampel"),
    ):
        with pytest.raises(WrongParticulars):
            read_part(wrong, part.part)
    with pytest.raises(WrongParticulars):
        read_part(write_part(part), Part("subject", "00" * 32))


def _objects(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [place] if isinstance(value, dict) else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [deeper for step, each in pairs for deeper in _objects(each, (*place, step))]


def _find(value: Any, place: tuple[str | int, ...]) -> Any:
    for step in place:
        value = value[step]
    return value
