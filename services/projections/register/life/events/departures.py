"""Departures, what becomes of them, and the ends of stays. No clock: a departure lapses when the log says so."""

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.events.moves import check_lives_in
from services.projections.register.life.fact import Fact
from services.projections.register.life.findings import DEPARTURE_ANSWERED_TWICE, DEPARTURE_NOT_AWAITED
from services.projections.register.life.handling import DEPARTURE, FOLLOWING, handles
from services.projections.register.life.places import UNKNOWN, find_place
from services.projections.register.life.records import AWAITING, CONFIRMED, FINAL, LAPSED, Answer, Departure


@handles("DepartureRegistered", DEPARTURE)
def departed(
    life: LifeCourse,
    fact: Fact,
    role: str,
    sex: str,
    birth_on: int | None,
    birth_on_precision: str | None,
    from_area: str,
    to_kind: str,
    to_region: str | None,
    to_area: str | None,
    to_country: str | None,
    registration_kept: bool | None,
    confirmation_expected: bool | None,
) -> None:
    """Holds from its day, whether confirmed or still awaited; one that lapsed is as if it had not been.

    Who was registered here and does not stay so is registered where they go; who was registered elsewhere stays so.
    """
    life.identify(fact, sex, birth_on, birth_on_precision)
    if life.is_over(fact):
        return
    destination = find_place(life.region, to_region, to_area, to_country, to_kind)
    state, answered_day = FINAL, None
    answer = life.answers.get(fact.event_id)
    if confirmation_expected:
        state = AWAITING if answer is None else answer.state
    elif answer is not None and answer.state == LAPSED:
        life.doubt(answer.fact, DEPARTURE_NOT_AWAITED, fact)
        answer = None
    if answer is not None:
        answered_day = answer.day
        if answer.region is not None:
            destination = find_place(life.region, answer.region, answer.area, None, None)
    life.departures[fact.event_id] = Departure(
        fact.event_id, life.day, fact.precision, from_area, destination, state, answered_day
    )
    if state == LAPSED:
        return
    check_lives_in(life, fact, from_area)
    registered = life.registered if registration_kept or life.registered[0] is None else destination
    life.settle(fact, destination, None, registered)
    if life.household_id is not None:
        life.join(fact, None, None)


@handles("DepartureConfirmed", FOLLOWING)
def departure_confirmed(
    life: LifeCourse, fact: Fact, role: str, departure_event_id: bytes, to_region: str, to_area: str | None
) -> None:
    """The destination as confirmed replaces the one declared."""
    _hear(life, departure_event_id, Answer(CONFIRMED, life.day, to_region, to_area, fact))


@handles("DepartureLapsed", FOLLOWING)
def departure_lapsed(life: LifeCourse, fact: Fact, role: str, departure_event_id: bytes) -> None:
    """Residence at the origin is restored."""
    _hear(life, departure_event_id, Answer(LAPSED, life.day, None, None, fact))


@handles("StayEnded", DEPARTURE)
def stay_ended(
    life: LifeCourse,
    fact: Fact,
    role: str,
    sex: str,
    birth_on: int | None,
    birth_on_precision: str | None,
    from_area: str,
    ending: str,
    to_kind: str | None,
    to_region: str | None,
    to_area: str | None,
    to_country: str | None,
) -> None:
    """Ends living here and leaves the registration alone. Who went back, and nobody says where to, lives where they
    are registered.
    """
    life.identify(fact, sex, birth_on, birth_on_precision)
    if life.is_over(fact):
        return
    check_lives_in(life, fact, from_area)
    if ending == "not-found":
        destination = UNKNOWN
    else:
        kind = "abroad" if ending == "left-country" else to_kind
        destination = find_place(life.region, to_region, to_area, to_country, kind)
        if ending == "returned" and destination == UNKNOWN and life.registered[0] is None:
            destination = life.registered
    life.settle(fact, destination, None, life.registered)
    if life.household_id is not None:
        life.join(fact, None, None)


def _hear(life: LifeCourse, departure_id: bytes, answer: Answer) -> None:
    """The later word counts."""
    former = life.heard.get(departure_id)
    if former is not None and former.state != answer.state:
        life.doubt(answer.fact, DEPARTURE_ANSWERED_TWICE, former.fact)
    life.heard[departure_id] = answer
