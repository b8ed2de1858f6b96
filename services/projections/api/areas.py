"""GET /v1/areas/{code}/residents:count: how many people live or are registered in an area, by sex and age. No names.

For the office that is in charge of the area: small numbers are told as they are, so they must not be passed on.
What may be published goes through disclosure control, which is another service of this house.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.database import Connection
from services.kernel.errors import Forbidden, NotFound, Rejected
from services.kernel.http.bodies import JSON
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters, word
from services.kernel.identity.caller import Caller
from services.projections.api.asking import find_day
from services.projections.api.desk import Desk
from services.projections.api.presenting import Told, iso_date

COUNT = "/v1/areas/{code}/residents:count"
BY = ("sex", "age")
TRACKS = ("usual", "registered")
USE = "For the work of this office only; not to be published or passed on."

# Whoever is in a row on the day lives there at its end. Words are ours, never the caller's.
_COUNT = """
SELECT {columns} count(*)::int AS residents
FROM register.residence AS r JOIN register.person AS p USING (person_id)
WHERE r.{track}_area = ANY ($1) AND r.from_day <= $2 AND (r.to_day IS NULL OR r.to_day > $2) {grouping}
"""
_AGE = "extract(year FROM age(date '1970-01-01' + $2::int, date '1970-01-01' + p.born_day))::int"
_EXPRESSIONS = {"sex": "p.sex", "age": _AGE}


class AreaRoutes:
    """Counts of people by area."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self, door: Door) -> list[Route]:
        return [door.guarded("GET", COUNT, self.count)]

    async def count(self, request: Request, caller: Caller) -> Response:
        """Residents at the end of a day (default: today) of an area with all that lies under it."""
        require_known_parameters(request, {"at", "by", "track", "wait_for"})
        code = request.path_params["code"]
        at = find_day(request, "at")
        day = self._desk.today if at is None else at
        by = _read_by(request.query_params.get("by"))
        track = word(request, "track", TRACKS) or TRACKS[0]
        tree = self._desk.tree
        areas = tree.subtree(code)
        if not areas:
            raise NotFound("unknown-area")
        if not tree.covers(caller.areas, code):
            raise Forbidden("area-not-yours")
        await self._desk.wait(request, ["register"])
        async with self._desk.tables() as connection:
            counts = await _count(connection, areas, day, by, track)
        told: Told = {"area": code, "areas": len(areas), "at": iso_date(day), "track": track, "use": USE}
        told |= {"total": sum(row["residents"] for row in counts), "counts": counts if by else []}
        return Response(msgspec.json.encode(told), media_type=JSON)


async def _count(
    connection: Connection, areas: Sequence[str], day: int, by: Sequence[str], track: str
) -> list[dict[str, Any]]:
    columns = "".join(f"{_EXPRESSIONS[name]} AS {name}, " for name in by)
    numbers = ", ".join(str(place) for place in range(1, len(by) + 1))
    grouping = f"GROUP BY {numbers} ORDER BY {numbers}" if by else ""
    statement = _COUNT.format(columns=columns, grouping=grouping, track=track)
    return [dict(row) for row in await connection.fetch(statement, list(areas), day)]


def _read_by(text: str | None) -> tuple[str, ...]:
    asked = text.split(",") if text else []
    if not set(asked) <= set(BY) or len(set(asked)) < len(asked):
        raise Rejected("wrong-parameter", "?by", rule="It is sex, age, or sex,age.")
    return tuple(name for name in BY if name in asked)
