"""Identifiers: one form for many spellings; what proves nothing never matches."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.kernel.privacy.identifiers import CHECKSUM_BAD, FORMAT_OK, PLACEHOLDER, VERIFIED, read_identifier

WIDE = "".join(chr(ord(c) + 0xFEE0) for c in "11010519491231002X")
"""As typed on a Chinese or Japanese keyboard."""


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("local", "0"),
        ("local", "000000"),
        ("local", "999999"),
        ("local", "------"),
        ("local", "N/A"),
        ("local", "unknown"),
        ("passport", "XXXXXXXX"),
        ("cn.ric", "000000000000000000"),
        ("cn.ric", "000000197503020000"),
        ("cn.ric", "111111111111111111"),
        ("se.personnummer", "000000-0000"),
        ("local", "未知"),
        ("local", "\uff10" * 5),
    ],
)
def test_a_placeholder_means_absent_and_never_matches(kind: str, value: str) -> None:
    identifier = read_identifier(kind, value)
    assert identifier.quality == PLACEHOLDER
    assert not identifier.may_match


@pytest.mark.parametrize(
    ("kind", "value", "quality"),
    [
        ("cn.ric", "11010519491231002X", VERIFIED),
        ("cn.ric", "110105194912310021", CHECKSUM_BAD),
        ("cn.ric", "110001197503020016", CHECKSUM_BAD),  # a place that the library knows half of
        ("se.personnummer", "880320-0016", VERIFIED),
        ("se.personnummer", "880320-0018", CHECKSUM_BAD),
        ("local", "G-1004", FORMAT_OK),
        ("no.such", "G-1004", FORMAT_OK),
    ],
)
def test_a_number_is_as_good_as_its_check_digit(kind: str, value: str, quality: str) -> None:
    identifier = read_identifier(kind, value)
    assert identifier.quality == quality
    assert identifier.may_match == (quality != CHECKSUM_BAD)


@pytest.mark.parametrize("spelling", ["11010519491231002x", " 110105 19491231 002X ", WIDE])
def test_spellings_of_one_number_are_one_identifier(spelling: str) -> None:
    assert read_identifier("cn.ric", spelling) == read_identifier("cn.ric", "11010519491231002X")


@pytest.mark.parametrize(
    ("kind", "value"), [("cn.ric", "12"), ("se.personnummer", "ABC"), ("local", " "), ("local", "")]
)
def test_what_cannot_be_of_its_kind_is_refused_and_not_quoted(kind: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"^it ") as refused:
        read_identifier(kind, value)
    assert not value.strip() or value not in str(refused.value)


@example("local", "K\u00b8")
@given(
    st.sampled_from(["local", "passport", "cn.ric", "se.personnummer", "es.dni", "is.kennitala", "no.such"])
    | st.text(max_size=12),
    st.text(max_size=30),
)
def test_whatever_is_written_is_classified_or_refused(kind: str, value: str) -> None:
    try:
        identifier = read_identifier(kind, value)
    except ValueError:
        return
    assert read_identifier(kind, identifier.compact).compact == identifier.compact
