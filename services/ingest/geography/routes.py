"""Looking an area up on the map."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.errors import NotFound
from services.kernel.geography.follower import GeographyFollower
from services.kernel.http.door import Door
from services.kernel.identity.caller import Caller


class AreaRoutes:
    """GET /v1/areas/{code}."""

    def __init__(self, follower: GeographyFollower) -> None:
        self._follower = follower

    def routes(self, door: Door) -> list[Route]:
        return [door.guarded("GET", "/v1/areas/{code}", self.get)]

    async def get(self, request: Request, caller: Caller) -> Response:
        """The areas that an area lies in, from near to far. The map is no secret: any role may ask."""
        line = self._follower.current_tree().line(request.path_params["code"])
        if not line:
            raise NotFound("unknown-area")
        told = {"area": line[0], "lies_in": line[1:]}
        return Response(msgspec.json.encode(told), media_type="application/json")
