"""Pairing against a real register: found by keyed hashes, compared with what is sealed, and every look recorded."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.exchange.pairing.pairing import Kind, Rule
from services.kernel.codec import Decoder
from services.kernel.errors import Unavailable
from tests.exchange.pairing.conftest import CATALOG, Audit, Registry
from tests.ingest.offices import new_id

Civil = Callable[..., dict[str, Any]]


def tell(civil: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The identification that a partner would send; `...` leaves a field out."""
    said = {
        "family_name": civil["family_name"],
        "given_names": civil["given_names"],
        "birth_on": "1975-03-02",
        "sex": "female",
        "last_address_at_recipient": {"lines": civil["address"]["lines"]},
        "identifiers": [{**each, "id_quality": "FORMAT_OK"} for each in civil["identifiers"]],
    } | changed
    return {name: value for name, value in said.items() if value is not ...}


async def test_a_resident_is_found_by_each_of_the_rules(registry: Registry, civil: Civil) -> None:
    anna = civil()
    person_id = registry.enumerate(anna)
    by_id = await registry.ask(tell(anna, last_address_at_recipient=...))
    assert (by_id.kind, by_id.person_id, by_id.rule, by_id.refusal) == (
        Kind.PAIRED,
        person_id,
        Rule.IDENTIFIER,
        None,
    )
    by_set = await registry.ask(tell(anna, identifiers=...))
    assert (by_set.person_id, by_set.rule) == (person_id, Rule.MINIMUM_SET)
    known = await registry.ask(
        tell(anna, identifiers=..., last_address_at_recipient=..., recipient_person_id=str(person_id))
    )
    assert (known.person_id, known.rule) == (person_id, Rule.LINK)
    assert (await registry.ask(tell(anna, birth_on="1975-03-03"))).kind is Kind.CONFLICT
    assert (await registry.ask(tell(civil()))).kind is Kind.NOT_FOUND


@pytest.mark.parametrize(
    "change",
    [
        {"given_names": "typo"},
        {"given_names": "Eva", "last_address_at_recipient": {"lines": ["Hill Road {mark}"]}},  # half of the name
        {"birth_on": "1975-02-03"},  # day and month turned
        {"birth_on": "1975-03-12"},  # a slip
        {"birth_on": "1985-03-02"},
        {"birth_on": "1975"},
        {"birth_on": "1960-01-01", "last_address_at_recipient": {"lines": ["Hill Road {mark}"]}},
        {"family_name": "Other", "given_names": "Names", "last_address_at_recipient": {"lines": ["Hill Road {mark}"]}},
    ],
    ids=lambda change: "-".join(str(value) for value in change.values())[:30],
)
async def test_who_was_written_down_wrongly_is_shown_to_people(
    registry: Registry, civil: Civil, change: dict[str, Any]
) -> None:
    anna = civil()
    person_id = registry.enumerate(anna)
    if change.get("given_names") == "typo":
        change = {"given_names": anna["given_names"][:-1]}
    lines = anna["address"]["lines"] if "last_address_at_recipient" in change else None
    address = {"lines": lines} if lines else ...
    pairing = await registry.ask(tell(anna, identifiers=..., **(change | {"last_address_at_recipient": address})))
    assert (pairing.kind, pairing.found[0].person_id) == (Kind.CANDIDATES, person_id)


async def test_one_name_in_another_script_is_found(registry: Registry, civil: Civil) -> None:
    mark = civil()["identifiers"][0]["value"]
    chinese = civil(family_name="王", given_names="小明", identifiers=[{"kind": "local", "value": mark}])
    person_id = registry.enumerate(chinese, birth_on="1949-12-31")
    asked = {"full_name": "Xiaoming Wang", "birth_on": "1949-12-31"}
    assert person_id in [found.person_id for found in (await registry.ask(asked)).found]
    said = [{"kind": "local", "value": mark, "id_quality": "FORMAT_OK"}]
    assert (await registry.ask(asked | {"identifiers": said})).person_id == person_id


async def test_two_records_of_one_name_and_birth_date_are_not_unique_until_they_are_merged(
    registry: Registry, civil: Civil
) -> None:
    anna = civil(identifiers=[])
    kept, other = registry.enumerate(anna), registry.enumerate(anna)
    pairing = await registry.ask(tell(anna))
    assert (pairing.kind, {found.person_id for found in pairing.found}) == (Kind.NOT_UNIQUE, {kept, other})
    merged = [{"role": "merged", "person_id": str(other)}]
    registry.say(kept, "PersonsMerged", "kept", evidence="same-identifier", more=merged)
    assert (await registry.ask(tell(anna))).person_id == kept
    assert (await registry.ask(tell(anna, recipient_person_id=str(other)))).person_id == kept


async def test_a_new_name_pairs_and_what_was_corrected_pairs_no_more(registry: Registry, civil: Civil) -> None:
    anna = civil()
    event = {
        "type": "PersonEnumerated",
        "event_id": new_id(),
        "occurred_on": "1994-12-31",
        "registered_at": "2012-03-15T09:30:00+01:00",
        "office": "0980-1",
        "subjects": [{"role": "person", "civil": anna}],
        "residence_area": "0980",
        "sex": "female",
        "birth_on": "1975-03-02",
    }
    person_id = registry.post(event)
    assert (await registry.ask(tell(anna))).person_id == person_id
    changed = {
        "role": "person",
        "person_id": str(person_id),
        "civil": {"family_name": "Ek", "given_names": anna["given_names"]},
    }
    registry.say(person_id, "NameChanged", "person", reason="marriage", subjects=[changed])
    assert (await registry.ask(tell(anna, family_name="Ek"))).person_id == person_id
    other = civil()
    registry.correct(event, person_id, subjects=[{"role": "person", "person_id": str(person_id), "civil": other}])
    assert (await registry.ask(tell(anna))).kind is not Kind.PAIRED
    assert (
        await registry.ask(tell(anna | other, family_name="Ek", given_names=anna["given_names"]))
    ).kind is Kind.PAIRED


async def test_the_state_of_the_record_is_told(registry: Registry, civil: Civil) -> None:
    dead, gone, abroad, guarded = (civil() for _ in range(4))
    ids = [registry.enumerate(each) for each in (dead, gone, abroad, guarded)]
    registry.say(ids[0], "DeathRegistered", "deceased", sex="female", birth_on="1975-03-02", residence_area="0980")
    left = {"sex": "female", "birth_on": "1975-03-02", "residence_area": "0980", "from_area": "0980"}
    registry.say(ids[1], "DepartureRegistered", **left, to_kind="region", to_region="west")
    registry.say(ids[2], "DepartureRegistered", **left, to_kind="abroad", to_country="NO")
    registry.say(ids[3], "ProtectionMarkerSet", "person", marker_id=new_id(), withheld=["existence"])
    asked = [tell(each) for each in (dead, gone, abroad, guarded)]
    pairings = await registry.ask_many(asked, moved_on=date(2013, 1, 1))
    assert [pairing.refusal for pairing in pairings] == ["B-D", "B-F", "B-E", "B-P"]
    assert [pairing.person_id for pairing in pairings] == [*ids[:3], None]
    assert pairings[1].forward_to == "west"
    unknown = await registry.ask(tell(civil()))
    assert pairings[3]._replace(refusal="B-G") == unknown


async def test_every_look_stands_on_the_log_before_anything_is_paired(
    registry: Registry, civil: Civil, audit: Audit
) -> None:
    anna = civil()
    person_id, case = registry.enumerate(anna), new_id()
    await registry.ask_many([tell(anna), tell(civil())], case)
    (read,) = [Decoder(CATALOG).decode(each.value).record for each in audit.records]
    assert [UUID(bytes=each["person_id"]) for each in read["subjects"]] == [person_id]
    assert (read["purpose"], read["case_reference"], read["reader_role"]) == ("exchange", case, "system")
    with audit.silent(), pytest.raises(Unavailable, match="audit-unavailable"):
        await registry.ask(tell(anna))
