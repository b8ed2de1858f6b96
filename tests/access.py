"""What every service promises of its routes: who is asked who they are, and who is let in."""

from collections.abc import Mapping

import httpx
from fastapi import FastAPI
from starlette.routing import Route

from services.kernel.identity.caller import ROLES
from services.kernel.identity.matrix import Action
from tests.kernel.identity.tokens_of_attackers import Forge

FILLED = {
    "{id}": "0190a1b2-c3d4-7e5f-8a6b-9c7d8e9f0a1b",
    "{draft_id}": "0190a1b2-c3d4-7e5f-8a6b-9c7d8e9f0a1b",
    "{conversation_id}": "0190a1b2-c3d4-7e5f-8a6b-9c7d8e9f0a1b",
    "{message_id}": "0190a1b2-c3d4-7e5f-8a6b-9c7d8e9f0a1b",
    "{event_id}": "0190a1b2-c3d4-7e5f-8a6b-9c7d8e9f0a1b",
    "{code}": "0980",
    "{schema_id}": "1",
    "{subject}": "domicile.blocks.CivilParticulars",
    "{version}": "latest",
    "{projection}": "register",
    "{topic}": "north.registration",
    "{partition}": "0",
    "{offset}": "0",
}
"""What stands for the variable parts of addresses."""


def routes_of(app: FastAPI) -> set[str]:
    """METHOD /template of every route; HEAD goes with GET."""
    found = set()
    for route in app.routes:
        assert isinstance(route, Route), "a route that did not come through the door"
        found |= {f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}}
    return found


def call(http: httpx.Client, action: Action, headers: Mapping[str, str]) -> httpx.Response:
    """Calls a route with something in each variable part, and with a body that nobody can read."""
    method, path = action.name.split(" ")
    for name, value in FILLED.items():
        path = path.replace(name, value)
    if method == "POST":
        return http.post(path, content=b"{", headers={"content-type": "application/json"} | dict(headers))
    return http.request(method, path, headers=dict(headers))


def bad_tokens_are_refused(http: httpx.Client, action: Action, forge: Forge) -> None:
    """Nothing that an attacker makes is taken for a token."""
    for what, header in forge.all().items():
        answer = call(http, action, {"authorization": header})
        assert (what, answer.status_code) == (what, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert {"code", "title", "rule", "remedy"} <= set(answer.json())


def the_matrix_decides(http: httpx.Client, action: Action, tokens: Mapping[str, str]) -> None:
    """`tokens`: one for each role. Who is named comes in, whatever becomes of the nonsense; others do not."""
    assert set(tokens) == set(ROLES)
    for role, token in tokens.items():
        answer = call(http, action, {"authorization": f"Bearer {token}"})
        if role in action.roles:
            assert answer.status_code not in (401, 403), (role, answer.text)
            assert answer.status_code < 500, (role, answer.text)
        else:
            assert (role, answer.status_code, answer.json()["code"]) == (role, 403, "role-may-not")


def nobody_is_asked(http: httpx.Client, action: Action) -> None:
    """With no token, and with one that is none."""
    assert call(http, action, {}).status_code == 200
    assert call(http, action, {"authorization": "Bearer nonsense"}).status_code == 200
