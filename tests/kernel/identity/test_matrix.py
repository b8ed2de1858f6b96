"""Who may do what."""

from pathlib import Path

import pytest

from services.kernel.errors import Forbidden
from services.kernel.identity.caller import ROLES, Caller
from services.kernel.identity.matrix import Action, read_matrix

ACTIONS = list(read_matrix("ingest"))


def caller(*roles: str) -> Caller:
    return Caller("somebody", frozenset(roles), ("*",), None, "north")


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_a_role_may_do_what_the_matrix_says_and_nothing_else(action: Action, role: str) -> None:
    matrix = read_matrix("ingest")
    if action.public or role in action.roles:
        matrix.require(action.name, caller(role))
    else:
        with pytest.raises(Forbidden):
            matrix.require(action.name, caller(role))


def test_an_action_that_is_not_in_the_matrix_is_denied_to_all_roles_together() -> None:
    with pytest.raises(Forbidden):
        read_matrix("ingest").require("DELETE /v1/events", caller(*ROLES))
    assert list(read_matrix("no-such-service")) == []


def test_a_caller_without_roles_may_do_nothing_but_what_is_public() -> None:
    matrix = read_matrix("ingest")
    for action in ACTIONS:
        if not action.public:
            with pytest.raises(Forbidden):
                matrix.require(action.name, caller())


def test_nobody_who_drafts_by_role_also_approves_by_role() -> None:
    matrix = read_matrix("ingest")
    draft = matrix.find("POST /v1/corrections")
    approve = matrix.find("POST /v1/corrections/{draft_id}:approve")
    assert draft is not None
    assert approve is not None
    assert not draft.roles & approve.roles


@pytest.mark.parametrize(
    "entry",
    [
        'doc = "x"',
        'roles = ["registrar"]',
        'doc = "x"\nroles = ["emperor"]',
        'doc = "x"\nroles = ["registrar"]\npublic = true',
        'doc = "x"\npublic = true\npublik = true',
    ],
)
def test_an_entry_that_is_not_clear_stops_the_start(entry: str, tmp_path: Path) -> None:
    file = tmp_path / "matrix.toml"
    file.write_text(f'[ingest."GET /x"]\n{entry}\n')
    with pytest.raises(ValueError, match="GET /x"):
        read_matrix("ingest", file)
