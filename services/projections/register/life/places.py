"""Where somebody lives or is registered: an area of this region, elsewhere, or unknown."""

from typing import Final, TypeAlias

Place: TypeAlias = tuple[str | None, str | None, str | None, str | None]
"""(area of this region, other region, area of that region, country). At most one of area, region, country is set."""

UNKNOWN: Final[Place] = (None, None, None, None)
NOT_SAID_WHICH: Final = "ZZ"
"""Elsewhere, and nobody knows which country or region: a code that ISO 3166 leaves to its users."""

_NOBODY_KNOWS = "unknown"


def find_place(own_region: str, region: str | None, area: str | None, country: str | None, kind: str | None) -> Place:
    """The place at the other end of a move. `kind`: a word of the vocabulary place_kind, if it was said."""
    if region is not None and region != _NOBODY_KNOWS:
        return (area, None, None, None) if region == own_region else (None, region, area, None)
    if country is not None:
        return (None, None, None, country)
    if kind is None or kind == _NOBODY_KNOWS:
        return UNKNOWN
    return (None, None, None, NOT_SAID_WHICH)


def find_registered(own_region: str, region: str | None, area: str | None, lives: Place) -> Place:
    """Where somebody is registered who lives at `lives`: the schemas' `registered_region` and `registered_area`."""
    if region is None:
        return lives if area is None else (area, None, None, None)
    return find_place(own_region, region, area, None, None)
