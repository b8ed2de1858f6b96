"""Every kind of question that the library asks of counts."""

from collections.abc import Callable, Iterator, Mapping
from random import Random

from services.projections.statistics.cells import POPULATIONS
from services.projections.statistics.indicators.counting import Areas, By, Counts, Key
from services.projections.statistics.indicators.spans import Span, calendar_year, day_of
from tests.projections.tabulation.lines import DAYS, KINDS

Question = Callable[[Counts], Mapping[Key, int]]

OF_PEOPLE = ("area", "elsewhere", "sex", "age", "birth-year")
OF_OCCURRENCES = ("area", "registered", "sex", "age", "age-at-year-end", "order", "delay", "month", "days-lived")
OF_MOVES = ("kind", "origin", "destination", "sex", "age", "age-at-year-end")
CHOSEN: tuple[Areas, ...] = (None, frozenset({"A"}), frozenset({"B", "C"}), frozenset({"nowhere"}), frozenset())
SPANS = (
    calendar_year(2000),
    calendar_year(2001),
    calendar_year(1999, 6),
    Span(day_of(2000, 2, 28), day_of(2000, 3, 1)),
    Span(day_of(2000, 7, 1), day_of(2003, 3, 2)),
    Span(day_of(2003, 3, 1), day_of(2004, 2, 29)),
    Span(day_of(2001, 2, 1), day_of(2001, 2, 1)),
    Span(day_of(2001, 2, 27), day_of(2001, 3, 2)),
    Span(day_of(2000, 1, 15), day_of(2000, 12, 20)),
    Span(day_of(2003, 3, 1), day_of(2003, 7, 1)),
    Span(day_of(2004, 2, 28), day_of(2004, 2, 29)),
)


def draw_questions(random: Random, many: int) -> Iterator[tuple[str, Question]]:
    """With what is asked, for the message of a test."""
    for _ in range(many):
        population, areas = random.choice(POPULATIONS), random.choice(CHOSEN)
        day, span = random.choice((*DAYS, day_of(2002, 12, 31), day_of(2001, 2, 14))), random.choice(SPANS)
        kind, track = random.choice(KINDS), random.choice(("usual", "registered"))
        of_people, of_events, of_moves = (_some(random, names) for names in (OF_PEOPLE, OF_OCCURRENCES, OF_MOVES))
        yield from (
            (
                f"population({day}, {population}, {of_people}, {areas})",
                lambda counts, at=(day, population, of_people, areas): counts.population(*at),
            ),
            (
                f"person_years({span}, {population}, {of_people}, {areas})",
                lambda counts, at=(span, population, of_people, areas): counts.person_years(*at),
            ),
            (
                f"occurrences({kind}, {span}, {of_events}, {areas})",
                lambda counts, at=(kind, span, of_events, areas): counts.occurrences(*at),
            ),
            (
                f"moves({span}, {track}, {of_moves}, {areas})",
                lambda counts, at=(span, track, of_moves, areas): counts.moves(*at),
            ),
        )


def _some(random: Random, names: tuple[str, ...]) -> By:
    return tuple(random.sample(names, random.randrange(len(names) + 1)))


def ask_both(tables: Counts, memory: Counts, questions: list[tuple[str, Question]]) -> None:
    for words, ask in questions:
        assert ask(tables) == ask(memory), words
