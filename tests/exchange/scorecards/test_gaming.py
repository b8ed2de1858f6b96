"""Ways to look better than one is. South owes answers to six questions and has two; whatever it does about the other
four but answer them in time, its score does not rise."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from services.exchange.protocol.conversation import PauseReason
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.stimuli import Finding, StartClock, StopClock
from services.exchange.scorecards.cards import Scorecards
from tests.exchange.protocol.two_sides import Sides
from tests.exchange.scorecards.oracle import card_of, cards_of, figure_of

SPRING = date(2026, 6, 30)
Happens = Callable[[Sides], None]
TIMES = 3
"""Each conversation stands for three, so that figures are told (five people at least)."""


def ask(code: str = "201") -> Sides:
    sides = Sides(code)
    sides.say("north", code)
    return sides


def answer(sides: Sides) -> None:
    sides.find("south", Finding.PAIRED)
    if sides.sides["south"].talk == "VERIFY":
        sides.say("south", "302", "VERIFIED", items=[{"item_id": "1", "result": "CONFIRMED"}])
    else:
        sides.say("south", "203", "CONFIRMED")


def nothing(sides: Sides) -> None:
    """It lets the time pass."""


def play(happens: Happens, code: str = "201", good: Happens = answer, book: str = "north") -> Scorecards:
    """Two questions are answered, to four happens what is tried; then everybody waits until it is over."""
    conversations = []
    for each in [good] * 2 + [happens] * 4:
        sides = ask(code)
        each(sides)
        sides.pass_days(60)
        conversations += [sides] * TIMES
    return cards_of(conversations, SPRING, book)


def values(cards: Scorecards, debtor: str = "south") -> dict[str, float]:
    """The three rates and the score."""
    told = {each: figure_of(cards, debtor, each).value for each in ("X3", "X4", "X5")}
    found = {name: value for name, value in told.items() if value is not None}
    score = card_of(cards, debtor).score.value
    return found if score is None else found | {"S": score}


def assert_not_better(tried: dict[str, float], honest: dict[str, float], *names: str) -> None:
    for name in names or honest:
        assert tried.get(name, 0.0) <= honest[name] + 1e-9, (name, tried, honest)


def interim_for_ever(sides: Sides) -> None:
    """Somebody goes and looks, twice, and comes back with nothing."""
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "UNDER_VERIFICATION")
    sides.pass_days(10)
    sides.say("south", "203", "UNDER_VERIFICATION")


def pending_for_ever(sides: Sides) -> None:
    sides.find("south", Finding.PAIRED)
    sides.say("south", "302", "PENDING")


def empty(sides: Sides) -> None:
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "CONFIRMED", origin_effect=None, departed_on=None)


def empty_items(sides: Sides) -> None:
    sides.say("south", "302", "VERIFIED", items=[{"item_id": "1", "result": "NOT_KNOWN"}])


def not_permitted(sides: Sides) -> None:
    sides.say("south", "302", "NOT_PERMITTED", items=None)


def not_competent_and_contested(sides: Sides) -> None:
    sides.say("south", "204", "B-X")
    sides.say("north", "211", reason="DOCUMENT_SEEN")


def not_competent_twice(sides: Sides) -> None:
    not_competent_and_contested(sides)
    sides.say("south", "204", "B-X")
    sides.say("north", "211", reason="OTHER")
    sides.say("south", "204", "B-X")


def not_found_then_found(sides: Sides) -> None:
    """Says at once that nobody was found, and looks only when it is asked again."""
    sides.say("south", "204", "B-G")
    sides.say("north", "211", reason="DOCUMENT_SEEN")
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "CONFIRMED")


def late(sides: Sides) -> None:
    sides.pass_days(20)
    answer(sides)


def test_two_of_six_are_two_of_six() -> None:
    cards = play(nothing)
    told = figure_of(cards, "south", "X4")
    assert (told.numerator, told.denominator, told.voided) == (6, 18, 0)
    # X4 and X5 a third each, no differences, all links on both sides: (0.2/3 + 0.2/3 + 0.1 + 0.15) / 0.65.
    assert values(cards)["S"] == pytest.approx((0.4 / 3 + 0.25) / 0.65)


def test_interim_answers_for_ever_are_no_answers() -> None:
    assert_not_better(values(play(interim_for_ever)), values(play(nothing)))
    assert_not_better(values(play(pending_for_ever, "301")), values(play(nothing, "301")))


def test_an_interim_answer_in_time_and_a_final_one_in_its_time_are_one_answer_in_time() -> None:
    def look_and_answer(sides: Sides) -> None:
        sides.find("south", Finding.PAIRED)
        sides.say("south", "203", "UNDER_VERIFICATION")
        sides.pass_days(10)
        sides.say("south", "203", "CONFIRMED")

    told = figure_of(play(look_and_answer), "south", "X4")
    assert (told.numerator, told.denominator) == (18, 18)


def test_an_interim_answer_that_is_late_moves_nothing() -> None:
    def late_interim(sides: Sides) -> None:
        sides.find("south", Finding.PAIRED)
        sides.pass_days(20)
        sides.say("south", "203", "UNDER_VERIFICATION")
        sides.pass_days(1)
        sides.say("south", "203", "CONFIRMED")

    told = figure_of(play(late_interim), "south", "X4")
    assert (told.numerator, told.denominator) == (6, 18)


def test_empty_answers_are_answers_and_not_effective_ones() -> None:
    for happens, code in ((empty, "201"), (empty_items, "301"), (not_permitted, "301")):
        told = play(happens, code)
        assert_not_better(values(told), values(play(nothing, code)), "X5")
        assert figure_of(told, "south", "X3").value == 1


def test_answering_twice_counts_once() -> None:
    def twice(sides: Sides) -> None:
        answer(sides)
        sides.say("south", "203", "CONFIRMED")

    assert values(play(nothing, good=twice)) == values(play(nothing))


def test_splitting_an_answer_into_several_counts_once() -> None:
    def split(sides: Sides) -> None:
        sides.find("south", Finding.PAIRED)
        for _ in range(3):
            sides.say("south", "302", "VERIFIED", items=[{"item_id": "1", "result": "CONFIRMED"}])

    assert values(play(nothing, "301", good=split)) == values(play(nothing, "301"))


def test_answering_in_rounds_is_no_second_answer_and_what_was_wrong_first_stays_wrong() -> None:
    """Three questions are brushed off, asked again, and answered: X4 is that of three answers, not of six."""
    slow = play(nothing, good=not_found_then_found)
    assert_not_better(values(slow), values(play(nothing)))
    assert figure_of(slow, "south", "X5").numerator == 0
    assert figure_of(slow, "south", "X4").denominator == 18


def nobody_is_ever_found(sides: Sides) -> None:
    sides.say("south", "204", "B-G")


def test_refusing_everybody_is_no_way_to_know_anything() -> None:
    """Answered in time, and nothing said: B-G costs nothing and can be said of all."""
    told = play(nobody_is_ever_found, good=nobody_is_ever_found)
    assert figure_of(told, "south", "X4").numerator == 18
    assert figure_of(told, "south", "X5").numerator == 0


def test_that_nobody_was_to_be_found_counts_once_who_asked_agrees() -> None:
    def taken_back(sides: Sides) -> None:
        sides.say("south", "204", "B-G")
        sides.say("north", "212")

    assert figure_of(play(nothing, good=taken_back), "south", "X5").numerator == 6


def test_answers_to_what_a_reconciliation_asks_raise_nothing() -> None:
    sides = Sides("301")
    sides.say("north", "301", why_needed="reconciliation")
    answer(sides)
    assert figure_of(cards_of([sides] * 6, date(2026, 6, 1)), "south", "X4").denominator == 0


def test_who_asked_wrongly_overturns_nothing() -> None:
    def corrected(sides: Sides) -> None:
        sides.say("south", "204", "B-G")
        sides.say("north", "211", reason="TYPING_ERROR")
        sides.find("south", Finding.PAIRED)
        sides.say("south", "203", "CONFIRMED")

    assert figure_of(play(nothing, good=corrected), "south", "X5").numerator == 6


def test_refusing_as_not_competent_is_nobodys_fault_until_who_asked_contests_it() -> None:
    def not_competent(sides: Sides) -> None:
        sides.say("south", "204", "B-X")

    told = figure_of(play(not_competent), "south", "X4")
    assert (told.numerator, told.denominator, told.voided) == (6, 6, 12)
    assert not card_of(play(not_competent), "south").score.can_rank


@pytest.mark.parametrize("happens", [not_competent_and_contested, not_competent_twice])
def test_refusing_as_not_competent_what_one_is_asked_again_does_not_help(happens: Happens) -> None:
    assert_not_better(values(play(happens)), values(play(nothing)))


def test_late_answers_raise_the_cumulative_rate_and_never_the_rate_in_time() -> None:
    tried, honest = values(play(late)), values(play(nothing))
    assert tried["X3"] == 1 > honest["X3"]
    assert tried["X4"] == honest["X4"]


def test_a_figure_of_a_day_stays_what_it_was_whatever_comes_later() -> None:
    """Due on 5 March; answered on the 22nd: as of the 10th it is not, as of the 31st it is, late."""
    conversations = []
    for happens in (nothing, nothing, late, late, late, late):
        sides = ask()
        happens(sides)
        conversations += [sides] * TIMES
    early = cards_of(conversations, date(2026, 3, 10))
    assert (figure_of(early, "south", "X3").numerator, figure_of(early, "south", "X3").denominator) == (0, 18)
    later = cards_of(conversations, date(2026, 3, 31), last=date(2026, 3, 10))
    assert (figure_of(later, "south", "X3").numerator, figure_of(later, "south", "X4").numerator) == (12, 0)


def test_withdrawing_what_is_overdue_leaves_it_overdue() -> None:
    def withdrawn_late(sides: Sides) -> None:
        sides.pass_days(20)
        sides.say("north", "212", "ARRIVAL")

    told = figure_of(play(withdrawn_late), "south", "X4")
    assert (told.numerator, told.denominator, told.voided) == (6, 18, 0)

    def withdrawn_at_once(sides: Sides) -> None:
        sides.say("north", "212", "ARRIVAL")

    told = figure_of(play(withdrawn_at_once), "south", "X4")
    assert (told.numerator, told.denominator, told.voided) == (6, 6, 12)


@pytest.mark.parametrize("book", ["north", "south"])
@pytest.mark.parametrize("reason", [PauseReason.DEBTOR_OUTAGE, PauseReason.FORCE_MAJEURE])
def test_nobody_puts_off_what_it_owes_by_stopping_its_own_clock(reason: PauseReason, book: str) -> None:
    def pausing(sides: Sides) -> None:
        owed = sides.obligation("south", Kind.FEEDBACK)
        sides.happen("south", StopClock(owed.id, reason))
        sides.pass_days(20)
        sides.happen("south", StartClock(owed.id))
        answer(sides)

    told = figure_of(play(pausing, book=book), "south", "X4")
    assert (told.numerator, told.denominator) == (6, 18)
    assert_not_better(values(play(pausing, book=book)), values(play(late, book=book)))


def test_a_pause_that_stands_in_the_book_of_who_waits_counts_there() -> None:
    def outage(sides: Sides) -> None:
        owed = sides.obligation("north", Kind.FEEDBACK)
        sides.happen("north", StopClock(owed.id, PauseReason.DEBTOR_OUTAGE))
        sides.pass_days(7)
        sides.happen("north", StartClock(owed.id))
        answer(sides)

    assert figure_of(play(outage), "south", "X4").value == 1


def test_asking_back_gives_the_time_that_the_reply_took_and_no_more() -> None:
    def ask_back(sides: Sides) -> None:
        sides.say("south", "303", to="301")
        sides.pass_days(3)
        sides.say("north", "304")

    assert_not_better(values(play(ask_back, "301")), values(play(nothing, "301")))

    def ask_back_and_answer(sides: Sides) -> None:
        ask_back(sides)
        sides.pass_days(5)
        answer(sides)

    for book in ("north", "south"):
        assert figure_of(play(ask_back_and_answer, "301", book=book), "south", "X4").value == 1


def test_while_who_asked_owes_a_word_nothing_is_due() -> None:
    sides = ask("301")
    sides.say("south", "303", to="301")
    sides.pass_days(5)
    assert figure_of(cards_of([sides] * 6, date(2026, 3, 7)), "south", "X4").denominator == 0


def test_both_books_come_to_the_same_figures() -> None:
    for happens, code in ((nothing, "201"), (late, "201"), (interim_for_ever, "201"), (empty_items, "301"),
                          (not_found_then_found, "201"), (not_competent_twice, "201")):  # fmt: skip
        assert values(play(happens, code, book="north")) == values(play(happens, code, book="south")), happens


def test_the_day_after_ninety_days_nothing_is_overturned_any_more() -> None:
    def slowly(sides: Sides) -> None:
        sides.say("south", "204", "B-L")
        sides.say("north", "211", reason="DOCUMENT_SEEN")
        sides.now += timedelta(days=91)
        sides.find("south", Finding.PAIRED)
        sides.say("south", "203", "CONFIRMED")

    assert figure_of(play(nothing, good=slowly), "south", "X5").numerator == 6
