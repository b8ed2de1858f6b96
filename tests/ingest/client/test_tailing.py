from uuid import UUID

from services.ingest.client.tailing import Filter, as_text

PERSON = UUID("0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee")
EVENT = {
    "type": "BirthRegistered",
    "version": 1,
    "event_id": "e",
    "subjects": [{"role": "child", "person_id": str(PERSON), "particulars": {"civil": "sealed"}}],
    "occurred_on": "2003-05",
    "sex": "female",
    "office": "0980-1",
    "predecessor_areas": [],
    "position": {"topic": "north.registration", "partition": 2, "offset": 7},
    "recorded_at": "2026-01-02T03:04:05.678+00:00",
}


def test_an_event_is_one_line_that_says_where_when_what_and_about_whom() -> None:
    assert as_text(EVENT) == (
        "2026-01-02 03:04:05.678  north.registration/2@7  BirthRegistered  2003-05  "
        f"child {PERSON} (civil sealed)  sex=female"
    )


def test_a_record_that_nobody_can_read_is_shown_as_such() -> None:
    broken = {"type": "?", "unreadable": "bad-avro", "position": EVENT["position"], "recorded_at": None}
    assert "UNREADABLE: bad-avro" in as_text(broken)


def test_a_filter_by_type_and_person_takes_only_what_matches_both() -> None:
    assert Filter().takes(EVENT)
    assert Filter(frozenset({"BirthRegistered"}), PERSON).takes(EVENT)
    assert not Filter(frozenset({"DeathRegistered"}), PERSON).takes(EVENT)
    assert not Filter(person=UUID(int=1)).takes(EVENT)
    assert Filter(person=PERSON).may_take(b"\x00" + PERSON.bytes + b"\x00")
    assert not Filter(person=PERSON).may_take(b"\x00" * 40)
