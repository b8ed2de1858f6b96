"""Tables of an edition that count nobody: the map in time and the catalogue of indicators. Pure."""

from datetime import date, timedelta

from services.projections.analysis.compiling import Rows
from services.projections.geography.atlas import Atlas
from services.projections.statistics.indicators.catalogue import CATALOGUE
from services.projections.statistics.indicators.declaration import Indicator

_EPOCH = date(1970, 1, 1)


def list_map(atlas: Atlas) -> Rows:
    """Versions of areas, what lies in what, and what became of what."""
    return {
        "areas": [
            (v.area, _as_date(v.valid_from), _find_date(v.valid_to), v.name, v.name_local, v.kind, v.level, v.parent)
            for v in atlas.versions
        ],
        "area_links": [
            (link.ancestor, link.descendant, link.depth, _as_date(link.valid_from), _find_date(link.valid_to))
            for link in atlas.links
        ],
        "area_changes": [
            (_as_date(change.day), change.predecessor, change.successor, change.kind) for change in atlas.changes
        ],
    }


def list_indicators() -> Rows:
    """All that the library declares, in its order; those that cannot be computed here say why."""
    return {"indicators": [_describe(place, one) for place, one in enumerate(CATALOGUE.values(), 1)]}


def _describe(place: int, one: Indicator) -> tuple[object, ...]:
    return (
        place,
        one.id,
        one.definition_id,
        one.name,
        one.family,
        one.definition,
        one.numerator.words if one.numerator else None,
        one.denominator.words if one.denominator else None,
        one.scale,
        one.unit,
        list(one.by),
        list(one.traps),
        one.label or None,
        one.source,
        one.why_not is None,
        one.why_not.words if one.why_not else None,
    )


def _as_date(day: int) -> date:
    return _EPOCH + timedelta(day)


def _find_date(day: int | None) -> date | None:
    return None if day is None else _as_date(day)
