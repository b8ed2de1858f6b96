"""What offices write besides: households, papers, marks, the exchange, services, merges."""

from typing import Any

from tests.projections.sentences import Log, key
from tests.projections.tape import (
    PSEUDONYM,
    Tape,
    choose_day,
    choose_person,
    choose_status,
)


def household(tape: Tape, log: Log) -> None:
    household = tape.one_of(("h1", "h2"))
    if tape.number(3):
        log.say(
            "HouseholdMemberJoined",
            choose_day(tape),
            member=choose_person(tape),
            household_id=household,
            household_relation=tape.one_of(("child", "parent")),
        )
    else:
        log.say("HouseholdMemberLeft", choose_day(tape), member=choose_person(tape), household_id=household)


def paper(tape: Tape, log: Log) -> None:
    who, application, certificate = choose_person(tape), tape.one_of(("a1", "a2")), tape.one_of(("c1", "c2"))
    shared: dict[str, Any] = {"holder": who, "certificate_kind": "residence"}
    match tape.number(5):
        case 0:
            log.say("CertificateApplied", choose_day(tape), application_id=application, **shared)
        case 1:
            log.say(
                "CertificateIssued",
                choose_day(tape),
                application_id=tape.one_of((None, application)),
                certificate_id=certificate,
                replaces_certificate_id=tape.one_of((None, "c1")),
                **shared,
            )
        case 2:
            log.say("CertificateRefused", choose_day(tape), application_id=application, reason="not-entitled", **shared)
        case 3:
            log.say("CertificateRevoked", choose_day(tape), certificate_id=certificate, reason="lost", **shared)
        case _:
            log.say(
                "IdentifierAssigned",
                choose_day(tape),
                person=who,
                identifier_kind="local",
                replaces_former=tape.one_of((None, True)),
            )


def mark(tape: Tape, log: Log) -> None:
    who = choose_person(tape)
    match tape.number(6):
        case 0:
            log.say("ProtectionMarkerSet", choose_day(tape), person=who, marker_id="m", withheld=["address", "moves"])
        case 1:
            log.say("ProtectionMarkerLifted", choose_day(tape), person=who, marker_id="m")
        case 2:
            log.say(
                "FieldDisputed",
                choose_day(tape),
                person=who,
                dispute_id="d",
                path="birth_on",
                ground="other",
                raised_by="subject",
            )
        case 3:
            log.say("DisputeSettled", choose_day(tape), person=who, dispute_id="d", decision="unchanged")
        case 4:
            log.say("SubjectErased", choose_day(tape), person=who, compartments=["contact"])
        case _:
            log.say("NameChanged", choose_day(tape), person=who)


def exchange(tape: Tape, log: Log) -> None:
    who = choose_person(tape)
    match tape.number(3):
        case 0:
            log.say(
                "LinkOpened",
                choose_day(tape),
                mover=who,
                counterpart="far",
                partner_region="south",
                own_side="origin",
                envelope={"link_id": key("l")},
            )
        case 1:
            log.say(
                "LinkEnded",
                choose_day(tape),
                mover=who,
                partner_region="south",
                own_side="origin",
                reason="returned",
                envelope={"link_id": key("l")},
            )
        case _:
            log.say(
                "RecordUpdatedByPartner",
                choose_day(tape),
                mover=who,
                partner_region="south",
                to_region="south",
                change_kind=tape.one_of(("address", "death", "marriage", "divorce", "name")),
                to_area="S3",
                civil_status=choose_status(tape),
            )


def serve(tape: Tape, log: Log) -> None:
    code = {"person": PSEUDONYM, "service_code": "counselling"}
    event_type = tape.one_of(
        (
            "ServiceOffered",
            "ServiceDelivered",
            "ServiceDeclined",
            "ReferralMade",
            "ReferralCompleted",
            "ConsentGiven",
            "ConsentWithdrawn",
        )
    )
    fact = log.say(event_type, choose_day(tape), offer_id="o", referral_id="r", consent_id="n", **code)
    log.facts[-1] = fact._replace(subjects=tuple(s._replace(identified_by="pseudonym") for s in fact.subjects))


def merge(tape: Tape, log: Log) -> None:
    merges = [fact for fact in log.facts if fact.type == "PersonsMerged"]
    if tape.number(3) < 2 or not merges:
        log.say("PersonsMerged", choose_day(tape), kept=choose_person(tape), merged=choose_person(tape))
    else:
        merge = tape.one_of(merges)
        kept, merged = (subject.person_id for subject in merge.subjects)
        merge_id = key("no such merge") if tape.seldom() else merge.event_id
        log.say(
            "MergeReversed",
            choose_day(tape),
            kept=kept if tape.number(5) else choose_person(tape),
            merged=merged,
            merge_event_id=merge_id,
        )
