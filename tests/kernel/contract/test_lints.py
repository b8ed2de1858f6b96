"""Each lint is shown an offender: a check that cannot fail is none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.kernel.contract.check import read_words
from services.kernel.contract.envelope import uuid_type
from services.kernel.contract.lints.examples import find_example_problems
from services.kernel.contract.lints.naming import find_naming_problems
from services.kernel.contract.lints.privacy import find_privacy_problems
from services.kernel.contract.lints.references import find_reference_problems
from services.kernel.contract.lints.same_envelope import find_envelope_problems
from services.kernel.contract.lints.shape import find_shape_problems

Document = dict[str, Any]
SCHEMAS = Path(__file__).parents[3] / "schemas"


def add(document: Document, avro_type: Any, name: str = "offender", **attributes: Any) -> Document:
    field = {"name": name, "type": avro_type, "doc": "An offender.", "privacy": "public", "pattern": "^[A-Z]$"}
    document["fields"].append(field | attributes)
    return document


@pytest.mark.parametrize(
    ("avro_type", "what"),
    [
        ("domicile.envelope.EventId", "by its name"),
        ({"type": "enum", "name": "Sex", "symbols": ["f", "m"]}, "enum"),
        ({"type": "map", "values": "string"}, "map"),
        (["string", "int"], "union"),
        (["string", "null"], "union"),
        (["null", "string", "int"], "union"),
        (uuid_type("EventId"), "twice"),
        ({"type": "array", "items": {"type": "enum", "name": "E", "symbols": ["a"]}}, "enum"),
        ({"type": "array", "items": ["string", "int"]}, "union"),
    ],
)
def test_a_shape_that_columns_cannot_be_read_from_is_refused(birth: Document, avro_type: Any, what: str) -> None:
    extra = {"default": None} if isinstance(avro_type, list) else {}
    problems = find_shape_problems(add(birth, avro_type, **extra), "x")
    assert any(what in problem.what for problem in problems)
    assert all(problem.remedy for problem in problems)


def test_what_polars_cannot_read_is_found_by_reading_it(birth: Document) -> None:
    """No rule names it, and polars panics: the lint reads for itself."""
    assert find_shape_problems(birth, "x") == []
    (problem,) = find_shape_problems(add(birth, {"type": "fixed", "name": "Nothing", "size": 0}), "x")
    assert "polars cannot read it" in problem.what


def test_a_nullable_field_has_the_default_null(birth: Document) -> None:
    (problem,) = find_shape_problems(add(birth, ["null", "string"], default="x"), "x")
    assert "default" in problem.what


@pytest.mark.parametrize(
    ("attributes", "what"),
    [
        ({"privacy": None}, "privacy class"),
        ({"privacy": "secret"}, "privacy class"),
        ({"privacy": "personal"}, "not sealed"),
        ({"privacy": "sensitive"}, "not sealed"),
        ({"pattern": None}, "free text"),
        ({"pattern": "^.{1,80}$"}, "pattern that fits"),
        ({"pattern": "^[A-Za-z ]+$"}, "pattern that fits"),
    ],
)
def test_particulars_outside_a_block_are_refused(birth: Document, attributes: Document, what: str) -> None:
    (problem,) = find_privacy_problems(add(birth, "string", **attributes), "x")
    assert what in problem.what
    assert problem.where == "x: offender"


def test_free_text_inside_a_list_is_free_text(birth: Document) -> None:
    (problem,) = find_privacy_problems(add(birth, {"type": "array", "items": "string"}, pattern=None), "x")
    assert "free text" in problem.what


def test_a_block_holds_nothing_public() -> None:
    block = json.loads((SCHEMAS / "blocks/CivilParticulars/v1.avsc").read_text("utf-8"))
    assert find_privacy_problems(block, "x") == []
    block["fields"][0]["privacy"] = "public"
    (problem,) = find_privacy_problems(block, "x")
    assert "public inside" in problem.what


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ({"name": "camelCase", "type": "string"}, "snake_case"),
        ({"name": "offender", "type": "string", "doc": ""}, "doc"),
        ({"name": "offender", "type": "string", "doc": "no sentence"}, "sentence"),
        ({"name": "weight", "type": "int"}, "unit"),
        ({"name": "key", "type": uuid_type("Key")}, "_id"),
        ({"name": "seen", "type": {"type": "long", "logicalType": "timestamp-millis"}, "unit": "ms"}, "_at"),
        ({"name": "seen_on", "type": {"type": "int", "logicalType": "date"}, "unit": "day"}, "precision"),
    ],
)
def test_a_misleading_name_is_refused(birth: Document, field: Document, what: str) -> None:
    birth["fields"].append({"doc": "An offender.", "privacy": "public"} | field)
    problems = find_naming_problems(birth, "x")
    assert any(what in problem.what + problem.remedy for problem in problems)


def test_a_precision_is_null_when_its_date_is(birth: Document) -> None:
    date = {"type": "int", "logicalType": "date"}
    add(birth, ["null", date], "seen_on", default=None, unit="day")
    add(birth, "string", "seen_on_precision", vocabulary="date_precision")
    assert [problem.where for problem in find_naming_problems(birth, "x")] == ["x: seen_on"]


def test_an_event_is_named_in_the_past_tense(birth: Document) -> None:
    birth["name"] = "RegisterBirth"
    (problem,) = find_naming_problems(birth, "x")
    assert "past tense" in problem.what


@pytest.mark.parametrize(
    "spoil",
    [
        lambda fields: fields.pop(3),
        lambda fields: fields.insert(0, {"name": "sex", "type": "string"}),
        lambda fields: fields[0].update(doc="Typed by hand."),
        lambda fields: fields[6].update(type="string"),
        lambda fields: fields.__delitem__(slice(5, None)),
        lambda fields: fields.append(dict(fields[0])),
    ],
)
def test_an_envelope_typed_by_hand_is_refused(birth: Document, spoil: Callable[[list[Document]], None]) -> None:
    assert find_envelope_problems(birth, "x") == []
    spoil(birth["fields"])
    assert len(find_envelope_problems(birth, "x")) == 1


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda d: d["fields"][-1].update(vocabulary="colours"), "colours"),
        (lambda d: d["fields"][18].update(default="girl"), "girl"),
        (lambda d: d["fields"][-1].update(regionField="nowhere"), "nowhere"),
        (lambda d: d.update(context="weather"), "weather"),
        (lambda d: d.update(alsoIn=["weather"]), "weather"),
        (lambda d: d.update(key={"role": "mother"}), "key"),
        (lambda d: d.update(key={"field": "birth_order"}), "key"),
        (lambda d: d["roles"]["mother"].update(birthDate="sex"), "birth date"),
        (lambda d: d.update(postedBy=["everybody"]), "everybody"),
        (lambda d: d.update(legalBasis="curiosity"), "curiosity"),
        (lambda d: d.pop("mayBePlanned"), "mayBePlanned"),
    ],
)
def test_a_name_that_leads_nowhere_is_refused(birth: Document, spoil: Callable[[Document], object], what: str) -> None:
    words = read_words(SCHEMAS)
    assert find_reference_problems(birth, "x", words) == []
    spoil(birth)
    problems = find_reference_problems(birth, "x", words)
    assert problems
    assert what in problems[0].what


def test_an_event_type_without_examples_is_refused(folder: Path) -> None:
    birth = folder / "registration/BirthRegistered"
    assert find_example_problems(birth, "x") == []
    for path in [*birth.glob("examples/*"), *list(birth.glob("refused/*"))[1:]]:
        path.unlink()
    assert len(find_example_problems(birth, "x")) == 2
