"""Which other places an answer must be held against before it leaves: those that add up to something with it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.projections.api.statistics.lens import Lens, candidates
from services.projections.geography.atlas import Atlas
from services.projections.statistics.indicators.question import WHOLE, Zone

OWN = "/own"
"""What is counted under an area's own code although other areas lie in it."""


@dataclass(frozen=True, slots=True)
class Family:
    """`zones`: the places of the answer and all that are bound to them; `nested`: which are made up of which."""

    zones: tuple[Zone, ...]
    nested: Mapping[str, tuple[str, ...]]


SMALL_MAP = 100
"""Areas of a map that is held against an answer as a whole: what is hidden is then hidden in every answer."""


def find_family(zones: Sequence[Zone], lens: Lens, atlas: Atlas, day: int) -> Family:
    """The areas beside those asked for and beside all that lie above them, up to the region; of a small map all.

    So a count that is hidden stays hidden from whoever also asks for its neighbours and for the sum of them.
    """
    asked = [zone.code for zone in zones if zone.code in atlas.by_area]
    standing = atlas.areas_at(day)
    if len(standing) <= SMALL_MAP:
        asked += standing
    wholes = {WHOLE.code: _roots(atlas, day)}
    for code in asked:
        for above in atlas.standing_line(code, day)[1:]:
            wholes.setdefault(above, _children(above, atlas, day))
    found = {zone.code: zone for zone in zones}
    nested: dict[str, list[str]] = {}
    for whole, parts in wholes.items():
        found.setdefault(whole, WHOLE if whole == WHOLE.code else lens.zone(whole))
        for part in parts:
            found.setdefault(part, lens.zone(part))
        nested[whole] = list(parts)
        if whole != WHOLE.code:
            own = f"{whole}{OWN}"
            found[own] = Zone(own, frozenset({lens.label(whole, day)}), frozenset())
            nested[whole].append(own)
    for zone in zones:
        if zone.code not in atlas.by_area and zone.code != WHOLE.code:
            nested[_holder(zone.code, wholes, atlas, day)].append(zone.code)
    return Family(tuple(found.values()), {whole: tuple(parts) for whole, parts in nested.items() if parts})


def _roots(atlas: Atlas, day: int) -> list[str]:
    return [code for code in sorted(atlas.areas_at(day)) if len(atlas.line(code, day)) == 1]


def _children(area: str, atlas: Atlas, day: int) -> list[str]:
    return [each for each in atlas.subtree(area, day) if atlas.line(each, day)[1:2] == (area,)]


def _holder(label: str, wholes: Mapping[str, Sequence[str]], atlas: Atlas, day: int) -> str:
    """The nearest known whole in which all candidates lie."""
    lines = [atlas.line(each, day) for each in candidates(label)]
    shared = set(lines[0]).intersection(*lines[1:]) if lines else set()
    return next((each for each in lines[0] if each in shared and each in wholes), WHOLE.code) if shared else WHOLE.code
