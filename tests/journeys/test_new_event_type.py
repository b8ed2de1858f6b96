"""What CONTRIBUTING says a new event type costs is true: the diff that it shows is applied and everything knows it."""

from pathlib import Path

from tests.journeys.copies import ROOT, changed_by, copy_project, run

DIFF = ROOT / "docs" / "examples" / "new-event-type.diff"
TYPE = "HouseholdRelationChanged"


def test_a_new_event_type_is_one_schema_folder_one_function_and_one_test(tmp_path: Path) -> None:
    tree = copy_project(DIFF, tmp_path)
    code = [path for path in changed_by(DIFF) if not path.startswith((f"schemas/registration/{TYPE}/", "tests/"))]
    assert code == ["services/projections/register/life/events/households.py"]

    for command in (("schemas", "seal"), ("schemas", "check")):
        assert run(tree, "deploy.domicile", *command).returncode == 0
    tested = run(tree, "pytest", "-p", "no:xdist", "tests/projections/register/life/test_household_relation.py")
    assert tested.returncode == 0, tested.stdout
