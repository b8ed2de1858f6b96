"""From an indicator, counts and a question to figures."""

from collections.abc import Iterable
from fractions import Fraction

from services.projections.statistics.indicators.checks import check_denominators
from services.projections.statistics.indicators.counting import Counts, Key, Value
from services.projections.statistics.indicators.declaration import Indicator, Outcome
from services.projections.statistics.indicators.figure import Check, Figure, Number, Reason
from services.projections.statistics.indicators.question import Question
from services.projections.statistics.indicators.tally import Tally

NOTHING_TO_DIVIDE_BY = Reason("denominator-zero", "The denominator is zero: there is nothing to divide by.")
NEGATIVE = Reason("negative-count", "A count is negative: the cells contradict each other, see the findings.")
NO_PERIOD = Reason("empty-period", "The period has no days.")
NOT_OVER = Reason("period-not-over", "The period goes on after the day of the vintage: nobody knows yet what it holds.")


class WrongQuestionError(ValueError):
    """The question cannot be put to this indicator; `field` is what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def compute(indicator: Indicator, counts: Counts, question: Question, *, checked: bool = True) -> tuple[Figure, ...]:
    """Figures of every place and cell asked for, in the order of the places, then of the cells.

    `checked`: whether denominators are held to the six checks, which asks for more counts than the figure itself.
    Raises WrongQuestionError when the indicator has no such breakdown.
    """
    for name in question.by:
        if name not in indicator.by:
            known = ", ".join(indicator.by) or "nothing"
            raise WrongQuestionError("by", f"{indicator.id} is not broken down by {name}, but by {known}.")
    tally = Tally(counts, question)
    if indicator.why_not is not None:
        outcomes: Iterable[Outcome] = _everywhere(question, indicator.why_not)
        checks: dict[str, tuple[Check, ...]] = {}
    elif question.span.days <= 0:
        outcomes, checks = _everywhere(question, NO_PERIOD), {}
    elif question.known_day is not None and question.span.end > question.known_day + 1:
        outcomes, checks = _everywhere(question, NOT_OVER), {}
    else:
        outcomes = (indicator.formula or ratio)(tally, indicator)
        checks = check_denominators(tally) if checked else {}
    figures = [_figure(indicator, question, outcome, checks.get(outcome.place, ())) for outcome in outcomes]
    order = {zone.code: index for index, zone in enumerate(question.zones)}
    return tuple(sorted(figures, key=lambda figure: order.get(figure.place, len(order))))


def ratio(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
    """`scale * numerator / denominator` in every cell that has either; the numerator where there is no denominator."""
    assert indicator.numerator is not None
    by = tally.question.by
    above = indicator.numerator.count(tally, by)
    below = indicator.denominator.count(tally, by) if indicator.denominator else {}
    for key in _keys(tally, {*above, *below}):
        count = above.get(key, 0)
        numerator = indicator.numerator.portion(tally, count)
        if indicator.denominator is None:
            yield Outcome(str(key[0]), label(tally, key), count * indicator.scale, numerator, None)
            continue
        base = below.get(key, 0)
        value, reason = divide(indicator.scale, count, base)
        denominator = indicator.denominator.portion(tally, base)
        yield Outcome(str(key[0]), label(tally, key), value, numerator, denominator, reason)


def divide(scale: int, above: Number, below: Number) -> tuple[Number | None, Reason | None]:
    """An exact quotient, or why there is none. A negative denominator is no denominator."""
    if below == 0:
        return None, NOTHING_TO_DIVIDE_BY
    if below < 0:
        return None, NEGATIVE
    if isinstance(above, float) or isinstance(below, float):
        return scale * above / below, None
    return Fraction(scale) * above / below, None


def label(tally: Tally, key: Key) -> dict[str, str]:
    """The cell within the place, in words."""
    words = (_words(tally, name, value) for name, value in zip(tally.question.by, key[1:], strict=True))
    return dict(zip(tally.question.by, words, strict=True))


def _words(tally: Tally, name: str, value: Value) -> str:
    if name == "age":
        return tally.age_label(value)
    return "not stated" if value is None else str(value)


def _keys(tally: Tally, found: set[Key]) -> list[Key]:
    """All cells found, and every place even where nothing was found in it, when nothing is broken down."""
    if not tally.question.by:
        return [(zone.code,) for zone in tally.question.zones]
    return sorted(found, key=lambda key: [(value is None, str(type(value)), value) for value in key])


def _everywhere(question: Question, reason: Reason) -> list[Outcome]:
    return [Outcome(zone.code, {}, None, None, None, reason) for zone in question.zones]


def _figure(indicator: Indicator, question: Question, outcome: Outcome, checks: tuple[Check, ...]) -> Figure:
    notes = (indicator.label, *outcome.notes) if indicator.label else outcome.notes
    return Figure(
        definition=indicator.definition_id,
        name=indicator.name,
        place=outcome.place,
        by=outcome.by,
        period=question.span,
        population=question.population,
        value=outcome.value,
        unit=indicator.unit,
        scale=indicator.scale,
        numerator=outcome.numerator,
        denominator=outcome.denominator,
        map=question.map,
        vintage=question.vintage,
        checks=checks,
        reason=outcome.reason,
        notes=notes,
    )
