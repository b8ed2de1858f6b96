"""Every route asks who is there, and lets in whom the matrix names."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.stack import Region
from services.kernel.identity.caller import ROLES
from services.kernel.identity.matrix import Action, read_matrix
from tests.access import bad_tokens_are_refused, nobody_is_asked, routes_of, the_matrix_decides
from tests.ingest.offices import Office, refusal, signing_folder
from tests.kernel.identity.tokens_of_attackers import Forge

ACTIONS = [action for action in read_matrix("ingest") if action.name != "POST /v1/echo"]
GUARDED = [action for action in ACTIONS if not action.public]


@pytest.fixture(scope="module")
def stranger(north: Region) -> Iterator[httpx.Client]:
    assert north.ingest is not None
    with httpx.Client(base_url=north.ingest, timeout=30) as client:
        yield client


def test_every_route_stands_in_the_matrix_and_the_other_way_round(ingest_app: Callable[..., FastAPI]) -> None:
    assert routes_of(ingest_app(echo=True)) == {action.name for action in read_matrix("ingest")}
    assert "POST /v1/echo" not in routes_of(ingest_app(echo=False))


@pytest.mark.parametrize("action", GUARDED, ids=lambda action: action.name)
def test_no_bad_token_opens_a_route(north: Region, stranger: httpx.Client, action: Action) -> None:
    bad_tokens_are_refused(stranger, action, Forge(signing_folder(north), "north"))


@pytest.mark.parametrize("action", GUARDED, ids=lambda action: action.name)
def test_a_route_lets_in_the_roles_of_the_matrix(north: Region, stranger: httpx.Client, action: Action) -> None:
    the_matrix_decides(stranger, action, {role: north.token(role) for role in ROLES})


@pytest.mark.parametrize("action", [each for each in ACTIONS if each.public], ids=lambda action: action.name)
def test_what_is_public_asks_nobody(stranger: httpx.Client, action: Action) -> None:
    nobody_is_asked(stranger, action)


def test_an_address_that_is_not_there_is_a_problem_too(registrar: Office) -> None:
    for path in ("/", "/v1", "/v1/events/", "/v1/persons", "/docs", "/redoc", "/v1/echo", "/%00", "/..%2f"):
        assert refusal(registrar.get(path))[:2] in ((404, "not-found"), (405, "method-not-allowed"))


def test_another_method_is_refused_with_those_that_are_allowed(registrar: Office) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "GET"):
        answer = registrar.http.request(method, "/v1/events")
        assert refusal(answer) == (405, "method-not-allowed", "")
        assert answer.headers["allow"] == "POST"
