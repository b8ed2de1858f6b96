"""What was counted at the end of any day: exactly what would be counted of what the log held then."""

import random
from collections import Counter

from hypothesis import HealthCheck, given, settings

from services.projections.register.life import Fact, fold_people
from services.projections.statistics.cells import Cell, Occurrence, add_up
from services.projections.statistics.contributions import contributions
from services.projections.statistics.vintages import Dated, Known, count_difference, count_vintages
from tests.projections.histories import HISTORIES, History, histories
from tests.projections.sentences import Log, key

SOME = max(200, HISTORIES // 16)
DAY_MS = 86_400_000


def know(facts: list[Fact], people: set[bytes]) -> Known:
    return Known(facts, fold_people(facts, people))


def count(facts: list[Fact], people: set[bytes]) -> Counter[Cell]:
    return add_up(cell for life in fold_people(facts, people).values() for cell in contributions(life))


def sum_up_to(day: int, vintages: Counter[Dated]) -> Counter[Cell]:
    sums: Counter[Cell] = Counter()
    for (recorded, cell), n in vintages.items():
        if recorded <= day:
            sums[cell] += n
    return Counter({cell: n for cell, n in sums.items() if n})


def spread(history: History, days: int) -> list[Fact]:
    """The history as if the log had taken it on some days, corrections not always after what they correct."""
    lots = random.Random(history.seed)
    return [fact._replace(recorded_at=fact.recorded_at + lots.randrange(days) * DAY_MS) for fact in history.facts]


@settings(max_examples=SOME, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(history=histories())
def test_every_day_of_any_history_is_as_it_was_known_then(history: History) -> None:
    facts, people = spread(history, 1 + history.seed % 5), history.people
    vintages = count_vintages(know(facts, people))
    assert 0 not in vintages.values()
    for day in range(-1, 6):
        then = [fact for fact in facts if fact.recorded_at < (day + 1) * DAY_MS]
        assert sum_up_to(day, vintages) == count(then, people)


@settings(max_examples=SOME, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(history=histories())
def test_the_difference_is_what_comes_of_counting_anew(history: History) -> None:
    """In whatever batches the facts came, also those of a topic that lags behind."""
    facts, people = spread(history, 1 + history.seed % 3), history.people
    if history.seed % 2:
        facts.sort(key=lambda fact: fact.recorded_at)
    sums: Counter[Dated] = Counter()
    size = 1 + history.seed % 7
    for start in range(0, len(facts), size):
        before, after = know(facts[:start], people), know(facts[: start + size], people)
        for dated, n in count_difference(before, after, facts[start : start + size]).items():
            sums[dated] += n
    assert Counter({dated: n for dated, n in sums.items() if n}) == count_vintages(know(facts, people))


def test_a_correction_restates_the_figure_and_leaves_what_was_known_before_it() -> None:
    log = Log()
    birth = log.say(
        "BirthRegistered", "2003-05-17", area="A", child="ada", live_birth=True, envelope={"recorded_at": 0}
    )
    elsewhere = Log()
    elsewhere.say("BirthRegistered", "2003-05-17", area="B", child="ada", live_birth=True)
    log.correct(birth, "2012-01-01", elsewhere.facts[0], envelope={"recorded_at": 3_000 * DAY_MS})
    vintages = count_vintages(know(log.facts, {key("ada")}))
    areas = {
        day: [cell.area for cell in sum_up_to(day, vintages) if isinstance(cell, Occurrence)]
        for day in (-1, 0, 2_999, 3_000)
    }
    assert areas == {-1: [], 0: ["A"], 2_999: ["A"], 3_000: ["B"]}
