"""What CONTRIBUTING says a new indicator costs is true: the diff that it shows is applied and everything knows it."""

from pathlib import Path

from tests.journeys.copies import ROOT, changed_by, copy_project, run

DIFF = ROOT / "docs" / "examples" / "new-indicator.diff"
ID, PAGE = "vital-index", "services.projections.statistics.indicators.page"
TESTS = "tests/projections/statistics/indicators"


def test_a_new_indicator_is_one_declaration_and_one_golden_test(tmp_path: Path) -> None:
    tree = copy_project(DIFF, tmp_path)
    assert changed_by(DIFF) == ["services/projections/statistics/indicators/vital.py", f"{TESTS}/examples.py"]

    untold = run(tree, "pytest", "-p", "no:xdist", "-q", f"{TESTS}/test_by_hand.py")
    failed = [line for line in untold.stdout.splitlines() if line.startswith("FAILED ")]
    assert [line.rpartition("::")[2].split()[0] for line in failed] == [
        "test_the_page_for_people_is_that_of_the_declarations"
    ]
    page = run(tree, PAGE)
    assert f"`{ID}/1`" in page.stdout
    (tree / "docs" / "indicators.md").write_text(page.stdout)

    tested = run(tree, "pytest", "-p", "no:xdist", "-vv", f"{TESTS}/test_by_hand.py")
    assert tested.returncode == 0, tested.stdout
    assert f"test_an_indicator_is_what_is_worked_out_by_hand[{ID}] PASSED" in tested.stdout
