"""How completely and how soon events are registered. Lags run from the occurrence to the registration."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from services.projections.statistics.indicators.computing import divide
from services.projections.statistics.indicators.counting import By, Key
from services.projections.statistics.indicators.declaration import Formula, Indicator, Outcome
from services.projections.statistics.indicators.figure import Portion, Reason
from services.projections.statistics.indicators.question import LegalPeriod, Question
from services.projections.statistics.indicators.spans import Span, day_of
from services.projections.statistics.indicators.tally import Tally

YEAR_DAYS = 365
NO_EXPECTATION = Reason(
    "no-expected-number",
    "How many to expect is not stored: a register cannot know from itself what it does not hold. Give an expected "
    "number or a rate from another source.",
)
NO_LEGAL_PERIOD = Reason("no-legal-period", "No legal period is stored for every one of these events, places and days.")
NO_EVENTS = Reason("no-events", "No events with a known delay.")
_UN = "UN, Principles and Recommendations for a Vital Statistics System, Rev. 3, on completeness and timeliness"
_COHORT = (
    "Cohorts are by day of occurrence: recent ones are incomplete. By month, each says how old it is.",
    "Events without a known delay are left out, and said.",
)


def _completeness(kind: str, rate: str) -> Formula:
    def formula(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
        counted = tally.occurrences(kind)
        for zone in tally.question.zones:
            n = counted.get((zone.code,), 0)
            numerator = Portion(f"registered-{kind}s", f"registered {kind}s that occurred in the period", n, "events")
            expected = _expected(tally, kind, rate, zone.code)
            if expected is None:
                yield Outcome(zone.code, {}, None, numerator, None, NO_EXPECTATION)
                continue
            value, reason = divide(indicator.scale, n, expected.value)
            notes = ("above 100 %: not clipped; one of the two sides is wrong",) if n > expected.value else ()
            yield Outcome(zone.code, {}, value, numerator, expected, reason, notes)

    return formula


def _expected(tally: Tally, kind: str, rate: str, place: str) -> Portion | None:
    number = tally.question.find_reference(f"expected-{kind}s", place)
    if number is not None:
        words = f"expected {kind}s, {number.source} ({number.vintage})"
        return Portion(f"expected-{kind}s", words, Fraction(str(number.value)), "events")
    crude = tally.question.find_reference(rate, place)
    if crude is None:
        return None
    years = tally.lived().get((place,), Fraction(0))
    words = f"{rate} {crude.value} of {crude.source} ({crude.vintage}) times our person-years / 1000"
    return Portion(f"expected-{kind}s", words, Fraction(str(crude.value)) * years / 1000, "events")


class Delays(NamedTuple):
    """Of one place and cohort: how many events had which delay; and how many none is known of."""

    place: str
    by: dict[str, str]
    counts: dict[int, int]
    unknown: int
    notes: tuple[str, ...]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def quantile(self, share: Fraction) -> int:
        """The smallest delay within which at least `share` of the events were registered."""
        seen = 0
        for delay in sorted(self.counts):
            seen += self.counts[delay]
            if seen >= share * self.total:
                return delay
        raise ValueError("no events")


def delays_of(tally: Tally, kind: str) -> Iterator[Delays]:
    """By the month of occurrence when that is asked for."""
    by: By = tally.question.by
    counts: dict[Key, dict[int, int]] = defaultdict(dict)
    unknown: dict[Key, int] = defaultdict(int)
    for key, n in tally.occurrences(kind, (*by, "delay")).items():
        cell, delay = key[:-1], key[-1]
        if isinstance(delay, int):
            counts[cell][delay] = counts[cell].get(delay, 0) + n
        else:
            unknown[cell] += n
    cells = {*counts, *unknown} if by else {(zone.code,) for zone in tally.question.zones}
    for cell in sorted(cells, key=str):
        labels = {name: str(value) for name, value in zip(by, cell[1:], strict=True)}
        notes = _notes(tally.question, labels.get("month"), unknown.get(cell, 0))
        yield Delays(str(cell[0]), labels, counts.get(cell, {}), unknown.get(cell, 0), notes)


def _notes(question: Question, month: str | None, unknown: int) -> tuple[str, ...]:
    found = [_cohort_age(question, month)]
    if unknown:
        found.append(f"{unknown} events without a known delay: left out")
    return tuple(found)


def _cohort_age(question: Question, month: str | None) -> str:
    if question.known_day is None:
        return "age of the cohort: not known, the vintage has no day"
    end = question.span.end
    if month is not None:
        year, number = int(month[:4]), int(month[5:])
        end = min(end, day_of(year + number // 12, number % 12 + 1))
    age = question.known_day - end + 1
    still = "; later registrations are still to come" if age < YEAR_DAYS else ""
    return f"age of the cohort: {age} days{still}"


def _lag(kind: str, share: Fraction) -> Formula:
    def formula(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
        for delays in delays_of(tally, kind):
            words = f"{kind}s that occurred in the period and whose delay is known"
            numerator = Portion(f"registered-{kind}s", words, delays.total, "events")
            if delays.total <= 0:
                yield Outcome(delays.place, delays.by, None, numerator, None, NO_EVENTS, delays.notes)
                continue
            yield Outcome(delays.place, delays.by, delays.quantile(share), numerator, None, None, delays.notes)

    return formula


def _share(kind: str, words: str, counts: Callable[[int], bool]) -> Formula:
    def formula(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
        for delays in delays_of(tally, kind):
            n = sum(many for delay, many in delays.counts.items() if counts(delay))
            numerator = Portion(f"{kind}s-{indicator.id}", words, n, "events")
            denominator = Portion(f"registered-{kind}s", f"registered {kind}s, delay known", delays.total, "events")
            value, reason = divide(indicator.scale, n, delays.total)
            why = NO_EVENTS if reason else None
            yield Outcome(delays.place, delays.by, value, numerator, denominator, why, delays.notes)

    return formula


def _within_legal_period(kind: str, late: bool) -> Formula:
    """Each event is judged by the period that was law where and when it happened."""

    def formula(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
        spans = _spans(tally.question, kind)
        for zone in tally.question.zones:
            found, total, unknown, lawless = 0, 0, 0, 0
            for span in spans:
                for key, n in tally.counts.occurrences(kind, span, ("area", "delay"), tally.question.areas).items():
                    area, delay = str(key[0]), key[1]
                    if zone.code not in tally.places_of(area):
                        continue
                    law = find_legal_period(tally.question.legal_periods, kind, area, span.start)
                    if law is None:
                        lawless += n
                    elif not isinstance(delay, int):
                        unknown += n
                    else:
                        total += n
                        found += n * ((delay <= law.days) != late)
            numerator = Portion(f"{kind}s-{indicator.id}", indicator.definition, found, "events")
            denominator = Portion(f"registered-{kind}s", f"registered {kind}s, delay known", total, "events")
            value, reason = divide(indicator.scale, found, total)
            why = NO_LEGAL_PERIOD if lawless or not spans else NO_EVENTS if reason else None
            notes = _notes(tally.question, None, unknown)
            yield Outcome(zone.code, {}, None if why else value, numerator, denominator, why, notes)

    return formula


def _spans(question: Question, kind: str) -> list[Span]:
    """The period cut where a law began."""
    start, end = question.span
    turns = {law.from_day for law in question.legal_periods if law.kind == kind and start < law.from_day < end}
    edges = [start, *sorted(turns), end]
    return [Span(first, after) for first, after in pairwise(edges)]


def find_legal_period(laws: Iterable[LegalPeriod], kind: str, area: str, day: int) -> LegalPeriod | None:
    """The latest law of the area itself, else of everywhere."""
    fit = [law for law in laws if law.kind == kind and law.area in (area, None) and law.from_day <= day]
    return max(fit, key=lambda law: (law.area is not None, law.from_day), default=None)


def _declared(
    kind: str, id: str, name: str, definition: str, formula: Formula, *traps: str, unit: str = "per cent", by: By = ()
) -> Indicator:
    return Indicator(
        id=f"{kind}-registration-{id}",
        name=f"{kind.capitalize()} registration: {name}",
        family="registration",
        definition=definition,
        formula=formula,
        scale=100 if unit == "per cent" else 1,
        unit=unit,
        by=by,
        traps=traps,
        source=_UN,
    )


def _completeness_of(kind: str, rate: str, sdg: str) -> tuple[Indicator, ...]:
    return (
        _declared(
            kind,
            "completeness",
            "completeness",
            f"Registered {kind}s of the period over the {kind}s to be expected from another source.",
            _completeness(kind, rate),
            "May exceed 100 %; never clipped.",
            "Source and vintage of the expected number go with it.",
            sdg,
        ),
        _declared(
            kind,
            "within-legal-period",
            "within the legal period",
            f"Share of the {kind}s registered within the days that the law gave where and when they happened.",
            _within_legal_period(kind, late=False),
            *_COHORT,
        ),
        _declared(
            kind,
            "late",
            "late",
            f"Share of the {kind}s registered after the legal period.",
            _within_legal_period(kind, late=True),
            *_COHORT,
        ),
    )


def _timeliness_of(kind: str) -> tuple[Indicator, ...]:
    by = ("month",)
    more = f"{kind}s registered after more than {YEAR_DAYS} days"
    return (
        _declared(
            kind,
            "delayed",
            "delayed by more than a year",
            f"Share of the {kind}s registered more than {YEAR_DAYS} days after they happened.",
            _share(kind, more, lambda delay: delay > YEAR_DAYS),
            *_COHORT,
            by=by,
        ),
        _declared(
            kind,
            "median-delay",
            "median delay",
            f"Days within which half of the {kind}s were registered.",
            _lag(kind, Fraction(1, 2)),
            *_COHORT,
            unit="days",
            by=by,
        ),
        _declared(
            kind,
            "p90-delay",
            "delay of nine in ten",
            f"Days within which nine in ten of the {kind}s were registered.",
            _lag(kind, Fraction(9, 10)),
            *_COHORT,
            unit="days",
            by=by,
        ),
    )


INDICATORS = (
    *_completeness_of("birth", "crude-birth-rate", "SDG 17.19.2 asks for 100 %; the compiled lists take 90 % or more."),
    *_timeliness_of("birth"),
    *_completeness_of("death", "crude-death-rate", "SDG 17.19.2 asks for 80 %; the compiled lists take 75 % or more."),
    *_timeliness_of("death"),
)
