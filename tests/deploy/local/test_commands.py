"""The command line of the local stack."""

import json
import os
import subprocess
import sys
from pathlib import Path

from deploy.local.stack import Running, find_running

_ROOT = Path(__file__).parents[3]
_DOMICILE = (sys.executable, "-m", "deploy.domicile")


def _make_environment(home: Path) -> dict[str, str]:
    return {"DOMICILE_HOME": str(home), "PATH": os.environ["PATH"], "HOME": str(Path.home()), "COLUMNS": "200"}


def _run(home: Path, *arguments: str, said: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*_DOMICILE, *arguments],
        env={**_make_environment(home), **environment},
        cwd=_ROOT,
        input=said,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_command() -> None:
    ran = _run(Path("nowhere"), "--help")
    assert ran.returncode == 0
    for command in ("up", "down", "status", "logs", "reset", "token", "demo", "post", "import", "log", "schemas"):
        assert f" {command} " in ran.stdout


def test_status_prints_exactly_one_object_and_nothing_else(stack: Running) -> None:
    ran = _run(stack.home, "status", "--json")
    told = json.loads(ran.stdout)
    assert set(told) == {"kafka", "regions", "processes"}
    (ingest,) = [each for each in told["processes"] if each["name"] == "north-ingest"]
    assert (ingest["health"], ingest["crashes"], ingest["memory_bytes"] > 0) == ("healthy", 0, True)
    assert told["processes"][0]["name"] == "supervisor"
    assert told["kafka"] == stack.kafka
    for name, region in told["regions"].items():
        assert set(region) == {"ingest", "read", "exchange", "database", "analyst_database"}
        assert region["database"].endswith(f"/domicile_{name}")
        assert region["analyst_database"].startswith(f"postgresql://domicile_{name}_analyst:")
    assert ran.stderr == ""


def test_status_shows_every_process_its_memory_and_its_health(stack: Running) -> None:
    ran = _run(stack.home, "status")
    for process in stack.list_processes():
        assert process.name in ran.stdout
    assert "MB" in ran.stdout
    assert "not ready" not in ran.stdout


def test_status_of_nothing_says_what_to_do_on_stderr_only(tmp_path: Path) -> None:
    ran = _run(tmp_path / "none", "status", "--json")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "domicile up" in ran.stderr


def test_up_on_a_running_stack_changes_nothing(stack: Running) -> None:
    before = [process.identity for process in stack.list_processes()]
    ran = _run(stack.home, "up")
    assert ran.returncode == 0, ran.stderr
    assert [process.identity for process in stack.list_processes()] == before


def test_up_with_other_regions_on_a_running_stack_says_so(stack: Running) -> None:
    ran = _run(stack.home, "up", "--regions", "elsewhere")
    assert ran.returncode == 1
    assert "domicile down" in ran.stderr


def test_a_misspelt_setting_stops_up_and_is_named(tmp_path: Path) -> None:
    ran = _run(tmp_path / "home", "up", DOMICILE_REGOIN="x")
    assert ran.returncode == 1
    assert "DOMICILE_REGOIN" in ran.stderr


def test_logs_show_one_process_or_name_those_there_are(stack: Running) -> None:
    assert "database system is ready" in _run(stack.home, "logs", "postgres", "-n", "1000").stdout
    ran = _run(stack.home, "logs", "posgres")
    assert ran.returncode == 1
    assert "postgres" in ran.stderr


def test_reset_asks_first(stack: Running) -> None:
    ran = _run(stack.home, "reset", said="n\n")
    assert ran.returncode == 1
    assert find_running(stack.home)


def test_secrets_are_for_their_owners_eyes_only(stack: Running) -> None:
    files = [path for path in stack.home.glob("**/*.json") if "jwks" not in path.name]
    files += [*stack.home.glob("regions/*/region.key"), *stack.home.glob("regions/*/identity/*.pem")]
    assert len(files) > 6
    for file in files:
        assert file.stat().st_mode & 0o077 == 0, file
