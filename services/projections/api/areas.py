"""GET /v1/areas/{code}/residents:count: how many people live or are registered in an area, by sex and age. No names.

For the office that is in charge of the area: small numbers are told as they are, so they must not be passed on.
What may be published goes through disclosure control, which is another service of this house.
"""

from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.errors import Forbidden, NotFound, Rejected
from services.kernel.http.bodies import JSON
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters, word
from services.kernel.identity.caller import Caller
from services.projections.api.asking import find_day
from services.projections.api.desk import Desk
from services.projections.api.presenting import Told, iso_date
from services.projections.register.queries import TRACKS, Count, count_residents

COUNT = "/v1/areas/{code}/residents:count"
BY = ("sex", "age")
USE = "For the work of this office only; not to be published or passed on."


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
            counts = await count_residents(connection, areas, day, track, by_age="age" in by)
        told: Told = {"area": code, "areas": len(areas), "at": iso_date(day), "track": track, "use": USE}
        told |= {"total": sum(count.residents for count in counts), "counts": _add_up(counts, by) if by else []}
        return Response(msgspec.json.encode(told), media_type=JSON)


def _add_up(counts: Sequence[Count], by: Sequence[str]) -> list[Told]:
    """Lines by sex, age, or both."""
    lines: dict[tuple[str | int | None, ...], int] = {}
    for count in counts:
        key = tuple(getattr(count, name) for name in by)
        lines[key] = lines.get(key, 0) + count.residents
    return [dict(zip(by, key, strict=True)) | {"residents": residents} for key, residents in lines.items()]


def _read_by(text: str | None) -> tuple[str, ...]:
    asked = text.split(",") if text else []
    if not set(asked) <= set(BY) or len(set(asked)) < len(asked):
        raise Rejected("wrong-parameter", "?by", rule="It is sex, age, or sex,age.")
    return tuple(name for name in BY if name in asked)
