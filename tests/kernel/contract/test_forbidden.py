"""What the register must never record has no name anywhere in it."""

from pathlib import Path
from typing import Any

import pytest

from services.kernel.contract.check import check_contract
from services.kernel.contract.lints.forbidden import (
    find_forbidden,
    names_in_avro,
    names_in_json,
    names_in_text,
    read_phrases,
    split_name,
)

SCHEMAS = Path(__file__).parents[3] / "schemas"
PHRASES = read_phrases(SCHEMAS)


@pytest.mark.parametrize(
    "name",
    [
        "pregnancy_status",
        "isPregnant",
        "PregnancyTested",
        "contraceptive_method",
        "abortion_on",
        "sterilisation",
        "sterilization_count",
        "fertility_intention",
        "birth_permit_no",
        "birthQuota",
        "within_policy",
        "policy_compliant",
        "birth_fee",
        "fine",
        "penalty-not-paid",
        "social_maintenance_fee",
        "informant_id",
        "key_person",
        "keyPersonLabel",
        "ethnicity",
        "ethnic_group",
        "religion",
        "family-planning",
        "IUD",
    ],
)
def test_names_of_what_must_not_exist_are_refused(name: str) -> None:
    problems = find_forbidden([("somewhere", name)], PHRASES)
    assert problems
    assert problems[0].remedy


@pytest.mark.parametrize(
    "name",
    ["birth_order", "mother_birth_on", "BirthRegistered", "target_event_id", "confirmed_area", "key_id",
     "person_id", "refined", "defined_on", "coffee", "traced", "embrace", "parity_bit_is_not_it"],
)  # fmt: skip
def test_harmless_names_pass(name: str) -> None:
    expected = 1 if name.startswith("parity") else 0
    assert len(find_forbidden([("somewhere", name)], PHRASES)) == expected


def test_a_field_a_role_and_an_enum_are_all_looked_at(birth: dict[str, Any]) -> None:
    birth["fields"].append({"name": "contraceptive_method", "type": "string"})
    birth["roles"]["informant"] = {}
    birth["fields"].append({"name": "x", "type": {"type": "enum", "name": "X", "symbols": ["religious"]}})
    found = {problem.where.split(": ")[-1] for problem in find_forbidden(names_in_avro(birth, "x"), PHRASES)}
    assert found == {"contraceptive_method", "informant", "religious"}


def test_a_word_of_a_vocabulary_is_looked_at(folder: Path) -> None:
    path = folder / "vocabularies/service.json"
    path.write_text(path.read_text("utf-8").replace('"vaccination"', '"pregnancy-test"'), "utf-8")
    assert any(problem.check == "forbidden" for problem in check_contract(folder))


def test_the_same_lint_reads_sql_and_openapi() -> None:
    sql = "create table person (id uuid, religion text -- no religion here\n)"
    assert [p.where for p in find_forbidden(names_in_text(sql, "a.sql"), PHRASES)] == ["a.sql: religion"]
    api = {"paths": {"/v1/birth-quota": {"description": "No quota."}}, "enum": ["ethnicity"]}
    found = [p.where for p in find_forbidden(names_in_json(api, "api"), PHRASES)]
    assert set(found) == {"api: /v1/birth-quota", "api: ethnicity"}


def test_names_are_split_into_their_parts() -> None:
    assert split_name("birthPermit_noXMLId-2") == ("birth", "permit", "no", "xml", "id", "2")


ROOT = SCHEMAS.parent
MIGRATIONS = sorted(ROOT.glob("services/**/migrations/*.sql"))


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.name)
def test_no_table_or_column_has_a_forbidden_name(path: Path) -> None:
    names = names_in_text(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())
    assert [str(problem) for problem in find_forbidden(names, PHRASES)] == []
