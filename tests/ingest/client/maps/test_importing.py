"""`domicile geography import` as the keeper of the map runs it, and how posts are divided into waves."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from typer.testing import CliRunner

from deploy.domicile import make_app
from services.ingest.client.maps.waves import split_waves
from tests.ingest.client.test_against_the_stack import run

HEADER = "period,name,change_type,new_code9,mother_or_old_name,old_code9,legal_basis,remarks,sheet,level\n"


def test_a_post_waits_for_the_area_that_it_needs_and_no_longer() -> None:
    def post(kind: str, area: str, **more: Any) -> dict[str, Any]:
        return {"type": kind, "area": area} | more

    a, b, c = (post("AreaEstablished", code) for code in "abc")
    rename, merge = post("AreaRenamed", "a"), post("AreaMerged", "d", merged_areas=["b"])
    end, known = post("AreaAbolished", "d"), post("AreaRenamed", "z")
    assert list(split_waves([a, b, known, rename, c, merge, end])) == [[a, b, known], [rename, c, merge], [end]]
    assert list(split_waves([])) == []


def write(folder: Path) -> Path:
    stem = f"{uuid4().int % 90 + 10}{uuid4().int % 10**4:04}"
    rows = [
        f"January - March 2001,Bgy. A,Transferred barangay,{stem}101,,{stem}001,,,,barangay",
        f"April - June 2001,Bgy. B,Correction of name,{stem}101,Bgy. A,,,,,barangay",
        "April - June 2001,Bgy. C,Newly created barangay,,,,,,,barangay",
    ]
    file = folder / "changes.csv"
    file.write_text(HEADER + "\n".join(rows) + "\n")
    return file


def test_a_dry_run_tells_what_became_of_each_row_and_asks_nobody(tmp_path: Path) -> None:
    file, report = write(tmp_path), tmp_path / "report.csv"
    asked = ["geography", "import", "north", str(file), "--dry-run", "--format"]
    told = CliRunner().invoke(make_app(), [*asked, "psgc", "--report", str(report)])
    assert told.exit_code == 0, told.output
    assert "changes.csv: 3 rows" in told.output
    assert "1 left out: no code" in told.output
    assert "4 events would be posted" in told.output
    assert report.read_text() == "file,row,code,outcome,reason\nchanges.csv,3,,left out,no code\n"
    wrong = CliRunner().invoke(make_app(), [*asked, "gb2260"])
    assert (wrong.exit_code, "Its columns are revision, code, name." in wrong.output) == (1, True)
    assert CliRunner().invoke(make_app(), [*asked, "other"]).exit_code == 1


def test_a_table_of_changes_is_recorded_once(stack: Any, tmp_path: Path) -> None:
    asked = ("geography", "import", "north", str(write(tmp_path)), "--format", "psgc")
    first, again = (run(stack, *asked) for _ in range(2))
    assert first.returncode == again.returncode == 0, first.stderr + first.stdout
    assert "4 events recorded, 0 known already, 0 refused" in first.stdout
    assert "0 events recorded, 4 known already, 0 refused" in again.stdout
