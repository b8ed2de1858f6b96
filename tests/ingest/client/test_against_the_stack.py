"""The commands as a clerk runs them, against a real broker, database and ingest."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.ingest.client.event_ids import make_row_ids
from services.kernel.log.reader import LogReader

REGION = "north"
ROOT = Path(__file__).parents[3]


def domicile(stack: Any, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "deploy.domicile", *arguments]


def environment(stack: Any) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOMICILE_")}
    return {**kept, "DOMICILE_HOME": str(stack.home)}


def run(stack: Any, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        domicile(stack, *arguments),
        cwd=ROOT,
        env=environment(stack),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def count_on_the_log(stack: Any, ids: set[str]) -> Counter[str]:
    reader = LogReader(stack.kafka)
    counts: Counter[str] = Counter()
    for batch in reader.read_range(reader.ranges(reader.partitions([f"{REGION}.registration"]))):
        for message in batch:
            headers: dict[str, bytes] = dict(message.headers() or [])  # type: ignore[arg-type]
            counts[headers["ce_id"].decode()] += 1
    reader.close()
    return Counter({event_id: count for event_id, count in counts.items() if event_id in ids})


@pytest.fixture(scope="module")
def area(stack: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    code = f"E{uuid4().hex[:8]}"
    file = tmp_path_factory.mktemp("map") / "areas.csv"
    file.write_text(f"code,name,parent,level,valid_from\n{code},Importshire,,1,1900\n{code}-1,Sub,{code},2,1950\n")
    loaded = run(stack, "geography", "load", REGION, str(file))
    assert loaded.returncode == 0, loaded.stderr
    assert "2 areas recorded" in loaded.stdout
    assert "2 known already" in run(stack, "geography", "load", REGION, str(file)).stdout
    return code


def births(area: str, count: int, **more: Any) -> list[dict[str, Any]]:
    row_id = make_row_ids(uuid4().hex)
    return [
        {
            "type": "BirthRegistered",
            "event_id": row_id(number),
            "occurred_on": "2003-05-17",
            "registered_at": "2003-05-20T09:30:00+02:00",
            "residence_area": area,
            "occurrence_area": area,
            "office": f"{area}-1",
            "subjects": [{"role": "child", "civil": {"given_names": f"Ex {number}", "family_name": "Ample"}}],
            "sex": "female",
            "live_birth": True,
            **more,
        }
        for number in range(count)
    ]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_an_import_that_is_killed_goes_on_and_nothing_is_doubled(stack: Any, area: str, tmp_path: Path) -> None:
    rows = births(area, 2000)
    file = write(tmp_path / "births.ndjson", rows)
    command = ("import", REGION, str(file), "--batch", "50", "--concurrency", "2", "--json")
    first = subprocess.Popen(domicile(stack, *command), cwd=ROOT, env=environment(stack), stdout=subprocess.DEVNULL)
    mark = tmp_path / "births.ndjson.import-state.json"
    until = time.monotonic() + 60
    while not mark.exists() and first.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert mark.exists(), "the import was over before it could be killed"
    second = run(stack, *command)
    assert second.returncode == 0, second.stderr
    summary = json.loads(second.stdout.splitlines()[-1])
    assert (summary["finished"], summary["rows"], summary["refused"]) == (True, 2000, 0)
    assert summary["resumed_at"] > 0
    assert not mark.exists()
    ids = {row["event_id"] for row in rows}
    assert count_on_the_log(stack, ids) == Counter(dict.fromkeys(ids, 1))


def test_bad_rows_come_back_with_reasons_and_can_be_sent_again(stack: Any, area: str, tmp_path: Path) -> None:
    rows = births(area, 20)
    rows[3]["sex"] = "?"
    rows[7]["occurrence_area"] = "no-such-area"
    file = write(tmp_path / "births.ndjson", rows)
    imported = run(stack, "import", REGION, str(file))
    assert imported.returncode == 3, imported.stderr
    rejected = tmp_path / "births.ndjson.rejected.ndjson"
    told = [json.loads(line) for line in rejected.open()]
    assert [(row["row"], row["code"]) for row in told] == [(4, "unknown-word"), (8, "unknown-area")]
    assert all(row["path"] and row["rule"] and row["remedy"] for row in told)
    rejected.write_text(rejected.read_text().replace('"?"', '"male"').replace("no-such-area", area))
    assert run(stack, "import", REGION, str(rejected)).returncode == 0
    assert sum(count_on_the_log(stack, {row["event_id"] for row in rows}).values()) == 20


def test_what_was_posted_can_be_seen_on_the_log_with_its_particulars_sealed(
    stack: Any, area: str, tmp_path: Path
) -> None:
    (birth,) = births(area, 1, subjects=[{"role": "child", "civil": {"given_names": "Xylophonia"}}])
    file = write(tmp_path / "one.json", [birth])
    posted = run(stack, "post", REGION, str(file), "--json")
    assert posted.returncode == 0, posted.stderr
    (child,) = json.loads(posted.stdout)["subjects"]
    shown = run(stack, "log", "tail", REGION, "--person", child["person_id"], "--type", "BirthRegistered", "--json")
    assert shown.returncode == 0, shown.stderr
    (event,) = [json.loads(line) for line in shown.stdout.splitlines()]
    assert event["event_id"] == birth["event_id"]
    assert event["subjects"][0]["particulars"] == {"civil": "sealed"}
    assert event["occurred_on"] == "2003-05-17"
    assert "Xylophonia" not in run(stack, "log", "tail", REGION, "--from-beginning").stdout


def test_a_dry_run_appends_nothing(stack: Any, area: str, tmp_path: Path) -> None:
    rows = births(area, 3)
    checked = run(stack, "import", REGION, str(write(tmp_path / "a.ndjson", rows)), "--dry-run")
    assert checked.returncode == 0, checked.stderr
    assert "3 rows would be recorded" in checked.stdout
    assert count_on_the_log(stack, {row["event_id"] for row in rows}) == Counter()
