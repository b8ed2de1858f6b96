"""What was counted at the end of any day: exactly what would be counted of what the log held then."""

import random
from collections import Counter

from hypothesis import HealthCheck, given, settings

from services.projections.register.life import Fact, fold_people
from services.projections.statistics.cells import Cell, Line, Occurrence, add_up
from services.projections.statistics.contributions import contributions
from services.projections.statistics.expanding import expand
from services.projections.statistics.vintages import Dated, Vintages
from tests.projections.histories import HISTORIES, History, facts_about, histories
from tests.projections.sentences import Log, key

SOME = max(200, HISTORIES // 16)
DAY_MS = 86_400_000


def date_all(facts: list[Fact], people: set[bytes]) -> list[Dated]:
    vintages = Vintages(facts)
    return [dated for life in fold_people(facts, people).values() for dated in vintages.count(life)]


def count(facts: list[Fact], people: set[bytes]) -> Counter[Cell]:
    return add_up(cell for life in fold_people(facts, people).values() for cell in contributions(life))


def filled(vintages: list[Dated]) -> list[tuple[int, Counter[Line]]]:
    """Days on which something is added, in any order within them."""
    return [(day, Counter(lines)) for day, lines in vintages if lines]


def sum_up_to(day: int, vintages: list[Dated]) -> Counter[Cell]:
    return add_up(cell for recorded, lines in vintages if recorded <= day for cell in expand(lines))


def spread(history: History, days: int) -> list[Fact]:
    """The history as if the log had taken it on some days, corrections not always after what they correct."""
    lots = random.Random(history.seed)
    return [fact._replace(recorded_at=fact.recorded_at + lots.randrange(days) * DAY_MS) for fact in history.facts]


@settings(max_examples=SOME, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(history=histories())
def test_every_day_of_any_history_is_as_it_was_known_then(history: History) -> None:
    facts, people = spread(history, 1 + history.seed % 5), history.people
    vintages = date_all(facts, people)
    assert all(line.n for _, lines in vintages for line in lines)
    for day in range(-1, 6):
        then = [fact for fact in facts if fact.recorded_at < (day + 1) * DAY_MS]
        assert sum_up_to(day, vintages) == count(then, people)


def test_who_is_counted_alone_is_counted_as_among_all() -> None:
    @settings(max_examples=SOME, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(history=histories())
    def check(history: History) -> None:
        facts, people = spread(history, 1 + history.seed % 3), history.people
        everybody = Vintages(facts)
        lives = fold_people(facts, people)
        for who in sorted(people)[history.seed % 4 :: 4]:
            alone = Vintages(facts_about(who, facts)).count(lives[who])
            assert filled(everybody.count(lives[who])) == filled(alone)

    check()


def test_a_correction_restates_the_figure_and_leaves_what_was_known_before_it() -> None:
    log = Log()
    birth = log.say(
        "BirthRegistered", "2003-05-17", area="A", child="ada", live_birth=True, envelope={"recorded_at": 0}
    )
    elsewhere = Log()
    elsewhere.say("BirthRegistered", "2003-05-17", area="B", child="ada", live_birth=True)
    log.correct(birth, "2012-01-01", elsewhere.facts[0], envelope={"recorded_at": 3_000 * DAY_MS})
    vintages = date_all(log.facts, {key("ada")})
    areas = {
        day: [cell.area for cell in sum_up_to(day, vintages) if isinstance(cell, Occurrence)]
        for day in (-1, 0, 2_999, 3_000)
    }
    assert areas == {-1: [], 0: ["A"], 2_999: ["A"], 3_000: ["B"]}
