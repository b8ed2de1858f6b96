"""Figures of an indicator as rows. Pure."""

from collections.abc import Mapping
from typing import Any

from services.projections.api.statistics.places import tell_candidates
from services.projections.api.statistics.records import Kind, Line, Row
from services.projections.api.statistics.study import Study
from services.projections.statistics.disclosure import PublishedFigure
from services.projections.statistics.indicators import Indicator
from services.projections.statistics.indicators.figure import Portion, as_number
from services.projections.statistics.indicators.spans import as_date

_BEFORE: Mapping[str, Kind] = {
    "definition": "text",
    "name": "text",
    "place": "text",
    "place_name": "text",
    "candidates": "text",
    "period_start": "date",
    "period_end": "date",
    "population": "text",
}
_AFTER: Mapping[str, Kind] = {
    "value": "number",
    "unit": "text",
    "scale": "count",
    "numerator_id": "text",
    "numerator": "number",
    "numerator_unit": "text",
    "denominator_id": "text",
    "denominator": "number",
    "denominator_unit": "text",
    "map": "text",
    "vintage": "text",
    "rule": "text",
    "checks_passed": "count",
    "checks_failed": "text",
    "reason": "text",
    "notes": "text",
}


def columns_of(indicator: Indicator) -> Mapping[str, Kind]:
    """The columns of figures in a flat table. `period_end` is the first day after it."""
    return {**_BEFORE, **{f"by_{name}": "text" for name in indicator.by}, **_AFTER}


def tell_figure(study: Study, indicator: Indicator, published: PublishedFigure) -> tuple[Line, Row]:
    """A figure with everything that it is made of."""
    figure = published.figure
    record = figure.as_record() | {
        "place_name": study.name_of(figure.place),
        "candidates": tell_candidates(figure.place),
        "rule": published.rule,
    }
    labels = tuple(figure.by.get(name) for name in indicator.by)
    flat = [
        figure.definition,
        figure.name,
        figure.place,
        record["place_name"],
        _joined(record["candidates"], "|"),
        as_date(figure.period.start),
        as_date(figure.period.end),
        figure.population,
        *labels,
        _float(figure.value),
        figure.unit,
        figure.scale,
        *_parts(figure.numerator),
        *_parts(figure.denominator),
        figure.map,
        figure.vintage,
        published.rule,
        sum(1 for check in figure.checks if check.outcome == "passed"),
        ";".join(check.name for check in figure.failed) or None,
        figure.reason.code if figure.reason else None,
        _joined(record["notes"], "; "),
    ]
    return Line((figure.place, *(label or "" for label in labels)), record), flat


def tell_indicator(indicator: Indicator) -> dict[str, Any]:
    """An entry of the catalogue."""
    return {
        "id": indicator.id,
        "definition": indicator.definition_id,
        "name": indicator.name,
        "family": indicator.family,
        "words": indicator.definition,
        "unit": indicator.unit,
        "scale": indicator.scale,
        "by": list(indicator.by),
        "numerator": indicator.numerator.words if indicator.numerator else None,
        "denominator": indicator.denominator.words if indicator.denominator else None,
        "traps": list(indicator.traps),
        "label": indicator.label or None,
        "source": indicator.source,
        "computable": indicator.why_not is None,
        "reason": indicator.why_not._asdict() if indicator.why_not else None,
    }


def _parts(portion: Portion | None) -> tuple[str | None, float | None, str | None]:
    return (None, None, None) if portion is None else (portion.id, _float(portion.value), portion.unit)


def _float(value: Any) -> float | None:
    number = as_number(value)
    return None if number is None else float(number)


def _joined(words: list[str] | None, between: str) -> str | None:
    return between.join(words) if words else None
