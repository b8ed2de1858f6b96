"""What counts as what: one sentence of the log at a time."""

from typing import Any

import pytest

from services.projections.register.life import fold_people
from services.projections.statistics.cells import Cell, Change, Move, Occurrence, add_up
from services.projections.statistics.contributions import contributions
from tests.projections.sentences import Log, day, key


@pytest.fixture
def log() -> Log:
    return Log()


def count(log: Log, *names: str) -> list[Cell]:
    lives = fold_people(log.facts, {key(name) for name in names or ("ada",)})
    return [cell for name in names or ("ada",) for cell in contributions(lives[key(name)])]


def vital(cells: list[Cell]) -> list[Occurrence]:
    return [cell for cell in cells if isinstance(cell, Occurrence)]


def moves(cells: list[Cell], track: str = "usual") -> list[tuple[str, str | None, str | None]]:
    return [cell[:1] + cell[2:4] for cell in cells if isinstance(cell, Move) and cell.track == track]


def changes(cells: list[Cell], population: str) -> list[tuple[str, str | None, int, int]]:
    return [
        (cell.area, cell.elsewhere, cell.day, cell.n)
        for cell in cells
        if isinstance(cell, Change) and cell.population == population
    ]


def test_a_birth_counts_where_the_mother_lives_with_all_that_the_event_says(log: Log) -> None:
    log.say("BirthRegistered", "2003-05-17", area="A", registered="2003-05-20", child="ada", mother="eve", sex="female",
            live_birth=True, birth_order=2, mother_birth_on="1975-03-01", registered_area="B")  # fmt: skip
    cells = count(log, "ada", "eve")
    born, mother = day("2003-05-17"), day("1975-03-01")
    assert vital(cells) == [Occurrence("birth", "A", born, "female", mother, 2, 3, "B", 1)]
    assert changes(cells, "usual") == [("A", None, born, 1)]
    assert changes(cells, "registered") == [("B", None, born, 1)]
    assert changes(cells, "inflow") == [("A", "B", born, 1)]
    assert changes(cells, "outflow") == [("B", "A", born, 1)]
    assert moves(cells) == moves(cells, "registered") == []


def test_a_child_that_died_on_its_first_day_was_born_and_died_and_was_in_no_population(log: Log) -> None:
    log.say("BirthRegistered", "2003-05-17", area="A", child="ada", sex="female", live_birth=True)
    log.say("DeathRegistered", "2003-05-17", area="A", deceased="ada", sex="female")
    cells = count(log)
    born = day("2003-05-17")
    assert vital(cells) == [
        Occurrence("death", "A", born, "female", born, None, 0, "A", 1),
        Occurrence("birth", "A", born, "female", None, None, 0, "A", 1),
    ]
    assert not any(isinstance(cell, Change | Move) for cell in add_up(cells))


def test_a_stillbirth_is_no_birth_and_no_death(log: Log) -> None:
    log.say("BirthRegistered", "2003-05-17", area="A", child="ada", sex="male", live_birth=False)
    assert [cell[:2] for cell in count(log)] == [("stillbirth", "A")]


def test_a_birth_to_a_mother_who_lives_elsewhere_counts_in_no_area(log: Log) -> None:
    log.say("BirthRegistered", "2003-05-17", child="ada", sex="male", live_birth=True, mother_region="south")
    assert [cell[:2] for cell in count(log)] == [("birth", None)]


def test_who_is_enumerated_was_found_and_did_not_move(log: Log) -> None:
    log.say("PersonEnumerated", "2000-01-01", area="A", person="ada", sex="female", birth_on="1950-04-02")
    assert moves(count(log)) == moves(count(log), "registered") == [("found", None, "A")]
    assert changes(count(log), "usual") == [("A", None, day("2000-01-01"), 1)]


@pytest.mark.parametrize("identity", [{"birth_on": "1950-04-02"}, {}])
def test_an_arrival_moves_in_whether_the_birth_date_is_known_or_not(log: Log, identity: dict[str, Any]) -> None:
    log.say("ArrivalRegistered", "2000-01-01", area="A", mover="ada", sex="female", to_area="A", from_kind="region",
            from_region="south", from_area="S1", residence_kind="temporary", origin_registration_kept=True,
            **identity)  # fmt: skip
    cells = count(log)
    assert moves(cells) == [("in", "region:south", "A")]
    assert moves(cells, "registered") == []
    assert changes(cells, "inflow") == [("A", "region:south", day("2000-01-01"), 1)]
    assert changes(cells, "temporary") == changes(cells, "usual") == [("A", None, day("2000-01-01"), 1)]


def test_an_arrival_from_nobody_knows_where_is_a_move_from_unknown(log: Log) -> None:
    log.say(
        "ArrivalRegistered",
        "2000-01-01",
        area="A",
        mover="ada",
        to_area="A",
        residence_kind="permanent",
        from_kind="unknown",
    )
    assert moves(count(log)) == [("in", "unknown", "A")]


def test_moves_within_and_out(log: Log) -> None:
    log.say("PersonEnumerated", "2000-01-01", area="A", person="ada", birth_on="1950-04-02")
    log.say("AddressChanged", "2001-01-01", area="B", mover="ada", to_area="B", from_area="A")
    log.say("DepartureRegistered", "2002-01-01", area="B", mover="ada", from_area="B", to_kind="abroad",
            to_country="NO", registration_kept=True)  # fmt: skip
    cells = count(log)
    assert moves(cells)[1:] == [("internal", "A", "B"), ("out", "B", "country:NO")]
    assert moves(cells, "registered")[1:] == [("internal", "A", "B")]
    assert changes(cells, "outflow") == [("B", "country:NO", day("2002-01-01"), 1)]


def test_a_departure_that_lapsed_and_a_second_home_move_nobody(log: Log) -> None:
    log.say("PersonEnumerated", "2000-01-01", area="A", person="ada", birth_on="1950-04-02")
    before = add_up(count(log))
    gone = log.say("DepartureRegistered", "2002-01-01", area="A", mover="ada", from_area="A", to_kind="region",
                   to_region="south", confirmation_expected=True)  # fmt: skip
    log.say("DepartureLapsed", "2002-04-01", mover="ada", person="ada", departure_event_id=gone.event_id)
    log.say("AddressChanged", "2003-01-01", area="B", mover="ada", to_area="B", residence_kind="secondary")
    assert add_up(count(log)) == before


def test_a_marriage_counts_once_and_by_the_first_spouse(log: Log) -> None:
    log.say(
        "MarriageRegistered", "2001-06-01", area="A", registered="2001-06-08", first_spouse="ada", second_spouse="ben"
    )
    assert vital(count(log, "ada", "ben")) == [
        Occurrence("marriage", "A", day("2001-06-01"), None, None, None, 7, None, 1)
    ]
    assert vital(count(log, "ben")) == []


def test_partnerships_are_counted_apart_and_a_union_declared_void_is_no_divorce(log: Log) -> None:
    log.say(
        "MarriageRegistered", "2001-06-01", union_kind="registered-partnership", first_spouse="ada", second_spouse="ben"
    )
    log.say("DivorceRegistered", "2002-06-01", ending="dissolution", first_spouse="ada", second_spouse="ben")
    log.say("MarriageRegistered", "2003-06-01", union_kind="marriage", first_spouse="ben", second_spouse="ada")
    log.say("DivorceRegistered", "2004-06-01", ending="annulment", first_spouse="ben", second_spouse="ada")
    log.say("MarriageRegistered", "2005-06-01", union_kind="marriage", first_spouse="ben", second_spouse="ada")
    log.say("DivorceRegistered", "2006-06-01", ending="divorce", first_spouse="ada", second_spouse="ben")
    log.say("DivorceRegistered", "2006-07-01", ending="divorce", first_spouse="ada", second_spouse="ben")
    found = sorted((cell.day, cell.kind) for cell in vital(count(log, "ada", "ben")))
    assert [kind for _, kind in found] == ["partnership", "dissolution", "marriage", "marriage", "divorce"]


def test_a_correction_moves_the_count_to_where_it_belongs(log: Log) -> None:
    birth = log.say("BirthRegistered", "2003-05-17", area="A", child="ada", sex="female", live_birth=True)
    elsewhere = Log()
    elsewhere.say("BirthRegistered", "2003-05-18", area="B", child="ada", sex="female", live_birth=True)
    log.correct(birth, "2012-01-01", elsewhere.facts[0])
    assert [cell[:3] for cell in vital(count(log))] == [("birth", "B", day("2003-05-18"))]


def test_two_records_of_one_person_count_once(log: Log) -> None:
    for name in ("ada", "bea"):
        log.say("PersonEnumerated", "2000-01-01", area="A", person=name, birth_on="1950-04-02")
    log.say("PersonsMerged", "2001-01-01", kept="ada", merged="bea")
    assert changes(count(log, "ada", "bea"), "usual") == [("A", None, day("2000-01-01"), 1)]
