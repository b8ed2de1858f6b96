"""Identifiers and certificates. They may follow a death."""

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.fact import Fact
from services.projections.register.life.findings import STEP_MISSING
from services.projections.register.life.handling import BEGINNING, CLOSING, FOLLOWING, handles
from services.projections.register.life.records import Certificate, Identifier

APPLIED, ISSUED, REFUSED, REVOKED, REPLACED = "applied", "issued", "refused", "revoked", "replaced"


@handles("IdentifierAssigned", BEGINNING)
def identifier_assigned(
    life: LifeCourse, fact: Fact, role: str, identifier_kind: str, replaces_former: bool | None
) -> None:
    """The value stands in the sealed block; here only that there is one."""
    life.identifiers.append(Identifier(life.day, identifier_kind, fact.event_id, bool(replaces_former)))


@handles("CertificateApplied", BEGINNING)
def applied(life: LifeCourse, fact: Fact, role: str, application_id: bytes, certificate_kind: str) -> None:
    """One row per application."""
    life.certificates.append(Certificate(None, application_id, certificate_kind, APPLIED, life.day))


@handles("CertificateIssued", FOLLOWING)
def issued(
    life: LifeCourse,
    fact: Fact,
    role: str,
    certificate_id: bytes,
    application_id: bytes | None,
    certificate_kind: str,
    valid_from_on: int | None,
    valid_until_on: int | None,
    replaces_certificate_id: bytes | None,
) -> None:
    """Answers the application, if it names one; a renewed certificate is no longer valid."""
    former = _find_certificate(life, replaces_certificate_id)
    if former is not None and former.state == ISSUED:
        former.state, former.day = REPLACED, life.day
    found = _find_application(life, application_id)
    if found is None or found.state != APPLIED:
        if application_id is not None:
            life.doubt(fact, STEP_MISSING)
        found = Certificate(None, application_id, certificate_kind, ISSUED, life.day)
        life.certificates.append(found)
    found.certificate_id, found.kind, found.state, found.day = certificate_id, certificate_kind, ISSUED, life.day
    found.valid_from, found.valid_until = valid_from_on, valid_until_on


@handles("CertificateRefused", FOLLOWING)
def refused(life: LifeCourse, fact: Fact, role: str, application_id: bytes, certificate_kind: str, reason: str) -> None:
    """The application ends."""
    found = _find_application(life, application_id)
    if found is None or found.state != APPLIED:
        life.doubt(fact, STEP_MISSING)
        found = Certificate(None, application_id, certificate_kind, REFUSED, life.day)
        life.certificates.append(found)
    found.state, found.day, found.reason = REFUSED, life.day, reason


@handles("CertificateRevoked", CLOSING)
def revoked(life: LifeCourse, fact: Fact, role: str, certificate_id: bytes, certificate_kind: str, reason: str) -> None:
    """The certificate is no longer valid."""
    found = _find_certificate(life, certificate_id)
    if found is None:
        life.doubt(fact, STEP_MISSING)
        found = Certificate(certificate_id, None, certificate_kind, REVOKED, life.day)
        life.certificates.append(found)
    found.state, found.day, found.reason = REVOKED, life.day, reason


def _find_certificate(life: LifeCourse, certificate_id: bytes | None) -> Certificate | None:
    if certificate_id is None:
        return None
    return next((each for each in reversed(life.certificates) if each.certificate_id == certificate_id), None)


def _find_application(life: LifeCourse, application_id: bytes | None) -> Certificate | None:
    if application_id is None:
        return None
    return next((each for each in reversed(life.certificates) if each.application_id == application_id), None)
