import json
from typing import Any

import pytest

from services.ingest.client.mapping import RowMaker, compile_mapping
from services.ingest.client.problems import CellRefused
from services.kernel.asking import CannotGoOn

HEADER = ["id", "born", "sex", "order", "live", "child", "number", "mother", "father", "note"]
DOCUMENT: dict[str, Any] = {
    "post": {
        "type": "BirthRegistered",
        "event_id": "$id",
        "occurred_on": "$born",
        "registered_at": {"$column": "born", "suffix": "T12:00:00Z"},
        "office": "$$100%",
        "subjects": [
            {
                "role": "child",
                "civil": {
                    "given_names": "$child",
                    "identifiers": [{"kind": "local", "value": {"$column": "number", "prefix": "G-"}}],
                },
            },
            {"role": "mother", "person_id": "$mother"},
            {"role": "father", "person_id": "$father"},
        ],
        "sex": {"$column": "sex", "values": {"1": "male", "2": "female"}},
        "birth_order": {"$column": "order", "as": "integer"},
        "live_birth": {"$column": "live", "as": "boolean"},
    },
    "csv": {"empty": ["NA"]},
}
ROW = ["e-1", "2003-05-17", "2", "1", "yes", 'Ex "3" é\n', "7", "m-1", "f-1", "ignored"]


def make(row: list[Any], **more: Any) -> dict[str, Any]:
    maker = RowMaker(compile_mapping({**DOCUMENT, **more}), HEADER, None)
    return json.loads(maker.make(row, 1))  # type: ignore[no-any-return]


def test_a_row_becomes_a_post_with_nested_subjects() -> None:
    assert make(ROW) == {
        "type": "BirthRegistered",
        "event_id": "e-1",
        "occurred_on": "2003-05-17",
        "registered_at": "2003-05-17T12:00:00Z",
        "office": "$100%",
        "subjects": [
            {
                "role": "child",
                "civil": {
                    "given_names": 'Ex "3" é\n',
                    "identifiers": [{"kind": "local", "value": "G-7"}],
                },
            },
            {"role": "mother", "person_id": "m-1"},
            {"role": "father", "person_id": "f-1"},
        ],
        "sex": "female",
        "birth_order": 1,
        "live_birth": True,
    }


def test_an_empty_cell_leaves_out_its_field_and_what_is_empty_then() -> None:
    row = [*ROW]
    row[6], row[8], row[3] = "", "NA", ""
    post = make(row)
    assert "birth_order" not in post
    assert [subject["role"] for subject in post["subjects"]] == ["child", "mother"]
    assert post["subjects"][0]["civil"] == {"given_names": 'Ex "3" é\n'}


def test_typed_cells_read_as_a_person_would_write_them() -> None:
    from datetime import date

    row = [bytes(range(16)), date(2003, 5, 17), 2, 1, True, "A", 7, "m", None, None]
    post = make(row)
    assert post["event_id"] == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert (post["occurred_on"], post["sex"], post["birth_order"], post["live_birth"]) == (
        "2003-05-17",
        "female",
        1,
        True,
    )


@pytest.mark.parametrize(
    ("column", "cell", "path"), [(2, "3", "sex"), (3, "one", "birth_order"), (4, "perhaps", "live_birth")]
)
def test_a_cell_that_does_not_fit_refuses_the_row_and_names_the_place(column: int, cell: str, path: str) -> None:
    row = [*ROW]
    row[column] = cell
    with pytest.raises(CellRefused) as refused:
        make(row)
    assert refused.value.path == path


def test_rows_without_an_id_column_get_their_own() -> None:
    document = {"post": {"type": "X", "sex": "$sex"}}
    maker = RowMaker(compile_mapping(document), ["sex"], lambda row: f"id-{row}")
    assert json.loads(maker.make(["%"], 5)) == {"event_id": "id-5", "type": "X", "sex": "%"}
    assert json.loads(maker.make([""], 6)) == {"event_id": "id-6", "type": "X"}


def test_a_missing_column_is_named_together_with_those_there_are() -> None:
    with pytest.raises(CannotGoOn, match="'born'") as missing:
        RowMaker(compile_mapping({"post": {"occurred_on": "$born"}}), ["birth", "sex"], None)
    assert "'birth', 'sex'" in missing.value.remedy


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"post": []},
        {"post": {}, "cvs": {}},
        {"post": {}, "csv": {"delimeter": ";"}},
        {"post": {"a": {"$column": "x", "az": 1}}},
        {"post": {"a": {"$column": "x", "as": "date"}}},
        {"post": {"a": "$"}},
        {"post": {"a": {"$column": "x", "values": ["y"]}}},
    ],
)
def test_a_mapping_that_says_nothing_sensible_is_refused(document: Any) -> None:
    with pytest.raises(CannotGoOn):
        compile_mapping(document)
