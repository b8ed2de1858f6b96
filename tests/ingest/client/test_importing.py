import json
import threading
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.ingest.client.door import Door
from services.ingest.client.importing import Import, Order, Summary
from services.ingest.client.marks import State
from services.ingest.client.summary import as_text
from services.kernel.asking import CannotGoOn


class Silent:
    def __init__(self) -> None:
        self.sentences: list[str] = []

    def advance(self, done: int, total: int, state: State) -> None:
        assert 0 < done <= total

    def say(self, sentence: str) -> None:
        if sentence:
            self.sentences.append(sentence)


def run(ingest: Any, file: Path, stop: threading.Event | None = None, **order: Any) -> Summary:
    given = Order(file, **{"batch": 5, "concurrency": 3, **order})
    return Import(ingest.door, given, Silent(), stop or threading.Event()).run()


def write(path: Path, count: int, ids: bool = True, **more: Any) -> Path:
    rows = [({"event_id": f"e-{n}"} if ids else {}) | {"n": n, **more} for n in range(1, count + 1)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def left_behind(file: Path) -> set[str]:
    return {path.name.removeprefix(file.name) for path in file.parent.iterdir()} - {""}


def test_every_row_is_recorded_once_and_nothing_is_left_behind(ingest: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "a.ndjson", 103)
    summary = run(ingest, file)
    assert (summary.recorded, summary.repeated, summary.refused, summary.finished) == (103, 0, 0, True)
    assert len(ingest.recorded) == 103
    assert left_behind(file) == set()


def test_importing_again_repeats_everything_with_or_without_ids(ingest: Any, tmp_path: Path) -> None:
    for ids in (True, False):
        file = write(tmp_path / f"{ids}.ndjson", 20, ids)
        run(ingest, file)
        assert run(ingest, file).repeated == 20
    assert len(ingest.recorded) == 40


def test_rows_without_ids_get_uuids(ingest: Any, tmp_path: Path) -> None:
    run(ingest, write(tmp_path / "a.ndjson", 3, ids=False))
    assert all(UUID(event_id).version == 7 for event_id in ingest.recorded)


def test_refused_rows_come_back_with_reasons_in_the_order_of_the_file(ingest: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    lines = [json.dumps({"event_id": f"e-{n}", "sex": "?" if n % 7 == 0 else "male"}) for n in range(1, 41)]
    lines[10] = "{oops"
    file.write_text("\n".join(lines))
    summary = run(ingest, file)
    assert (summary.recorded, summary.refused) == (34, 6)
    assert summary.rejected_file is not None
    rejected = [json.loads(line) for line in summary.rejected_file.read_text().splitlines()]
    assert [row["row"] for row in rejected] == [7, 11, 14, 21, 28, 35]
    assert rejected[0] == {
        "row": 7,
        "code": "unknown-word",
        "path": "/sex",
        "rule": "A word.",
        "remedy": "Take one.",
        "post": {"event_id": "e-7", "sex": "?"},
    }
    assert rejected[1]["post"] == "{oops"
    assert UUID(rejected[1]["event_id"]).version == 7
    assert "Correct them in that file" not in as_text(summary)


def test_a_corrected_rejected_file_can_be_imported(ingest: Any, tmp_path: Path) -> None:
    run(ingest, write(tmp_path / "a.ndjson", 3, ids=False, sex="?"))
    rejected = tmp_path / "a.ndjson.rejected.ndjson"
    rejected.write_text(rejected.read_text().replace("?", "male"))
    assert run(ingest, rejected).recorded == 3


def test_a_dry_run_records_nothing_and_writes_nothing(ingest: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "a.ndjson", 9, sex="?")
    assert run(ingest, file, dry_run=True).refused == 9
    assert run(ingest, write(file, 9), dry_run=True).checked == 9
    assert ingest.recorded == {}
    assert left_behind(file) == set()


def test_busy_and_silent_and_unknown_are_waited_for(ingest: Any, tmp_path: Path) -> None:
    unknown = {"index": 1, "outcome": "refused", "status": 503, "code": "log-unavailable", "retry_after_s": 0.01}
    ingest.next_answers += [
        (429, {"retry-after": "0.05"}, {"code": "too-busy"}),
        (503, {"retry-after": "0.05"}, {"code": "log-unavailable"}),
        None,
        (200, {}, {"recorded": 4, "repeated": 0, "checked": 0, "refused": 1, "outcomes": [unknown]}),
    ]
    summary = run(ingest, write(tmp_path / "a.ndjson", 5), concurrency=1)
    assert (summary.recorded, summary.refused, summary.finished) == (5, 0, True)
    assert ingest.bodies[-1] == b'{"event_id": "e-2", "n": 2}\n'


def test_what_is_refused_as_a_whole_is_divided_until_the_bad_row_stands_alone(ingest: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "a.ndjson", 9)
    with file.open("a") as more:
        more.write(json.dumps({"event_id": "big", "n": "x" * 1_000_001}) + "\n")
    summary = run(ingest, file, batch=10)
    # The reader itself refuses lines beyond its own limit; this one is just below it, and above ingest's.
    assert (summary.recorded, summary.refused) == (9, 1)


def test_a_stopped_import_goes_on_where_it_stopped(ingest: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    rows = [{"n": n, "sex": "?" if n % 10 == 0 else "male"} for n in range(1, 201)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    stop = threading.Event()
    ingest.before = lambda count: stop.set() if count == 9 else None
    first = run(ingest, file, stop)
    assert not first.finished
    assert 0 < first.rows < 200
    assert left_behind(file) >= {".import-state.json"}
    ingest.before = lambda count: None
    second = run(ingest, file)
    assert (second.finished, second.recorded, second.refused) == (True, 180, 20)
    assert second.resumed_at == first.rows
    assert sorted(post["n"] for post in ingest.recorded.values()) == [n for n in range(1, 201) if n % 10]
    rejected = [json.loads(line)["row"] for line in (tmp_path / "a.ndjson.rejected.ndjson").open()]
    assert rejected == list(range(10, 201, 10))
    assert left_behind(file) == {".rejected.ndjson"}


def test_after_a_crash_refusals_beyond_the_mark_are_not_told_twice(ingest: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "a.ndjson", 60, sex="?")
    stop = threading.Event()
    ingest.before = lambda count: stop.set() if count == 4 else None
    run(ingest, file, stop)
    rejected = tmp_path / "a.ndjson.rejected.ndjson"
    with rejected.open("a") as more:  # what a killed process wrote after its last mark, half a line at that
        more.write('{"row":59,"code":"x"}\n{"row":6')
    run(ingest, file)
    assert [json.loads(line)["row"] for line in rejected.open()] == list(range(1, 61))


def test_a_refused_token_stops_the_import_and_keeps_the_mark(ingest: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "a.ndjson", 20)
    run(ingest, file, dry_run=True)
    ingest.next_answers += [(401, {}, {"code": "expired-token", "title": "Expired", "remedy": "Get one."})] * 40
    with pytest.raises(CannotGoOn, match=r"401 expired-token.*Get one"):
        run(ingest, file)
    assert ".import-state.json" in left_behind(file)
    ingest.next_answers.clear()
    assert run(ingest, file).recorded == 20


def test_going_on_with_another_file_or_region_is_refused(ingest: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "a.ndjson", 20)
    ingest.next_answers += [(403, {}, {"code": "role-may-not"})] * 10
    with pytest.raises(CannotGoOn):
        run(ingest, file)
    ingest.next_answers.clear()
    elsewhere = Door("south", ingest.url, lambda: "a-token")
    with pytest.raises(CannotGoOn, match="'north' is not finished"):
        Import(elsewhere, Order(file), Silent(), threading.Event()).run()
    write(file, 21)
    with pytest.raises(CannotGoOn, match="changed"):
        run(ingest, file)
    assert run(ingest, file, restart=True).recorded == 21


def test_nobody_at_home_is_said_at_once(tmp_path: Path) -> None:
    door = Door("north", "http://127.0.0.1:9", lambda: "a-token")
    with pytest.raises(CannotGoOn, match="Nobody answers"):
        Import(door, Order(write(tmp_path / "a.ndjson", 2)), Silent(), threading.Event()).run()


def test_a_table_goes_through_its_mapping(ingest: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n,s\n1,male\n2,?\nx,male\n")
    mapping = tmp_path / "m.json"
    mapping.write_text(json.dumps({"post": {"n": {"$column": "n", "as": "integer"}, "sex": "$s"}}))
    summary = run(ingest, tmp_path / "a.csv", mapping=mapping)
    assert (summary.recorded, summary.refused) == (1, 2)
    rejected = [json.loads(line) for line in (tmp_path / "a.csv.rejected.ndjson").open()]
    assert [(row["row"], row["code"]) for row in rejected] == [(2, "unknown-word"), (3, "wrong-cell")]


def table(folder: Path, text: str) -> tuple[Path, Path]:
    (folder / "a.csv").write_text(text)
    (folder / "m.json").write_text(json.dumps({"post": {"n": {"$column": "n", "as": "integer"}, "sex": "$s"}}))
    return folder / "a.csv", folder / "m.json"


def test_correcting_the_rejected_file_in_two_rounds_doubles_nothing(ingest: Any, tmp_path: Path) -> None:
    file, mapping = table(tmp_path, "n,s\n1,male\n2,?\nx,male\n4,male,5\n")
    run(ingest, file, mapping=mapping)
    rejected = tmp_path / "a.csv.rejected.ndjson"
    rejected.write_text(rejected.read_text().replace('"?"', '"male"'))
    run(ingest, rejected)
    rejected.write_text(rejected.read_text().replace('"x"', "3"))
    again = run(ingest, rejected.rename(tmp_path / "renamed.ndjson"))
    assert (again.recorded, again.repeated) == (0, 3)
    assert len(ingest.recorded) == 4


def test_a_line_that_was_no_json_keeps_its_id_through_every_round(ingest: Any, tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text("{oops\n")
    run(ingest, tmp_path / "a.ndjson")
    first = tmp_path / "a.ndjson.rejected.ndjson"
    ingest.next_answers += [(422, {}, {"code": "malformed-json"})]
    run(ingest, first)
    second = (tmp_path / "a.ndjson.rejected.ndjson.rejected.ndjson").rename(tmp_path / "second.ndjson")
    for file in (first, second):
        file.write_text(file.read_text().replace('"{oops"', '{"n":1}'))
    assert run(ingest, first).recorded == 1
    assert run(ingest, second).repeated == 1


def test_a_corrected_table_keeps_its_ids_under_the_identity_that_the_summary_names(ingest: Any, tmp_path: Path) -> None:
    file, mapping = table(tmp_path, "n,s\n1,male\nx,male\n")
    first = run(ingest, file, mapping=mapping)
    assert f"--identity {first.identity} " in as_text(first)
    file.write_text("n,s\n1,male\n2,male\n")
    second = run(ingest, file, mapping=mapping, identity=first.identity)
    assert (second.recorded, second.repeated) == (1, 1)


def test_an_import_that_stops_before_its_first_row_changes_nothing(ingest: Any, tmp_path: Path) -> None:
    file, mapping = table(tmp_path, "n,s\n1,?\n")
    run(ingest, file, mapping=mapping)
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({"post": {"n": "$missing"}}))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(CannotGoOn, match="no column") as stopped:
        run(ingest, file, mapping=bad)
    assert "nothing is doubled" not in str(stopped.value)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    run(ingest, file, mapping=mapping)


def test_nothing_is_doubled_is_said_when_rows_were_under_way(ingest: Any, tmp_path: Path) -> None:
    ingest.next_answers += [(401, {}, {"code": "expired-token", "title": "Expired"})] * 10
    with pytest.raises(CannotGoOn, match="nothing is doubled"):
        run(ingest, write(tmp_path / "a.ndjson", 2))
