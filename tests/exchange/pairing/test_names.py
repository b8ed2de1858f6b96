"""How much two names are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.pairing.comparing import NAME_FITS
from services.exchange.pairing.names import compare_names, share_part, spell


def near(one: str, other: str) -> float:
    mine, theirs = spell(None, None, one), spell(None, None, other)
    assert mine is not None
    assert theirs is not None
    return compare_names([mine], [theirs])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Berg", "Berg, Anna"),
        ("Anna Berg", "Anna Maria Berg"),
        ("Anna Berg", "Anna Borg"),
        ("Karl Gustafsson", "Carl Gustavsson"),
        ("Åsa Öberg", "Oeberg Aasa"),
        ("Sean O'Neil", "Oneil Sean"),
        ("王小明", "王晓明"),
        ("张伟", "張偉"),
        ("王小明", "Wang Xiaoming"),
        ("王小明", "Xiao Ming Wang"),
        ("Иванова Наталья", "Natalia Ivanova"),
        ("محمد علي", "Muhammad Ali"),
        ("عبد الرحمن خالد", "Abdulrahman Khaled"),
        ("Nguyễn Văn An", "Nguyen Van An"),
    ],
)
def test_variants_of_one_name_fit(one: str, other: str) -> None:
    assert near(one, other) >= NAME_FITS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Andersson", "Anna Karlsson"),
        ("王小明", "李小明"),
        ("Li Na", "Li Ma"),
        ("Иванова Наталья", "Ivanov Anatoly"),
        ("محمود حسين", "Muhammad Ali"),
        ("Mary Smith", "John Brown"),
    ],
)
def test_other_names_do_not_fit(one: str, other: str) -> None:
    assert near(one, other) < NAME_FITS


def test_who_married_shares_a_given_name() -> None:
    mine, hers = spell("Berg", "Anna", None), spell("Ek", "Anna", None)
    assert mine is not None
    assert hers is not None
    assert share_part([mine], [hers])
    assert compare_names([mine], [hers]) < NAME_FITS


def test_a_part_of_a_name_is_no_name() -> None:
    assert spell("Berg", None, None) is None
    assert spell(None, None, " ?! ") is None
    assert compare_names([], []) == 0.0


_TEXT = st.text(alphabet="abc éßøж王明小李 محمد-'", min_size=1, max_size=20)


@given(_TEXT, _TEXT)
def test_similarity_is_symmetric_and_between_nothing_and_all(one: str, other: str) -> None:
    mine, theirs = spell(None, None, one), spell(None, None, other)
    if mine is not None and theirs is not None:
        there, back = compare_names([mine], [theirs]), compare_names([theirs], [mine])
        assert there == pytest.approx(back)
        assert 0.0 <= there <= 1.0 + 1e-9
        assert compare_names([mine], [mine]) == 1.0
