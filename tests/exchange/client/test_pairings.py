"""`domicile exchange …`: what waits for people, asked of a running exchange."""

import json

import pytest
from typer.testing import CliRunner

from deploy.domicile import make_app
from deploy.local.stack import Running
from services.exchange.client.pairings import _tell
from tests.ingest.offices import new_id

TOLD = {
    "kind": "CONFLICT", "partner": "south", "revision": 2, "waits_for": "second-person",
    "asked": {"family_name": "Berg", "birth_on": "1975"},
    "found": [
        {"person_id": "p-1", "score": 95, "refusal": "B-D", "refusal_says": "The person is deceased.",
         "held": {"birth_on": "1975-03-02"},
         "explanation": [{"field": "name", "verdict": "same", "weight": 14.0}]},
    ],
    "outcome": "PERSON", "person_id": "p-1",
}  # fmt: skip


@pytest.fixture
def run(stack: Running, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("DOMICILE_HOME", str(stack.regions["north"].home))
    return lambda *arguments: CliRunner().invoke(make_app(), ["exchange", *arguments])


def test_what_waits_is_listed(run: object) -> None:
    assert callable(run)
    listed = run("pairings", "south", "--json")
    assert (listed.exit_code, json.loads(listed.output)) == (0, []), listed.output


def test_what_is_not_there_is_told_in_a_sentence(run: object) -> None:
    assert callable(run)
    for arguments in (["pairing", "south", new_id()], ["decide", "south", new_id(), "--revision", "1", "--agree"]):
        told = run(*arguments)
        assert (told.exit_code, "unknown-pairing" in told.output) == (1, True), told.output
    both = run("decide", "south", new_id(), "--revision", "1", "--agree", "--person", new_id())
    assert "Say one thing" in both.output


def test_a_question_shows_both_sides_and_what_agrees() -> None:
    text = "\n".join(_tell(TOLD))
    for part in (
        "CONFLICT: south asks",
        "family_name: Berg",
        "p-1  95 %; chosen, the notice would be refused: B-D, The person is deceased.",
        "name same (+14)",
    ):
        assert part in text
    assert text.endswith("Proposed: PERSON p-1")
