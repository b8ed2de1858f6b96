"""The six checks on a denominator, after DHIS2's guide to data quality. Each says what it compared.

A figure whose checks failed is still a figure: the failure goes with it.
"""

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

from services.projections.statistics.indicators.counting import Key
from services.projections.statistics.indicators.figure import Check, Number
from services.projections.statistics.indicators.tally import COMPLETED_AGE, Tally

SOURCES_DIFFER = GROWTH = PROJECTION = Fraction(1, 10)
RATES_DIFFER = Fraction(1, 5)
_NO_RATE = Check("implied-rates", "not-applicable", "no rate from another source was given")


def check_denominators(tally: Tally) -> dict[str, tuple[Check, ...]]:
    """Place → the six checks, in their order."""
    question = tally.question
    start, end = tally.people(question.span.start - 1), tally.people(question.span.end - 1)
    cells = tally.people(question.span.end - 1, ("sex", "birth-year"))
    parts = tally.people(question.span.end - 1, ("area",))
    lived = tally.lived()
    by_cell, by_area = _by_place(cells), _by_place(parts)
    found: dict[str, tuple[Check, ...]] = {}
    for zone in question.zones:
        at, own, held = (zone.code,), by_cell.get(zone.code, {}), by_area.get(zone.code, {})
        years = lived.get(at, Fraction(0))
        found[zone.code] = (
            _against(tally, "two-sources", "population", zone.code, _mean(tally, years), SOURCES_DIFFER),
            _implied(tally, zone.code, years),
            _growth(start.get(at, 0), end.get(at, 0), tally),
            _parts(end.get(at, 0), own, held),
            _against(tally, "projection", "projection", zone.code, _mean(tally, years), PROJECTION),
            _cells(zone.code, zone.members if zone.expected is None else zone.expected, own, held),
        )
    return found


def _by_place(rows: Mapping[Key, int]) -> Mapping[object, Mapping[Key, int]]:
    """Place → the rest of its keys → how many."""
    found: dict[object, dict[Key, int]] = defaultdict(dict)
    for (place, *rest), n in rows.items():
        found[place][tuple(rest)] = n
    return found


def _mean(tally: Tally, years: Fraction) -> Fraction:
    """Mean population of the period."""
    length = sum((Fraction(part.end - part.start, part.length) for part in tally.question.span.parts()), Fraction(0))
    return years / length


def _check(name: str, passed: bool, why: str) -> Check:
    return Check(name, "passed" if passed else "failed", why)


def _apart(ours: Number, theirs: Number) -> float:
    return abs(float(ours) / float(theirs) - 1)


def _against(tally: Tally, name: str, what: str, place: str, ours: Fraction, limit: Fraction) -> Check:
    reference = tally.question.find_reference(what, place)
    if reference is None or reference.value <= 0:
        return Check(name, "not-applicable", f"no {what} from another source was given")
    apart = _apart(ours, reference.value)
    words = f"ours {float(ours):.1f}, {reference.source} ({reference.vintage}) {reference.value:.1f}: {apart:.1%} apart"
    return _check(name, apart < limit, f"{words}, limit {float(limit):.0%}")


def _implied(tally: Tally, place: str, years: Fraction) -> Check:
    """Crude birth rate and infant mortality implied by our counts, against what another source says."""
    asked = (
        (what, tally.question.find_reference(what, place)) for what in ("crude-birth-rate", "infant-mortality-rate")
    )
    references = {what: reference for what, reference in asked if reference is not None and reference.value > 0}
    if not references:
        return _NO_RATE
    births = tally.occurrences("birth").get((place,), 0)
    infants = tally.occurrences("death", (), lambda cell: cell[COMPLETED_AGE] == 0, (COMPLETED_AGE,)).get((place,), 0)
    found: list[tuple[bool, str]] = []
    for what, above, below in (("crude-birth-rate", births, years), ("infant-mortality-rate", infants, births)):
        reference = references.get(what)
        if reference is None or below <= 0:
            continue
        ours = float(1000 * Fraction(above) / below)
        apart = _apart(ours, reference.value)
        found.append(
            (apart < RATES_DIFFER, f"{what} {ours:.2f}, {reference.source} {reference.value:.2f}: {apart:.1%}")
        )
    if not found:
        return _NO_RATE
    return _check("implied-rates", all(passed for passed, _ in found), "; ".join(why for _, why in found))


def _growth(start: int, end: int, tally: Tally) -> Check:
    """Per year, so that a long period is not taken for a jump."""
    if start <= 0 or end <= 0:
        return Check("growth", "not-applicable", f"{start} people before the period and {end} at its end")
    length = float(sum(Fraction(part.end - part.start, part.length) for part in tally.question.span.parts()))
    change = (end / start) ** (1 / max(length, 1.0)) - 1
    return _check("growth", abs(change) < GROWTH, f"from {start} to {end} people: {change:+.2%} a year, limit 10%")


def _parts(whole: int, cells: Mapping[Key, int], parts: Mapping[Key, int]) -> Check:
    """Of a sum of cells this holds by construction; of counts that come from tables it is worth a look. Years of birth
    stand for ages: they are the same people.
    """
    by_cell, by_area = sum(cells.values()), sum(parts.values())
    passed = by_cell == by_area == whole
    return _check("parts-add-up", passed, f"whole {whole}, by sex and age {by_cell}, by area {by_area}")


def _cells(place: str, members: frozenset[str] | None, cells: Mapping[Key, int], parts: Mapping[Key, int]) -> Check:
    negative = sorted(str(key) for key, n in cells.items() if n < 0)
    if negative:
        return Check("cells", "failed", f"{len(negative)} negative cells of sex and age, the first {negative[0]}")
    held = {str(area) for (area,) in parts}
    missing = sorted((members or frozenset()) - held)
    if missing or not held:
        return Check("cells", "failed", f"nobody is counted in {', '.join(missing) or place}")
    return Check("cells", "passed", f"{len(held)} areas, no cell negative")
