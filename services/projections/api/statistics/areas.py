"""GET /v1/areas: the map of a day: areas with their names, levels, parents, validity, and what became of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.http.bodies import JSON
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters
from services.kernel.identity.caller import Caller
from services.projections.api.asking import find_day
from services.projections.api.cursors import read_cursor, write_cursor
from services.projections.api.desk import Desk
from services.projections.api.presenting import iso_date
from services.projections.api.statistics.asking import read_areas, read_limit, read_number
from services.projections.api.statistics.cartography import MapKeeper
from services.projections.api.statistics.places import require_code
from services.projections.geography.atlas import Atlas, Change, Version

KNOWN = frozenset({"at", "area", "level", "limit", "cursor", "wait_for"})
_CURSOR = "areas"


class MapRoutes:
    """The map in time. It is public knowledge: whoever has a role may see all of it."""

    def __init__(self, desk: Desk, maps: MapKeeper) -> None:
        self._desk = desk
        self._maps = maps

    def routes(self, door: Door) -> list[Route]:
        return [door.guarded("GET", "/v1/areas", self.list)]

    async def list(self, request: Request, caller: Caller) -> Response:
        """Areas in force on a day (default: today), of a level, or with all that lies in those that are named."""
        require_known_parameters(request, KNOWN, {"area"})
        at = find_day(request, "at")
        day = self._desk.today if at is None else at
        level, asked, limit = read_number(request, "level", 0, 31), read_areas(request), read_limit(request)
        after = read_cursor(request.query_params.get("cursor"), _CURSOR, (str,))
        await self._desk.wait(request, ["geography"])
        async with self._desk.tables() as connection:
            atlas = (await self._maps.get(connection)).atlas
        for code in asked:
            require_code(code, atlas)
        found = list_areas(atlas, day, asked, level)
        rest = [code for code in found if after is None or code > after[0]]
        page = rest[:limit]
        told = {
            "at": iso_date(day),
            "areas": [tell_area(found[code], atlas) for code in page],
            "next": write_cursor(_CURSOR, [page[-1]]) if len(rest) > limit else None,
        }
        return Response(msgspec.json.encode(told), media_type=JSON)


def list_areas(atlas: Atlas, day: int, asked: Sequence[str], level: int | None) -> Mapping[str, Version]:
    """Areas of the map of a day by code, in order."""
    within = {each for code in asked for each in atlas.subtree(code, day)}
    return {
        code: version
        for code, version in sorted(atlas.areas_at(day).items())
        if (level is None or version.level == level) and (not asked or code in within)
    }


def tell_area(version: Version, atlas: Atlas) -> dict[str, Any]:
    """One area as it stood on the day; `valid_to` is the first day on which that was no more so."""
    came, went = atlas.changes_into(version.area), atlas.changes_of(version.area)
    return {
        "code": version.area,
        "name": version.name,
        "name_local": version.name_local,
        "kind": version.kind,
        "level": version.level,
        "parent": version.parent,
        "valid_from": iso_date(version.valid_from),
        "valid_to": iso_date(version.valid_to),
        "predecessors": [_tell(change, change.predecessor) for change in came],
        "successors": [_tell(change, change.successor) for change in went],
    }


def _tell(change: Change, code: str | None) -> dict[str, Any]:
    """`code` null: nobody knows."""
    return {"code": code, "on": iso_date(change.day), "kind": change.kind}
