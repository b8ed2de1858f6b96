"""Voluntary services, under the pseudonym of the service context. Declining is a full and equal outcome: it closes an
offer as a delivery does, changes nothing else, and leaves nothing by which it could be listed.
"""

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.fact import Fact
from services.projections.register.life.handling import BEGINNING, CLOSING, FOLLOWING, handles
from services.projections.register.life.records import Service

OFFER, DELIVERY, REFERRAL, CONSENT = "offer", "delivery", "referral", "consent"


@handles("ServiceOffered", BEGINNING)
def offered(life: LifeCourse, fact: Fact, role: str, offer_id: bytes, service_code: str) -> None:
    """Kept until it is answered."""
    life.services[offer_id] = Service(offer_id, OFFER, service_code, life.day, None)


@handles("ServiceDelivered", FOLLOWING)
def delivered(life: LifeCourse, fact: Fact, role: str, offer_id: bytes | None, service_code: str) -> None:
    """Answers the offer."""
    if offer_id is not None:
        life.answered_offers.add(offer_id)
    life.services[fact.event_id] = Service(fact.event_id, DELIVERY, service_code, life.day, None)


@handles("ServiceDeclined", FOLLOWING)
def declined(life: LifeCourse, fact: Fact, role: str, offer_id: bytes | None) -> None:
    """Answers the offer; nothing else is kept of it."""
    if offer_id is not None:
        life.answered_offers.add(offer_id)


@handles("ReferralMade", BEGINNING)
def referred(life: LifeCourse, fact: Fact, role: str, referral_id: bytes, service_code: str) -> None:
    """Open until it is completed."""
    life.services[referral_id] = Service(referral_id, REFERRAL, service_code, life.day, None)


@handles("ReferralCompleted", CLOSING)
def completed(life: LifeCourse, fact: Fact, role: str, referral_id: bytes, service_code: str) -> None:
    """How it ended is not kept here."""
    former = life.services.get(referral_id)
    since = life.day if former is None else former.from_day
    life.services[referral_id] = Service(referral_id, REFERRAL, service_code, since, life.day)


@handles("ConsentGiven", BEGINNING)
def consented(
    life: LifeCourse,
    fact: Fact,
    role: str,
    consent_id: bytes,
    service_code: str | None,
    valid_until_on: int | None,
) -> None:
    """Holds until its last day, or until it is withdrawn."""
    until = None if valid_until_on is None else valid_until_on + 1
    life.services[consent_id] = Service(consent_id, CONSENT, service_code, life.day, until)


@handles("ConsentWithdrawn", CLOSING)
def withdrawn(life: LifeCourse, fact: Fact, role: str, consent_id: bytes) -> None:
    """What was withdrawn without having been given has been withdrawn: it never holds."""
    former = life.services.get(consent_id)
    if former is None:
        life.services[consent_id] = Service(consent_id, CONSENT, None, life.day, life.day)
    elif former.to_day is None or former.to_day > life.day:
        life.services[consent_id] = former._replace(to_day=life.day)
