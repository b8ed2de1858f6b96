"""Households, papers, marks, links, services."""

from services.projections.register.life import rows
from tests.projections.register.life.lives import fold, households, kinds, written
from tests.projections.sentences import Log, day, key


def join(log: Log, on: str, household: str) -> None:
    log.say("HouseholdMemberJoined", on, member="ada", household_id=household, household_relation="child")


def test_joining_a_household_leaves_the_one_before(log: Log) -> None:
    join(log, "2001-01-01", "one")
    join(log, "2002-01-01", "two")
    log.say("HouseholdMemberLeft", "2003-01-01", member="ada", household_id="two")
    assert households(fold(log, "ada")) == [
        ("2001-01-01", "2002-01-01", key("one")),
        ("2002-01-01", "2003-01-01", key("two")),
    ]
    assert fold(log, "ada").findings == []


def test_leaving_the_region_or_dying_ends_membership(log: Log) -> None:
    join(log, "2001-01-01", "one")
    log.say("DepartureRegistered", "2002-01-01", mover="ada", from_area="A", to_kind="abroad", sex="female")
    join(log, "2003-01-01", "two")
    log.say("DeathRegistered", "2004-01-01", deceased="ada", sex="female")
    assert [each[:2] for each in households(fold(log, "ada"))] == [
        ("2001-01-01", "2002-01-01"), ("2003-01-01", "2004-01-01"),
    ]  # fmt: skip


def test_leaving_a_household_that_one_never_joined_is_a_finding(log: Log) -> None:
    log.say("HouseholdMemberLeft", "2003-01-01", member="ada", household_id="two")
    assert kinds(fold(log, "ada")) == ["not-a-member"]


def test_an_identifier_that_replaces_ends_the_former_of_its_kind(log: Log) -> None:
    for on, kind, replaces in (
        ("2001-01-01", "local", None),
        ("2002-01-01", "passport", None),
        ("2003-01-01", "local", True),
    ):
        log.say("IdentifierAssigned", on, person="ada", identifier_kind=kind, replaces_former=replaces)
    assert [row[:3] for row in written(log, "ada", "identifier")] == [
        (day("2001-01-01"), day("2003-01-01"), "local"),
        (day("2002-01-01"), None, "passport"),
        (day("2003-01-01"), None, "local"),
    ]


def test_a_certificate_is_applied_for_issued_and_revoked(log: Log) -> None:
    shared = {"holder": "ada", "certificate_kind": "residence"}
    log.say("CertificateApplied", "2001-01-01", application_id="a", **shared)
    log.say(
        "CertificateIssued", "2001-01-01", application_id="a", certificate_id="c", valid_until_on="2009-01-01", **shared
    )
    log.say("CertificateIssued", "2002-01-01", certificate_id="d", replaces_certificate_id="c", **shared)
    log.say("CertificateRevoked", "2003-01-01", certificate_id="d", reason="lost", **shared)
    log.say("CertificateRefused", "2003-01-01", application_id="b", reason="not-entitled", **shared)
    assert [(row[0], row[3]) for row in written(log, "ada", "certificate")] == [
        (key("c"), "replaced"), (key("d"), "revoked"), (None, "refused"),
    ]  # fmt: skip
    assert kinds(fold(log, "ada")) == ["step-missing"]


def test_marks_of_a_record(log: Log) -> None:
    log.say("ProtectionMarkerSet", "2001-01-01", person="ada", marker_id="m", withheld=["moves", "address"])
    log.say(
        "FieldDisputed",
        "2001-02-01",
        person="ada",
        dispute_id="d",
        path="birth_on",
        ground="other",
        raised_by="subject",
    )
    log.say("SubjectErased", "2001-03-01", person="ada", compartments=["contact"])
    assert fold(log, "ada").known
    assert written(log, "ada", "person")[0][-1] == 1 | 2 | 4
    log.say("ProtectionMarkerLifted", "2002-01-01", person="ada", marker_id="m")
    log.say("DisputeSettled", "2002-02-01", person="ada", dispute_id="d", decision="unchanged")
    assert written(log, "ada", "person")[0][-1] == 4
    assert [row[1:3] for row in written(log, "ada", "marker")] == [
        ("protection", "address"), ("protection", "moves"), ("erasure", "contact"),
    ]  # fmt: skip
    assert written(log, "ada", "dispute")[0][-2:] == (day("2002-02-01"), "unchanged")


def test_a_link_between_two_records_opens_and_ends(log: Log) -> None:
    shared = {"mover": "ada", "partner_region": "south", "own_side": "origin", "envelope": {"link_id": key("l")}}
    log.say("LinkOpened", "2001-01-01", counterpart="far", settled_by="tacit", **shared)
    log.say("LinkEnded", "2002-01-01", reason="returned", **shared)
    assert written(log, "ada", "link") == [
        (key("l"), day("2001-01-01"), day("2002-01-01"), "origin", "south", key("far"), "tacit", "returned")
    ]


def test_a_counterpart_is_nobody_of_ours(log: Log) -> None:
    log.say("LinkOpened", "2001-01-01", mover="ada", counterpart="far", partner_region="south", own_side="origin")
    assert not fold(log, "far").is_there


def test_declining_leaves_the_same_rows_as_never_having_been_asked(log: Log) -> None:
    serve(log, "ServiceOffered", "2001-01-01", offer_id="o")
    assert [row[1] for row in written(log, "p", "service")] == ["offer"]
    serve(log, "ServiceDeclined", "2001-01-02", offer_id="o")
    assert rows(fold(log, "p")) == {}


def test_services_are_of_a_pseudonym_which_is_no_person(log: Log) -> None:
    serve(log, "ServiceOffered", "2001-01-01", offer_id="o")
    serve(log, "ServiceDelivered", "2001-01-02", offer_id="o")
    serve(log, "ConsentGiven", "2001-01-03", consent_id="c", valid_until_on="2001-12-31")
    serve(log, "ConsentWithdrawn", "2001-02-03", consent_id="c")
    serve(log, "ReferralMade", "2001-01-04", referral_id="r", consent_id="c")
    serve(log, "ReferralCompleted", "2001-03-04", referral_id="r", outcome="declined")
    assert set(rows(fold(log, "p"))) == {"service"}
    assert [(row[1], row[4]) for row in written(log, "p", "service")] == [
        ("delivery", None), ("consent", day("2001-02-03")), ("referral", day("2001-03-04")),
    ]  # fmt: skip


def test_a_pseudonym_is_no_person_even_with_a_finding(log: Log) -> None:
    serve(log, "ServiceOffered", "2001-01-01", offer_id="o")
    fact = log.facts[0]
    assert set(rows(fold([fact._replace(contested=True)], "p"))) == {"service", "finding"}
    lost = log.annul(fact._replace(event_id=key("lost")), "2001-02-01")
    assert set(rows(fold([lost._replace(topic="north.service")], "p"))) == {"finding"}


def serve(log: Log, event_type: str, on: str, **words: str) -> None:
    fact = log.say(event_type, on, person="p", service_code="counselling", **words)
    log.facts[-1] = fact._replace(subjects=(fact.subjects[0]._replace(identified_by="pseudonym"),))
