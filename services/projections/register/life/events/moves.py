"""Arrivals, returns, moves within the region, confirmations of residence."""

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.events.vital import SECONDARY, state_status
from services.projections.register.life.fact import Fact
from services.projections.register.life.findings import (
    DEPARTURE_MISSING,
    NOT_REGISTERED_HERE,
    RESIDENCE_DIFFERS,
    RESIDENCE_NOT_RECORDED,
    SECOND_ARRIVAL,
)
from services.projections.register.life.handling import ARRIVAL, FOLLOWING, MOVE, handles
from services.projections.register.life.places import UNKNOWN, Place, find_place, find_registered


@handles("ArrivalRegistered", ARRIVAL)
def arrived(
    life: LifeCourse,
    fact: Fact,
    role: str,
    sex: str,
    birth_on: int | None,
    birth_on_precision: str | None,
    to_area: str,
    residence_kind: str,
    from_kind: str,
    from_region: str | None,
    from_area: str | None,
    from_country: str | None,
    registered_region: str | None,
    registered_area: str | None,
    origin_registration_kept: bool | None,
    household_id: bytes | None,
    civil_status: str | None,
) -> None:
    """Until a first arrival the person lived where they came from. A second home moves nobody, but may say where
    somebody is registered.
    """
    life.identify(fact, sex, birth_on, birth_on_precision)
    if life.is_over(fact):
        return
    origin = find_place(life.region, from_region, from_area, from_country, from_kind)
    here = (to_area, None, None, None)
    secondary = residence_kind == SECONDARY
    if origin_registration_kept and registered_region is None:
        registered = origin
    elif secondary and registered_region is None and registered_area is None:
        registered = life.registered
    else:
        registered = find_registered(life.region, registered_region, registered_area, here)
    if not life.steps:
        life.before = (origin, registered if origin_registration_kept else origin)
    if secondary:
        life.settle(fact, life.usual if life.steps else origin, life.kind, registered)
        return
    if life.usual[0] is not None:
        life.doubt(fact, SECOND_ARRIVAL)
    life.settle(fact, here, residence_kind, registered)
    if civil_status is not None:
        state_status(life, fact, civil_status)
    if household_id is not None:
        life.join(fact, household_id, None)


@handles("ReturnRegistered", ARRIVAL)
def returned(
    life: LifeCourse,
    fact: Fact,
    role: str,
    sex: str,
    birth_on: int | None,
    birth_on_precision: str | None,
    to_area: str,
    residence_kind: str | None,
    from_kind: str | None,
    from_region: str | None,
    from_area: str | None,
    from_country: str | None,
    departure_event_id: bytes | None,
) -> None:
    """Somebody registered here is back. Who is not is registered where they come to, and that is a finding."""
    life.identify(fact, sex, birth_on, birth_on_precision)
    if life.is_over(fact):
        return
    here = (to_area, None, None, None)
    registered = life.registered
    if registered[0] is None:
        if registered != UNKNOWN:
            life.doubt(fact, NOT_REGISTERED_HERE)
        registered = here
    if not life.steps:
        origin = find_place(life.region, from_region, from_area, from_country, from_kind)
        life.before = (origin, UNKNOWN)
    if life.usual[0] is not None:
        life.doubt(fact, SECOND_ARRIVAL)
    if departure_event_id is not None and departure_event_id not in life.departures:
        life.doubt(fact, DEPARTURE_MISSING)
    life.settle(fact, here, None if residence_kind == SECONDARY else residence_kind, registered)


@handles("AddressChanged", MOVE)
def moved(
    life: LifeCourse,
    fact: Fact,
    role: str,
    sex: str,
    birth_on: int | None,
    birth_on_precision: str | None,
    from_area: str | None,
    to_area: str,
    residence_kind: str | None,
    registration: str | None,
    registered_region: str | None,
    registered_area: str | None,
    household_id: bytes | None,
) -> None:
    """The registration follows where the person was registered where they lived, unless it is said otherwise."""
    life.identify(fact, sex, birth_on, birth_on_precision)
    if life.is_over(fact):
        return
    secondary = residence_kind == SECONDARY
    if not secondary and from_area is not None:
        check_lives_in(life, fact, from_area)
    elif not secondary and life.usual[0] is None:
        life.doubt(fact, RESIDENCE_NOT_RECORDED if life.usual == UNKNOWN else RESIDENCE_DIFFERS)
    here: Place = (to_area, None, None, None)
    usual = life.usual if secondary else here
    registered = life.registered
    if registration == "moved":
        registered = find_registered(life.region, registered_region, registered_area, here)
    elif registration != "stays" and not secondary and registered == life.usual:
        registered = here
    kind = residence_kind if residence_kind is not None and not secondary else life.kind
    life.settle(fact, usual, kind, registered)
    if household_id is not None:
        life.join(fact, household_id, None)


@handles("ResidenceConfirmed", FOLLOWING)
def confirmed(life: LifeCourse, fact: Fact, role: str, confirmed_area: str) -> None:
    """Moves nobody; but where nothing was recorded the person lives there from this day."""
    if life.is_over(fact):
        return
    if life.usual == UNKNOWN:
        life.doubt(fact, RESIDENCE_NOT_RECORDED)
        here = (confirmed_area, None, None, None)
        life.settle(fact, here, None, here if life.registered == UNKNOWN else life.registered)
    else:
        life.see(fact, confirmed_area)
    life.confirmed_day = life.day


def check_lives_in(life: LifeCourse, fact: Fact, area: str) -> None:
    """A finding if the person does not live where the event says that they did until now."""
    if life.usual[0] != area:
        life.doubt(fact, RESIDENCE_NOT_RECORDED if life.usual == UNKNOWN else RESIDENCE_DIFFERS)
