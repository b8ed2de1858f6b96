"""Names and addresses in one spelling."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.kernel.privacy.spelling import address_words, list_addresses, list_names, spell_name, split_address


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Élise  Ample-Ex", "ample ex, ELISE"),
        ("Ångström, Åke", "ake angstrom"),
        ("O'Neil Ex", "ex o neil"),
        ("王 小明", "王小明"),
        ("\uff25\uff38 ample", "ample ex"),  # full-width letters
        ("Straße", "STRASSE"),
    ],
)
def test_what_is_one_name_is_spelled_alike(one: str, other: str) -> None:
    assert spell_name(one) == spell_name(other) != ""


def test_another_name_is_spelled_otherwise() -> None:
    assert len({spell_name(name) for name in ("Ex Ample", "Ex Amplet", "Exa Mple", "王小明", "王小红")}) == 5
    assert spell_name(" ?! ") == ""


@given(st.text(max_size=40))
@example("\N{MATHEMATICAL SANS-SERIF BOLD ITALIC CAPITAL A}")  # whose capital no folding sees
@example("0:\N{IDEOGRAPHIC TELEGRAPH SYMBOL FOR JANUARY}")  # an ideograph once it is taken apart
def test_spelling_again_changes_nothing(text: str) -> None:
    assert spell_name(spell_name(text)) == spell_name(text)


def test_every_name_of_a_block_is_listed_once_in_each_form() -> None:
    civil = {
        "full_name": None,
        "family_name": "Ample",
        "given_names": "Ex Tra",
        "name_variants": [{"kind": "birth", "full_name": "Ex Sample", "family_name": None, "given_names": None}],
    }
    assert list(list_names(civil)) == ["ample ex tra", "ex sample"]
    assert list(list_names({"family_name": "王", "given_names": "小明"})) == ["王小明"]
    assert list(list_names({"given_names": "Ex"})) == []


def test_lines_of_an_address_are_found_alone_and_together() -> None:
    civil = {"address": {"lines": ["Hill Road 9", "Flat 2, Yard"], "postal_code": "621 00", "locality": "Visby"}}
    assert list(list_addresses(civil)) == ["hill road 9", "flat 2", "yard", "hill road 9 flat 2 yard"]
    assert split_address("Hill Road 9, Visby")[0] == "hill road 9"
    assert address_words(civil) >= {"hill", "9", "visby", "621"}
    assert list(list_addresses({"address": None, "previous_address": {"lines": ["Old Road 1"]}})) == []
