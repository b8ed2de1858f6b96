import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from services.ingest.client import posting
from services.ingest.client.commands import register
from services.kernel.asking import CannotGoOn

runner = CliRunner()


def invoke(*arguments: str, text: str | None = None) -> Any:
    app = typer.Typer()
    register(app)
    return runner.invoke(app, list(arguments), input=text)


def test_an_array_and_lines_are_posted_as_a_batch(ingest: Any) -> None:
    lines = b'{"event_id":"a"}\n{"event_id":"b"}\n'
    assert posting.post(ingest.door, lines).refused == 0
    assert sorted(ingest.recorded) == ["a", "b"]


def test_events_without_an_id_get_the_same_one_each_time(ingest: Any) -> None:
    text = b'{"n":1}\n{"n":2}\n'
    posting.post(ingest.door, text)
    posting.post(ingest.door, text)
    assert len(ingest.recorded) == 2


def test_a_refusal_is_shown_with_its_rule_and_remedy(ingest: Any) -> None:
    problem = {"code": "unknown-word", "path": "/sex", "rule": "A word.", "remedy": "Take one."}
    ingest.next_answers.append((422, {}, problem))
    result = invoke("post", "north", "-", "--url", ingest.url, "--token", "t", text='{"event_id":"a"}')
    assert result.exit_code == 2
    assert "refused" in result.output
    assert all(word in result.output for word in ("unknown-word at /sex", "A word.", "Take one."))


def test_a_recorded_event_is_shown_with_its_people_and_place(ingest: Any) -> None:
    answer = {
        "outcome": "recorded",
        "event_id": "a",
        "subjects": [{"role": "child", "person_id": "p", "identified_by": "derived"}],
        "position": {"topic": "north.registration", "partition": 2, "offset": 7},
        "findings": [],
    }
    ingest.next_answers += [(201, {}, answer)] * 2
    result = invoke("post", "north", "-", "--url", ingest.url, "--token", "t", text='{"event_id":"a"}')
    assert result.exit_code == 0
    assert "north.registration/2@7" in result.output
    assert "child: p" in result.output
    result = invoke("post", "north", "-", "--json", "--url", ingest.url, "--token", "t", text="{}")
    assert json.loads(result.output)["position"]["offset"] == 7


@pytest.mark.parametrize("text", ["", "[1,"])
def test_nothing_to_post_is_said_in_a_sentence(ingest: Any, text: str) -> None:
    with pytest.raises(CannotGoOn):
        posting.post(ingest.door, text.encode())
    assert invoke("post", "north", "-", "--url", ingest.url, "--token", "t", text=text).exit_code == 1


def test_without_a_stack_every_command_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOMICILE_HOME", str(tmp_path))
    monkeypatch.delenv("DOMICILE_TOKEN", raising=False)
    monkeypatch.delenv("DOMICILE_KAFKA", raising=False)
    file = tmp_path / "a.ndjson"
    file.write_text("{}\n")
    for command in (("post", "north", str(file)), ("import", "north", str(file)), ("log", "tail", "north")):
        result = invoke(*command)
        assert result.exit_code == 1
        assert "domicile up" in result.output


def test_an_unknown_region_is_told_those_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOMICILE_HOME", str(tmp_path))
    (tmp_path / "stack.json").write_text(json.dumps({"kafka": "x:1", "regions": {"north": {"ingest": "u"}}}))
    result = invoke("post", "nrth", "-", text="{}")
    assert result.exit_code == 1
    assert "north" in result.output


def test_import_prints_a_summary_and_tells_by_its_exit_code(ingest: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_text('{"event_id":"a"}\n{"event_id":"b","sex":"?"}\n')
    result = invoke("import", "north", str(file), "--url", ingest.url, "--token", "t")
    assert result.exit_code == 3
    assert "1 recorded, 0 repeated, 1 refused" in result.output
    result = invoke("import", "north", str(file), "--json", "--url", ingest.url, "--token", "t")
    assert json.loads(result.output.splitlines()[-1])["repeated"] == 1
