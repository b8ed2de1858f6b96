"""Every route asks who is there, and lets in whom the matrix names."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI

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
from tests.access import bad_tokens_are_refused, call, nobody_is_asked, routes_of, the_matrix_decides
from tests.ingest.offices import signing_folder
from tests.kernel.identity.tokens_of_attackers import Forge

ACTIONS = list(read_matrix("projections"))
GUARDED = [action for action in ACTIONS if not action.public]


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
    assert routes_of(app) == {action.name for action in ACTIONS}


def test_every_route_of_the_matrix_is_served_and_described(stranger: httpx.Client) -> None:
    served = stranger.get("/openapi.json").json()["paths"]
    assert {f"{method.upper()} {path}" for path, methods in served.items() for method in methods} == {
        action.name for action in ACTIONS
    }
    for action in ACTIONS:
        answer = call(stranger, action, {})
        code = answer.json().get("code", "") if answer.is_error else ""
        assert code not in ("not-found", "method-not-allowed"), action.name


@pytest.mark.parametrize("action", GUARDED, ids=lambda action: action.name)
def test_no_bad_token_opens_a_route(reading_region: Region, stranger: httpx.Client, action: Action) -> None:
    bad_tokens_are_refused(stranger, action, Forge(signing_folder(reading_region), "south"))


@pytest.mark.parametrize("action", GUARDED, ids=lambda action: action.name)
def test_a_route_lets_in_the_roles_of_the_matrix(
    reading_region: Region, stranger: httpx.Client, action: Action
) -> None:
    the_matrix_decides(stranger, action, {role: reading_region.token(role) for role in ROLES})


@pytest.mark.parametrize("action", [each for each in ACTIONS if each.public], ids=lambda action: action.name)
def test_what_is_public_asks_nobody(stranger: httpx.Client, action: Action) -> None:
    nobody_is_asked(stranger, action)


def test_two_purposes_are_never_united_in_one_role() -> None:
    purposes = read_purposes()
    for role, words in purposes.items():
        assert "voluntary-service" not in words or words == {"voluntary-service"}, role
        assert "supervision" not in words or words == {"supervision"}, role
