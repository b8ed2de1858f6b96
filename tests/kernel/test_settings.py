"""Settings: read once, all that is wrong is told at once."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from services.ingest.settings import IngestSettings
from services.kernel.settings import (
    SHARED_NAMES,
    SettingsError,
    describe_settings,
    find_misspelt,
    read_settings,
    setting,
)


@dataclass(frozen=True)
class Sample:
    region: str = setting("REGION", "name of the region")
    port: int = setting("PORT", "port", default=8080)
    ratio: float = setting("INGEST_RATIO", "a ratio", default=0.5)
    echo: bool = setting("INGEST_ECHO", "a switch", default=False)
    key_file: Path | None = setting("REGION_KEY_FILE", "a file", default=None)
    names: tuple[str, ...] = setting("INGEST_NAMES", "some names", default=())
    url: str | None = setting("DATABASE_URL", "a secret", default=None, secret=True)


def problems_of(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings(Sample, environ)
    return caught.value.problems


def test_settings_are_read_with_their_types() -> None:
    environ = {
        "DOMICILE_REGION": "north",
        "DOMICILE_PORT": "99",
        "DOMICILE_INGEST_RATIO": "0.25",
        "DOMICILE_INGEST_ECHO": "1",
        "DOMICILE_REGION_KEY_FILE": "/k",
        "DOMICILE_INGEST_NAMES": "a, b",
        "PATH": "/bin",
    }
    read = read_settings(Sample, environ)
    assert read == Sample("north", 99, 0.25, True, Path("/k"), ("a", "b"), None)


def test_what_is_not_given_has_its_default() -> None:
    assert read_settings(Sample, {"DOMICILE_REGION": "north"}).port == 8080


def test_a_misspelt_name_is_refused_and_the_right_one_is_named() -> None:
    (problem,) = problems_of({"DOMICILE_REGION": "north", "DOMICILE_PROT": "1"})
    assert problem == "DOMICILE_PROT is not a setting; did you mean DOMICILE_PORT?"


def test_the_nearest_name_is_that_of_the_same_thing() -> None:
    known = {"DOMICILE_PORT", "DOMICILE_EXCHANGE_WORKERS", "DOMICILE_HOME"}
    wrong = {"DOMICILE_EXCHANGE_PORTT": "1", "DOMICILE_HOMEE": "/x", "DOMICILE_ZZ": "1", "PATH": "/bin"}
    assert find_misspelt(wrong, known) == [
        "DOMICILE_EXCHANGE_PORTT is not a setting; did you mean DOMICILE_PORT?",
        "DOMICILE_HOMEE is not a setting; did you mean DOMICILE_HOME?",
        "DOMICILE_ZZ is not a setting",
    ]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    problems = problems_of({"DOMICILE_PORT": "many", "DOMICILE_INGEST_ECHO": "perhaps", "DOMICILE_NOSUCH": "1"})
    assert [problem.split(" ")[0].rstrip(":") for problem in problems] == [
        "DOMICILE_REGION",
        "DOMICILE_PORT",
        "DOMICILE_INGEST_ECHO",
        "DOMICILE_NOSUCH",
    ]


def test_an_empty_value_is_not_a_value() -> None:
    assert "is empty" in problems_of({"DOMICILE_REGION": " "})[0]


def test_a_name_of_another_service_is_no_mistake() -> None:
    read_settings(Sample, {"DOMICILE_REGION": "north", "DOMICILE_KAFKA": "x:1"})


def test_a_secret_has_no_default_and_is_never_shown() -> None:
    with pytest.raises(TypeError):
        setting("DATABASE_URL", "a secret", default="hunter2", secret=True)

    @dataclass(frozen=True)
    class WithSecretNumber:
        pin: int = setting("INGEST_PIN", "a secret number", secret=True)

    with pytest.raises(SettingsError) as caught:
        read_settings(WithSecretNumber, {"DOMICILE_INGEST_PIN": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_the_help_names_every_setting_with_its_meaning() -> None:
    text = describe_settings(IngestSettings)
    assert "DOMICILE_REGION " in text
    assert "(secret)" in text
    assert "required" in text


def test_the_shared_names_are_those_that_ingest_declares() -> None:
    declared = set(describe_settings(IngestSettings).split())
    assert {name for name in SHARED_NAMES if name not in declared} == {"DOMICILE_HOME"}
