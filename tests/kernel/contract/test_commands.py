"""`domicile schemas`, as a person uses it."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from services.kernel.contract.commands import register


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    register(app)
    return app


def run(app: typer.Typer, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["schemas", *arguments])
    return result.exit_code, result.output


def test_list_names_every_type_with_its_id(app: typer.Typer) -> None:
    code, output = run(app, "list")
    assert code == 0
    assert "BirthRegistered" in output
    assert "CivilParticulars" in output


@pytest.mark.parametrize("name", ["BirthRegistered", "CivilParticulars", "sex", "AreaEstablished"])
def test_show_describes_types_blocks_and_vocabularies(app: typer.Typer, name: str) -> None:
    code, output = run(app, "show", name)
    assert code == 0
    assert len(output.splitlines()) > 3


def test_show_says_what_was_probably_meant(app: typer.Typer) -> None:
    code, output = run(app, "show", "BirthRegisterd")
    assert code == 2
    assert "BirthRegistered" in output


def test_check_passes_on_the_published_contract(app: typer.Typer) -> None:
    assert run(app, "check") == (0, "The contract is in order.\n")


def test_check_fails_and_says_what_to_do(app: typer.Typer, folder: Path) -> None:
    path = folder / "registration/BirthRegistered/v1.avsc"
    path.write_text(path.read_text("utf-8").replace('"max": 40', '"max": 41'), "utf-8")
    code, output = run(app, "check", "--folder", str(folder))
    assert code == 1
    assert "v2.avsc" in output


def test_a_new_type_starts_with_the_envelope_and_is_sealed_when_it_is_right(app: typer.Typer, folder: Path) -> None:
    code, output = run(app, "new", "registration", "StatusRecorded", "--folder", str(folder))
    assert code == 0
    path = Path(output.strip())
    assert path.name == "v1.avsc"
    code, output = run(app, "seal", "--folder", str(folder))
    assert code == 1, "without doc and examples nothing is sealed"
    assert "Nothing was sealed" in output

    draft = path.read_text("utf-8").replace('"doc": ""', '"doc": "A status was recorded."')
    path.write_text(draft, "utf-8")
    (path.parent / "examples/one.json").write_text('{"type": "StatusRecorded"}', "utf-8")
    for name in ("one", "two"):
        refused = '{"code": "missing-field", "path": "/event_id", "post": {"type": "StatusRecorded"}}'
        (path.parent / f"refused/{name}.json").write_text(refused, "utf-8")
    code, output = run(app, "seal", "--folder", str(folder))
    assert (code, "StatusRecorded v1 = id" in output) == (0, True)
    assert run(app, "check", "--folder", str(folder))[0] == 0


def test_the_next_version_starts_from_the_one_before(app: typer.Typer, folder: Path) -> None:
    code, output = run(app, "new", "registration", "NameChanged", "--folder", str(folder))
    assert (code, Path(output.strip()).name) == (0, "v2.avsc")


def test_an_unknown_context_is_refused(app: typer.Typer, folder: Path) -> None:
    assert run(app, "new", "weather", "RainFell", "--folder", str(folder))[0] == 2


def test_pages_are_written(app: typer.Typer, tmp_path: Path) -> None:
    code, _ = run(app, "pages", "--output", str(tmp_path / "reference"))
    assert code == 0
    assert (tmp_path / "reference" / "registration.md").exists()
