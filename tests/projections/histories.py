"""Whole histories of a few people, contradictory ones included: what any log might hold.

A history is read off a tape of bytes, so that hypothesis draws one thing only (fast) and shrinks towards fewer events
of simpler kinds. Use `histories()`; `HISTORIES` is how many a run should try.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from services.projections.register.life import Fact, LifeCourse, fold_people, rows
from services.projections.register.life.days import as_date
from tests.projections.sentences import Log, day, key

HISTORIES = int(os.environ.get("DOMICILE_TEST_HISTORIES", "5000"))
PEOPLE = ("ada", "ben", "cyd", "dan", "eve")
PSEUDONYM = "p-1"
AREAS = ("A", "B", "C")
_FIRST_DAY = day("2001-01-01")
_MERGES = ("PersonsMerged", "MergeReversed")

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class Tape:
    """Choices, and only the first of each once the tape is at its end."""

    left: bytes
    at: int = 0

    def number(self, below: int) -> int:
        self.at += 1
        return self.left[self.at - 1] % below if self.at <= len(self.left) else 0

    def one_of(self, choices: Any) -> Any:
        return choices[self.number(len(choices))]

    def seldom(self) -> bool:
        return self.number(6) == 5


@dataclass
class History:
    """`facts` in the order of the log; `seed` for whoever wants to shuffle them."""

    facts: list[Fact] = field(default_factory=list)
    seed: int = 0

    @property
    def people(self) -> set[bytes]:
        return {subject.person_id for fact in self.facts for subject in named(fact)}


def named(fact: Fact) -> list[Any]:
    """Subjects of a fact and of what it says instead."""
    return [*fact.subjects, *(fact.replacement.subjects if fact.replacement else ())]


def histories(events: int = 20) -> st.SearchStrategy[History]:
    """Up to so many events."""
    size = events * 12 + 1
    return st.binary(min_size=size, max_size=size).map(lambda tape: read_history(tape, events))


def read_history(tape: bytes, events: int = 20) -> History:
    reader = Tape(tape)
    history = History(seed=reader.number(256))
    log = Log()
    for _ in range(events):
        write = reader.one_of(_WRITERS)
        if write is not None:
            write(reader, log)
    history.facts = log.facts
    return history


def fold_rows(facts: list[Fact], people: set[bytes] | None = None) -> dict[bytes, Rows]:
    """Rows of everybody (or of some) in an order that plays no part; people without rows are left out."""
    return sort_rows(fold_people(facts, History(facts).people if people is None else people))


def sort_rows(lives: Mapping[bytes, LifeCourse]) -> dict[bytes, Rows]:
    """Rows of lives in an order that plays no part; people without rows are left out."""
    found = {}
    for who, life in lives.items():
        if written := rows(life):
            found[who] = {t: lines if len(lines) == 1 else sorted(lines, key=repr) for t, lines in written.items()}
    return found


def facts_about(person_id: bytes, facts: list[Fact]) -> list[Fact]:
    """What the register keeps ready of a person: the threads of everybody ever named in a merge with them."""
    group = {person_id}
    edges = [{s.person_id for s in said.subjects} for fact in facts for said in _sayings(fact) if said.type in _MERGES]
    while any(not edge.isdisjoint(group) and not edge <= group for edge in edges):
        group.update(*(edge for edge in edges if not edge.isdisjoint(group)))
    threads = set()
    for fact in facts:
        if any(subject.person_id in group for subject in named(fact)):
            threads |= {fact.thread_id, fact.event_id}
    return [fact for fact in facts if fact.thread_id in threads or fact.event_id in threads]


def _sayings(fact: Fact) -> list[Fact]:
    return [fact] if fact.replacement is None else [fact, fact.replacement]


def _on(tape: Tape) -> str:
    """Days close enough to collide; sometimes of other years, sometimes the month or year only."""
    days = tape.number(40) if tape.number(4) else tape.number(256) * 19
    text = as_date(_FIRST_DAY + days).isoformat()
    exactness = tape.number(12)
    return text[:7] if exactness == 11 else text[:4] if exactness == 10 else text


def _birth_on(tape: Tape) -> str | None:
    return tape.one_of(("1980-05-03", "1980-05-03", "1980-05", "1980", "2001-01-09", "1979-01-01", None))


def _identity(tape: Tape) -> dict[str, Any]:
    born = _birth_on(tape)
    sex = tape.one_of(("female", "female", "female", "male", "unknown"))
    return {"sex": sex} if born is None else {"sex": sex, "birth_on": born}


def _person(tape: Tape) -> str:
    return str(tape.one_of(PEOPLE))


def _place(tape: Tape, end: str) -> dict[str, Any]:
    choice = tape.number(5)
    known = (
        {f"{end}_kind": "region", f"{end}_region": "south", f"{end}_area": "S1"},
        {f"{end}_kind": "region", f"{end}_region": "south"},
        {f"{end}_kind": "abroad", f"{end}_country": "NO"},
        {f"{end}_kind": "abroad"},
        {f"{end}_kind": "unknown"},
    )
    return known[choice]


def _registered(tape: Tape) -> dict[str, Any]:
    choice: dict[str, Any] = tape.one_of(
        (
            {},
            {},
            {},
            {"registered_area": "B"},
            {"registered_region": "unknown"},
            {"registered_region": "south", "registered_area": "S1"},
        )
    )
    return choice


def _status(tape: Tape) -> str | None:
    return tape.one_of((None, None, "never-married", "married", "divorced", "widowed", "unknown"))


def _enumerate(tape: Tape, log: Log) -> None:
    kind = tape.one_of(("permanent", None, "temporary", "secondary"))
    area = None if tape.seldom() else tape.one_of(AREAS)
    log.say(
        "PersonEnumerated",
        _on(tape),
        area=area,
        person=_person(tape),
        residence_kind=kind,
        residence_region="south" if area is None else None,
        civil_status=_status(tape),
        household_id="h1" if tape.seldom() else None,
        **_registered(tape),
        **_identity(tape),
    )


def _bear(tape: Tape, log: Log) -> None:
    child = _person(tape)
    mother = tape.one_of([None, *(each for each in PEOPLE if each != child)])
    area = None if tape.seldom() else tape.one_of(AREAS)
    log.say(
        "BirthRegistered",
        _on(tape),
        area=area,
        child=child,
        mother=mother,
        live_birth=not tape.seldom(),
        sex=tape.one_of(("female", "male")),
        mother_region="south" if area is None else None,
        household_id="h1" if tape.seldom() else None,
        **_registered(tape),
    )


def _die(tape: Tape, log: Log) -> None:
    deceased = _person(tape)
    spouse = tape.one_of([None, *(each for each in PEOPLE if each != deceased)])
    log.say(
        "DeathRegistered",
        _on(tape),
        area=tape.one_of(AREAS),
        deceased=deceased,
        surviving_spouse=spouse,
        civil_status=_status(tape),
        **_identity(tape),
    )


def _arrive(tape: Tape, log: Log) -> None:
    area = tape.one_of(AREAS)
    log.say(
        "ArrivalRegistered",
        _on(tape),
        area=area,
        mover=_person(tape),
        to_area=area,
        residence_kind=tape.one_of(("permanent", "temporary", "secondary")),
        origin_registration_kept=tape.one_of((None, True, False)),
        civil_status=_status(tape),
        **_place(tape, "from"),
        **_registered(tape),
        **_identity(tape),
    )


def _return(tape: Tape, log: Log) -> None:
    area = tape.one_of(AREAS)
    log.say(
        "ReturnRegistered",
        _on(tape),
        area=area,
        mover=_person(tape),
        to_area=area,
        departure_event_id=_earlier(tape, log, "DepartureRegistered"),
        **_identity(tape),
    )


def _move(tape: Tape, log: Log) -> None:
    area = tape.one_of(AREAS)
    log.say(
        "AddressChanged",
        _on(tape),
        area=area,
        mover=_person(tape),
        to_area=area,
        from_area=tape.one_of((None, *AREAS)),
        residence_kind=tape.one_of((None, "permanent", "secondary")),
        registration=tape.one_of((None, "follows", "stays", "moved")),
        **_registered(tape),
        **_identity(tape),
    )


def _depart(tape: Tape, log: Log) -> None:
    area = tape.one_of(AREAS)
    log.say(
        "DepartureRegistered",
        _on(tape),
        area=area,
        mover=_person(tape),
        from_area=area,
        confirmation_expected=tape.one_of((None, True)),
        registration_kept=tape.one_of((None, True)),
        **_place(tape, "to"),
        **_identity(tape),
    )


def _answer_departure(tape: Tape, log: Log) -> None:
    departures = [fact for fact in log.facts if fact.type == "DepartureRegistered"]
    departure = tape.one_of(departures) if departures and not tape.seldom() else None
    mover = departure.subjects[0].person_id if departure and not tape.seldom() else _person(tape)
    departure_id = departure.event_id if departure else key("no such departure")
    if tape.number(2):
        log.say(
            "DepartureConfirmed",
            _on(tape),
            mover=mover,
            departure_event_id=departure_id,
            to_region="south",
            to_area=tape.one_of((None, "S2")),
        )
    else:
        log.say("DepartureLapsed", _on(tape), mover=mover, departure_event_id=departure_id)


def _end_stay(tape: Tape, log: Log) -> None:
    log.say(
        "StayEnded",
        _on(tape),
        mover=_person(tape),
        from_area=tape.one_of(AREAS),
        ending=tape.one_of(("returned", "moved-on", "left-country", "not-found")),
        **_identity(tape),
    )


def _confirm(tape: Tape, log: Log) -> None:
    area = tape.one_of(AREAS)
    log.say("ResidenceConfirmed", _on(tape), area=area, person=_person(tape), confirmed_area=area)


def _marry(tape: Tape, log: Log) -> None:
    first = _person(tape)
    second = tape.one_of([each for each in PEOPLE if each != first])
    kind = tape.one_of(("marriage", None, "registered-partnership"))
    log.say(
        "MarriageRegistered",
        _on(tape),
        first_spouse=first,
        second_spouse=second,
        union_kind=kind,
        first_spouse_sex="female",
        second_spouse_sex="male",
    )


def _divorce(tape: Tape, log: Log) -> None:
    first = _person(tape)
    second = tape.one_of([each for each in PEOPLE if each != first])
    ending = tape.one_of(("divorce", None, "annulment", "converted"))
    log.say(
        "DivorceRegistered",
        _on(tape),
        first_spouse=first,
        second_spouse=second,
        ending=ending,
        first_spouse_sex="female",
        second_spouse_sex="male",
    )


def _household(tape: Tape, log: Log) -> None:
    household = tape.one_of(("h1", "h2"))
    if tape.number(3):
        log.say(
            "HouseholdMemberJoined",
            _on(tape),
            member=_person(tape),
            household_id=household,
            household_relation=tape.one_of(("child", "parent")),
        )
    else:
        log.say("HouseholdMemberLeft", _on(tape), member=_person(tape), household_id=household)


def _paper(tape: Tape, log: Log) -> None:
    who, application, certificate = _person(tape), tape.one_of(("a1", "a2")), tape.one_of(("c1", "c2"))
    shared: dict[str, Any] = {"holder": who, "certificate_kind": "residence"}
    match tape.number(5):
        case 0:
            log.say("CertificateApplied", _on(tape), application_id=application, **shared)
        case 1:
            log.say(
                "CertificateIssued",
                _on(tape),
                application_id=tape.one_of((None, application)),
                certificate_id=certificate,
                replaces_certificate_id=tape.one_of((None, "c1")),
                **shared,
            )
        case 2:
            log.say("CertificateRefused", _on(tape), application_id=application, reason="not-entitled", **shared)
        case 3:
            log.say("CertificateRevoked", _on(tape), certificate_id=certificate, reason="lost", **shared)
        case _:
            log.say(
                "IdentifierAssigned",
                _on(tape),
                person=who,
                identifier_kind="local",
                replaces_former=tape.one_of((None, True)),
            )


def _mark(tape: Tape, log: Log) -> None:
    who = _person(tape)
    match tape.number(6):
        case 0:
            log.say("ProtectionMarkerSet", _on(tape), person=who, marker_id="m", withheld=["address", "moves"])
        case 1:
            log.say("ProtectionMarkerLifted", _on(tape), person=who, marker_id="m")
        case 2:
            log.say(
                "FieldDisputed",
                _on(tape),
                person=who,
                dispute_id="d",
                path="birth_on",
                ground="other",
                raised_by="subject",
            )
        case 3:
            log.say("DisputeSettled", _on(tape), person=who, dispute_id="d", decision="unchanged")
        case 4:
            log.say("SubjectErased", _on(tape), person=who, compartments=["contact"])
        case _:
            log.say("NameChanged", _on(tape), person=who)


def _exchange(tape: Tape, log: Log) -> None:
    who = _person(tape)
    match tape.number(3):
        case 0:
            log.say(
                "LinkOpened",
                _on(tape),
                mover=who,
                counterpart="far",
                partner_region="south",
                own_side="origin",
                envelope={"link_id": key("l")},
            )
        case 1:
            log.say(
                "LinkEnded",
                _on(tape),
                mover=who,
                partner_region="south",
                own_side="origin",
                reason="returned",
                envelope={"link_id": key("l")},
            )
        case _:
            log.say(
                "RecordUpdatedByPartner",
                _on(tape),
                mover=who,
                partner_region="south",
                to_region="south",
                change_kind=tape.one_of(("address", "death", "marriage", "divorce", "name")),
                to_area="S3",
                civil_status=_status(tape),
            )


def _serve(tape: Tape, log: Log) -> None:
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
    fact = log.say(event_type, _on(tape), offer_id="o", referral_id="r", consent_id="n", **code)
    log.facts[-1] = fact._replace(subjects=tuple(s._replace(identified_by="pseudonym") for s in fact.subjects))


def _merge(tape: Tape, log: Log) -> None:
    merges = [fact for fact in log.facts if fact.type == "PersonsMerged"]
    if tape.number(3) < 2 or not merges:
        log.say("PersonsMerged", _on(tape), kept=_person(tape), merged=_person(tape))
    else:
        merge = tape.one_of(merges)
        kept, merged = (subject.person_id for subject in merge.subjects)
        merge_id = key("no such merge") if tape.seldom() else merge.event_id
        log.say(
            "MergeReversed",
            _on(tape),
            kept=kept if tape.number(5) else _person(tape),
            merged=merged,
            merge_event_id=merge_id,
        )


def _correct(tape: Tape, log: Log) -> None:
    if not log.facts:
        return
    target = tape.one_of(log.facts)
    if target.thread_id != target.event_id and not tape.seldom():
        target = next((fact for fact in log.facts if fact.event_id == target.thread_id), target)
    if tape.seldom():
        target = target._replace(event_id=key(f"lost {tape.number(3)}"))
    if tape.number(2):
        log.annul(target, _on(tape), registered=_on(tape))
        return
    elsewhere = Log()
    tape.one_of(_FACTS)(tape, elsewhere)
    if elsewhere.facts:
        log.correct(target, _on(tape), elsewhere.facts[0], registered=_on(tape))


def _repeat(tape: Tape, log: Log) -> None:
    """The same event again: sometimes with another content, sometimes earlier on the log by its record time."""
    if not log.facts:
        return
    fact = tape.one_of(log.facts)
    again = fact._replace(offset=10_000 + len(log.facts), recorded_at=fact.recorded_at + tape.number(3) - 1)
    if tape.number(2):
        again = again._replace(content_tag=bytes(16), residence_area=tape.one_of(AREAS))
    log.facts.append(again)


def _loop(tape: Tape, log: Log) -> None:
    """Two annulments of one another, or one of itself."""
    first = log.say("EventAnnulled", _on(tape), before=_person(tape))
    second = first if tape.number(2) else log.say("EventAnnulled", _on(tape), before=_person(tape))
    log.facts = [fact for fact in log.facts if fact is not first and fact is not second]
    log.facts.append(first._replace(thread_id=second.event_id))
    if second is not first:
        log.facts.append(second._replace(thread_id=first.event_id))


def _doubtful(tape: Tape, log: Log) -> None:
    _arrive(tape, log)
    mover = log.facts[-1].subjects[0]
    log.facts[-1] = log.facts[-1]._replace(subjects=(mover._replace(identified_by="identifier_conflict"),))


_Writer = Callable[[Tape, Log], None]
_FACTS: tuple[_Writer, ...] = (
    _enumerate, _bear, _arrive, _depart, _die, _move, _marry, _divorce, _return, _end_stay, _confirm, _household,
    _paper, _mark, _exchange, _serve, _merge,
)  # fmt: skip
_WRITERS: tuple[_Writer | None, ...] = (
    None, _enumerate, _bear, _arrive, _depart, _die, _move, _marry, _divorce, _return, _end_stay, _confirm,
    _household, _paper, _mark, _exchange, _serve, _merge, _correct, _repeat, _loop, _doubtful, _answer_departure,
    _correct, _merge, _depart, _answer_departure, _correct,
)  # fmt: skip


def _earlier(tape: Tape, log: Log, event_type: str) -> bytes | None:
    found = [fact.event_id for fact in log.facts if fact.type == event_type]
    return tape.one_of([None, *found]) if found else None


def day_after(text: str, days: int = 1) -> str:
    return (as_date(day(text)) + timedelta(days)).isoformat()
