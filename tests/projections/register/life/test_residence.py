"""Where people live and are registered, one sentence for each rule."""

import pytest

from services.projections.register.life import describe
from tests.projections.register.life.lives import fold, homes, kinds, registrations, written
from tests.projections.sentences import Log, day

ADA = {"sex": "female", "birth_on": "1980-05-03"}


def born(log: Log, name: str = "ada", on: str = "1980-05-03", area: str = "A", **words: object) -> None:
    log.say("BirthRegistered", on, area=area, child=name, sex="female", live_birth=True, **words)


def arrived(log: Log, on: str, **words: object) -> None:
    words = {"to_area": "A", "residence_kind": "permanent", "from_kind": "abroad", "from_country": "NO"} | ADA | words
    log.say("ArrivalRegistered", on, area=words["to_area"], mover="ada", **words)


def left(log: Log, on: str, **words: object) -> object:
    words = {"from_area": "A", "to_kind": "region", "to_region": "south", "to_area": "S1"} | ADA | words
    return log.say("DepartureRegistered", on, area=words["from_area"], mover="ada", **words)


def test_a_child_lives_with_its_mother_from_birth_to_death(log: Log) -> None:
    born(log, mother="mum", mother_birth_on="1955")
    log.say("DeathRegistered", "2001-07-01", area="A", deceased="ada", **ADA)
    assert homes(fold(log, "ada")) == registrations(fold(log, "ada")) == "1980-05-03 A, 2001-07-01 end"
    assert fold(log, "ada").findings == []


def test_a_child_of_a_mother_who_lives_elsewhere_lives_there(log: Log) -> None:
    born(log, area=None, mother_region="south", mother_region_area="S1", registered_area="B")
    assert homes(fold(log, "ada")) == "1980-05-03 south/S1"
    assert registrations(fold(log, "ada")) == "1980-05-03 B"


def test_a_stillborn_child_is_known_and_lives_nowhere(log: Log) -> None:
    log.say("BirthRegistered", "1980-05-03", area="A", child="ada", sex="female", live_birth=False)
    assert homes(fold(log, "ada")) == "1980-05-03 end"
    (person,) = written(log, "ada", "person")
    assert person[2] == day("1980-05-03")
    assert person[4:6] == (None, None)
    assert person[-1] == 16
    assert written(log, "ada", "residence") == []


def test_before_the_enumeration_the_residence_is_unknown_from_birth(log: Log) -> None:
    log.say("PersonEnumerated", "1994-12-31", area="A", person="ada", **ADA)
    assert homes(fold(log, "ada")) == "1980-05-03 unknown, 1994-12-31 A"


def test_without_a_birth_date_a_life_is_known_from_the_first_fact(log: Log) -> None:
    log.say("PersonEnumerated", "1994-12-31", area="A", person="ada", sex="female")
    assert homes(fold(log, "ada")) == "1994-12-31 A"


def test_before_the_first_arrival_somebody_lived_where_they_came_from(log: Log) -> None:
    arrived(log, "2001-01-01", from_kind="region", from_country=None, from_region="south", from_area="S1")
    assert homes(fold(log, "ada")) == "1980-05-03 south/S1, 2001-01-01 A"


def test_abroad_and_nobody_knows_where_is_not_unknown(log: Log) -> None:
    arrived(log, "2001-01-01", from_country=None)
    assert homes(fold(log, "ada")) == "1980-05-03 ZZ, 2001-01-01 A"


def test_a_temporary_mover_stays_registered_at_the_origin(log: Log) -> None:
    arrived(
        log,
        "2001-01-01",
        residence_kind="temporary",
        from_kind="region",
        from_country=None,
        from_region="south",
        from_area="S1",
        origin_registration_kept=True,
    )
    assert homes(fold(log, "ada")) == "1980-05-03 south/S1, 2001-01-01 A"
    assert registrations(fold(log, "ada")) == "1980-05-03 south/S1"
    assert [row[3] for row in written(log, "ada", "residence")] == [None, "temporary"]


def test_a_second_home_moves_nobody(log: Log) -> None:
    born(log)
    arrived(log, "2001-01-01", to_area="B", residence_kind="secondary")
    assert homes(fold(log, "ada")) == "1980-05-03 A"


def test_a_second_arrival_is_a_finding_and_the_later_place_counts(log: Log) -> None:
    arrived(log, "2001-01-01")
    arrived(log, "2002-01-01", to_area="B")
    assert homes(fold(log, "ada")) == "1980-05-03 NO, 2001-01-01 A, 2002-01-01 B"
    assert kinds(fold(log, "ada")) == ["second-arrival"]


def test_a_departure_moves_residence_and_registration(log: Log) -> None:
    born(log)
    left(log, "2001-01-01")
    assert homes(fold(log, "ada")) == registrations(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 south/S1"
    assert [row[-2] for row in written(log, "ada", "departure")] == ["final"]


def test_who_leaves_and_stays_registered_is_outflow(log: Log) -> None:
    born(log)
    left(log, "2001-01-01", registration_kept=True)
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 south/S1"
    assert registrations(fold(log, "ada")) == "1980-05-03 A"


def test_who_was_registered_elsewhere_stays_so_on_leaving(log: Log) -> None:
    arrived(log, "2001-01-01", registered_region="west", residence_kind="temporary")
    left(log, "2002-01-01")
    assert registrations(fold(log, "ada")) == "1980-05-03 NO, 2001-01-01 west"


def test_a_departure_from_where_the_person_does_not_live_is_a_finding_and_counts(log: Log) -> None:
    born(log)
    left(log, "2001-01-01", from_area="B")
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 south/S1"
    assert kinds(fold(log, "ada")) == ["residence-differs"]


def test_a_departure_that_waits_holds_and_is_awaiting(log: Log) -> None:
    born(log)
    left(log, "2001-01-01", confirmation_expected=True)
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 south/S1"
    assert [row[-2:] for row in written(log, "ada", "departure")] == [("awaiting", None)]
    assert describe(fold(log, "ada"), day("2001-02-01")).awaited_departure is not None


def test_a_confirmed_departure_went_where_the_destination_says(log: Log) -> None:
    born(log)
    departure = left(log, "2001-01-01", confirmation_expected=True)
    log.say(
        "DepartureConfirmed",
        "2001-02-03",
        mover="ada",
        departure_event_id=departure.event_id,
        to_region="south",
        to_area="S2",
    )
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 south/S2"
    assert [row[-2:] for row in written(log, "ada", "departure")] == [("confirmed", day("2001-02-03"))]


def test_a_lapsed_departure_is_as_if_it_had_not_been_also_for_what_came_after(log: Log) -> None:
    born(log)
    departure = left(log, "2001-01-01", confirmation_expected=True)
    log.say("AddressChanged", "2001-03-01", area="B", mover="ada", from_area="A", to_area="B", **ADA)
    log.say("DepartureLapsed", "2001-04-01", mover="ada", departure_event_id=departure.event_id)
    assert homes(fold(log, "ada")) == registrations(fold(log, "ada")) == "1980-05-03 A, 2001-03-01 B"
    assert [row[-2:] for row in written(log, "ada", "departure")] == [("lapsed", day("2001-04-01"))]
    assert fold(log, "ada").findings == []


def test_of_confirmed_and_lapsed_the_later_word_counts(log: Log) -> None:
    born(log)
    departure = left(log, "2001-01-01", confirmation_expected=True)
    log.say("DepartureLapsed", "2001-04-01", mover="ada", departure_event_id=departure.event_id)
    log.say("DepartureConfirmed", "2001-05-01", mover="ada", departure_event_id=departure.event_id, to_region="south")
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 south"
    assert kinds(fold(log, "ada")) == ["departure-answered-twice"]


def test_a_final_departure_does_not_lapse(log: Log) -> None:
    born(log)
    departure = left(log, "2001-01-01")
    log.say("DepartureLapsed", "2001-04-01", mover="ada", departure_event_id=departure.event_id)
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 south/S1"
    assert kinds(fold(log, "ada")) == ["departure-not-awaited"]


def test_an_answer_to_a_departure_that_is_not_recorded_is_a_finding(log: Log) -> None:
    born(log)
    log.say("DepartureLapsed", "2001-04-01", mover="ada", departure_event_id="elsewhere")
    assert kinds(fold(log, "ada")) == ["departure-missing"]


def test_who_comes_back_lives_here_again_and_was_registered_all_along(log: Log) -> None:
    born(log)
    departure = left(log, "2001-01-01", registration_kept=True)
    log.say(
        "ReturnRegistered",
        "2003-01-01",
        area="A",
        mover="ada",
        to_area="A",
        departure_event_id=departure.event_id,
        **ADA,
    )
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 south/S1, 2003-01-01 A"
    assert registrations(fold(log, "ada")) == "1980-05-03 A"
    assert fold(log, "ada").findings == []


def test_who_comes_back_without_being_registered_is_registered_and_a_finding(log: Log) -> None:
    born(log)
    left(log, "2001-01-01")
    log.say("ReturnRegistered", "2003-01-01", area="B", mover="ada", to_area="B", **ADA)
    assert registrations(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 south/S1, 2003-01-01 B"
    assert kinds(fold(log, "ada")) == ["not-registered-here"]


@pytest.mark.parametrize(
    ("words", "registered"),
    [
        ({}, "1980-05-03 A, 2001-01-01 B"),
        ({"registration": "follows"}, "1980-05-03 A, 2001-01-01 B"),
        ({"registration": "stays"}, "1980-05-03 A"),
        ({"registration": "moved", "registered_area": "C"}, "1980-05-03 A, 2001-01-01 C"),
        ({"registration": "moved", "registered_region": "south"}, "1980-05-03 A, 2001-01-01 south"),
    ],
)
def test_the_registration_moves_as_the_change_of_address_says(log: Log, words: dict[str, str], registered: str) -> None:
    born(log)
    log.say("AddressChanged", "2001-01-01", area="B", mover="ada", from_area="A", to_area="B", **ADA, **words)
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 B"
    assert registrations(fold(log, "ada")) == registered


def test_who_is_registered_elsewhere_stays_so_on_moving_within_the_region(log: Log) -> None:
    born(log, registered_region="south")
    log.say("AddressChanged", "2001-01-01", area="B", mover="ada", from_area="A", to_area="B", **ADA)
    assert registrations(fold(log, "ada")) == "1980-05-03 south"


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ({"ending": "not-found"}, "unknown"),
        ({"ending": "left-country"}, "ZZ"),
        ({"ending": "moved-on", "to_kind": "region", "to_region": "west"}, "west"),
        ({"ending": "returned"}, "south/S1"),
    ],
)
def test_a_stay_ends_and_the_registration_stays(log: Log, words: dict[str, str], place: str) -> None:
    arrived(
        log,
        "2001-01-01",
        from_kind="region",
        from_country=None,
        from_region="south",
        from_area="S1",
        origin_registration_kept=True,
    )
    log.say("StayEnded", "2002-01-01", mover="ada", from_area="A", **ADA, **words)
    assert homes(fold(log, "ada")) == f"1980-05-03 south/S1, 2001-01-01 A, 2002-01-01 {place}"
    assert registrations(fold(log, "ada")) == "1980-05-03 south/S1"


def test_a_confirmation_moves_nobody_but_ends_not_knowing(log: Log) -> None:
    born(log)
    log.say("ResidenceConfirmed", "2000-01-01", area="B", person="ada", confirmed_area="B")
    assert homes(fold(log, "ada")) == "1980-05-03 A"
    assert kinds(fold(log, "ada")) == ["residence-differs"]
    log.say("ResidenceConfirmed", "2000-01-01", area="B", person="bob", confirmed_area="B")
    assert homes(fold(log, "bob")) == "2000-01-01 B"
    assert kinds(fold(log, "bob")) == ["residence-not-recorded"]


def test_what_happens_after_death_is_a_finding_and_not_applied(log: Log) -> None:
    born(log)
    log.say("DeathRegistered", "2001-01-01", area="A", deceased="ada", **ADA)
    arrived(log, "2002-01-01", to_area="B")
    log.say("DeathRegistered", "2003-01-01", area="A", deceased="ada", **ADA)
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 end"
    assert kinds(fold(log, "ada")) == ["after-death", "second-death"]


def test_a_death_before_the_birth_leaves_no_life_and_a_finding_with_its_area(log: Log) -> None:
    born(log)
    death = log.say("DeathRegistered", "1979-01-01", area="B", deceased="ada", sex="female")
    (finding,) = [f for f in fold(log, "ada").findings if f.kind == "death-before-birth"]
    assert (finding.event_id, finding.area, finding.office) == (death.event_id, "B", "A-1")
    assert written(log, "ada", "residence") == []


def test_what_happens_before_birth_is_a_finding_and_the_birth_says_where_the_child_lives(log: Log) -> None:
    arrived(log, "1975-01-01", birth_on=None, to_area="B")
    born(log)
    assert homes(fold(log, "ada")) == "1980-05-03 A"
    assert kinds(fold(log, "ada")) == ["before-birth"]


def test_on_one_day_birth_comes_first_and_death_last(log: Log) -> None:
    log.say("DeathRegistered", "2001-01-02", area="B", deceased="ada", **ADA)
    log.say("AddressChanged", "2001-01-02", area="B", mover="ada", from_area="A", to_area="B", **ADA)
    arrived(log, "2001-01-02")
    assert fold(log, "ada").findings == []
    assert homes(fold(log, "ada")) == "1980-05-03 NO, 2001-01-02 end"


def test_where_the_mother_of_a_birth_lives_is_compared_on_the_whole_day(log: Log) -> None:
    arrived(log, "2001-01-01")
    log.say("AddressChanged", "2001-05-01", area="B", mover="ada", from_area="A", to_area="B", **ADA)
    born(log, "kid", on="2001-05-01", area="B", mother="ada")
    assert fold(log, "ada").findings == []
    born(log, "kit", on="2001-05-02", area="A", mother="ada")
    assert kinds(fold(log, "ada")) == ["residence-differs"]


def test_dates_known_to_the_year_count_at_its_middle_and_say_so(log: Log) -> None:
    arrived(log, "2001", birth_on="1980")
    assert homes(fold(log, "ada")) == "1980-07-02 NO, 2001-07-02 A"
    assert [row[2] for row in written(log, "ada", "residence")] == ["year", "year"]
    (person,) = written(log, "ada", "person")
    assert person[2:4] == (day("1980-07-02"), "year")


def test_a_birth_known_to_the_year_lies_before_what_is_known_of_that_year(log: Log) -> None:
    born(log, on="1980")
    log.say("AddressChanged", "1980-03-01", area="B", mover="ada", from_area="A", to_area="B", sex="female")
    assert homes(fold(log, "ada")) == "1980-02-29 A, 1980-03-01 B"
    assert fold(log, "ada").findings == []


def test_a_death_known_to_the_year_lies_after_what_is_known_of_that_year(log: Log) -> None:
    born(log)
    log.say("DeathRegistered", "2001", area="B", deceased="ada", sex="female")
    log.say("AddressChanged", "2001-11-01", area="B", mover="ada", from_area="A", to_area="B", sex="female")
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-11-01 B, 2001-11-02 end"
    assert fold(log, "ada").findings == []


def test_a_partner_says_where_somebody_lives_who_lives_elsewhere(log: Log) -> None:
    born(log)
    left(log, "2001-01-01", registration_kept=True)
    log.say(
        "RecordUpdatedByPartner",
        "2002-01-01",
        mover="ada",
        partner_region="south",
        change_kind="address",
        to_region="west",
        to_area="W1",
    )
    log.say("RecordUpdatedByPartner", "2003-01-01", mover="ada", partner_region="south", change_kind="death")
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 south/S1, 2002-01-01 west/W1, 2003-01-01 end"


def test_the_state_at_a_day_is_that_at_its_end(log: Log) -> None:
    born(log)
    left(log, "2001-01-01")
    log.say("DeathRegistered", "2002-01-01", deceased="ada", sex="female")
    life = fold(log, "ada")
    said = [describe(life, day(on)) for on in ("1980-05-02", "1980-05-03", "2001-01-01", "2002-01-01")]
    assert [state.vital for state in said] == ["unborn", "alive", "alive", "dead"]
    assert [state.usual and state.usual[0] for state in said] == [None, "A", None, None]
    assert said[1].civil_status == "never-married"
