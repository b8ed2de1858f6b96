"""What holds for every picture: files, letters, labels that do not stand on one another."""

import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projections.client.charts.caption import tell_period
from services.projections.client.charts.model import Bar, Bars, Caption, Cell, Flow
from services.projections.client.charts.numbers import decimals_for, tell
from services.projections.client.charts.picture import render
from services.projections.client.charts.ring import FULL, gather_small, lay_out
from services.projections.client.charts.spreading import spread
from services.projections.client.charts.writable import NOTE, make_writable
from tests.projections.client.charts.svg import Svg

CHINESE, PLAIN = "临夏州", "Å Ж"


def bars(*names: str, title: str = "A title") -> Bars:
    caption = Caption(title=title, subtitle="s", footer=("Source",), codes={CHINESE: "622900"})
    return Bars(caption=caption, unit="u", groups=("",), bars=tuple(Bar(name, (Cell(1.0),)) for name in names))


def latin_only(text: str) -> bool:
    return all(ord(letter) < 0x500 for letter in text)


def test_a_name_without_letters_to_write_it_is_told_by_its_code_and_the_picture_says_so() -> None:
    chart = make_writable(bars(CHINESE, PLAIN, "新", title=f"Births, {CHINESE}"), latin_only)
    assert [bar.name for bar in chart.bars] == ["622900", PLAIN, "□"]
    assert chart.caption.title == "Births, 622900"
    assert chart.caption.footer[-1] == NOTE
    plain = bars(PLAIN)
    assert make_writable(plain, latin_only) is plain


def test_an_svg_keeps_every_name_as_letters_and_marks_of_other_tongues_are_no_formulas() -> None:
    assert {CHINESE, "$5_2$ & <b>"} <= set(Svg(bars(CHINESE, "$5_2$ & <b>")).texts)


def test_a_picture_has_words_for_who_cannot_see_it_and_fonts_to_fall_back_to() -> None:
    chart = bars("A", title="Births & deaths")
    svg, png = render(chart, ".svg").decode(), render(chart, ".png")
    assert "<title>Births &amp; deaths</title>\n <desc>s. Source</desc>" in svg
    assert svg.count("<title>") == svg.count('role="img"') == 1
    assert set(re.findall(r"font-family: [^;\"]*(sans-serif)", svg)) == {"sans-serif"}
    assert b"Births & deaths" in png


@pytest.mark.filterwarnings("error")
def test_the_same_figures_give_the_same_file() -> None:
    chart = bars(CHINESE, "مدينة", "B")
    for suffix, first in ((".png", b"\x89PNG"), (".svg", b"<?xml")):
        once = render(chart, suffix)
        assert once.startswith(first)
        assert render(chart, suffix) == once
    with pytest.raises(ValueError, match=r"\.png or \.svg"):
        render(chart, ".jpg")


def test_a_title_longer_than_the_sheet_is_wrapped_and_loses_nothing() -> None:
    title = "Births of mothers who live in " + "Llanfairpwllgwyngyll " * 8 + CHINESE * 40
    assert title.replace(" ", "") in Svg(bars("A", title=title)).words.replace(" ", "")


@given(st.lists(st.floats(0, 10), max_size=12), st.floats(0.01, 3))
def test_labels_keep_their_distance_and_their_order(wanted: list[float], room: float) -> None:
    places = spread(wanted, room, 0, 10)
    kept = min(room, 10 / max(len(wanted) - 1, 1))
    in_order = [place for _, place in sorted(zip(wanted, places, strict=True))]
    assert all(-1e-6 <= place <= 10 + 1e-6 for place in places)
    assert all(after - before >= kept - 1e-6 for before, after in pairwise(sorted(in_order)))
    if len(wanted) == 1:
        assert places == wanted


@given(st.lists(st.tuples(st.sampled_from("ABCDEFG"), st.sampled_from("ABCDEFG"), st.integers(1, 10**6)), min_size=1))
def test_the_parts_of_a_ring_are_as_long_as_the_moves_and_ribbons_fill_them(moves: list[tuple[str, str, int]]) -> None:
    flows = {(a, b): n for a, b, n in moves if a != b}
    sectors, ribbons = lay_out([Flow(a, b, Cell(n)) for (a, b), n in flows.items()])
    spans = [*(ribbon.leaves for ribbon in ribbons), *(ribbon.enters for ribbon in ribbons)]
    assert sum(end - start for start, end in spans) == pytest.approx(sum(each.end - each.start for each in sectors))
    assert all(after[0] >= before[1] - 1e-6 for before, after in pairwise(sorted(spans)))
    assert all(sector.end <= 90 + FULL for sector in sectors)
    for sector in sectors:
        assert sector.came == sum(n for (_, b), n in flows.items() if b == sector.name)


def test_more_places_than_a_ring_can_hold_become_one() -> None:
    flows = [Flow(f"P{n:02}", "Hub", Cell(100 - n)) for n in range(30)]
    kept, small = gather_small(flows, 10)
    assert (len(kept), len(small)) == (9, 22)
    assert Flow("22 other places", "Hub", Cell(sum(100 - n for n in range(8, 30)))) in kept


def test_numbers_are_told_as_people_read_them() -> None:
    assert [tell(-1234.5, 1), tell(-0.001, 1), tell(0, 0)] == ["−1,234.5", "0.0", "0"]  # noqa: RUF001
    assert [decimals_for([3, 40]), decimals_for([1.7]), decimals_for([84.5]), decimals_for([4000.5])] == [0, 2, 1, 0]


def test_periods_are_told_in_the_fewest_words() -> None:
    spans = [("2011-01-01", "2012-01-01"), ("2011-01-01", "2015-01-01"), ("2011-03-01", "2011-04-01")]
    spans += [("2011-03-01", "2012-02-01"), ("2011-06-30", "2011-07-01"), ("2011-06-30", "2011-08-02")]
    told = [tell_period(date.fromisoformat(start), date.fromisoformat(end)) for start, end in spans]
    assert [words.replace("\N{EN DASH}", "-") for words in told] == [
        "2011", "2011-2014", "Mar 2011", "Mar 2011-Jan 2012", "30 Jun 2011", "30 Jun 2011-1 Aug 2011",
    ]  # fmt: skip
