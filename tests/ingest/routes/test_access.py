"""Every route asks who is there, and lets in whom the matrix names."""

from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Route

from deploy.local.stack import Region
from services.kernel.identity.caller import ROLES
from services.kernel.identity.matrix import Action, read_matrix
from tests.ingest.offices import Office, refusal, signing_folder
from tests.kernel.identity.tokens_of_attackers import Forge

ACTIONS = [action for action in read_matrix("ingest") if action.name != "POST /v1/echo"]
GUARDED = [action for action in ACTIONS if not action.public]
PUBLIC = [action for action in ACTIONS if action.public]
FILLED = {
    "{draft_id}": "0190a1b2-c3d4-7e5f-8a6b-9c7d8e9f0a1b",
    "{code}": "0980",
    "{schema_id}": "1",
    "{subject}": "domicile.blocks.CivilParticulars",
    "{version}": "latest",
}


def call(http: httpx.Client, action: Action, headers: dict[str, str]) -> httpx.Response:
    method, path = action.name.split(" ")
    for name, value in FILLED.items():
        path = path.replace(name, value)
    if method == "POST":
        return http.post(path, content=b"{", headers={"content-type": "application/json"} | headers)
    return http.request(method, path, headers=headers)


@pytest.fixture(scope="module")
def stranger(north: Region) -> httpx.Client:
    assert north.ingest is not None
    return httpx.Client(base_url=north.ingest, timeout=30)


def routes_of(app: FastAPI) -> set[str]:
    """METHOD /template of every route; HEAD goes with GET."""
    found = set()
    for route in app.routes:
        assert isinstance(route, Route), "a route that did not come through the door"
        found |= {f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}}
    return found


def test_every_route_stands_in_the_matrix_and_the_other_way_round(ingest_app: Callable[..., FastAPI]) -> None:
    assert routes_of(ingest_app(echo=True)) == {action.name for action in read_matrix("ingest")}
    assert "POST /v1/echo" not in routes_of(ingest_app(echo=False))


@pytest.mark.parametrize("action", GUARDED, ids=lambda action: action.name)
def test_no_bad_token_opens_a_route(north: Region, stranger: httpx.Client, action: Action) -> None:
    for what, header in Forge(signing_folder(north), "north").all().items():
        answer = call(stranger, action, {"authorization": header})
        assert (what, answer.status_code) == (what, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
        refusal(answer)


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("action", GUARDED, ids=lambda action: action.name)
def test_a_route_lets_in_the_roles_of_the_matrix(
    north: Region, stranger: httpx.Client, action: Action, role: str
) -> None:
    answer = call(stranger, action, {"authorization": f"Bearer {north.token(role)}"})
    if role in action.roles:
        assert answer.status_code not in (401, 403)
        assert answer.status_code < 500
    else:
        assert refusal(answer) == (403, "role-may-not", "")


@pytest.mark.parametrize("action", PUBLIC, ids=lambda action: action.name)
def test_what_is_public_asks_nobody(stranger: httpx.Client, action: Action) -> None:
    assert call(stranger, action, {}).status_code == 200
    assert call(stranger, action, {"authorization": "Bearer nonsense"}).status_code == 200


def test_an_address_that_is_not_there_is_a_problem_too(registrar: Office) -> None:
    for path in ("/", "/v1", "/v1/events/", "/v1/persons", "/docs", "/redoc", "/v1/echo", "/%00", "/..%2f"):
        assert refusal(registrar.get(path))[:2] in ((404, "not-found"), (405, "method-not-allowed"))


def test_another_method_is_refused_with_those_that_are_allowed(registrar: Office) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "GET"):
        answer = registrar.http.request(method, "/v1/events")
        assert refusal(answer) == (405, "method-not-allowed", "")
        assert answer.headers["allow"] == "POST"
