"""Whom an office means, as the answer and the log say it."""

from typing import Any

from tests.office import Office


def named(office: Office, number: str, kind: str = "se.personnummer", **changes: Any) -> dict[str, Any]:
    """The answer to a birth whose child comes with an identifier."""
    civil = {"family_name": "Ample", "identifiers": [{"kind": kind, "value": number}]}
    answer = office.post(office.birth(civil=civil, **changes))
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return {**told, **told["subjects"][0]}


def test_a_bad_check_digit_is_a_finding_and_matches_nobody(office: Office) -> None:
    one, other = named(office, "880320-0018"), named(office, "880320-0018")
    assert one["findings"] == other["findings"] == ["identifier-checksum-bad"]
    assert one["identified_by"] == "derived"
    assert one["person_id"] != other["person_id"]


def test_a_placeholder_matches_nobody_and_is_no_finding(office: Office) -> None:
    one, other = named(office, "000000-0000"), named(office, "000000-0000")
    assert one["findings"] == other["findings"] == []
    assert one["person_id"] != other["person_id"]


def test_one_number_in_two_spellings_is_one_person(office: Office) -> None:
    one, other = named(office, f"g 7{office.area}", "local"), named(office, f"G7{office.area.lower()}", "local")
    assert one["identified_by"] == other["identified_by"] == "identifier"
    assert one["person_id"] == other["person_id"]


def test_a_birth_date_to_the_year_does_not_contradict_one_to_the_day(office: Office) -> None:
    number = f"Y-{office.area}"
    days = [named(office, number, "local", occurred_on=day) for day in ("2001", "2001-04", "2001-04-09")]
    assert len({told["person_id"] for told in days}) == 1
    assert all(told["findings"] == [] for told in days)
    other = named(office, number, "local", occurred_on="2001-05-01")
    assert other["findings"] == ["identifier-with-other-birth-date"]
    assert other["person_id"] != days[0]["person_id"]
