"""What a partner asserts is compared with what is held, field by field, in one spelling."""

from datetime import date
from typing import Any

import pytest

from services.exchange.particulars.documents import Stated
from services.exchange.particulars.identification import Identification
from services.exchange.register.comparing import Verdict, compare, differing
from services.exchange.register.held import Held, identify, state_values
from tests.exchange.register.spoken import PERSON

TODAY = date(2026, 3, 2)
CIVIL: dict[str, Any] = {
    "family_name": "Ample-Ex",
    "given_names": "Élise",
    "birth_place": "Visby",
    "citizenships": ["SE", "FI"],
    "identifiers": [
        {"kind": "se.personnummer", "value": "880320-0016", "issuer": None, "quality": "verified"},
        {"kind": "local", "value": "0000000000", "issuer": None, "quality": "placeholder"},
    ],
    "name_variants": [{"kind": "former", "full_name": None, "family_name": "Sample", "given_names": "Élise"}],
    "previous_address": {"lines": ["Ex Street 1"], "postal_code": "62100", "locality": None, "country": None},
}
HELD = Held(PERSON, "female", "1988-03-20", "married", lives_in="0980", civil=CIVIL)


def _verdict(path: str, value: str | None, held: Held = HELD) -> str:
    return compare([Stated(path=path, value=value)], held, TODAY)[0].verdict


@pytest.mark.parametrize(
    ("path", "value", "verdict"),
    [
        ("family_name", "AMPLE EX", Verdict.SAME),
        ("given_names", "elise", Verdict.SAME),
        ("given_names", "Elisa", Verdict.DIFFERENT),
        ("birth_on", "1988-03", Verdict.SAME),
        ("birth_on", "1988-03-21", Verdict.DIFFERENT),
        ("sex", "female", Verdict.SAME),
        ("sex", "unknown", Verdict.UNKNOWN),
        ("civil_status", "divorced", Verdict.DIFFERENT),
        ("citizenships", "SE; FI", Verdict.SAME),
        ("citizenships", "SE", Verdict.DIFFERENT),
        ("identifiers.se.personnummer", "8803200016", Verdict.SAME),
        ("identifiers.passport", "X1", Verdict.NOT_HELD),
        ("full_name", "Ample", Verdict.NOT_HELD),
        ("birth_place", None, Verdict.UNKNOWN),
    ],
)
def test_a_field_is_judged_in_the_spelling_in_which_registers_are_compared(
    path: str, value: str | None, verdict: Verdict
) -> None:
    assert _verdict(path, value) == verdict


def test_of_a_field_that_is_corrected_the_last_word_counts() -> None:
    stated = [Stated(path="sex", value="male"), Stated(path="sex", value="female")]
    assert [each.verdict for each in compare(stated, HELD, TODAY)] == [Verdict.SAME]


def test_a_line_of_the_body_tells_no_values() -> None:
    (line,) = differing(compare([Stated(path="family_name", value="Other")], HELD, TODAY))
    assert line.to_line() == {
        "path": "family_name", "verdict": "DIFFERENT", "basis": "REGISTER", "as_of": "2026-03-02",
    }  # fmt: skip
    assert (line.to_values().asserted, line.to_values().held) == ("Other", "Ample-Ex")
    assert "Ample" not in repr(line)


def test_two_registers_that_hold_the_same_agree_in_everything() -> None:
    assert {each.verdict for each in compare(state_values(HELD), HELD, TODAY)} == {Verdict.SAME}


def test_who_is_meant_is_told_with_good_identifiers_and_where_they_lived() -> None:
    who = identify(HELD)
    assert [each.kind for each in who.identifiers] == ["se.personnummer"]
    assert who.last_address_at_recipient is not None
    assert who.last_address_at_recipient.lines == ("Ex Street 1",)
    assert Identification.from_document(who.to_document()) == who


def test_of_somebody_who_was_forgotten_nothing_is_told_but_what_stands_unsealed() -> None:
    bare = Held(PERSON, "male", "1988")
    assert {each.path for each in state_values(bare)} == {"sex", "birth_on"}
    assert identify(bare).family_name is None


def test_printing_shows_nobody() -> None:
    assert "Ample" not in repr(HELD)
