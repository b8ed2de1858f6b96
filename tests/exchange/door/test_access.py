"""Every office route of the exchange asks who is there, and lets in whom the matrix names."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from deploy.local.stack import Region, Running
from services.exchange.app import Serving, create_app
from services.exchange.settings import ExchangeSettings
from services.exchange.worker.parts import Parts
from services.kernel.contract.catalog import Catalog
from services.kernel.identity.caller import ROLES
from services.kernel.identity.jwks import FileKeys
from services.kernel.identity.local_keys import ensure_signing_key, identity_folder
from services.kernel.identity.matrix import Action, read_matrix
from services.kernel.privacy.region_key import RegionKey
from services.kernel.telemetry.metrics import Metrics
from tests.access import bad_tokens_are_refused, nobody_is_asked, routes_of, the_matrix_decides
from tests.kernel.identity.tokens_of_attackers import Forge

ACTIONS = list(read_matrix("exchange"))
GUARDED = [action for action in ACTIONS if not action.public]


@pytest.fixture(scope="module")
def north(stack: Running) -> Region:
    return stack.regions["north"]


@pytest.fixture(scope="module")
def stranger(north: Region) -> Iterator[httpx.Client]:
    assert north.exchange is not None
    with httpx.Client(base_url=north.exchange, timeout=30) as client:
        yield client


def test_every_route_stands_in_the_matrix_and_the_other_way_round(tmp_path: Path) -> None:
    """The application without what it stands on."""
    jwks = ensure_signing_key(tmp_path)
    settings = ExchangeSettings(
        region="north",
        kafka="127.0.0.1:9",
        database_url="postgresql://nowhere",
        jwks=str(jwks),
        token_issuer="issuer",
        token_audience="audience",
        region_key_file=tmp_path / "region.key",
    )
    anything: Any = SimpleNamespace(tls=None)
    known = {"settings": settings, "catalog": Catalog.load(), "region_key": RegionKey.derive(b"k" * 32)}
    parts = Parts(**({field.name: anything for field in fields(Parts)} | known))
    app = create_app(settings, Serving(parts, cast(Any, anything), FileKeys(jwks), Metrics(), {}))
    assert routes_of(app) == {action.name for action in ACTIONS}


@pytest.mark.parametrize("action", GUARDED, ids=lambda action: action.name)
def test_no_bad_token_opens_a_route(north: Region, stranger: httpx.Client, action: Action) -> None:
    bad_tokens_are_refused(stranger, action, Forge(identity_folder(north.home, "north"), "north"))


@pytest.mark.parametrize("action", GUARDED, ids=lambda action: action.name)
def test_a_route_lets_in_the_roles_of_the_matrix(north: Region, stranger: httpx.Client, action: Action) -> None:
    the_matrix_decides(stranger, action, {role: north.token(role) for role in ROLES})


@pytest.mark.parametrize("action", [each for each in ACTIONS if each.public], ids=lambda action: action.name)
def test_what_is_public_asks_nobody(stranger: httpx.Client, action: Action) -> None:
    nobody_is_asked(stranger, action)


@pytest.mark.parametrize("role", ["registrar", "approver", "operator", "auditor"])
def test_who_covers_but_a_part_of_the_region_sees_no_conversation(
    north: Region, stranger: httpx.Client, role: str
) -> None:
    headers = {"authorization": f"Bearer {north.token(role, areas=['0980'])}"}
    answer = stranger.get("/exchange/v1/conversations", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "area-not-yours")
