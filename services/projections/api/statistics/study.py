"""One question settled: on which map, for which places, of what is known when, under which rule. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from services.kernel.errors import Rejected
from services.projections.api.statistics.asking import Asked
from services.projections.api.statistics.cartography import Cartography
from services.projections.api.statistics.cubes import breakdowns_of, hide
from services.projections.api.statistics.families import find_family
from services.projections.api.statistics.lens import NOWHERE, UNKNOWN, Lens
from services.projections.api.statistics.places import Places, name_of
from services.projections.api.statistics.translated import TranslatedCounts
from services.projections.geography.atlas import Atlas
from services.projections.statistics.disclosure import (
    NO_RULE,
    PublishedFigure,
    Rule,
    protect_figures,
    publish_figures,
)
from services.projections.statistics.indicators import (
    Indicator,
    RememberingCounts,
    WrongQuestionError,
    compute,
)
from services.projections.statistics.indicators.counting import Counts
from services.projections.statistics.indicators.figure import Figure, Reason
from services.projections.statistics.indicators.mobility import SYSTEM
from services.projections.statistics.indicators.question import WHOLE, Zone
from services.projections.statistics.indicators.spans import SINGLE_YEARS, Span

NOT_BEGUN = Reason("nobody-registered", "Nobody at all was in the register then: it had not begun.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """`vintage`: what the answer says of it; `answered_at`: RFC 3339, when it was asked.

    `set_aside`: records that could not be applied yet, and so are not counted.
    """

    asked: Asked
    places: Places
    cartography: Cartography
    rule: Rule | None
    vintage: str
    answered_at: str
    today: int
    set_aside: int = 0

    @property
    def atlas(self) -> Atlas:
        return self.cartography.atlas

    @property
    def rule_version(self) -> str:
        return NO_RULE if self.rule is None else self.rule.version

    def name_of(self, place: str) -> str | None:
        """What people call a place."""
        return name_of(place, self.atlas, self.places.day)

    def lens(self, span: Span) -> Lens:
        return self.cartography.lens(self.asked.map_day, span)

    def zones(self, lens: Lens) -> tuple[Zone, ...]:
        """The places of the answer, in order."""
        return tuple(lens.zone(code) for code in self.places.codes) or (WHOLE,)


def compute_period(study: Study, counts: Counts, indicator: Indicator, span: Span) -> Sequence[PublishedFigure]:
    """All figures of one period, as they may leave. Waits for the counts. Rejected("wrong-parameter", "?by")."""
    lens = study.lens(span)
    zones = study.zones(lens)
    translated = RememberingCounts(TranslatedCounts(counts, lens))
    loose = _find_loose(study, lens, zones)
    figures = _compute(study, translated, indicator, span, (*zones, *loose))
    if loose and any(figure.place == SYSTEM for figure in figures):
        # Of all places together: what has no one place is in none of them.
        loose = ()
        figures = _compute(study, translated, indicator, span, zones)
    is_nothing = study.vintage == "current" and not any(figure.value for figure in figures)
    if is_nothing and _is_nobody_known(counts, span):
        figures = tuple(replace(each, value=None, reason=each.reason or NOT_BEGUN) for each in figures)
    released = _protect(study, translated, indicator, span, (*zones, *loose), figures)
    emptied = {zone.code for zone in loose}
    return [each for each in released if not _is_empty(each.figure, emptied)]


def _is_nobody_known(counts: Counts, span: Span) -> bool:
    """Whether the register has nobody at all at both ends of a period, as in all years before it began: of the whole
    region, so that it says nothing of a place.
    """
    days, populations = (span.start - 1, span.end - 1), ("usual", "registered")
    return not any(
        n for day, each in product(days, populations) for n in counts.population(day, each, (), None).values()
    )


def _compute(
    study: Study, counts: Counts, indicator: Indicator, span: Span, zones: tuple[Zone, ...], checked: bool = True
) -> tuple[Figure, ...]:
    try:
        question = study.asked.question(span, zones, study.vintage, study.today)
        return compute(indicator, counts, question, checked=checked)
    except WrongQuestionError as wrong:
        raise Rejected("wrong-parameter", f"?{wrong.field}", rule=str(wrong)) from None


def _protect(
    study: Study,
    counts: Counts,
    indicator: Indicator,
    span: Span,
    zones: tuple[Zone, ...],
    figures: Sequence[Figure],
) -> Sequence[PublishedFigure]:
    """Held against everything that adds up with it, whether it is in the answer or not."""
    rule = study.rule
    if rule is None or any(figure.place == SYSTEM for figure in figures):
        return protect_figures(figures, rule)
    family = find_family(zones, study.lens(span), study.atlas, study.places.day)
    # Some indicators are broken down whether that is asked for or not.
    told = {name for figure in figures for name in figure.by}
    by = breakdowns_of(indicator, told | set(study.asked.by), len(family.zones))
    whole = replace(study, asked=replace(study.asked, by=by, ages=SINGLE_YEARS))
    cube = _compute(whole, counts, indicator, span, family.zones, checked=False)
    return publish_figures(figures, rule, hide(cube, by, family, rule))


def _find_loose(study: Study, lens: Lens, zones: tuple[Zone, ...]) -> tuple[Zone, ...]:
    """Counts that fall partly into the places; of a whole map also those that lead nowhere."""
    if study.places.whole:
        return ()
    labels = lens.list_loose(zones)
    if study.asked.map_day is not None and not study.places.within:
        labels += [label for label in (NOWHERE, UNKNOWN) if label not in labels]
    return tuple(Zone(label, frozenset({label}), frozenset()) for label in labels)


def _is_empty(figure: Figure, emptied: set[str]) -> bool:
    """A place that was only asked for in case something falls into it, and nothing does."""
    if figure.place not in emptied:
        return False
    parts = (figure.numerator, figure.denominator)
    return not any(part is not None and part.value for part in parts)
