"""The signing key of the local stack, and `domicile token`."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from services.kernel.identity.commands import register, seconds_of
from services.kernel.identity.local_keys import PRIVATE_KEY, ensure_signing_key, identity_folder, issue_token


def test_the_private_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    public = ensure_signing_key(tmp_path / "identity")
    private = tmp_path / "identity" / PRIVATE_KEY
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert "d" not in json.loads(public.read_text())["keys"][0]


def test_the_first_key_stays_whoever_asks_again(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda _: ensure_signing_key(tmp_path), range(16)))
    texts = {path.read_text() for path in paths}
    assert len(texts) == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["jwks.json", PRIVATE_KEY]


def test_a_role_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    ensure_signing_key(tmp_path)
    with pytest.raises(ValueError, match="emperor"):
        issue_token(tmp_path, "north", "emperor")


def run(home: Path, *words: str) -> tuple[int, str]:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    result = CliRunner().invoke(app, ["token", *words], env={"DOMICILE_HOME": str(home)})
    return result.exit_code, result.stdout


def test_the_command_prints_a_token_and_nothing_else(tmp_path: Path) -> None:
    ensure_signing_key(identity_folder(tmp_path, "north"))
    code, printed = run(tmp_path, "north", "--role", "registrar", "--area", "0980", "--area", "0981", "--ttl", "30m")
    assert code == 0
    assert printed.count("\n") == 1
    assert printed.strip().count(".") == 2


def test_the_command_says_how_to_start_a_region_that_is_not_there(tmp_path: Path) -> None:
    assert run(tmp_path, "nowhere", "--role", "registrar") == (1, "")


def test_the_command_refuses_a_wrong_role_or_duration(tmp_path: Path) -> None:
    ensure_signing_key(identity_folder(tmp_path, "north"))
    assert run(tmp_path, "north", "--role", "emperor") == (2, "")
    assert run(tmp_path, "north", "--role", "registrar", "--ttl", "soon") == (2, "")


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("12h", 43200), ("7d", 604800)])
def test_durations_are_read(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "h", "0h", "-1h", "1.5h", "1w"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        seconds_of(text)
