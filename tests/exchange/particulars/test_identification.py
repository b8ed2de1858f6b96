"""Who is meant, as it travels: only what is allowed, and nothing of it in a refusal."""

import json
from typing import Any

import pytest

from services.exchange.particulars.identification import Identification, WrongParticulars

WHOLE: dict[str, Any] = {
    "identifiers": [{"kind": "cn.ric", "value": "11010519491231002X", "id_quality": "VERIFIED"}],
    "family_name": "王",
    "given_names": "小明",
    "full_name": "王小明",
    "name_variants": [{"kind": "latin-script", "full_name": "Wang Xiaoming"}],
    "sex": "female",
    "birth_on": "1949-12-31",
    "birth_place": "北京市",
    "last_address_at_recipient": {"lines": ["Example Road 5"], "postal_code": "100000", "locality": "Ex"},
    "recipient_person_id": "0190a000-0000-7000-8000-000000000000",
}


def test_an_identification_is_the_same_after_a_journey_as_json() -> None:
    read = Identification.from_document(json.loads(json.dumps(WHOLE)))
    assert read.to_document() == WHOLE
    assert Identification.from_document(read.to_document()) == read


def test_what_is_absent_is_not_written() -> None:
    assert Identification(birth_on="1949").to_document() == {"birth_on": "1949"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"religion": "SECRET"}, ""),
        ({"sex": "SECRET"}, "/sex"),
        ({"family_name": ""}, "/family_name"),
        ({"family_name": "SECRET" * 21}, "/family_name"),
        ({"given_names": "SECRET\n"}, "/given_names"),
        ({"given_names": "SECRET\0"}, "/given_names"),
        ({"given_names": "   "}, "/given_names"),
        ({"birth_on": "SECRET"}, "/birth_on"),
        ({"birth_on": "1949-02-30"}, "/birth_on"),
        ({"birth_on": "0049"}, "/birth_on"),
        ({"identifiers": [{"kind": "cn.ric", "value": "SECRET"}]}, "/identifiers/0"),
        ({"identifiers": [{"kind": "SECRET\n", "value": "1", "id_quality": "ABSENT"}]}, "/identifiers/0/kind"),
        ({"identifiers": [{"kind": "local", "value": "1", "id_quality": "SECRET"}]}, "/identifiers/0/id_quality"),
        ({"name_variants": [{"kind": "former", "full_name": "x", "note": "SECRET"}]}, "/name_variants/0"),
        ({"name_variants": [{"kind": "former"}] * 17}, "/name_variants"),
        ({"last_address_at_recipient": {"lines": ["x"] * 7}}, "/last_address_at_recipient/lines"),
        ({"recipient_person_id": "SECRET"}, "/recipient_person_id"),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_path_and_never_quoted(change: dict[str, Any], path: str) -> None:
    with pytest.raises(WrongParticulars) as wrong:
        Identification.from_document(WHOLE | change)
    assert wrong.value.path == path
    assert "SECRET" not in str(wrong.value)


@pytest.mark.parametrize("document", [[], "SECRET", 5, None])
def test_what_is_no_object_is_refused(document: Any) -> None:
    with pytest.raises(WrongParticulars):
        Identification.from_document(document)


def test_printing_it_shows_nobody() -> None:
    assert "王" not in repr(Identification.from_document(WHOLE))
    assert "110105" not in str(Identification.from_document(WHOLE).identifiers)
