"""People at the end of a day as rows: the indicator `population`, told shortly. Pure."""

from collections.abc import Mapping
from typing import Any

from services.projections.api.statistics.places import tell_candidates
from services.projections.api.statistics.records import Kind, Line, Row
from services.projections.api.statistics.study import Study
from services.projections.statistics.disclosure import PublishedFigure
from services.projections.statistics.indicators import Indicator
from services.projections.statistics.indicators.figure import as_number
from services.projections.statistics.indicators.spans import as_date

INDICATOR = "population"


def columns_of(indicator: Indicator, by: tuple[str, ...]) -> Mapping[str, Kind]:
    """`at`: the end of this day."""
    before: Mapping[str, Kind] = {"place": "text", "place_name": "text", "candidates": "text", "at": "date"}
    after: Mapping[str, Kind] = {
        "people": "count",
        "reason": "text",
        "definition": "text",
        "population": "text",
        "map": "text",
        "vintage": "text",
        "rule": "text",
        "checks_failed": "text",
    }
    return {**before, **dict.fromkeys(by, "text"), **after}


def tell_people(study: Study, published: PublishedFigure) -> tuple[Line, Row]:
    """People of one place and cell."""
    figure = published.figure
    at = as_date(figure.period.end - 1)
    name, between = study.name_of(figure.place), tell_candidates(figure.place)
    people = as_number(figure.value)
    labels = [figure.by[each] for each in study.asked.by]
    record: dict[str, Any] = {"place": figure.place, "place_name": name, "candidates": between, "at": at.isoformat()}
    record |= dict(zip(study.asked.by, labels, strict=True))
    record |= {"people": people, "reason": figure.reason._asdict() if figure.reason else None}
    flat = [
        figure.place,
        name,
        "|".join(between) if between else None,
        at,
        *labels,
        None if people is None else int(people),
        figure.reason.code if figure.reason else None,
        figure.definition,
        figure.population,
        figure.map,
        figure.vintage,
        published.rule,
        ";".join(check.name for check in figure.failed) or None,
    ]
    return Line((figure.place, *labels), record), flat
