"""For which places figures are asked: areas by code or level, or the whole region, and who may ask for them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.kernel.errors import Forbidden, NotFound, Rejected
from services.kernel.http.parameters import suggest
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller
from services.projections.api.statistics.asking import Asked
from services.projections.api.statistics.lens import candidates, is_loose
from services.projections.geography.atlas import Atlas
from services.projections.statistics.indicators.spans import as_date

NOT_YOURS = "area-not-yours"


@dataclass(frozen=True, slots=True)
class Places:
    """`codes`: of areas, in order; empty: the whole region. `day`: of the map by which they were chosen.

    `within`: the areas that were named, or that the caller is limited to; empty: the whole region.
    """

    codes: tuple[str, ...]
    day: int
    within: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.codes


def choose_places(asked: Asked, atlas: Atlas, tree: AreaTree, caller: Caller) -> Places:
    """The areas asked for; without any, those of a level, or of the caller, or the whole region.

    On the map as at the event, levels are those of the last day of the last period. NotFound("unknown-area"),
    Forbidden("area-not-yours"), Rejected("wrong-parameter") for an area that is not on the chosen map.
    """
    day = asked.spans[-1].end - 1 if asked.map_day is None else asked.map_day
    codes = asked.areas
    for code in codes:
        require_area(code, atlas, tree, caller)
        if asked.map_day is not None and atlas.find_version(code, day) is None:
            raise Rejected("wrong-parameter", "?area", rule=f"It is not on the map of {as_date(day)}.")
    if not codes and not caller.whole_region:
        codes = tuple(code for code in sorted(set(caller.areas)) if atlas.find_version(code, day))
        if not codes:
            raise Forbidden(NOT_YOURS)
    if asked.level is None:
        return Places(codes, day, codes)
    found = tuple(_of_level(asked.level, codes, atlas, day))
    if not found:
        raise Rejected("wrong-parameter", "?level", rule=f"No area there has this level on the map of {as_date(day)}.")
    return Places(found, day, codes)


def require_area(code: str, atlas: Atlas, tree: AreaTree, caller: Caller) -> None:
    """Return if there ever was such an area and the caller covers it. Raises as `require_code`, Forbidden."""
    require_code(code, atlas)
    if not tree.covers(caller.areas, code):
        raise Forbidden(NOT_YOURS, "?area")


def require_code(code: str, atlas: Atlas) -> None:
    """Return if there ever was such an area. NotFound("unknown-area") suggests the nearest code else."""
    if code not in atlas.by_area:
        rule = f"An area exists once an AreaEstablished event is in the tables.{suggest(code, atlas.by_area)}"
        raise NotFound("unknown-area", "?area", rule=rule)


def name_of(place: str, atlas: Atlas, day: int) -> str | None:
    """What people call a place on a day, or called it last."""
    own = atlas.find_version(place, day)
    if own is None:
        anchor = atlas.find_anchor(place, day)
        own = None if anchor is None else atlas.find_version(place, anchor)
    return None if own is None else own.name


def tell_candidates(place: str) -> list[str] | None:
    """Between which areas a count falls; None where it has its place."""
    return list(candidates(place)) if is_loose(place) else None


def _of_level(level: int, codes: Sequence[str], atlas: Atlas, day: int) -> Iterable[str]:
    within = {each for code in codes for each in atlas.subtree(code, day)} if codes else None
    for code, version in sorted(atlas.areas_at(day).items()):
        if version.level == level and (within is None or code in within):
            yield code
