"""The Schema Registry's REST interface, the part that reads.

https://docs.confluent.io/platform/current/schema-registry/develop/api.html
Its clients want `error_code` and `message` in a refusal; they stand there beside what every refusal here says.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.ingest.registry.listing import COMPATIBILITY, Listing
from services.kernel.errors import NotFound
from services.kernel.http.door import Door
from services.kernel.http.problems import problem

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"
# The registry's own numbers for what is not there.
ERROR_CODES = {"unknown-subject": 40401, "unknown-schema-version": 40402, "unknown-schema": 40403}


class RegistryRoutes:
    """GET /schemas/..., /subjects/..., /config."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing

    def routes(self, door: Door) -> list[Route]:
        listing = self._listing
        answers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "/schemas/ids/{schema_id}": lambda named: listing.get_by_id(named["schema_id"]),
            "/schemas/ids/{schema_id}/versions": lambda named: listing.uses(named["schema_id"]),
            "/schemas/types": lambda named: ["AVRO"],
            "/subjects": lambda named: listing.subjects(),
            "/subjects/{subject}/versions": lambda named: listing.versions(named["subject"]),
            "/subjects/{subject}/versions/{version}": lambda named: listing.get_version(
                named["subject"], named["version"]
            ),
            "/config": lambda named: {"compatibilityLevel": COMPATIBILITY},
        }
        return [door.public("GET", path, _handler(find)) for path, find in answers.items()]


def _handler(find: Callable[[dict[str, Any]], Any]) -> Callable[..., Any]:
    async def answer(request: Request) -> Response:
        try:
            found = find(request.path_params)
        except NotFound as error:
            return _refusal(error)
        return Response(msgspec.json.encode(found), media_type=MEDIA_TYPE)

    return answer


def _refusal(error: NotFound) -> Response:
    answer = problem(error)
    told = msgspec.json.decode(answer.body)
    told |= {"error_code": ERROR_CODES.get(error.code, 404), "message": error.title}
    return Response(msgspec.json.encode(told), answer.status_code, media_type=answer.media_type)
