"""The catalogue finds schemas, and says what was probably meant."""

from collections.abc import Callable
from typing import Any

import pytest

from services.kernel.contract.catalog import ENVELOPE, Catalog
from services.kernel.contract.envelope import ENVELOPE_NAMES, INGEST_FIELDS, SENDER_FIELDS, SYSTEM_FIELDS
from services.kernel.contract.refusals import UnknownEventType, UnknownSchema, UnknownVersion
from services.kernel.contract.upcasting import STEPS

CATALOGUE = {
    "registration": "PersonEnumerated BirthRegistered DeathRegistered MarriageRegistered DivorceRegistered NameChanged"
    " IdentifierAssigned HouseholdMemberJoined HouseholdMemberLeft CertificateApplied CertificateIssued"
    " CertificateRefused CertificateRevoked EventCorrected EventAnnulled PersonsMerged MergeReversed"
    " ProtectionMarkerSet ProtectionMarkerLifted FieldDisputed DisputeSettled SubjectErased",
    "migration": "ArrivalRegistered DepartureRegistered DepartureConfirmed DepartureLapsed AddressChanged"
    " ReturnRegistered StayEnded ResidenceConfirmed LinkOpened LinkEnded OriginNotified OriginAnswered"
    " DestinationAnswered RecordUpdatedByPartner",
    "service": "ServiceOffered ServiceDelivered ServiceDeclined ReferralMade ReferralCompleted ConsentGiven"
    " ConsentWithdrawn",
    "geography": "AreaEstablished AreaRenamed AreaMoved AreaSplit AreaMerged AreaAbolished",
    "audit": "PersonRead",
    "exchange": "ExchangeMessageLogged ExchangeStepLogged ExchangeFindingLogged",
}


def test_the_catalogue_of_the_first_release_is_complete(catalog: Catalog) -> None:
    found: dict[str, set[str]] = {}
    for event in catalog.latest_events:
        found.setdefault(event.context, set()).add(event.name)
    assert found == {context: set(names.split()) for context, names in CATALOGUE.items()}


def test_a_misspelt_type_is_refused_with_what_was_probably_meant(catalog: Catalog) -> None:
    with pytest.raises(UnknownEventType, match="Did you mean BirthRegistered") as refusal:
        catalog.get_event("BirthRegisterd")
    assert (refusal.value.code, refusal.value.path) == ("unknown-type", "/type")


def test_an_unknown_version_is_refused_with_those_that_exist(catalog: Catalog) -> None:
    with pytest.raises(UnknownVersion, match="1, 2") as refusal:
        catalog.get_event("ResidenceConfirmed", 3)
    assert (refusal.value.code, refusal.value.path) == ("unknown-version", "/version")


def test_the_latest_version_is_the_default(catalog: Catalog) -> None:
    assert catalog.get_event("ResidenceConfirmed").version == 2
    assert catalog.get_event("ResidenceConfirmed", 1).is_latest is False


def test_schemas_are_found_by_id(catalog: Catalog) -> None:
    for version in (*catalog.events, *catalog.blocks):
        assert catalog.get_by_id(version.schema_id) is version
    with pytest.raises(UnknownSchema):
        catalog.get_by_id(9999)


def test_blocks_and_vocabularies_are_found_by_name(catalog: Catalog) -> None:
    assert catalog.latest_block("civil").name == "CivilParticulars"
    assert "day" in catalog.vocabulary("date_precision")
    for find in (catalog.latest_block, catalog.vocabulary):
        with pytest.raises(UnknownSchema):
            find("nothing")


def test_fields_say_what_they_are(catalog: Catalog) -> None:
    fields = catalog.get_event("BirthRegistered").fields_by_name
    assert (fields["sex"].kind, fields["sex"].required, fields["sex"].vocabulary) == ("string", True, "sex")
    assert (fields["birth_order"].kind, fields["birth_order"].nullable, fields["birth_order"].min) == ("int", True, 1)
    assert fields["mother_birth_on"].kind == "date"
    assert fields["mother_birth_on_precision"].posted is False
    assert fields["household_id"].kind == "uuid"
    assert fields["registered_area"].region_field == "registered_region"
    assert catalog.get_event("EventCorrected").fields_by_name["target_key"].posted is False


def test_a_pattern_lets_no_line_break_follow(catalog: Catalog) -> None:
    pattern = catalog.get_event("ArrivalRegistered").fields_by_name["to_area"].pattern
    assert pattern is not None
    assert pattern.search("0980")
    assert not pattern.search("0980\n")


def test_every_field_of_the_envelope_is_set_by_exactly_one_side() -> None:
    assert [field.name for field in ENVELOPE] == list(ENVELOPE_NAMES)
    assert not SENDER_FIELDS & SYSTEM_FIELDS
    assert set(ENVELOPE_NAMES) == SENDER_FIELDS | SYSTEM_FIELDS | INGEST_FIELDS


def test_only_corrections_annulments_and_erasures_follow_people_to_other_topics(catalog: Catalog) -> None:
    travelling = {event.name for event in catalog.events if len(event.contexts) > 1}
    assert travelling == {"EventCorrected", "EventAnnulled", "SubjectErased"}


def test_two_people_stand_behind_corrections_and_annulments(catalog: Catalog) -> None:
    assert {event.name for event in catalog.events if event.two_people} == {"EventCorrected", "EventAnnulled"}


def test_a_service_event_carries_nothing_that_finds_a_person(catalog: Catalog) -> None:
    """By pseudonym, and with groups instead of dates: nobody who reads the log can join it to the register."""
    for event in catalog.events:
        if event.context == "service":
            assert event.compartments == {"service"}
            assert not {field.name for field in event.own_fields} & {"birth_on", "household_id", "civil_status"}


def test_declining_is_recorded_without_a_reason(catalog: Catalog) -> None:
    assert "reason" not in catalog.get_event("ServiceDeclined").fields_by_name
    assert set(catalog.get_event("ServiceDeclined").fields_by_name) < set(
        catalog.get_event("ServiceDelivered").fields_by_name
    )


def test_registering_a_birth_needs_a_child_and_nothing_else_of_anybody(catalog: Catalog) -> None:
    birth = catalog.get_event("BirthRegistered")
    assert [role.name for role in birth.roles.values() if role.required] == ["child"]
    assert {field.name for field in birth.own_fields if field.required and field.posted} == {"sex", "live_birth"}


def test_upcasting_steps_start_from_versions_that_exist(catalog: Catalog) -> None:
    for name, version in STEPS:
        assert catalog.get_event(name, version).is_latest is False


def test_every_version_can_be_parsed_and_holds_an_example(
    example: dict[str, Any], to_record: Callable[[dict[str, Any]], Any]
) -> None:
    version, record = to_record(example)
    assert list(record) == [field["name"] for field in version.document["fields"]]
