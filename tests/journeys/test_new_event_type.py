"""What CONTRIBUTING says a new event type costs is true: the diff that it shows is applied and everything knows it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIFF = ROOT / "docs" / "examples" / "new-event-type.diff"
TYPE = "HouseholdRelationChanged"
COPIED = ("schemas", "services", "deploy", "docs", "tests", "pyproject.toml")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the project with the diff applied."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path)
    subprocess.run(["git", "apply", "--unsafe-paths", "--directory", str(tmp_path), str(DIFF)], cwd="/", check=True)
    return tmp_path


def test_a_new_event_type_is_one_schema_folder_one_function_and_one_test(tree: Path) -> None:
    changed = [line[len("+++ b/") :] for line in DIFF.read_text("utf-8").splitlines() if line.startswith("+++ b/")]
    code = [path for path in changed if not path.startswith((f"schemas/registration/{TYPE}/", "tests/"))]
    assert code == ["services/projections/register/life/events/households.py"]

    for command in (("schemas", "seal"), ("schemas", "check")):
        assert run(tree, "deploy.domicile", *command).returncode == 0
    tested = run(tree, "pytest", "-p", "no:xdist", "tests/projections/register/life/test_household_relation.py")
    assert tested.returncode == 0, tested.stdout


def run(tree: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", *words], cwd=tree, capture_output=True, text=True, check=False)
