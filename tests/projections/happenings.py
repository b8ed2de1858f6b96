"""What happens to people: births, moves, unions, deaths, and what is said of departures."""

from tests.projections.sentences import Log, key
from tests.projections.tape import (
    AREAS,
    PEOPLE,
    Tape,
    choose_day,
    choose_earlier,
    choose_identity,
    choose_person,
    choose_place,
    choose_registered,
    choose_status,
)


def enumerate_somebody(tape: Tape, log: Log) -> None:
    kind = tape.one_of(("permanent", None, "temporary", "secondary"))
    area = None if tape.seldom() else tape.one_of(AREAS)
    log.say(
        "PersonEnumerated",
        choose_day(tape),
        area=area,
        person=choose_person(tape),
        residence_kind=kind,
        residence_region="south" if area is None else None,
        civil_status=choose_status(tape),
        household_id="h1" if tape.seldom() else None,
        **choose_registered(tape),
        **choose_identity(tape),
    )


def bear(tape: Tape, log: Log) -> None:
    child = choose_person(tape)
    mother = tape.one_of([None, *(each for each in PEOPLE if each != child)])
    area = None if tape.seldom() else tape.one_of(AREAS)
    log.say(
        "BirthRegistered",
        choose_day(tape),
        area=area,
        child=child,
        mother=mother,
        live_birth=not tape.seldom(),
        sex=tape.one_of(("female", "male")),
        mother_region="south" if area is None else None,
        household_id="h1" if tape.seldom() else None,
        **choose_registered(tape),
    )


def die(tape: Tape, log: Log) -> None:
    deceased = choose_person(tape)
    spouse = tape.one_of([None, *(each for each in PEOPLE if each != deceased)])
    log.say(
        "DeathRegistered",
        choose_day(tape),
        area=tape.one_of(AREAS),
        deceased=deceased,
        surviving_spouse=spouse,
        civil_status=choose_status(tape),
        **choose_identity(tape),
    )


def arrive(tape: Tape, log: Log) -> None:
    area = tape.one_of(AREAS)
    log.say(
        "ArrivalRegistered",
        choose_day(tape),
        area=area,
        mover=choose_person(tape),
        to_area=area,
        residence_kind=tape.one_of(("permanent", "temporary", "secondary")),
        origin_registration_kept=tape.one_of((None, True, False)),
        civil_status=choose_status(tape),
        **choose_place(tape, "from"),
        **choose_registered(tape),
        **choose_identity(tape),
    )


def come_back(tape: Tape, log: Log) -> None:
    area = tape.one_of(AREAS)
    log.say(
        "ReturnRegistered",
        choose_day(tape),
        area=area,
        mover=choose_person(tape),
        to_area=area,
        departure_event_id=choose_earlier(tape, log, "DepartureRegistered"),
        **choose_identity(tape),
    )


def move(tape: Tape, log: Log) -> None:
    area = tape.one_of(AREAS)
    log.say(
        "AddressChanged",
        choose_day(tape),
        area=area,
        mover=choose_person(tape),
        to_area=area,
        from_area=tape.one_of((None, *AREAS)),
        residence_kind=tape.one_of((None, "permanent", "secondary")),
        registration=tape.one_of((None, "follows", "stays", "moved")),
        **choose_registered(tape),
        **choose_identity(tape),
    )


def depart(tape: Tape, log: Log) -> None:
    area = tape.one_of(AREAS)
    log.say(
        "DepartureRegistered",
        choose_day(tape),
        area=area,
        mover=choose_person(tape),
        from_area=area,
        confirmation_expected=tape.one_of((None, True)),
        registration_kept=tape.one_of((None, True)),
        **choose_place(tape, "to"),
        **choose_identity(tape),
    )


def answer_departure(tape: Tape, log: Log) -> None:
    departures = [fact for fact in log.facts if fact.type == "DepartureRegistered"]
    departure = tape.one_of(departures) if departures and not tape.seldom() else None
    mover = departure.subjects[0].person_id if departure and not tape.seldom() else choose_person(tape)
    departure_id = departure.event_id if departure else key("no such departure")
    if tape.number(2):
        log.say(
            "DepartureConfirmed",
            choose_day(tape),
            mover=mover,
            departure_event_id=departure_id,
            to_region="south",
            to_area=tape.one_of((None, "S2")),
        )
    else:
        log.say("DepartureLapsed", choose_day(tape), mover=mover, departure_event_id=departure_id)


def end_stay(tape: Tape, log: Log) -> None:
    log.say(
        "StayEnded",
        choose_day(tape),
        mover=choose_person(tape),
        from_area=tape.one_of(AREAS),
        ending=tape.one_of(("returned", "moved-on", "left-country", "not-found")),
        **choose_identity(tape),
    )


def confirm(tape: Tape, log: Log) -> None:
    area = tape.one_of(AREAS)
    log.say("ResidenceConfirmed", choose_day(tape), area=area, person=choose_person(tape), confirmed_area=area)


def marry(tape: Tape, log: Log) -> None:
    first = choose_person(tape)
    second = tape.one_of([each for each in PEOPLE if each != first])
    kind = tape.one_of(("marriage", None, "registered-partnership"))
    log.say(
        "MarriageRegistered",
        choose_day(tape),
        first_spouse=first,
        second_spouse=second,
        union_kind=kind,
        first_spouse_sex="female",
        second_spouse_sex="male",
    )


def divorce(tape: Tape, log: Log) -> None:
    first = choose_person(tape)
    second = tape.one_of([each for each in PEOPLE if each != first])
    ending = tape.one_of(("divorce", None, "annulment", "converted"))
    log.say(
        "DivorceRegistered",
        choose_day(tape),
        first_spouse=first,
        second_spouse=second,
        ending=ending,
        first_spouse_sex="female",
        second_spouse_sex="male",
    )


def doubtful(tape: Tape, log: Log) -> None:
    arrive(tape, log)
    mover = log.facts[-1].subjects[0]
    log.facts[-1] = log.facts[-1]._replace(subjects=(mover._replace(identified_by="identifier_conflict"),))
