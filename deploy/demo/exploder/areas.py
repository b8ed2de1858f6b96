"""The map of a region as events: its county, and the municipalities within it."""

from collections.abc import Iterator

from deploy.demo.exploder.posts import Post
from deploy.demo.exploder.rules import Lots, event_id, registration_time
from deploy.demo.exploder.tables import County

VALID_FROM = "1900-01-01"
_LOADED_IN_YEAR = 1994


def area_posts(county: County) -> Iterator[Post]:
    """AreaEstablished for the county (the root of the region's map) and for each municipality, in that
    order.
    """
    lots = Lots(int(county.code))
    yield _established(lots, county, county.code, county.name, "county", 0, None)
    for municipality in county.municipalities:
        yield _established(lots, county, municipality.code, municipality.name, "municipality", 1, county.code)


def _established(lots: Lots, county: County, code: str, name: str, kind: str, level: int, parent: str | None) -> Post:
    unix_ms, registered_at = registration_time(lots, _LOADED_IN_YEAR, 2, 0)
    post: Post = {
        "type": "AreaEstablished",
        "version": 1,
        "event_id": event_id(lots, unix_ms),
        "occurred_on": VALID_FROM,
        "registered_at": registered_at,
        "office": f"{county.code}-1",
        "source": "import",
        "area": code,
        "name": name,
        "area_kind": kind,
        "level": level,
    }
    return post if parent is None else post | {"parent_area": parent}
