"""Each figure worked by hand, from the rows up."""

from datetime import date

import pytest

from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.failures import FAILURES, Counts
from services.exchange.scorecards.assessed import What
from services.exchange.scorecards.cards import OneSided, Period, compile_cards
from services.exchange.scorecards.figures import Cell, figure, spread, wilson
from services.exchange.scorecards.indicators import BY_ID, INDICATORS, WITHOUT
from services.exchange.scorecards.page import MARK, PAGE, write_page

FEEDBACK, VERIFY = Kind.FEEDBACK, Kind.VERIFICATION
DONE = frozenset({"answered", "on_time", "first_on_time", "effective"})
LATE = frozenset({"answered", "effective", "reminded"})
SILENT = frozenset({"reminded", "escalated"})


def cell(kind: str, n: int, *flags: str, days: int = -1, outcome: str = "", debtor: str = "south") -> Cell:
    return Cell(kind, debtor, outcome, days, frozenset(flags), n)


ANSWERS = (
    Cell(FEEDBACK, "south", "", 1, DONE | {"confirmed"}, 40),
    Cell(FEEDBACK, "south", "", 2, DONE | {"confirmed", "differs"}, 20),
    Cell(VERIFY, "south", "", 9, LATE, 10),
    Cell(VERIFY, "south", "", 3, frozenset({"answered", "on_time", "first_on_time"}), 5),
    Cell(FEEDBACK, "south", "", -1, SILENT, 25),
    Cell(FEEDBACK, "south", "", -1, frozenset({"voided"}), 7),
    Cell(Kind.CORRECTION_FEEDBACK, "south", "", 1, DONE, 6),
    Cell(Kind.CORRECTION_FEEDBACK, "south", "", -1, SILENT, 4),
)
"""100 asked and not voided (40 + 20 + 10 + 5 + 25); 7 voided; ten rounds after a correction, of which 4 wait."""

GOLDEN = {
    # 40 + 20 + 10 + 5 = 75 answered of 100; the 4 rounds that wait count against: 104. Intervals by the formula.
    "X3": (ANSWERS, 75, 104),
    # 40 + 20 + 5 = 65 in time; the same 104.
    "X4": (ANSWERS, 65, 104),
    # 40 + 20 + 10 = 70 said something: the 5 were empty.
    "X5": (ANSWERS, 70, 104),
    # 20 of the 60 that were confirmed.
    "X9": (ANSWERS, 20, 60),
    # 10 late and 25 silent, and 4 rounds; of 100 + 10 rounds, all counted: to remind of is never to its credit.
    "X15": (ANSWERS, 39, 110),
    "X15e": (ANSWERS, 29, 110),
    # 30 of 40 registrations were told, 24 of them in time; 3 more were withdrawn before they had to be.
    "X1": (
        (cell(Kind.NOTICE, 24, "answered", "on_time", days=1), cell(Kind.NOTICE, 6, "answered", days=8),
         cell(Kind.NOTICE, 10, "escalated"), cell(Kind.NOTICE, 3, "voided")),
        30, 40,
    ),
    "X2": (
        (cell(Kind.NOTICE, 24, "answered", "on_time", days=1), cell(Kind.NOTICE, 6, "answered", days=8),
         cell(Kind.NOTICE, 10, "escalated"), cell(Kind.NOTICE, 3, "voided")),
        24, 40,
    ),
    # 50 by identifier, 20 by people; 12 not found, 8 not unique, 10 nobody has looked yet: 70 of 100.
    "X7": (
        (cell(What.PAIRING, 50, "answered", "effective", outcome="ID"),
         cell(What.PAIRING, 20, "answered", "effective", outcome="MANUAL"),
         cell(What.PAIRING, 12, "answered", outcome="NOT_FOUND"),
         cell(What.PAIRING, 8, "answered", outcome="NOT_UNIQUE"),
         cell(What.PAIRING, 10)),
        70, 100,
    ),
    # 45 settled by a word, 15 by silence.
    "X13": (
        (cell(What.SETTLEMENT, 45, "answered", days=6, outcome="ACCEPTED"),
         cell(What.SETTLEMENT, 15, "answered", "tacit", days=11, outcome="TACIT")),
        45, 60,
    ),
    # 980 of 1,000 letters were taken within their 24 hours.
    "X14": ((cell(What.LETTER, 980, "answered", "on_time"), cell(What.LETTER, 20)), 980, 1000),
    # 2 letters needed people: 20 of 10,000.
    "X14d": ((cell(What.LETTER, 1000), cell(Kind.MANUAL_DELIVERY, 2, "open")), 2, 1000),
    # 9 confirmations are overdue and open; 200 links live, 30 have ended.
    "X17": (
        (cell(What.LINK, 200, "open"), cell(What.LINK, 30), cell(Kind.RECONFIRM, 9, "open"), cell(Kind.RECONFIRM, 40)),
        9, 200,
    ),
    # 18 of 20 reports had a first word in time; 2 were forwarded before.
    "X18": (
        (cell(Kind.DISCREPANCY_FIRST, 15, "first_on_time", "answered", "decided", "changed", outcome="CORRECTED"),
         cell(Kind.DISCREPANCY_FIRST, 3, "first_on_time"), cell(Kind.DISCREPANCY_FIRST, 2, "reminded"),
         cell(Kind.DISCREPANCY_FIRST, 2, "voided")),
        18, 20,
    ),
    # 12 + 1 of 20 decisions changed the record; 5 are not decided.
    "X19": (
        (cell(Kind.DISCREPANCY_FIRST, 12, "answered", "decided", "changed", outcome="CORRECTED"),
         cell(Kind.DISCREPANCY_FIRST, 1, "answered", "decided", "changed", outcome="REMOVED"),
         cell(Kind.DISCREPANCY_FIRST, 7, "answered", "decided", outcome="UNCHANGED"),
         cell(Kind.DISCREPANCY_FIRST, 5, "first_on_time")),
        13, 20,
    ),
}  # fmt: skip
ELSEWHERE = {"X11", "X12"}
"""Made of findings too: tested below."""


@pytest.mark.parametrize("indicator", sorted(GOLDEN))
def test_a_figure_is_what_was_worked_out_by_hand(indicator: str) -> None:
    cells, numerator, denominator = GOLDEN[indicator]
    told = figure(BY_ID[indicator], "south", cells)
    assert (told.numerator, told.denominator) == (numerator, denominator)
    assert told.value == numerator / denominator
    assert (told.low or 0) < told.value < (told.high or 0)


def test_every_declared_figure_has_an_example_and_every_absent_one_a_reason() -> None:
    assert {each.id for each in INDICATORS} == set(GOLDEN) | ELSEWHERE
    numbers = {each.id.rstrip("de") for each in INDICATORS} | set(WITHOUT)
    assert numbers == {f"X{number}" for number in range(1, 29)}


def test_the_interval_is_wilsons() -> None:
    """8 of 10, worked out in the function's own words; 0 and all have one end at 0 and 1."""
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=5e-5)
    assert wilson(0, 5) == pytest.approx((0, 0.4345), abs=5e-5)
    assert wilson(30, 30) == pytest.approx((0.8865, 1), abs=5e-5)


def test_days_are_those_within_which_half_and_nine_in_ten_were_answered() -> None:
    """75 answers: 40 in one day, 20 in two, 5 in three, 10 in nine. Half are 38, so one day; nine in ten are 68, so
    nine days."""
    told = figure(BY_ID["X3"], "south", ANSWERS[:6])
    assert told.days is not None
    assert tuple(told.days) == (1, 9)
    assert spread([]) is None
    assert tuple(spread([(4, 1)]) or ()) == (4, 4)


def test_what_is_voided_is_counted_apart_and_parts_of_few_people_are_not_told() -> None:
    assert figure(BY_ID["X3"], "south", ANSWERS).voided == 7
    few = (*GOLDEN["X7"][0], cell(What.PAIRING, 3, "answered", outcome="CONFLICT"))
    parts = dict(figure(BY_ID["X7"], "south", few).parts)
    assert parts["ID"] == 50
    assert parts["CONFLICT"] is None
    assert parts["LINK"] == 0


def test_of_fewer_than_five_people_nothing_is_told() -> None:
    told = figure(BY_ID["X4"], "south", [cell(FEEDBACK, 4, "answered", "on_time")])
    assert (told.numerator, told.denominator, told.value, told.why_not) == (None, None, None, "too-few-people")
    nothing = figure(BY_ID["X4"], "south", [])
    assert (nothing.denominator, nothing.value, nothing.why_not) == (0, None, "nothing-due")


PERIOD = Period(date(2026, 1, 1), date(2026, 3, 31), date(2026, 6, 30))
OWN = tuple(each._replace(debtor="north") for each in ANSWERS)
LINKS = (cell(What.LINK, 90, "open"), cell(What.LINK, 10, "open", debtor="north"), cell(What.LINK, 50))


def test_co_registration_counts_links_that_both_have_among_those_that_somebody_has() -> None:
    """100 links are open here; 4 of them the partner lacks, and it has 20 that are not here: 96 of 120. One-sided:
    4 of 100 here; there 20 of 96 + 20."""
    cards = compile_cards("north", "south", PERIOD, LINKS, OneSided(4, 20))
    both = cards.shared[1]
    assert (both.indicator.id, both.numerator, both.denominator) == ("X11", 96, 120)
    found = [next(each for each in card.figures if each.indicator.id == "X12") for card in cards.cards]
    assert [(each.numerator, each.denominator) for each in found] == [(4, 100), (20, 116)]


def test_the_score_is_the_weighted_sum_of_what_there_is_and_names_what_is_missing() -> None:
    """South: X4 = 65/104, 1 - X9 = 1 - 20/60; X5 of both = (70 + 70)/(104 + 104) = 70/104; X11 = 96/120. X2 stands in
    south's own book, there were no reports (X18), and nothing is sampled (X23). Weights 20 + 20 + 10 + 15 = 65:
    (0.20*0.625 + 0.20*0.673077 + 0.10*0.666667 + 0.15*0.8) / 0.65 = 0.446282 / 0.65 = 0.686588.
    """
    cards = compile_cards("north", "south", PERIOD, (*ANSWERS, *OWN, *LINKS), OneSided(4, 20))
    score = cards.cards[1].score
    assert score.value == pytest.approx(0.686588, abs=1e-6)
    assert dict(score.missing) == {"X2": "only-in-its-own-book", "X18": "nothing-due", "X23": "not-computed"}
    assert [each.indicator for each in score.parts if each.is_shared] == ["X5", "X11"]
    assert sum(each.weight for each in score.parts) == pytest.approx(1)
    assert score.can_rank
    assert cards.weights.version == 1


def test_a_score_of_few_obligations_may_not_be_ranked_nor_one_of_many_that_were_voided() -> None:
    few = [Cell(FEEDBACK, each, "", 1, DONE, 29) for each in ("north", "south")]
    assert not compile_cards("north", "south", PERIOD, few, OneSided()).cards[1].score.can_rank
    enough = [each._replace(n=30) for each in few]
    assert compile_cards("north", "south", PERIOD, enough, OneSided()).cards[1].score.can_rank
    voided = [*enough, cell(FEEDBACK, 8, "voided")]
    assert not compile_cards("north", "south", PERIOD, voided, OneSided()).cards[1].score.can_rank


def test_without_anything_owed_there_is_no_score() -> None:
    score = compile_cards("north", "south", PERIOD, (), OneSided()).cards[0].score
    assert (score.value, score.why_not, score.can_rank) == (None, "too-little-owed", False)


def test_a_period_is_provisional_while_answers_may_still_be_overturned() -> None:
    assert not PERIOD.is_provisional
    assert PERIOD._replace(as_of=date(2026, 6, 28)).is_provisional


def test_the_page_for_people_is_made_of_the_declarations() -> None:
    assert PAGE.read_text().endswith(MARK + write_page()), "python -m services.exchange.scorecards.page renews it"


def test_every_code_says_whether_it_may_be_sent_again_who_acts_and_how_it_counts() -> None:
    assert {each.code for each in FAILURES.values() if each.counts_as is Counts.VOID} == {
        "B-F", "B-X", "B-W", "E-TEC-10", "E-TEC-12",
    }  # fmt: skip
    assert all(f"| {code} |" in write_page() for code in FAILURES)
