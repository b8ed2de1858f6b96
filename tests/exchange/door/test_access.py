"""Every office route of the exchange asks who is there, and lets in whom the matrix names."""

import httpx
import pytest

from deploy.local.stack import Region, Running
from services.kernel.identity.caller import ROLES
from services.kernel.identity.local_keys import identity_folder
from services.kernel.identity.matrix import Action, read_matrix
from tests.kernel.identity.tokens_of_attackers import Forge

ACTIONS = list(read_matrix("exchange"))
GUARDED = [action for action in ACTIONS if not action.public]
FILLED = {
    "{conversation_id}": "0190a1b2-c3d4-7e5f-8a6b-9c7d8e9f0a1b",
    "{topic}": "north.exchange",
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


@pytest.fixture(scope="module")
def north(stack: Running) -> Region:
    return stack.regions["north"]


@pytest.fixture(scope="module")
def stranger(north: Region) -> httpx.Client:
    assert north.exchange is not None
    return httpx.Client(base_url=north.exchange, timeout=30)


@pytest.mark.parametrize("action", GUARDED, ids=lambda action: action.name)
def test_no_bad_token_opens_a_route(north: Region, stranger: httpx.Client, action: Action) -> None:
    for what, header in Forge(identity_folder(north.home, "north"), "north").all().items():
        answer = call(stranger, action, {"authorization": header})
        assert (what, answer.status_code) == (what, 401)


@pytest.mark.parametrize("action", GUARDED, ids=lambda action: action.name)
def test_a_route_lets_in_the_roles_of_the_matrix(north: Region, stranger: httpx.Client, action: Action) -> None:
    for role in sorted(ROLES):
        answer = call(stranger, action, {"authorization": f"Bearer {north.token(role)}"})
        if role in action.roles:
            assert answer.status_code not in (401, 403), (role, answer.text)
            assert answer.status_code < 500
        else:
            assert (role, answer.status_code, answer.json()["code"]) == (role, 403, "role-may-not")


@pytest.mark.parametrize("action", [each for each in ACTIONS if each.public], ids=lambda action: action.name)
def test_what_is_public_asks_nobody(stranger: httpx.Client, action: Action) -> None:
    assert call(stranger, action, {}).status_code == 200


@pytest.mark.parametrize("role", ["registrar", "approver", "operator", "auditor"])
def test_who_covers_but_a_part_of_the_region_sees_no_conversation(
    north: Region, stranger: httpx.Client, role: str
) -> None:
    headers = {"authorization": f"Bearer {north.token(role, areas=['0980'])}"}
    answer = stranger.get("/exchange/v1/conversations", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "area-not-yours")
