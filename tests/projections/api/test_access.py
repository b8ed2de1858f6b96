"""Every route asks who is there, and lets in whom the matrix names."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Route

from deploy.local.stack import Region
from services.kernel.clock import SystemClock
from services.kernel.contract.catalog import Catalog
from services.kernel.identity.caller import ROLES
from services.kernel.identity.jwks import FileKeys
from services.kernel.identity.local_keys import ensure_signing_key
from services.kernel.identity.matrix import Action, read_matrix, read_purposes
from services.kernel.privacy.region_key import RegionKey
from services.kernel.telemetry.metrics import Metrics
from services.projections.api.composition import ReadingParts
from services.projections.app import Parts, create_app
from services.projections.settings import ProjectionsSettings
from tests.ingest.offices import refusal, signing_folder
from tests.kernel.identity.tokens_of_attackers import Forge

ACTIONS = list(read_matrix("projections"))
GUARDED = [action for action in ACTIONS if not action.public]
PUBLIC = [action for action in ACTIONS if action.public]
FILLED = {
    "{id}": "0190a1b2-c3d4-7e5f-8a6b-9c7d8e9f0a1b",
    "{code}": "0980",
    "{projection}": "register",
    "{topic}": "south.registration",
    "{partition}": "0",
    "{offset}": "0",
}


def call(http: httpx.Client, action: Action, headers: dict[str, str]) -> httpx.Response:
    method, path = action.name.split(" ")
    for name, value in FILLED.items():
        path = path.replace(name, value)
    if method == "POST":
        return http.post(path, content=b"{", headers={"content-type": "application/json"} | headers)
    return http.request(method, path, headers=headers)


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    """The application without what it stands on."""
    jwks = ensure_signing_key(tmp_path)
    settings = ProjectionsSettings(
        region="north",
        kafka="127.0.0.1:9",
        database_url="postgresql://nowhere",
        jwks=str(jwks),
        token_issuer="issuer",
        token_audience="audience",
        region_key_file=tmp_path / "region.key",
    )
    catalog, nothing = Catalog.load(), cast(Any, None)
    key = RegionKey.derive(b"k" * 32)
    reading = ReadingParts("north", catalog, key, read_matrix("projections"), nothing, {})
    parts = {"catalog": catalog, "keys": FileKeys(jwks), "clock": SystemClock(), "metrics": Metrics(), "checks": {}}
    others = {field.name: nothing for field in fields(Parts)}
    return create_app(settings, Parts(**{**others, **parts, "reading": reading}))


@pytest.fixture(scope="module")
def stranger(reading_region: Region) -> Iterator[httpx.Client]:
    assert reading_region.read is not None
    with httpx.Client(base_url=reading_region.read, timeout=30) as client:
        yield client


def test_every_route_stands_in_the_matrix_and_the_other_way_round(app: FastAPI) -> None:
    found = set()
    for route in app.routes:
        assert isinstance(route, Route), "a route that did not come through the door"
        found |= {f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}}
    assert found == {action.name for action in ACTIONS}


def test_every_route_of_the_matrix_is_served_and_described(stranger: httpx.Client) -> None:
    served = stranger.get("/openapi.json").json()["paths"]
    assert {f"{method.upper()} {path}" for path, methods in served.items() for method in methods} == {
        action.name for action in ACTIONS
    }
    for action in ACTIONS:
        assert refusal_code(call(stranger, action, {})) not in ("not-found", "method-not-allowed"), action.name


def refusal_code(answer: httpx.Response) -> str:
    return str(answer.json().get("code", "")) if answer.status_code >= 400 else ""


@pytest.mark.parametrize("action", GUARDED, ids=lambda action: action.name)
def test_no_bad_token_opens_a_route(reading_region: Region, stranger: httpx.Client, action: Action) -> None:
    for what, header in Forge(signing_folder(reading_region), "south").all().items():
        answer = call(stranger, action, {"authorization": header})
        assert (what, answer.status_code) == (what, 401)
        refusal(answer)


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("action", GUARDED, ids=lambda action: action.name)
def test_a_route_lets_in_the_roles_of_the_matrix(
    reading_region: Region, stranger: httpx.Client, action: Action, role: str
) -> None:
    answer = call(stranger, action, {"authorization": f"Bearer {reading_region.token(role)}"})
    if role in action.roles:
        assert answer.status_code not in (401, 403)
        assert answer.status_code < 500
    else:
        assert refusal(answer) == (403, "role-may-not", "")


@pytest.mark.parametrize("action", PUBLIC, ids=lambda action: action.name)
def test_what_is_public_asks_nobody(stranger: httpx.Client, action: Action) -> None:
    assert call(stranger, action, {}).status_code == 200
    assert call(stranger, action, {"authorization": "Bearer nonsense"}).status_code == 200


def test_two_purposes_are_never_united_in_one_role() -> None:
    purposes = read_purposes()
    for role, words in purposes.items():
        assert "voluntary-service" not in words or words == {"voluntary-service"}, role
        assert "supervision" not in words or words == {"supervision"}, role
