"""The life of one person, as the handlers write it and as readers see it."""

from collections.abc import Callable, Mapping
from typing import Any

from services.projections.register.life.days import EXACTNESS, agree
from services.projections.register.life.fact import Fact
from services.projections.register.life.findings import AFTER_DEATH, BIRTH_DATE_DIFFERS, SEX_DIFFERS, Finding
from services.projections.register.life.places import UNKNOWN, Place
from services.projections.register.life.records import (
    Answer,
    Certificate,
    Departure,
    Dispute,
    Identifier,
    Link,
    Marker,
    Membership,
    Service,
    Status,
    Step,
)

BIRTH_RECORD, ENUMERATED, MENTIONED = 2, 1, 0
"""How strong an event's word on a birth date is."""

_LATER: dict[str, Callable[[], Any]] = {
    "departures": dict,
    "statuses": list,
    "memberships": list,
    "identifiers": list,
    "certificates": list,
    "links": dict,
    "markers": dict,
    "disputes": dict,
    "services": dict,
    "findings": list,
    "answered_offers": set,
    "heard": dict,
    "sightings": list,
    "unions": list,
}


class LifeCourse:
    """What stands of one person's life. Days are imputed (`days`); `born` and `died` are None where not known.

    Handlers write it in the order of the facts: `day` is that of the fact at hand; `usual`, `kind`, `registered`,
    `status` and `household_id` are the state so far, and in the end the state at the end of what is known.
    Written a hundred million times, so a collection that most lives do not have is made when first asked for; `made`
    names those that there are.
    """

    __slots__ = (
        "answers",
        "before",
        "birth_country",
        "born",
        "born_by",
        "born_on",
        "born_precision",
        "born_weight",
        "confirmed_day",
        "day",
        "died",
        "died_by",
        "died_on",
        "died_precision",
        "enumerated",
        "facts",
        "first_day",
        "household_id",
        "kind",
        "known",
        "made",
        "members",
        "merged_into",
        "person_id",
        "region",
        "registered",
        "pseudonymous",
        "sex",
        "spouse_id",
        "status",
        "steps",
        "stillborn",
        "usual",
        *_LATER,
    )
    departures: dict[bytes, Departure]
    statuses: list[Status]
    memberships: list[Membership]
    identifiers: list[Identifier]
    certificates: list[Certificate]
    links: dict[bytes, Link]
    markers: dict[bytes, Marker]
    disputes: dict[bytes, Dispute]
    services: dict[bytes, Service]
    findings: list[Finding]
    answered_offers: set[bytes]
    heard: dict[bytes, Answer]
    sightings: list[tuple[Fact, str]]
    unions: list[tuple[str, int, str | None, Fact]]
    day: int
    died_by: Fact
    died_precision: str
    region: str

    def __init__(self, person_id: bytes, facts: Mapping[bytes, Fact], answers: Mapping[bytes, Answer]) -> None:
        self.person_id = person_id
        self.facts = facts
        self.answers = answers
        self.made: tuple[str, ...] = ()
        self.steps: list[Step] = []
        self.first_day = 0
        self.known = self.stillborn = self.pseudonymous = False
        self.born_weight = -1
        self.members: tuple[bytes, ...] = ()
        self.before: tuple[Place, Place] | None = None
        self.usual: Place = UNKNOWN
        self.registered: Place = UNKNOWN
        self.merged_into: bytes | None = None
        self.sex: str | None = None
        self.birth_country: str | None = None
        self.born_on: int | None = None
        self.born_precision: str | None = None
        self.born_by: Fact | None = None
        self.died_on: int | None = None
        self.born: int | None = None
        self.died: int | None = None
        self.enumerated: bytes | None = None
        self.kind: str | None = None
        self.status: str | None = None
        self.spouse_id: bytes | None = None
        self.household_id: bytes | None = None
        self.confirmed_day: int | None = None

    def __getattr__(self, name: str) -> Any:
        if name not in _LATER:
            raise AttributeError(name)
        made = _LATER[name]()
        setattr(self, name, made)
        self.made = (*self.made, name)
        return made

    @property
    def is_there(self) -> bool:
        """Whether the register has anything to say of this person; a pseudonym of the service context is none."""
        if self.known or self.merged_into is not None or self.members:
            return True
        return "findings" in self.made and bool(self.findings) and not self.pseudonymous

    @property
    def began_here(self) -> bool:
        """Whether the birth itself is recorded: who was born here has never married until it is said otherwise."""
        return self.born_weight == BIRTH_RECORD

    @property
    def start(self) -> int:
        """Birth, or the first that is known of the person where the birth date is not."""
        return self.first_day if self.born is None else self.born

    def doubt(self, fact: Fact, kind: str, other: Fact | None = None) -> None:
        """Records a finding: for the area that the fact names, or else the one where the person is."""
        area = fact.residence_area or fact.occurrence_area or self.usual[0] or self.registered[0]
        other_id = None if other is None else other.event_id
        self.findings.append(Finding(kind, fact.event_id, other_id, self.day, area, fact.office))

    def is_over(self, fact: Fact) -> bool:
        """Whether the person was dead before the fact; then it is a finding, and must not be applied."""
        if self.died_on is None:
            return False
        self.doubt(fact, AFTER_DEATH, self.died_by)
        return True

    def identify(
        self, fact: Fact, sex: str | None, born_on: int | None, precision: str | None, weight: int = 0
    ) -> None:
        """What an event says of sex and birth date. The first word on the sex stands; of birth dates the strongest,
        then the first, made more exact by what agrees with it.
        """
        if sex != self.sex and sex is not None and sex != "unknown":
            if self.sex is None or self.sex == "unknown":
                self.sex = sex
            else:
                self.doubt(fact, SEX_DIFFERS)
        if self.born_on is None:
            if born_on is not None:
                self.born_on, self.born_precision, self.born_by, self.born_weight = born_on, precision, fact, weight
        elif born_on is not None and (
            born_on != self.born_on or precision != self.born_precision or weight > self.born_weight
        ):
            self._weigh_birth(fact, born_on, precision or "day", weight)

    def _weigh_birth(self, fact: Fact, on: int, precision: str, weight: int) -> None:
        former, former_precision, former_fact = self.born_on, self.born_precision or "day", self.born_by
        assert former is not None
        agrees = agree(on, precision, former, former_precision)
        more_exact = EXACTNESS.get(precision, 2) > EXACTNESS.get(former_precision, 2)
        if weight > self.born_weight:
            self.born_weight, self.born_by = weight, fact
            if not agrees or more_exact:
                self.born_on, self.born_precision = on, precision
        elif agrees and more_exact:
            self.born_on, self.born_precision = on, precision
        if not agrees:
            weaker, stronger = (former_fact, fact) if self.born_by is fact else (fact, self.born_by)
            assert weaker is not None
            self.doubt(weaker, BIRTH_DATE_DIFFERS, stronger)

    def settle(self, fact: Fact, usual: Place, kind: str | None, registered: Place) -> None:
        """From the day of the fact on the person lives and is registered there."""
        self.steps.append((self.day, fact.precision, usual, kind, registered, fact))
        self.usual = usual
        self.kind = kind
        self.registered = registered

    def see(self, fact: Fact, area: str | None) -> None:
        """The event says that the person lived in an area on its day: compared with the record when all is known."""
        if area is not None and self.usual[0] != area:
            self.sightings.append((fact, area))

    def change_status(self, fact: Fact, status: str, spouse_id: bytes | None) -> None:
        """From the day of the fact on the civil status."""
        self.statuses.append(Status(self.day, fact.precision, status, spouse_id, fact.event_id))
        self.status, self.spouse_id = status, spouse_id

    def join(self, fact: Fact, household_id: bytes | None, relation: str | None) -> None:
        """From the day of the fact on a member of the household, and of no other; of none if there is no id."""
        self.memberships.append(Membership(self.day, fact.precision, household_id, relation, fact.event_id))
        self.household_id = household_id
