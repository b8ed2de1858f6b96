"""Names of one sound in many spellings and scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.privacy.name_index import NAME_BIRTH, SOUND_BIRTH, list_entries
from services.kernel.privacy.sounds import fold, latinise, list_sounds, sound_of, write_latin


def sounds(full: str) -> set[str]:
    return set(list_sounds(None, None, full))


@pytest.mark.parametrize(
    "names",
    [
        ("王小明", "Wang Xiaoming", "Xiaoming Wang", "Wang, Xiaoming", "汪晓明"),
        ("Чайковский Пётр", "Tchaikovsky Pyotr", "Peter Tschaikowski", "Piotr Czajkowski"),
        ("محمد علي", "Muhammad Ali", "Mohammed Aly", "Mohamed Ali"),
        ("محمود حسين", "Mahmoud Hussein", "Mahmud Husayn"),
        ("Åsa Öberg", "Asa Oeberg", "ÅSA ÖBERG"),
        ("Jürgen Weiß", "Juergen Weiss"),
        ("Łukasz Żółć", "Lukasz Zolc"),
    ],
)
def test_one_name_sounds_alike_in_every_spelling(names: tuple[str, ...]) -> None:
    assert {frozenset(sounds(name)) for name in names} == {frozenset(sounds(names[0]))}


def test_other_names_sound_otherwise() -> None:
    assert len({frozenset(sounds(name)) for name in ("Ex Ample", "Ex Trapper", "Anna Berg", "王小明", "李娜")}) == 5


def test_a_name_in_two_parts_sounds_like_the_whole() -> None:
    assert set(list_sounds("王", "小明", None)) == sounds("王小明")
    assert set(list_sounds("Berg", "Anna Maria", None)) == {sound_of("berg"), sound_of("anna")}
    assert set(list_sounds(None, None, None)) == set()
    assert set(list_sounds("Berg", None, None)) == {"brg"}


@given(st.text(max_size=40))
def test_whatever_is_written_has_latin_words_of_plain_letters(text: str) -> None:
    for word in (*latinise(text), *write_latin(text)):
        assert word.isascii()
        assert word.isalnum()
        assert word == word.lower()
        assert sound_of(word)
        assert fold(word)


def test_entries_with_a_birth_date_are_made_only_where_it_is_known_to_the_day() -> None:
    before = {"family_name": "Ek", "given_names": "Anna"}
    civil = {"family_name": "Berg", "given_names": "Anna", "name_variants": [before]}
    kinds = [kind for kind, _ in list_entries(civil, 5)]
    assert (kinds.count(NAME_BIRTH), kinds.count(SOUND_BIRTH)) == (2, 4)
    assert {kind for kind, _ in list_entries(civil, None)}.isdisjoint({NAME_BIRTH, SOUND_BIRTH})
